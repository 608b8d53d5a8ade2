//! With a store: nothing is sent before it is safe, and what cannot be kept is refused.

use super::script::{Stage, limits, rules};

/// Bob is here, and ada, who is resumable.
const MEET: &str = r#"
    bob> ["1","1","room:r","phx_join",{}]
    bob< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
    bob> ["1","2","room:r","client_helo",{"name":"bob"}]
    commit
    bob< ["1",null,"room:r","presence_state",{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}}]
    bob< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"bob"}}]
    bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]
    ada> ["1","1","room:r","phx_join",{"resumable":true}]
    ada< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
    ada> ["1","2","room:r","client_helo",{"name":"ada"}]
    commit
    bob< [null,null,"room:r","new_user",{"id":"<ada>","name":"ada"}]
    bob< [null,null,"room:r","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@2","online_at":"1000"}]}},"leaves":{}}]
    ada< ["1",null,"room:r","presence_state",{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]},"<ada>":{"metas":[{"name":"ada","phx_ref":"@2","online_at":"1000"}]}}]
    ada< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada","resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":1}}}]
    ada< [null,null,"room:r","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@2","online_at":"1000"}]}},"leaves":{},"seq":3}]
"#;

fn met() -> Stage {
    let mut stage = Stage::with_store(rules(), limits());
    stage.check(MEET);
    stage
}

