//! Scripts for rooms and channels: wire text in, whole text out. Here: coming and going.

mod delivery;
mod directory;
mod dropping;
mod durable;
mod helo;
mod history;
mod invariants;
mod modes;
mod rate;
mod resume;
mod retry;
pub(crate) mod script;
mod topics;

use crate::connection::meter::Limits;
use script::{Stage, check, limits, rules};

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
    let mut stage = Stage::new(rules(), limits());
    let (room, other) = (format!("room:{}", "x".repeat(251)), "x".repeat(256));
    let refused = stage.say("ada", &format!(r#"["1","1","{room}","phx_join",{{}}]"#));
    assert!(refused[0].contains("invalid_room"), "{refused:?}");
    let refused = stage.say("ada", &format!(r#"["1","1","{other}","phx_join",{{}}]"#));
    assert!(refused[0].contains("unmatched topic"), "{refused:?}");
}

#[test]
fn a_socket_joins_so_many_channels_and_no_more() {
    let mut stage = Stage::new(rules(), Limits { max_channels: 2, ..limits() });
    stage.check(
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
fn a_socket_that_is_gone_says_nothing_more() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    stage.enter("bob", "room:r");
    let gone = stage.gone("ada");
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert_eq!(stage.say("ada", r#"["1","9","room:r","phx_join",{}]"#), [] as [String; 0]);
    assert_eq!(stage.gone("ada"), [] as [String; 0]);
}
