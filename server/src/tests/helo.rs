//! Saying helo and talking: who is told what, in which order.

use std::collections::BTreeSet;

use super::script::{Stage, check, limits, rules};
use crate::config::Greeters;
use crate::room::Rules;

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
        ada< ["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]
        bob< ["1",null,"room:lobby","client_response",{"message":{"a" : 1.50},"recipient":"<bob>","client_session_id":"<ada>","auto":true}]
        bob> ["1","3","room:lobby","client_broadcast",{"message":"hi all"}]
        bob< ["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:lobby","client_broadcast",{"message":"hi all","client_session_id":"<bob>"}]
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
fn typing_is_told_and_answered_only_if_asked() {
    let mut stage = Stage::new(rules(), limits());
    for who in ["ada", "bob", "cy"] {
        stage.enter(who, "room:r");
    }
    stage.check(
        r#"
        ada> ["1",null,"room:r","client_typing",{"typing":true}]
        bob< [null,null,"room:r","client_typing",{"typing":true,"client_session_id":"<ada>"}]
        cy< [null,null,"room:r","client_typing",{"typing":true,"client_session_id":"<ada>"}]
        ada> ["1","4","room:r","client_typing",{"typing":false,"recipient":"<cy>"}]
        ada< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        cy< ["1",null,"room:r","client_typing",{"typing":false,"client_session_id":"<ada>"}]
        ada> ["1",null,"room:r","client_typing",{"typing":true,"recipient":"x"}]
        ada< ["1",null,"room:r","phx_reply",{"status":"error","response":{"reason":"unknown_recipient"}}]
        "#,
    );
}

#[track_caller]
fn check_asked(greeters: Greeters, expected: usize) {
    let mut stage = Stage::new(Rules { greeters, ..rules() }, limits());
    for who in 0..10 {
        stage.enter(&format!("m{who}"), "room:r");
    }
    stage.tick();
    let mut told = stage.enter("newcomer", "room:r");
    told.extend(stage.tick());
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
