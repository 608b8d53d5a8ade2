//! Scripts for the registry: wire text in, whole text out, compared whole.

mod invariants;
mod script;

use script::{Stage, check, check_with, rules};

use super::*;

#[test]
fn a_heartbeat_is_answered_before_any_join() {
    check(
        r#"
        ada> [null,"6","phoenix","heartbeat",{}]
        ada< [null,"6","phoenix","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","7","phoenix","heartbeat",7]
        ada< [null,"7","phoenix","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn what_is_not_joined_is_unmatched() {
    check(
        r#"
        ada> ["1","1","phoenix","phx_join",{}]
        ada< [null,"1","phoenix","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]
        ada> ["3","3","nosuch:topic","phx_join",{}]
        ada< [null,"3","nosuch:topic","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]
        ada> ["4","5","room:other","client_broadcast",{"message":"x"}]
        ada< [null,"5","room:other","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]
        ada> ["4","6","room:other","heartbeat",{}]
        ada< [null,"6","room:other","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]
        ada> [null,"20","room:lobby","phx_leave",{}]
        ada< [null,"20","room:lobby","phx_reply",{"status":"ok","response":{}}]
        ada> ["7","21","phoenix","phx_leave",[]]
        ada< ["7","21","phoenix","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn a_join_that_cannot_be_keeps_its_join_ref() {
    check(
        r#"
        ada> ["2","2","room:","phx_join",{}]
        ada< ["2","2","room:","phx_reply",{"status":"error","response":{"reason":"invalid_room"}}]
        ada> ["3","3","room:a\u0007b","phx_join",{}]
        ada< ["3","3","room:a\u0007b","phx_reply",{"status":"error","response":{"reason":"invalid_room"}}]
        ada> ["4","4","room:lobby","phx_join",[]]
        ada< ["4","4","room:lobby","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        ada> ["4","5","room:lobby","client_helo",{"name":"ada"}]
        ada< [null,"5","room:lobby","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]
        "#,
    );
}

#[test]
fn a_topic_may_not_be_endless() {
    let mut stage = Stage::new(rules());
    let (room, other) = (format!("room:{}", "x".repeat(251)), "x".repeat(256));
    let refused = stage.say("ada", &format!(r#"["1","1","{room}","phx_join",{{}}]"#));
    assert!(refused[0].contains("invalid_room"), "{refused:?}");
    let refused = stage.say("ada", &format!(r#"["1","1","{other}","phx_join",{{}}]"#));
    assert!(refused[0].contains("unmatched topic"), "{refused:?}");
}

#[test]
fn a_socket_joins_so_many_channels_and_no_more() {
    check_with(
        Rules { max_channels: 2, ..rules() },
        r#"
        ada> ["1","1","room:a","phx_join",{}]
        ada< ["1","1","room:a","phx_reply",{"status":"ok","response":{}}]
        ada> ["2","2","room:b","phx_join",{}]
        ada< ["2","2","room:b","phx_reply",{"status":"ok","response":{}}]
        ada> ["3","3","room:c","phx_join",{}]
        ada< ["3","3","room:c","phx_reply",{"status":"error","response":{"reason":"too many channels joined"}}]

        # joining again takes no further channel
        ada> ["4","4","room:b","phx_join",{}]
        ada< ["4","4","room:b","phx_reply",{"status":"ok","response":{}}]
        ada< ["2","2","room:b","phx_close",{}]

        # leaving makes room
        ada> ["1","5","room:a","phx_leave",{}]
        ada< ["1","5","room:a","phx_reply",{"status":"ok","response":{}}]
        ada< ["1","1","room:a","phx_close",{}]
        ada> ["6","6","room:c","phx_join",{}]
        ada< ["6","6","room:c","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn helo_is_state_then_reply_then_news_for_the_others_then_the_diff() {
    check(
        r#"
        ada> ["1","1","room:lobby","phx_join",{}]
        ada< ["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","2","room:lobby","client_helo",{"name":" ada\u001b "}]
        ada< ["1",null,"room:lobby","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}]
        ada< ["1","2","room:lobby","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada"}}]
        ada< [null,null,"room:lobby","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]

        # joined, but silent: gets diffs, nothing else
        eve> ["9","9","room:lobby","phx_join",{}]
        eve< ["9","9","room:lobby","phx_reply",{"status":"ok","response":{}}]
        +5
        bob> ["1","1","room:lobby","phx_join",{}]
        bob< ["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","2","room:lobby","client_helo",{"name":"bob","status":{"state":"away","text":"tea"},"user":"b@x"}]
        bob< ["1",null,"room:lobby","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<bob>":{"metas":[{"name":"bob","state":"away","text":"tea","user":"b@x","phx_ref":"@2","online_at":"1005"}]}}]
        bob< ["1","2","room:lobby","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"bob"}}]
        ada< [null,null,"room:lobby","new_user",{"id":"<bob>","name":"bob"}]
        ada< [null,null,"room:lobby","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","state":"away","text":"tea","user":"b@x","phx_ref":"@2","online_at":"1005"}]}},"leaves":{}}]
        eve< [null,null,"room:lobby","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","state":"away","text":"tea","user":"b@x","phx_ref":"@2","online_at":"1005"}]}},"leaves":{}}]
        bob< [null,null,"room:lobby","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","state":"away","text":"tea","user":"b@x","phx_ref":"@2","online_at":"1005"}]}},"leaves":{}}]

        # a greeting goes to its recipient alone, under the recipient's join_ref; the id is the server's
        ada> ["1","3","room:lobby","client_response",{"message":{"a" : 1.50},"recipient":"<bob>","client_session_id":"forged","auto":true}]
        bob< ["1",null,"room:lobby","client_response",{"message":{"a" : 1.50},"recipient":"<bob>","client_session_id":"<ada>","auto":true}]
        ada< ["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","3","room:lobby","client_broadcast",{"message":"hi all"}]
        ada< [null,null,"room:lobby","client_broadcast",{"message":"hi all","client_session_id":"<bob>"}]
        bob< ["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn a_second_helo_renames_and_a_status_updates() {
    check(
        r#"
        ada> ["1","1","room:lobby","phx_join",{}]
        ada< ["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","2","room:lobby","client_helo",{"name":"ada","status":"dnd","user":"u"}]
        ada< ["1",null,"room:lobby","presence_state",{"<ada>":{"metas":[{"name":"ada","state":"dnd","user":"u","phx_ref":"@1","online_at":"1000"}]}}]
        ada< ["1","2","room:lobby","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada"}}]
        ada< [null,null,"room:lobby","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","state":"dnd","user":"u","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]
        +9
        ada> ["1","3","room:lobby","client_helo",{"name":"countess"}]
        ada< ["1",null,"room:lobby","presence_state",{"<ada>":{"metas":[{"name":"countess","state":"dnd","user":"u","phx_ref":"@2","phx_ref_prev":"@1","online_at":"1000"}]}}]
        ada< ["1","3","room:lobby","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"countess"}}]
        ada< [null,null,"room:lobby","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"countess","state":"dnd","user":"u","phx_ref":"@2","phx_ref_prev":"@1","online_at":"1000"}]}},"leaves":{"<ada>":{"metas":[{"name":"ada","state":"dnd","user":"u","phx_ref":"@1","online_at":"1000"}]}}}]
        ada> ["1","4","room:lobby","client_status",{"state":"here","text":" "}]
        ada< ["1","4","room:lobby","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:lobby","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"countess","state":"here","user":"u","phx_ref":"@3","phx_ref_prev":"@2","online_at":"1000"}]}},"leaves":{"<ada>":{"metas":[{"name":"countess","state":"dnd","user":"u","phx_ref":"@2","phx_ref_prev":"@1","online_at":"1000"}]}}}]
        "#,
    );
}

#[test]
fn pushes_that_make_no_sense_are_refused() {
    check(
        r#"
        ada> ["1","1","room:lobby","phx_join",{}]
        ada< ["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","2","room:lobby","client_broadcast",{"message":"hi"}]
        ada< ["1","2","room:lobby","phx_reply",{"status":"error","response":{"reason":"helo_required"}}]
        ada> ["1","3","room:lobby","client_helo",{}]
        ada< ["1","3","room:lobby","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        ada> ["1","4","room:lobby","client_helo",{"name":"\u200b"}]
        ada< ["1","4","room:lobby","phx_reply",{"status":"error","response":{"reason":"invalid_name"}}]
        ada> ["1","5","room:lobby","client_helo",{"name":"ada","user":" "}]
        ada< ["1","5","room:lobby","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        ada> ["1","6","room:lobby","bogus",{}]
        ada< ["1","6","room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        ada> ["1","7","room:lobby","phx_close",{}]
        ada< ["1","7","room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        ada> ["1","8","room:lobby","presence_state",{}]
        ada< ["1","8","room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        ada> ["1","9","room:lobby","heartbeat",{}]
        ada< ["1","9","room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        ada> ["1","10","room:lobby","client_helo",{"name":"ada"}]
        ada< ["1",null,"room:lobby","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}]
        ada< ["1","10","room:lobby","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada"}}]
        ada< [null,null,"room:lobby","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]
        ada> ["1","11","room:lobby","client_response",{"message":"x","recipient":"nobody"}]
        ada< ["1","11","room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_recipient"}}]
        ada> ["1","12","room:lobby","client_response",{"message":"x","recipient":"3e04cb4a-ccdf-40ee-bf05-9e047e1f8277"}]
        ada< ["1","12","room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_recipient"}}]
        ada> ["1","13","room:lobby","client_broadcast",{"msg":"x"}]
        ada< ["1","13","room:lobby","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        ada> ["1","14","room:lobby","client_broadcast",null]
        ada< ["1","14","room:lobby","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        ada> ["1","15","room:lobby","client_status",{"state":"asleep"}]
        ada< ["1","15","room:lobby","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        ada> ["1",null,"room:lobby","client_typing",{}]
        ada< ["1",null,"room:lobby","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        "#,
    );
}

#[test]
fn join_refs_say_which_join_is_meant() {
    check(
        r#"
        ada> ["1","1","room:lobby","phx_join",{}]
        ada< ["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]

        # null is the current one; anything else than the very ref is stale, and stale is silence
        ada> [null,"2","room:lobby","bogus",{}]
        ada< ["1","2","room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        ada> [1,"3","room:lobby","bogus",{}]
        ada> ["999","4","room:lobby","phx_leave",{}]
        ada> ["1",null,"room:lobby","bogus",{}]
        ada< ["1",null,"room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]

        # a join without a join_ref lends its ref, yet its phx_close has none
        ada> [null,[7],"room:b","phx_join",{}]
        ada< [null,[7],"room:b","phx_reply",{"status":"ok","response":{}}]
        ada> [null,"5","room:b","bogus",{}]
        ada< [[7],"5","room:b","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        ada> [[7],"6","room:b","phx_leave",{}]
        ada< [[7],"6","room:b","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:b","phx_close",{}]
        "#,
    );
}

#[test]
fn a_session_leaves_once_and_the_others_hear_of_it() {
    check(
        r#"
        ada> ["1","1","room:r","phx_join",{}]
        ada< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","1","room:r","phx_join",{}]
        bob< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","2","room:r","client_helo",{"name":"bob"}]
        bob< ["1",null,"room:r","presence_state",{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}}]
        bob< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"bob"}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]

        # a second join: its reply, the end of the first, and the leave for the others
        bob> ["3","3","room:r","phx_join",{}]
        bob< ["3","3","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< ["1","1","room:r","phx_close",{}]
        ada< [null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@1","online_at":"1000"}]}}}]
        bob> ["1","4","room:r","client_broadcast",{"message":"stale"}]
        bob> ["3","5","room:r","client_broadcast",{"message":"early"}]
        bob< ["3","5","room:r","phx_reply",{"status":"error","response":{"reason":"helo_required"}}]
        bob> ["3","6","room:r","client_helo",{"name":"bob"}]
        bob< ["3",null,"room:r","presence_state",{"<bob2>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}}]
        bob< ["3","6","room:r","phx_reply",{"status":"ok","response":{"id":"<bob2>","name":"bob"}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<bob2>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}},"leaves":{}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<bob2>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}},"leaves":{}}]

        bob> ["3","7","room:r","phx_leave",{}]
        bob< ["3","7","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< ["3","3","room:r","phx_close",{}]
        ada< [null,null,"room:r","presence_diff",{"joins":{},"leaves":{"<bob2>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}}}]

        # gone already: nobody hears of it again; who never said helo was never there
        bob gone
        ada gone
        "#,
    );
}

#[test]
fn a_lost_connection_leaves_every_room() {
    check(
        r#"
        ada> ["1","1","room:a","phx_join",{}]
        ada< ["1","1","room:a","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","1","room:a","phx_join",{}]
        bob< ["1","1","room:a","phx_reply",{"status":"ok","response":{}}]
        ada> ["2","2","room:b","phx_join",{}]
        ada< ["2","2","room:b","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","3","room:a","client_helo",{"name":"ada"}]
        ada< ["1",null,"room:a","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}]
        ada< ["1","3","room:a","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada"}}]
        ada< [null,null,"room:a","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]
        bob< [null,null,"room:a","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]
        ada gone
        bob< [null,null,"room:a","presence_diff",{"joins":{},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}}]
        "#,
    );
}

#[test]
fn typing_is_told_and_answered_only_if_asked() {
    let mut stage = Stage::new(rules());
    for who in ["ada", "bob", "cy"] {
        stage.enter(who, "room:r");
    }
    stage.check(
        r#"
        ada> ["1",null,"room:r","client_typing",{"typing":true}]
        bob< [null,null,"room:r","client_typing",{"typing":true,"client_session_id":"<ada>"}]
        cy< [null,null,"room:r","client_typing",{"typing":true,"client_session_id":"<ada>"}]
        ada> ["1","4","room:r","client_typing",{"typing":false,"recipient":"<cy>"}]
        cy< ["1",null,"room:r","client_typing",{"typing":false,"client_session_id":"<ada>"}]
        ada< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        ada> ["1",null,"room:r","client_typing",{"typing":true,"recipient":"x"}]
        ada< ["1",null,"room:r","phx_reply",{"status":"error","response":{"reason":"unknown_recipient"}}]
        "#,
    );
}

#[track_caller]
fn check_asked(greeters: Greeters, expected: usize) {
    let mut stage = Stage::new(Rules { greeters, ..rules() });
    for who in 0..10 {
        stage.enter(&format!("m{who}"), "room:r");
    }
    let told = stage.enter("newcomer", "room:r");
    let new_user: Vec<&String> = told.iter().filter(|line| line.contains("new_user")).collect();
    let unasked = new_user.iter().filter(|line| line.ends_with(r#","answer":false}]"#)).count();
    let told: BTreeSet<&str> = new_user.iter().map(|line| &line[..3]).collect();
    assert_eq!((new_user.len(), told.len(), 10 - unasked), (10, 10, expected));
}

#[test]
fn as_many_as_the_operator_wants_are_asked_to_answer() {
    check_asked(Greeters::AtMost(0), 0);
    check_asked(Greeters::AtMost(1), 1);
    check_asked(Greeters::AtMost(9), 9);
    check_asked(Greeters::AtMost(10), 10);
    check_asked(Greeters::AtMost(32), 10);
    check_asked(Greeters::All, 10);
}

#[test]
fn too_many_pushes_are_refused_and_going_on_ends_the_socket() {
    let mut stage = Stage::new(Rules { pace: Pace::per_second(50), ..rules() });
    stage.enter("ada", "room:r"); // its helo is the first of 200
    let push = r#"["1","9","room:r","client_broadcast",{"message":"x"}]"#;
    let ok = r#"ada< ["1","9","room:r","phx_reply",{"status":"ok","response":{}}]"#;
    for _ in 0..199 {
        assert_eq!(stage.say("ada", push), [ok]);
    }
    let refused = r#"ada< ["1","9","room:r","phx_reply",{"status":"error","response":{"reason":"rate_limited","retry_after_ms":40}}]"#;
    assert_eq!(stage.say("ada", push), [refused]);

    // another session on the same socket, and the socket itself, pay for themselves
    stage.enter("ada", "room:other");
    let beat = r#"[null,"1","phoenix","heartbeat",{}]"#;
    assert!(stage.say("ada", beat)[0].contains(r#""status":"ok""#));

    for _ in 0..198 {
        assert!(stage.say("ada", push)[0].contains("rate_limited"));
    }
    assert_eq!(stage.say("ada", push), ["ada! 1008 rate limited"]);
}

#[test]
fn joining_anew_is_no_way_around_the_rate() {
    let mut stage = Stage::new(Rules { pace: Pace::per_second(50), ..rules() });
    stage.enter("ada", "room:r");
    for _ in 0..198 {
        stage.say("ada", r#"["1","9","room:r","client_broadcast",{"message":"x"}]"#);
    }
    stage.check(
        r#"
        ada> ["1","10","room:r","phx_leave",{}]
        ada< ["1","10","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< ["1","1","room:r","phx_close",{}]
        ada> ["11","11","room:r","phx_join",{}]
        ada< ["11","11","room:r","phx_reply",{"status":"error","response":{"reason":"rate_limited","retry_after_ms":40}}]
        +1
        ada> ["12","12","room:r","phx_join",{}]
        ada< ["12","12","room:r","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn a_leave_is_never_refused_and_still_no_way_around_the_rate() {
    let mut stage = Stage::new(Rules { pace: Pace::per_second(50), ..rules() });
    stage.enter("ada", "room:r");
    for _ in 0..220 {
        stage.say("ada", r#"["1","9","room:r","client_broadcast",{"message":"x"}]"#);
    }
    stage.check(
        r#"
        ada> ["1","10","room:r","phx_leave",{}]
        ada< ["1","10","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< ["1","1","room:r","phx_close",{}]
        ada> ["11","11","room:r","phx_join",{}]
        ada< ["11","11","room:r","phx_reply",{"status":"error","response":{"reason":"rate_limited","retry_after_ms":480}}]
        "#,
    );
}

#[test]
fn what_belongs_to_no_session_is_charged_to_the_socket() {
    let mut stage = Stage::new(Rules { pace: Pace::per_second(50), ..rules() });
    stage.enter("ada", "room:r"); // its join is the first of 200
    let late = r#"["old","9","room:r","client_broadcast",{"message":"x"}]"#;
    for _ in 0..199 {
        assert_eq!(stage.say("ada", late), [""; 0]);
    }
    let beat = r#"[null,"1","phoenix","heartbeat",{}]"#;
    assert!(stage.say("ada", beat)[0].contains("rate_limited"));
    assert_eq!(stage.say("ada", late), [""; 0]);
    let join = r#"["2","2","room:x","phx_join",{}]"#;
    assert!(stage.say("ada", join)[0].starts_with(r#"ada< ["2","2","room:x","phx_reply""#));
    for _ in 0..196 {
        stage.say("ada", late);
    }
    assert_eq!(stage.say("ada", late), ["ada! 1008 rate limited"]);
}

#[test]
fn a_socket_that_is_gone_says_nothing_more() {
    let mut stage = Stage::new(rules());
    stage.enter("ada", "room:r");
    stage.enter("bob", "room:r");
    let gone = stage.gone("ada");
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert!(stage.say("ada", r#"["1","9","room:r","phx_join",{}]"#).is_empty());
    assert!(stage.gone("ada").is_empty());
}
