//! Sessions that lose their connection and are taken back: nothing lost, nothing doubled.

use std::time::Duration;

use super::script::{Stage, limits, rules};
use crate::config::Greeters;
use crate::metrics::Snapshot;
use crate::room::Rules;

/// Ada is resumable and bob is not; both have said helo.
const MEET: &str = r#"
    ada> ["1","1","room:r","phx_join",{"resumable":true}]
    ada< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
    ada> ["1","2","room:r","client_helo",{"name":"ada"}]
    ada< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}]
    ada< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada","resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":0}}}]
    ada< [null,null,"room:r","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}},"leaves":{},"seq":1}]
    bob> ["1","1","room:r","phx_join",{}]
    bob< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
    bob> ["1","2","room:r","client_helo",{"name":"bob"}]
    bob< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<bob>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}}]
    bob< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"bob"}}]
    ada< [null,null,"room:r","new_user",{"id":"<bob>","name":"bob","seq":2}]
    ada< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}},"leaves":{},"seq":3}]
    bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}},"leaves":{}}]
"#;

fn met() -> Stage {
    met_by(rules())
}

fn met_by(rules: Rules) -> Stage {
    let mut stage = Stage::new(rules, limits());
    stage.check(MEET);
    stage
}

#[test]
fn who_asks_is_told_each_place_in_the_order_and_others_see_what_they_always_saw() {
    met().check(
        r#"
        bob> ["1","3","room:r","client_broadcast",{"message":"hi all"}]
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","client_broadcast",{"message":"hi all","client_session_id":"<bob>","seq":4}]
        bob> ["1","4","room:r","client_response",{"message":"hi","recipient":"<ada>"}]
        bob< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< ["1",null,"room:r","client_response",{"message":"hi","recipient":"<ada>","client_session_id":"<bob>","seq":5}]
        ada> ["1","3","room:r","client_response",{"message":"hi","recipient":"<bob>"}]
        ada< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< ["1",null,"room:r","client_response",{"message":"hi","recipient":"<bob>","client_session_id":"<ada>"}]
        ada> ["1","4","room:r","client_broadcast",{"message":"hi all"}]
        ada< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< [null,null,"room:r","client_broadcast",{"message":"hi all","client_session_id":"<ada>"}]
        bob> ["1",null,"room:r","client_typing",{"typing":true}]
        ada< [null,null,"room:r","client_typing",{"typing":true,"client_session_id":"<bob>"}]

        # a rename tells anew how to come back
        ada> ["1","5","room:r","client_helo",{"name":"ada"}]
        ada< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@3","phx_ref_prev":"@1","online_at":"1000"}]},"<bob>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}}]
        ada< ["1","5","room:r","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada","resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":7}}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@3","phx_ref_prev":"@1","online_at":"1000"}]}},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}},"seq":8}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@3","phx_ref_prev":"@1","online_at":"1000"}]}},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}}]
        "#,
    );
}

#[test]
fn a_session_comes_back_to_all_it_missed_and_nobody_notices() {
    met().check(
        r#"
        # the last one was sent to ada, yet she never got it
        bob> ["1","3","room:r","client_broadcast",{"message":1}]
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>","seq":4}]
        bob> ["1","4","room:r","client_response",{"message":2,"recipient":"<ada>"}]
        bob< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< ["1",null,"room:r","client_response",{"message":2,"recipient":"<ada>","client_session_id":"<bob>","seq":5}]
        ada gone

        # she is there for the others, and is spoken to
        bob> ["1","5","room:r","client_response",{"message":3,"recipient":"<ada>"}]
        bob< ["1","5","room:r","phx_reply",{"status":"ok","response":{}}]
        bob> ["1",null,"room:r","client_typing",{"typing":true}]
        bob> ["1","6","room:r","client_broadcast",{"message":4}]
        bob< ["1","6","room:r","phx_reply",{"status":"ok","response":{}}]
        cy> ["1","1","room:r","phx_join",{"presence":true}]
        cy< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        cy< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<bob>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}}]
        +29
        ada'> ["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":3}}]
        ada'< ["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":true,"id":"<ada>","name":"ada"}}]
        ada'< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<bob>","seq":4}]
        ada'< ["7",null,"room:r","client_response",{"message":2,"recipient":"<ada>","client_session_id":"<bob>","seq":5}]
        ada'< ["7",null,"room:r","client_response",{"message":3,"recipient":"<ada>","client_session_id":"<bob>","seq":6}]
        ada'< [null,null,"room:r","client_broadcast",{"message":4,"client_session_id":"<bob>","seq":7}]

        # and goes on as she was
        ada'> ["7","8","room:r","client_broadcast",{"message":5}]
        ada'< ["7","8","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< [null,null,"room:r","client_broadcast",{"message":5,"client_session_id":"<ada>"}]
        bob> ["1","7","room:r","client_broadcast",{"message":6}]
        bob< ["1","7","room:r","phx_reply",{"status":"ok","response":{}}]
        ada'< [null,null,"room:r","client_broadcast",{"message":6,"client_session_id":"<bob>","seq":9}]

        # what she has said herself is not told to her, nor is anything twice that she has
        ada' gone
        +29
        ada''> ["1","1","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":7}}]
        ada''< ["1","1","room:r","phx_reply",{"status":"ok","response":{"resumed":true,"id":"<ada>","name":"ada"}}]
        ada''< [null,null,"room:r","client_broadcast",{"message":6,"client_session_id":"<bob>","seq":9}]
        "#,
    );
}

