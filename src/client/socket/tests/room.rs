//! A room: entered, heard, renamed in, left.

use super::super::Command;
use super::{ADA, BOB, Script, welcome};
use crate::protocol::payload::Status;

#[test]
fn a_join_says_helo_and_enters() {
    let mut script = Script::new();
    assert_eq!(script.open(), ["online"]);
    assert_eq!(script.join(), [r#"send ["1","1","room:lobby","phx_join",{}]"#]);
    assert_eq!(
        script.receive(r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#),
        [r#"send ["1","2","room:lobby","client_helo",{"name":"ada"}]"#]
    );
    let state = format!(
        r#"["1",null,"room:lobby","presence_state",{{"{ADA}":{{"metas":[{{"name":"ada","phx_ref":"a","online_at":"7"}}]}},"{BOB}":{{"metas":[{{"name":"bob","phx_ref":"b","online_at":"7"}}]}}}}]"#
    );
    assert_eq!(script.receive(&state), [""; 0]);
    assert_eq!(
        script.receive(&welcome("1", "2", ADA, "ada")),
        ["1 welcomed as ada", "entered as ada with ada bob"]
    );
}

#[test]
fn the_reply_may_come_before_the_state() {
    let mut script = Script::entered();
    let state = format!(
        r#"["1",null,"room:lobby","presence_state",{{"{ADA}":{{"metas":[{{"name":"ada","phx_ref":"a","online_at":"7"}}]}}}}]"#
    );
    assert_eq!(script.receive(&state), ["changed +1 -0 ~0"]);
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
    let rename = |room, ticket| Command::Rename { room, name: "countess".to_owned(), ticket };
    assert_eq!(
        script.ask(rename),
        [r#"send ["1","3","room:lobby","client_helo",{"name":"countess"}]"#]
    );
    assert_eq!(script.receive(&welcome("1", "3", ADA, "countess")), ["2 welcomed as countess"]);
    let status = Status { state: crate::protocol::payload::State::Away, text: Some("tea".into()) };
    let set = |room, ticket| Command::SetStatus { room, status, ticket };
    assert_eq!(
        script.ask(set),
        [r#"send ["1","4","room:lobby","client_status",{"state":"away","text":"tea"}]"#]
    );
    script.drop_line();
    script.pass(1);
    script.open();
    assert_eq!(
        script.receive(r#"["5","5","room:lobby","phx_reply",{"status":"ok","response":{}}]"#),
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
    script.ask(|room, ticket| Command::Rename { room, name: "\u{7}".to_owned(), ticket });
    assert_eq!(script.receive(&refused("1", "3")), ["2 failed: refused: invalid_name"]);

    let mut script = Script::new();
    script.open();
    script.join();
    script.receive(r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#);
    assert_eq!(
        script.receive(&refused("1", "2")),
        [
            r#"send ["1","3","room:lobby","phx_leave",{}]"#,
            "1 failed: refused: invalid_name",
            r#"left: Refused("invalid_name")"#,
        ]
    );
    assert_eq!(script.say("x"), ["2 failed: that room is not joined"]);
}

#[test]
fn a_look_takes_the_presence_and_goes() {
    let mut script = Script::new();
    script.open();
    let look = |room, ticket| Command::Look { room, ticket };
    assert_eq!(script.ask(look), [r#"send ["1","1","room:lobby","phx_join",{"presence":true}]"#]);
    let ok = r#"["1","1","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(ok), [""; 0]);
    let state = format!(
        r#"["1",null,"room:lobby","presence_state",{{"{BOB}":{{"metas":[{{"name":"bob","phx_ref":"b","online_at":"7"}}]}}}}]"#
    );
    assert_eq!(
        script.receive(&state),
        ["1 saw 1", r#"send ["1","2","room:lobby","phx_leave",{}]"#]
    );

    script.ask(look);
    assert_eq!(script.pass(10), ["2 failed: the server did not answer in time"]);
    script.drop_line();
    assert_eq!(script.ask(look), ["3 failed: there is no line to the server"]);
}

#[test]
fn a_leave_is_told_once() {
    let mut script = Script::entered();
    assert_eq!(
        script.ask(|room, ticket| Command::Leave { room, ticket }),
        [r#"send ["1","3","room:lobby","phx_leave",{}]"#]
    );
    assert_eq!(
        script.receive(r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#),
        ["left: Asked", "2 done"]
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
    let leave = script.ask(|room, ticket| Command::Leave { room, ticket });
    assert_eq!(leave, [r#"send ["1","3","room:lobby","phx_leave",{}]"#]);
    let join = script.join();
    assert_eq!(join, ["left: Asked", r#"send ["4","4","room:lobby","phx_join",{}]"#]);
    let left = r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(left), ["2 done"]);
    assert_eq!(script.receive(r#"["1",null,"room:lobby","phx_close",{}]"#), [""; 0]);
    let joined = r#"["4","4","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(
        script.receive(joined),
        [r#"send ["4","5","room:lobby","client_helo",{"name":"ada"}]"#]
    );
}
