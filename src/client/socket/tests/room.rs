//! A room: entered, heard, renamed in, left.

use super::super::Command;
use super::{ADA, BOB, Script, joined, lobby, metas, presence_state, welcome};
use crate::protocol::payload::Status;

#[test]
fn a_join_says_helo_and_enters() {
    let mut script = Script::new();
    assert_eq!(script.open(), ["online"]);
    assert_eq!(script.join(), [r#"send ["1","1","room:lobby","phx_join",{"resumable":true}]"#]);
    assert_eq!(
        script.receive(&joined("1")),
        [r#"send ["1","2","room:lobby","client_helo",{"name":"ada"}]"#]
    );
    assert_eq!(script.receive(&presence_state("1")), [""; 0]);
    assert_eq!(
        script.receive(&welcome("1", "2", ADA, "ada")),
        ["1 welcomed as ada", "entered as ada with ada bob"]
    );
}

#[test]
fn the_reply_may_come_before_the_state() {
    let mut script = Script::entered();
    assert_eq!(script.receive(&presence_state("1")), ["changed +2 -0 ~0"]);
}

#[test]
fn what_others_do_is_told() {
    let mut script = Script::entered();
    let new_user =
        format!(r#"[null,null,"room:lobby","new_user",{{"id":"{BOB}","name":"b\u001bob"}}]"#);
    assert_eq!(script.receive(&new_user), ["arrived bob, answer true"]);
    let not_asked = format!(
        r#"[null,null,"room:lobby","new_user",{{"id":"{BOB}","name":"bob","answer":false}}]"#
    );
    assert_eq!(script.receive(&not_asked), ["arrived bob, answer false"]);
    let response = format!(
        r#"["1",null,"room:lobby","client_response",{{"message":"hi","recipient":"{ADA}","client_session_id":"{BOB}","auto":true}}]"#
    );
    assert_eq!(script.receive(&response), ["responded hi, auto true"]);
    let broadcast = format!(
        r#"[null,null,"room:lobby","client_broadcast",{{"message":[1],"client_session_id":"{BOB}"}}]"#
    );
    assert_eq!(script.receive(&broadcast), ["said [1]"]);
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000)); // by a server without a limit
    assert_eq!(script.receive(&broadcast.replace("[1]", &deep)), [format!("said {deep}")]);
    let typing = format!(
        r#"[null,null,"room:lobby","client_typing",{{"typing":true,"client_session_id":"{BOB}"}}]"#
    );
    assert_eq!(script.receive(&typing), ["typing true, direct false"]);
}

#[test]
fn too_many_diffs_without_a_state_lead_to_a_new_join() {
    let mut script = Script::entered();
    let diff = |joins: &str, leaves: &str| {
        format!(
            r#"[null,null,"room:lobby","presence_diff",{{"joins":{{{joins}}},"leaves":{{{leaves}}}}}]"#
        )
    };
    for _ in 0..1024 {
        assert_eq!(script.receive(&diff(&metas(BOB, "bob"), "")), [""; 0]);
    }
    assert_eq!(script.receive(&diff("", &metas(BOB, "bob"))), [""; 0]);
    assert_eq!(script.receive(&presence_state("1")), [""; 0]);
    assert_eq!(script.pass(1), [r#"send ["3","3","room:lobby","phx_join",{"resumable":true}]"#]);
}

#[test]
fn frames_of_another_join_or_room_are_ignored() {
    let mut script = Script::entered();
    let stale = format!(
        r#"["9",null,"room:lobby","client_response",{{"message":"hi","recipient":"{ADA}","client_session_id":"{BOB}"}}]"#
    );
    assert_eq!(script.receive(&stale), [""; 0]);
    assert_eq!(script.receive(&stale.replace("room:lobby", "room:other")), [""; 0]);
    assert_eq!(script.receive(r#"["9","9","room:lobby","phx_close",{}]"#), [""; 0]);
    assert_eq!(script.receive(r#"[null,null,"room:lobby","of_a_newer_server",7]"#), [""; 0]);
}

#[test]
fn a_new_name_and_status_are_remembered_for_the_next_helo() {
    let mut script = Script::entered();
    let rename = Command::Rename { room: lobby(), name: "countess".to_owned() };
    assert_eq!(
        script.command(rename),
        [r#"send ["1","3","room:lobby","client_helo",{"name":"countess"}]"#]
    );
    assert_eq!(script.receive(&welcome("1", "3", ADA, "countess")), ["2 welcomed as countess"]);
    let status = Status { state: crate::protocol::payload::State::Away, text: Some("tea".into()) };
    assert_eq!(
        script.command(Command::SetStatus { room: lobby(), status }),
        [r#"send ["1","4","room:lobby","client_status",{"state":"away","text":"tea"}]"#]
    );
    script.drop_connection();
    script.pass(1);
    script.open();
    assert_eq!(
        script.receive(&joined("5")),
        [
            r#"send ["5","6","room:lobby","client_helo",{"name":"countess","status":{"state":"away","text":"tea"}}]"#
        ]
    );
}

#[test]
fn a_refused_name_ends_the_join_but_not_a_rename() {
    let refused = |join: &str, reference: &str| {
        format!(
            r#"["{join}","{reference}","room:lobby","phx_reply",{{"status":"error","response":{{"reason":"invalid_name"}}}}]"#
        )
    };
    let mut script = Script::entered();
    script.command(Command::Rename { room: lobby(), name: "\u{7}".to_owned() });
    assert_eq!(script.receive(&refused("1", "3")), ["2 failed: refused: invalid_name"]);

    let mut script = Script::new();
    script.open();
    script.join();
    script.receive(&joined("1"));
    assert_eq!(
        script.receive(&refused("1", "2")),
        [
            r#"send ["1","3","room:lobby","phx_leave",{}]"#,
            "1 failed: refused: invalid_name",
            "left: Refused(Refused(InvalidName))",
        ]
    );
    assert_eq!(script.say("x"), ["2 failed: that room is not joined"]);
}

#[test]
fn a_leave_is_told_once() {
    let mut script = Script::entered();
    assert_eq!(script.leave(), [r#"send ["1","3","room:lobby","phx_leave",{}]"#]);
    assert_eq!(
        script.receive(r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#),
        ["left: Left", "2 done"]
    );
    assert_eq!(script.receive(r#"["1","1","room:lobby","phx_close",{}]"#), [""; 0]);
}

#[test]
fn a_channel_the_server_closes_is_over() {
    let mut script = Script::entered();
    assert_eq!(script.receive(r#"["1","1","room:lobby","phx_close",{}]"#), ["left: Closed"]);
}

#[test]
fn a_room_that_is_joined_while_it_is_left_stays() {
    let mut script = Script::entered();
    let leave = script.leave();
    assert_eq!(leave, [r#"send ["1","3","room:lobby","phx_leave",{}]"#]);
    let join = script.join();
    assert_eq!(
        join,
        ["left: Left", r#"send ["4","4","room:lobby","phx_join",{"resumable":true}]"#]
    );
    let left = r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(left), ["2 done"]);
    assert_eq!(script.receive(r#"["1",null,"room:lobby","phx_close",{}]"#), [""; 0]);
    assert_eq!(
        script.receive(&joined("4")),
        [r#"send ["4","5","room:lobby","client_helo",{"name":"ada"}]"#]
    );
}