#[test]
fn a_session_leaves_once_when_its_window_ends() {
    met().check(
        r#"
        ada gone
        +29
        bob> ["1","3","room:r","client_broadcast",{"message":1}]
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        +1
        bob< [null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}}]
        +60
        bob> ["1","4","room:r","client_response",{"message":2,"recipient":"<ada>"}]
        bob< ["1","4","room:r","phx_reply",{"status":"error","response":{"reason":"unknown_recipient"}}]
        ada'> ["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":3}}]
        ada'< ["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":false}}]
        ada'> ["7","8","room:r","client_broadcast",{"message":3}]
        ada'< ["7","8","room:r","phx_reply",{"status":"error","response":{"reason":"helo_required"}}]
        "#,
    );
}

#[test]
fn a_window_that_is_over_is_over_though_nobody_has_looked_yet() {
    let mut stage = met();
    stage.gone("ada");
    stage.passed += Duration::from_secs(30);
    stage.check(
        r#"
        ada'> ["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":3}}]
        ada'< ["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":false}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}}]
        +30
        "#,
    );
}

#[test]
fn the_window_ends_during_a_replay_and_does_not_matter() {
    let mut stage = met();
    stage.gone("ada");
    stage.say("bob", r#"["1","3","room:r","client_broadcast",{"message":1}]"#);
    stage.passed += Duration::from_secs(29);
    let join = r#"["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":3}}]"#;
    let reply = stage.push("ada'", join); // and the rest waits for her socket
    assert!(reply[0].contains(r#""resumed":true"#), "{reply:?}");
    stage.passed += Duration::from_secs(60);
    stage.sweep_only();
    let replayed = stage.deliver();
    assert_eq!(replayed.len(), 1);
    assert!(replayed[0].ends_with(r#""seq":4}]"#), "{replayed:?}");
}

/// Asks for ada's session back on the connection `who`.
fn resume(who: &str, seq: u64) -> String {
    format!(
        r#"{who}> ["7","7","room:r","phx_join",{{"resumable":true,"resume":{{"token":"<token ada>","epoch":"<epoch 1>","seq":{seq}}}}}]"#
    )
}

const BACK: &str = r#"["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":true,"id":"<ada>","name":"ada"}}]"#;
const NOT_BACK: &str =
    r#"["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":false}}]"#;
const LEAVES: &str = r#"[null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}}]"#;

#[test]
fn a_connection_that_still_holds_the_session_is_closed_and_has_no_part_in_it() {
    let mut stage = met();
    stage.check(&format!(
        r#"
        {}
        one< {BACK}
        ada! 1001 replaced
        # two race: the last one has it
        {}
        two< {BACK}
        one! 1001 replaced
        bob> ["1","3","room:r","client_broadcast",{{"message":1}}]
        bob< ["1","3","room:r","phx_reply",{{"status":"ok","response":{{}}}}]
        two< [null,null,"room:r","client_broadcast",{{"message":1,"client_session_id":"<bob>","seq":4}}]
        "#,
        resume("one", 3),
        resume("two", 3),
    ));
}

#[test]
fn what_the_old_connection_still_says_is_nobodys() {
    let mut stage = met();
    let lines = stage.push("one", &resume("one", 3)["one> ".len()..]);
    assert!(lines[0].ends_with(BACK), "{lines:?}");
    // Nobody has told the old connection yet.
    let lines = stage.push("ada", r#"["1","9","room:r","client_broadcast",{"message":1}]"#);
    assert_eq!(
        lines,
        [
            r#"ada< ["1","9","room:r","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]"#
        ]
    );
    assert_eq!(stage.push("ada", r#"["1","10","room:r","phx_leave",{}]"#).len(), 2);
    assert_eq!(stage.deliver(), ["ada! 1001 replaced"]);
    stage.check(
        r#"
        bob> ["1","3","room:r","client_response",{"message":1,"recipient":"<ada>"}]
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        one< ["7",null,"room:r","client_response",{"message":1,"recipient":"<ada>","client_session_id":"<bob>","seq":4}]
        "#,
    );
}

#[test]
fn a_session_can_be_taken_back_on_its_own_connection() {
    met().check(&format!(
        r#"
        {}
        ada< {BACK}
        ada< ["1","1","room:r","phx_close",{{}}]
        bob> ["1","3","room:r","client_broadcast",{{"message":1}}]
        bob< ["1","3","room:r","phx_reply",{{"status":"ok","response":{{}}}}]
        ada< [null,null,"room:r","client_broadcast",{{"message":1,"client_session_id":"<bob>","seq":4}}]
        "#,
        resume("ada", 3),
    ));
}

#[test]
fn a_leave_is_a_leave_and_so_is_a_second_join_that_asks_for_nothing() {
    met().check(&format!(
        r#"
        ada> ["1","3","room:r","phx_leave",{{}}]
        ada< ["1","3","room:r","phx_reply",{{"status":"ok","response":{{}}}}]
        ada< ["1","1","room:r","phx_close",{{}}]
        bob< {LEAVES}
        {}
        ada'< {NOT_BACK}
        "#,
        resume("ada'", 3),
    ));
    met().check(&format!(
        r#"
        ada> ["4","4","room:r","phx_join",{{"resumable":true}}]
        ada< ["4","4","room:r","phx_reply",{{"status":"ok","response":{{}}}}]
        ada< ["1","1","room:r","phx_close",{{}}]
        bob< {LEAVES}
        "#,
    ));
}

#[test]
fn who_cannot_prove_it_gets_the_same_answer_whatever_there_is() {
    let mut stage = met();
    stage.gone("ada");
    let token = stage.real("<token ada>");
    let last = if token.ends_with('0') { '1' } else { '0' };
    let forged = format!("{}{last}", &token[..63]);
    let unknown = format!("{}{}", "0".repeat(32), &token[32..]);
    for (token, epoch) in [
        (&*forged, "<epoch 1>"),
        (&*unknown, "<epoch 1>"),
        ("<token ada>", "0000000000000000"),
        ("", ""),
    ] {
        let resume = format!(r#"{{"token":"{token}","epoch":"{epoch}","seq":3}}"#);
        let join =
            format!(r#"["7","7","room:r","phx_join",{{"resumable":true,"resume":{resume}}}]"#);
        let lines = stage.say("eve", &join);
        assert_eq!(lines[0], format!("eve< {NOT_BACK}"));
    }
    // Another room's is not this room's.
    let other = resume("eve", 3)["eve> ".len()..].replace("room:r", "room:other");
    assert!(stage.say("eve", &other)[0].ends_with(r#"{"resumed":false}}]"#));
    // Nor without being resumable oneself.
    let plain = resume("eve", 3)["eve> ".len()..].replace(r#""resumable":true,"#, "");
    assert_eq!(stage.say("eve", &plain)[0], format!("eve< {NOT_BACK}"));
    // And ada has not been harmed.
    assert_eq!(stage.say("ada'", &resume("", 3)["> ".len()..]), [format!("ada'< {BACK}")]);
}

#[test]
fn a_place_that_never_was_is_not_come_back_to() {
    for seq in [4, u64::MAX] {
        let mut stage = met();
        stage.gone("ada");
        let lines = stage.say("ada'", &resume("", seq)["> ".len()..]);
        assert_eq!(lines, [format!("ada'< {NOT_BACK}"), format!("bob< {LEAVES}")]);
    }
}

#[test]
fn what_came_before_the_helo_is_not_for_a_session() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("bob", "room:r");
    stage.say("first", r#"["1","1","room:r","phx_join",{"resumable":true}]"#); // so that it is kept
    stage.say("bob", r#"["1","3","room:r","client_broadcast",{"message":"before"}]"#);
    stage.say("ada", r#"["1","1","room:r","phx_join",{"resumable":true}]"#);
    let told = stage.say("ada", r#"["1","2","room:r","client_helo",{"name":"ada"}]"#);
    assert!(told[1].contains(r#""seq":2}"#), "{told:?}");
    let lines = stage.say("ada'", &resume("", 1)["> ".len()..]);
    assert_eq!(lines[0], format!("ada'< {NOT_BACK}"));
}

#[test]
fn what_is_kept_is_bounded_and_what_is_gone_is_said_to_be() {
    let word = "x".repeat(1000);
    // By bytes of the room's log.
    let mut stage = met_by(Rules { max_kept_log_bytes: 10_000, ..rules() });
    stage.gone("ada");
    for at in 0..30 {
        stage.say(
            "bob",
            &format!(r#"["1","3","room:r","client_broadcast",{{"message":"{word}"}}]"#),
        );
        if at == 2 {
            stage.say("ada'", &resume("", 3)["> ".len()..]);
            let at = stage.peer("ada'");
            stage.lose(at);
        }
    }
    let mut lines = stage.say("ada''", &resume("", 3)["> ".len()..]);
    lines.extend(stage.tick());
    assert_eq!(lines, [format!("ada''< {NOT_BACK}"), format!("bob< {LEAVES}")]);

    // By bytes of messages to her alone.
    let mut stage = met_by(Rules { max_direct_bytes: 10_000, ..rules() });
    stage.gone("ada");
    for _ in 0..30 {
        let push = format!(
            r#"["1","3","room:r","client_response",{{"message":"{word}","recipient":"<ada>"}}]"#
        );
        assert!(stage.say("bob", &push)[0].contains(r#""ok""#)); // nobody waits for her
    }
    let lines = stage.say("ada'", &resume("", 3)["> ".len()..]);
    assert_eq!(lines, [format!("ada'< {NOT_BACK}"), format!("bob< {LEAVES}")]);

    // By how many are away.
    let mut stage = met();
    stage.limit_away(0);
    assert_eq!(stage.gone("ada"), [format!("bob< {LEAVES}")]);

    // By bytes in all rooms.
    let mut stage = met();
    stage.limit_kept(10_000);
    stage.gone("ada");
    for _ in 0..30 {
        stage.say(
            "bob",
            &format!(r#"["1","3","room:r","client_broadcast",{{"message":"{word}"}}]"#),
        );
    }
    assert!(stage.rooms.census().kept_bytes <= 10_000);
    let lines = stage.say("ada'", &resume("", 3)["> ".len()..]);
    assert_eq!(lines[0], format!("ada'< {NOT_BACK}"));
}

#[test]
fn where_it_is_turned_off_nobody_is_told_how_to_come_back() {
    let mut stage = Stage::new(Rules { resume_window: Duration::ZERO, ..rules() }, limits());
    stage.say("ada", r#"["1","1","room:r","phx_join",{"resumable":true}]"#);
    let told = stage.say("ada", r#"["1","2","room:r","client_helo",{"name":"ada"}]"#);
    assert!(told[1].ends_with(r#""response":{"id":"<ada>","name":"ada"}}]"#), "{told:?}");
    assert!(told[2].ends_with(r#""seq":1}]"#), "{told:?}");
    stage.gone("ada");
    assert_eq!(stage.rooms.census(), Snapshot::default());
}

#[test]
fn a_room_with_nobody_but_those_who_are_away_ends_with_them() {
    let mut stage = met();
    stage.gone("bob");
    stage.gone("ada");
    let census = stage.rooms.census();
    assert_eq!((census.rooms, census.members, census.away), (1, 1, 1));
    stage.check("+29");
    let lines = stage.say("ada'", &resume("", 3)["> ".len()..]);
    assert_eq!(lines[0], format!("ada'< {BACK}"));
    assert!(lines[1].contains("<bob>"), "{lines:?}"); // she hears that bob left
    stage.gone("ada'");
    stage.check("+30");
    assert_eq!(stage.rooms.census(), Snapshot::default());
}

#[test]
fn what_nobody_can_come_back_for_is_forgotten() {
    let mut stage = met();
    stage.say("bob", r#"["1","3","room:r","client_response",{"message":1,"recipient":"<ada>"}]"#);
    assert!(stage.rooms.census().kept_bytes > 0);
    for _ in 0..12 {
        stage.check("+12");
    }
    assert_eq!(stage.rooms.census().kept_bytes, 0);
    let lines = stage.say("ada'", &resume("", 3)["> ".len()..]);
    assert_eq!(lines[0], format!("ada'< {NOT_BACK}"));
}

#[test]
fn who_lost_something_while_connected_does_not_come_back() {
    let mut stage = met_by(Rules { max_backlog_bytes: 5000, ..rules() });
    let word = "x".repeat(1000);
    let push = format!(r#"["1","3","room:r","client_broadcast",{{"message":"{word}"}}]"#);
    for _ in 0..20 {
        stage.push("bob", &push); // and ada takes nothing
        stage.passed += Duration::from_secs(1);
    }
    let lines = stage.deliver();
    assert_eq!(lines, ["ada! 1013 too slow", &format!("bob< {LEAVES}")]);
}

#[test]
fn nobody_who_is_away_is_asked_to_answer() {
    let mut stage = met_by(Rules { greeters: Greeters::AtMost(1), ..rules() });
    stage.gone("ada");
    let lines = stage.enter("cy", "room:r");
    assert!(
        lines.iter().any(|line| line.starts_with("bob<") && line.ends_with(r#""name":"cy"}]"#))
    );
    let lines = stage.say("ada'", &resume("", 3)["> ".len()..]);
    assert!(lines[1].contains("new_user"), "{lines:?}");
}