#[test]
fn neither_an_answer_nor_an_entry_comes_before_it_is_safe() {
    met().check(
        r#"
        bob> ["1","3","room:r","client_broadcast",{"message":1}]
        bob> ["1","4","room:r","client_response",{"message":2,"recipient":"<ada>"}]
        # an answer to what needs no store comes in its turn all the same
        bob> ["1","5","room:r","bogus",{}]
        bob> ["1","6","room:r","client_status",{"state":"away"}]
        commit
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< ["1","5","room:r","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        bob< ["1","6","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","state":"away","phx_ref":"@3","phx_ref_prev":"@1","online_at":"1000"}]}},"leaves":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}}}]
        ada< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>","seq":4}]
        ada< ["1",null,"room:r","client_response",{"message":2,"recipient":"<ada>","client_session_id":"<bob>","seq":5}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","state":"away","phx_ref":"@3","phx_ref_prev":"@1","online_at":"1000"}]}},"leaves":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}},"seq":6}]
        bob> ["1","7","room:r","bogus",{}]
        bob< ["1","7","room:r","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        "#,
    );
}

#[test]
fn what_cannot_be_kept_is_refused_and_nobody_hears_of_it() {
    met().check(
        r#"
        bob> ["1","3","room:r","client_broadcast",{"message":1,"msg_id":"00000000-0000-0000-0000-000000000001"}]
        bob> ["1","4","room:r","client_response",{"message":2,"recipient":"<ada>"}]
        fail
        bob< ["1","3","room:r","phx_reply",{"status":"error","response":{"reason":"unavailable"}}]
        bob< ["1","4","room:r","phx_reply",{"status":"error","response":{"reason":"unavailable"}}]
        "#,
    );
}

#[test]
fn after_a_while_it_is_tried_again_and_the_same_push_takes_effect_once() {
    let mut stage = met();
    let push = r#"["1","3","room:r","client_broadcast",{"message":1,"msg_id":"00000000-0000-0000-0000-000000000001"}]"#;
    assert_eq!(stage.say("bob", push), [] as [String; 0]);
    let again = stage.say("bob", push); // it may yet fail, so it is not known what to answer
    assert!(again.is_empty(), "{again:?}");
    let told = stage.answer_store(&Err(crate::store::StoreError::DiskFull));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("unavailable") && told[1].contains("rate_limited"), "{told:?}");
    // Real time passes for the store, and the script's does not reach it.
    stage.passed += std::time::Duration::from_secs(60);
    assert_eq!(stage.say("bob", push), [] as [String; 0]);
    let told = stage.answer_store(&Ok(()));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains(r#""status":"ok""#) && told[1].contains("client_broadcast"));
    let told = stage.say("bob", push);
    assert_eq!(told, [r#"bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]"#]);
}

#[test]
fn who_leaves_leaves_though_it_cannot_be_kept() {
    met().check(
        r#"
        bob gone
        fail
        ada< [null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}},"seq":4}]
        "#,
    );
}

#[test]
fn what_was_said_to_one_who_was_away_comes_once_it_is_safe_and_it_is_back() {
    met().check(
        r#"
        ada gone
        bob> ["1","3","room:r","client_response",{"message":1,"recipient":"<ada>"}]
        ada'> ["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":3}}]
        ada'< ["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":true,"id":"<ada>","name":"ada"}}]
        commit
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada'< ["7",null,"room:r","client_response",{"message":1,"recipient":"<ada>","client_session_id":"<bob>","seq":4}]
        "#,
    );
}

#[test]
fn what_happened_while_away_is_told_once_it_is_safe() {
    met().check(
        r#"
        bob> ["1","3","room:r","client_broadcast",{"message":1}]
        ada gone
        ada'> ["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":3}}]
        ada'< ["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":true,"id":"<ada>","name":"ada"}}]
        commit
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada'< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>","seq":4}]
        "#,
    );
}

#[test]
fn who_leaves_gets_the_replies_to_what_it_pushed_before() {
    for (answer, outcome) in [
        ("commit", r#"{"status":"ok","response":{}}"#),
        ("fail", r#"{"status":"error","response":{"reason":"unavailable"}}"#),
    ] {
        let told = if answer == "commit" {
            r#"ada< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>","seq":4}]"#
        } else {
            ""
        };
        met().check(&format!(
            r#"
        bob> ["1","3","room:r","client_broadcast",{{"message":1}}]
        bob> ["1","4","room:r","phx_leave",{{}}]
        # what comes behind it is for nobody
        bob> ["1","5","room:r","client_broadcast",{{"message":2}}]
        bob> ["1","6","room:r","phx_leave",{{}}]
        {answer}
        bob< ["1","3","room:r","phx_reply",{outcome}]
        bob< ["1","4","room:r","phx_reply",{{"status":"ok","response":{{}}}}]
        bob< ["1","1","room:r","phx_close",{{}}]
        {told}
        "#
        ));
    }
}

#[test]
fn who_left_and_lost_its_connection_before_the_store_answered_does_not_stay() {
    met().check(
        r#"
        ada> ["1","3","room:r","client_broadcast",{"message":1}]
        ada> ["1","4","room:r","phx_leave",{}]
        ada gone
        commit
        bob< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<ada>"}]
        bob< [null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@2","online_at":"1000"}]}}}]
        "#,
    );
}

#[test]
fn who_comes_while_something_is_not_safe_hears_it_after_the_welcome() {
    met().check(
        r#"
        bob> ["1","3","room:r","client_broadcast",{"message":1}]
        cy> ["1","1","room:r","phx_join",{"resumable":true,"history":9}]
        cy< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        cy> ["1","2","room:r","client_status",{"state":"here"}]
        bob> ["1","4","room:r","client_broadcast",{"message":2}]
        dee> ["1","1","room:r","phx_join",{}]
        dee< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        dee> ["1","2","room:r","client_helo",{"name":"dee"}]
        # who is here says the state, so that no announcement need say it again
        cy> ["1","3","room:r","client_helo",{"name":"cy"}]
        commit
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< [null,null,"room:r","new_user",{"id":"<dee>","name":"dee"}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<dee>":{"metas":[{"name":"dee","phx_ref":"@3","online_at":"1000"}]}},"leaves":{}}]
        bob< [null,null,"room:r","new_user",{"id":"<cy>","name":"cy"}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<cy>":{"metas":[{"name":"cy","phx_ref":"@4","online_at":"1000"}]}},"leaves":{}}]
        ada< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>","seq":4}]
        ada< [null,null,"room:r","client_broadcast",{"message":2,"client_session_id":"<bob>","seq":5}]
        ada< [null,null,"room:r","new_user",{"id":"<dee>","name":"dee","seq":6}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<dee>":{"metas":[{"name":"dee","phx_ref":"@3","online_at":"1000"}]}},"leaves":{},"seq":7}]
        ada< [null,null,"room:r","new_user",{"id":"<cy>","name":"cy","seq":8}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<cy>":{"metas":[{"name":"cy","phx_ref":"@4","online_at":"1000"}]}},"leaves":{},"seq":9}]
        cy< ["1","2","room:r","phx_reply",{"status":"error","response":{"reason":"helo_required"}}]
        cy< ["1",null,"room:r","presence_state",{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]},"<ada>":{"metas":[{"name":"ada","phx_ref":"@2","online_at":"1000"}]},"<cy>":{"metas":[{"name":"cy","phx_ref":"@4","online_at":"1000"}]},"<dee>":{"metas":[{"name":"dee","phx_ref":"@3","online_at":"1000"}]}}]
        cy< ["1","3","room:r","phx_reply",{"status":"ok","response":{"id":"<cy>","name":"cy","resume":{"token":"<token cy>","epoch":"<epoch 1>","seq":3},"history_after":0,"history":[]}}]
        cy< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>","seq":4}]
        cy< [null,null,"room:r","client_broadcast",{"message":2,"client_session_id":"<bob>","seq":5}]
        cy< [null,null,"room:r","presence_diff",{"joins":{"<dee>":{"metas":[{"name":"dee","phx_ref":"@3","online_at":"1000"}]}},"leaves":{},"seq":7}]
        cy< [null,null,"room:r","presence_diff",{"joins":{"<cy>":{"metas":[{"name":"cy","phx_ref":"@4","online_at":"1000"}]}},"leaves":{},"seq":9}]
        dee< ["1",null,"room:r","presence_state",{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]},"<ada>":{"metas":[{"name":"ada","phx_ref":"@2","online_at":"1000"}]},"<dee>":{"metas":[{"name":"dee","phx_ref":"@3","online_at":"1000"}]}}]
        dee< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<dee>","name":"dee"}}]
        dee< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>"}]
        dee< [null,null,"room:r","client_broadcast",{"message":2,"client_session_id":"<bob>"}]
        dee< [null,null,"room:r","presence_diff",{"joins":{"<dee>":{"metas":[{"name":"dee","phx_ref":"@3","online_at":"1000"}]}},"leaves":{}}]
        dee< [null,null,"room:r","new_user",{"id":"<cy>","name":"cy"}]
        dee< [null,null,"room:r","presence_diff",{"joins":{"<cy>":{"metas":[{"name":"cy","phx_ref":"@4","online_at":"1000"}]}},"leaves":{}}]
        "#,
    );
}

#[test]
fn who_cannot_be_kept_is_refused_and_nobody_sees_them() {
    let mut stage = met();
    stage.check(
        r#"
        cy> ["1","1","room:r","phx_join",{}]
        cy< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        cy> ["1","2","room:r","client_helo",{"name":"cy"}]
        fail
        cy< ["1","2","room:r","phx_reply",{"status":"error","response":{"reason":"unavailable"}}]
        tick
        "#,
    );
    // Real time passes for the store, and the script's does not reach it.
    stage.passed += std::time::Duration::from_secs(60);
    stage.check(
        r#"
        cy> ["1","3","room:r","client_helo",{"name":"cy"}]
        commit
        bob< [null,null,"room:r","new_user",{"id":"<cy2>","name":"cy"}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<cy2>":{"metas":[{"name":"cy","phx_ref":"@3","online_at":"1060"}]}},"leaves":{}}]
        ada< [null,null,"room:r","new_user",{"id":"<cy2>","name":"cy","seq":6}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<cy2>":{"metas":[{"name":"cy","phx_ref":"@3","online_at":"1060"}]}},"leaves":{},"seq":7}]
        cy< ["1",null,"room:r","presence_state",{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]},"<ada>":{"metas":[{"name":"ada","phx_ref":"@2","online_at":"1000"}]},"<cy2>":{"metas":[{"name":"cy","phx_ref":"@3","online_at":"1060"}]}}]
        cy< ["1","3","room:r","phx_reply",{"status":"ok","response":{"id":"<cy2>","name":"cy"}}]
        cy< [null,null,"room:r","presence_diff",{"joins":{"<cy2>":{"metas":[{"name":"cy","phx_ref":"@3","online_at":"1060"}]}},"leaves":{}}]
        "#,
    );
}

#[test]
fn a_status_that_cannot_be_kept_is_refused_and_stays_as_it_was() {
    met().check(
        r#"
        bob> ["1","3","room:r","client_status",{"state":"away"}]
        bob> ["1","4","room:r","client_helo",{"name":"robert"}]
        fail
        bob< ["1","3","room:r","phx_reply",{"status":"error","response":{"reason":"unavailable"}}]
        bob< ["1","4","room:r","phx_reply",{"status":"error","response":{"reason":"unavailable"}}]
        tick
        cy> ["1","1","room:r","phx_join",{"presence":true}]
        cy< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        cy< ["1",null,"room:r","presence_state",{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]},"<ada>":{"metas":[{"name":"ada","phx_ref":"@2","online_at":"1000"}]}}]
        "#,
    );
}

/// What a client makes of the presence it is told: the newest `phx_ref`s by session.
type Seen = std::collections::BTreeMap<String, std::collections::BTreeSet<String>>;

/// Notes what these lines tell somebody of presence; nothing before a state has come.
fn note(lines: &[String], who: &str, seen: &mut Option<Seen>) {
    let refs = |person: &serde_json::Value| -> std::collections::BTreeSet<String> {
        let metas = person["metas"].as_array().unwrap().iter();
        metas.map(|meta| meta["phx_ref"].as_str().unwrap().to_owned()).collect()
    };
    for line in lines.iter().filter_map(|line| line.strip_prefix(&format!("{who}< "))) {
        let frame: serde_json::Value = serde_json::from_str(line).unwrap();
        let people = |part: &serde_json::Value| -> Seen {
            let people = part.as_object().unwrap().iter();
            people.map(|(id, person)| (id.clone(), refs(person))).collect()
        };
        match (frame[3].as_str().unwrap(), &mut *seen) {
            ("presence_state", seen) => *seen = Some(people(&frame[4])),
            ("presence_diff", Some(seen)) => {
                for (id, refs) in people(&frame[4]["joins"]) {
                    seen.entry(id).or_default().extend(refs);
                }
                for (id, refs) in people(&frame[4]["leaves"]) {
                    let Some(known) = seen.get_mut(&id) else { continue };
                    known.retain(|known| !refs.contains(known));
                    if known.is_empty() {
                        seen.remove(&id);
                    }
                }
            }
            _ => {}
        }
    }
}

#[test]
fn whatever_the_store_fails_to_keep_all_see_the_same_people_in_the_end() {
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut stage = met();
        let mut seen = Some(Seen::new());
        let look = r#"["1","1","room:r","phx_join",{"presence":true}]"#;
        note(&stage.say("eve", look), "eve", &mut seen);
        let mut joined = 0;
        for step in 0..60 {
            let name = |number: usize| format!("p{}", char::from(b"abcdefghij"[number]));
            let who = name(random.usize(..=joined));
            let status = if random.bool() { "away" } else { "here" };
            let lines = match random.u8(..8) {
                0 if joined < 9 => {
                    joined += 1;
                    let join = r#"["1","1","room:r","phx_join",{}]"#;
                    stage.say(&name(joined), join)
                }
                1 | 2 => stage.say(
                    &who,
                    &format!(r#"["1","{step}","room:r","client_helo",{{"name":"n{step}"}}]"#),
                ),
                3 => stage.say(
                    &who,
                    &format!(r#"["1","{step}","room:r","client_status",{{"state":"{status}"}}]"#),
                ),
                4 if random.u8(..4) == 0 => stage.gone("bob"),
                5 => stage.tick(),
                6 => stage.answer_store(&Ok(())),
                _ => {
                    let lines = stage.answer_store(&Err(crate::store::StoreError::DiskFull));
                    stage.passed += std::time::Duration::from_secs(random.u64(..3));
                    lines
                }
            };
            note(&lines, "eve", &mut seen);
        }
        for _ in 0..3 {
            stage.passed += std::time::Duration::from_secs(5);
            for lines in [stage.answer_store(&Ok(())), stage.tick()] {
                note(&lines, "eve", &mut seen);
            }
        }
        // What is taken back is told at the next change, where no ticker runs.
        let last = stage.say("ada", r#"["1","99","room:r","client_status",{"state":"dnd"}]"#);
        for lines in [last, stage.tick(), stage.answer_store(&Ok(())), stage.tick()] {
            note(&lines, "eve", &mut seen);
        }
        for lines in [stage.answer_store(&Ok(())), stage.tick()] {
            note(&lines, "eve", &mut seen);
        }
        let mut expected = None;
        note(&stage.say("fay", look), "fay", &mut expected);
        assert_eq!(seen, expected, "seed {seed}");
    }
}
