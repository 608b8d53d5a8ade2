//! Observers, whom nobody has to greet, and quiet sessions, which hear only what is for them.

use super::script::{Stage, limits, rules};
use crate::config::Greeters;
use crate::room::Rules;

#[test]
fn an_observer_is_here_and_hears_but_is_not_announced_and_not_asked() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    stage.check(
        r#"
        log> ["1","1","room:r","phx_join",{}]
        log< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        log> ["1","2","room:r","client_helo",{"name":"log","mode":"observer"}]
        log< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]}}]
        log< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<log>","name":"log"}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]}},"leaves":{}}]
        log< [null,null,"room:r","presence_diff",{"joins":{"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]}},"leaves":{}}]

        # those who can be asked are; the observer is told so
        bob> ["1","1","room:r","phx_join",{}]
        bob< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","2","room:r","client_helo",{"name":"bob"}]
        bob< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]},"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1000"}]}}]
        bob< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"bob"}}]
        ada< [null,null,"room:r","new_user",{"id":"<bob>","name":"bob"}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1000"}]}},"leaves":{}}]
        log< [null,null,"room:r","new_user",{"id":"<bob>","name":"bob","answer":false}]
        log< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1000"}]}},"leaves":{}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1000"}]}},"leaves":{}}]
        bob> ["1","3","room:r","client_broadcast",{"message":1}]
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>"}]
        log< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>"}]

        # it may talk, too, and is renamed as anybody; but it stays what it is
        log> ["1","3","room:r","client_broadcast",{"message":2}]
        log< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","client_broadcast",{"message":2,"client_session_id":"<log>"}]
        bob< [null,null,"room:r","client_broadcast",{"message":2,"client_session_id":"<log>"}]
        log> ["1","4","room:r","client_helo",{"name":"log","mode":"quiet"}]
        log< ["1","4","room:r","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        log> ["1","5","room:r","client_status",{"state":"away"}]
        log< ["1","5","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<log>":{"metas":[{"name":"log","state":"away","mode":"observer","phx_ref":"@4","phx_ref_prev":"@2","online_at":"1000"}]}},"leaves":{"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]}}}]
        log< [null,null,"room:r","presence_diff",{"joins":{"<log>":{"metas":[{"name":"log","state":"away","mode":"observer","phx_ref":"@4","phx_ref_prev":"@2","online_at":"1000"}]}},"leaves":{"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]}}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<log>":{"metas":[{"name":"log","state":"away","mode":"observer","phx_ref":"@4","phx_ref_prev":"@2","online_at":"1000"}]}},"leaves":{"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]}}}]
        "#,
    );
}

#[test]
fn a_mode_that_does_not_exist_is_refused() {
    let mut stage = Stage::new(rules(), limits());
    stage.say("ada", r#"["1","1","room:r","phx_join",{}]"#);
    for mode in [r#""ghost""#, "7", r#""""#, "{}"] {
        let helo = format!(r#"["1","2","room:r","client_helo",{{"name":"ada","mode":{mode}}}]"#);
        let refused = stage.say("ada", &helo);
        assert!(refused[0].contains("invalid_payload"), "{refused:?}");
    }
    let entered =
        stage.say("ada", r#"["1","2","room:r","client_helo",{"name":"ada","mode":null}]"#);
    assert!(entered[1].contains(r#""status":"ok""#), "{entered:?}");
}

#[test]
fn no_observer_is_among_the_greeters() {
    for greeters in [Greeters::All, Greeters::AtMost(5), Greeters::AtMost(3), Greeters::AtMost(0)] {
        let mut stage = Stage::new(Rules { greeters, ..rules() }, limits());
        for who in 0..10 {
            stage.say(&format!("m{who}"), r#"["1","1","room:r","phx_join",{}]"#);
            let mode = if who % 2 == 0 { "null" } else { r#""observer""# };
            let helo = format!(r#"["1","2","room:r","client_helo",{{"name":"x","mode":{mode}}}]"#);
            stage.say(&format!("m{who}"), &helo);
        }
        stage.tick();
        let mut told = stage.enter("newcomer", "room:r");
        told.extend(stage.tick());
        let new_user = told.iter().filter(|line| line.contains("new_user"));
        let (unasked, asked): (Vec<&String>, Vec<&String>) =
            new_user.partition(|line| line.ends_with(r#","answer":false}]"#));
        let expected = match greeters {
            Greeters::All => 5,
            Greeters::AtMost(most) => most.min(5),
        };
        assert_eq!((asked.len(), unasked.len()), (expected, 10 - expected), "{told:?}");
        let is_observer = |line: &&&String| matches!(&line[..2], "m1" | "m3" | "m5" | "m7" | "m9");
        assert_eq!(asked.iter().filter(is_observer).count(), 0, "{asked:?}");
    }
}

#[test]
fn a_quiet_session_pushes_and_hears_only_what_is_for_it() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    stage.check(
        r#"
        ci> ["1","1","room:r","phx_join",{"history":9}]
        ci< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        ci> ["1","2","room:r","client_helo",{"name":"ci","mode":"quiet"}]
        ci< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<ci>","name":"ci"}}]
        ci> ["1","3","room:r","client_broadcast",{"message":"the build is done"}]
        ci< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","client_broadcast",{"message":"the build is done","client_session_id":"<ci>","from":"ci"}]
        ci> ["1","4","room:r","client_response",{"message":"it was yours","recipient":"<ada>"}]
        ci< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< ["1",null,"room:r","client_response",{"message":"it was yours","recipient":"<ada>","client_session_id":"<ci>","from":"ci"}]
        ci> ["1","5","room:r","client_topic",{"topic":"green"}]
        ci< ["1","5","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","room_topic",{"topic":"green","client_session_id":"<ci>","from":"ci"}]

        # what is said to the room is not for it; an answer to it is
        ada> ["1","3","room:r","client_broadcast",{"message":"thanks"}]
        ada< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada> ["1",null,"room:r","client_typing",{"typing":true}]
        ada> ["1","4","room:r","client_response",{"message":"thank you","recipient":"<ci>"}]
        ada< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        ci< ["1",null,"room:r","client_response",{"message":"thank you","recipient":"<ci>","client_session_id":"<ada>"}]
        ci> ["1","6","room:r","client_history",{"history":9}]
        ci< ["1","6","room:r","phx_reply",{"status":"ok","response":{"history":[]}}]

        # nobody is shown it, its status or its name; nor is it told who comes
        ci> ["1","7","room:r","client_status",{"state":"away"}]
        ci< ["1","7","room:r","phx_reply",{"status":"ok","response":{}}]
        ci> ["1","8","room:r","client_helo",{"name":"ci 2"}]
        ci< ["1","8","room:r","phx_reply",{"status":"ok","response":{"id":"<ci>","name":"ci 2","topic":{"text":"green","by":"ci","at":1000}}}]
        ada> ["1","5","room:r","client_helo",{"name":"ada l."}]
        ada< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada l.","phx_ref":"@2","phx_ref_prev":"@1","online_at":"1000"}]}}]
        ada< ["1","5","room:r","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada l.","topic":{"text":"green","by":"ci","at":1000}}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada l.","phx_ref":"@2","phx_ref_prev":"@1","online_at":"1000"}]}},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}}]

        # the directory does not count it, and nobody hears that it leaves
        eve> ["1","1","rooms","phx_join",{}]
        eve< ["1","1","rooms","phx_reply",{"status":"ok","response":{}}]
        eve> ["1","2","rooms","list",{}]
        eve< ["1","2","rooms","phx_reply",{"status":"ok","response":{"rooms":[{"name":"r","here":1,"topic":"green"}],"more":false}}]
        ci> ["1","9","room:r","phx_leave",{}]
        ci< ["1","9","room:r","phx_reply",{"status":"ok","response":{}}]
        ci< ["1","1","room:r","phx_close",{}]

        # what it said is in the history, under its name of then
        ada> ["1","6","room:r","client_history",{"history":2}]
        ada< ["1","6","room:r","phx_reply",{"status":"ok","response":{"history":[["client_broadcast",{"message":"the build is done","client_session_id":"<ci>","from":"ci","seq":2,"name":"ci","at":1000}],["client_broadcast",{"message":"thanks","client_session_id":"<ada>","seq":5,"name":"ada","at":1000}]]}}]
        "#,
    );
    assert_eq!(stage.rooms.census().members, 1);
}

#[test]
fn who_comes_back_takes_part_as_before() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    for (who, mode) in [("log", "observer"), ("ci", "quiet")] {
        stage.say(who, r#"["1","1","room:r","phx_join",{"resumable":true}]"#);
        let helo =
            format!(r#"["1","2","room:r","client_helo",{{"name":"{who}","mode":"{mode}"}}]"#);
        stage.say(who, &helo);
    }
    stage.check(
        r#"
        log gone
        ci gone
        ada> ["1","3","room:r","client_broadcast",{"message":1}]
        ada< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","4","room:r","client_response",{"message":2,"recipient":"<ci>"}]
        ada< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        log'> ["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token log>","epoch":"<epoch 1>","seq":2}}]
        log'< ["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":true,"id":"<log>","name":"log"}}]
        log'< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<ada>","seq":3}]
        ci'> ["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ci>","epoch":"<epoch 1>","seq":2}}]
        ci'< ["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":true,"id":"<ci>","name":"ci"}}]
        ci'< ["7",null,"room:r","client_response",{"message":2,"recipient":"<ci>","client_session_id":"<ada>","seq":4}]

        # the observer is asked by nobody still, and the quiet one is told of nobody
        bob> ["1","1","room:r","phx_join",{}]
        bob< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","2","room:r","client_helo",{"name":"bob"}]
        bob< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]},"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1000"}]}}]
        bob< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"bob"}}]
        ada< [null,null,"room:r","new_user",{"id":"<bob>","name":"bob"}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1000"}]}},"leaves":{}}]
        log'< [null,null,"room:r","new_user",{"id":"<bob>","name":"bob","answer":false,"seq":6}]
        log'< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1000"}]}},"leaves":{},"seq":7}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1000"}]}},"leaves":{}}]

        # when its time is over the observer leaves as everybody does, and the quiet one unseen
        ci' gone
        log' gone
        +31
        ada< [null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]}}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<log>":{"metas":[{"name":"log","mode":"observer","phx_ref":"@2","online_at":"1000"}]}}}]
        "#,
    );
}

#[test]
fn a_quiet_helo_that_cannot_be_kept_is_taken_back_unseen() {
    let mut stage = Stage::with_store(rules(), limits());
    stage.enter("ada", "room:r");
    stage.answer_store(&Ok(()));
    stage.check(
        r#"
        ci> ["1","1","room:r","phx_join",{}]
        ci< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        ci> ["1","2","room:r","client_helo",{"name":"ci","mode":"quiet"}]
        fail
        ci< ["1","2","room:r","phx_reply",{"status":"error","response":{"reason":"unavailable"}}]
        tick
        "#,
    );
    stage.passed += std::time::Duration::from_secs(60);
    stage.check(
        r#"
        ci> ["1","3","room:r","client_broadcast",{"message":1}]
        ci< ["1","3","room:r","phx_reply",{"status":"error","response":{"reason":"helo_required"}}]
        ci> ["1","4","room:r","client_helo",{"name":"ci","mode":"observer"}]
        commit
        ada< [null,null,"room:r","presence_diff",{"joins":{"<ci2>":{"metas":[{"name":"ci","mode":"observer","phx_ref":"@2","online_at":"1060"}]}},"leaves":{}}]
        ci< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<ci2>":{"metas":[{"name":"ci","mode":"observer","phx_ref":"@2","online_at":"1060"}]}}]
        ci< ["1","4","room:r","phx_reply",{"status":"ok","response":{"id":"<ci2>","name":"ci"}}]
        ci< [null,null,"room:r","presence_diff",{"joins":{"<ci2>":{"metas":[{"name":"ci","mode":"observer","phx_ref":"@2","online_at":"1060"}]}},"leaves":{}}]
        "#,
    );
}
