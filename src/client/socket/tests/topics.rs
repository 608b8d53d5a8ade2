//! What rooms are about, which rooms there are, and other ways to take part.

use super::super::{Command, Input};
use super::{ADA, BOB, Script, joined, lobby, metas, presence_state, welcome};
use crate::client::JoinOptions;
use crate::protocol::payload::{ListRequest, Mode, SetTopic};

fn join_as(script: &mut Script, mode: Mode) -> Vec<String> {
    let options = JoinOptions::new("ada").mode(mode);
    script.command(Command::Join { room: lobby(), options })
}

#[test]
fn a_topic_is_found_set_and_heard_of() {
    let mut script = Script::new();
    script.open();
    script.join();
    script.receive(&joined("1"));
    let topic = r#""topic":{"text":"te\u001ba","by":"b\u001bob","at":7}"#;
    let welcome = format!(
        r#"["1","2","room:lobby","phx_reply",{{"status":"ok","response":{{"id":"{ADA}","name":"ada",{topic}}}}}]"#
    );
    let entered = ["1 welcomed as ada", "entered as ada with ada, about tea by bob at 7"];
    assert_eq!(script.receive(&welcome), entered);
    let topic = SetTopic { topic: "coffee".to_owned() };
    assert_eq!(
        script.command(Command::SetTopic { room: lobby(), topic }),
        [r#"send ["1","3","room:lobby","client_topic",{"topic":"coffee","msg_id":"m0"}]"#]
    );
    let ok = r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(ok), ["2 done"]);
    let heard = |topic: &str, more: &str| {
        format!(
            r#"[null,null,"room:lobby","room_topic",{{"topic":"{topic}","client_session_id":"{BOB}"{more}}}]"#
        )
    };
    assert_eq!(script.receive(&heard("mi\u{202e}lk", "")), ["topic milk"]);
    assert_eq!(script.receive(&heard("", r#","from":"ci""#)), ["topic -, by ci"]);
}

#[test]
fn a_topic_that_was_heard_already_is_not_told_again() {
    let mut script = Script::new();
    script.open();
    script.join();
    script.receive(&joined("1"));
    script.receive(&presence_state("1"));
    let resume = r#","resume":{"token":"t","epoch":"e","seq":4}"#;
    script.receive(&welcome("1", "2", ADA, "ada").replace("}}]", &format!("{resume}}}}}]")));
    let topic = |seq: u32| {
        format!(
            r#"[null,null,"room:lobby","room_topic",{{"topic":"t{seq}","client_session_id":"{BOB}","seq":{seq}}}]"#
        )
    };
    assert_eq!(script.receive(&topic(5)), ["topic t5"]);
    assert_eq!(script.receive(&topic(5)), [""; 0]);
    assert_eq!(script.receive(&topic(4)), [""; 0]);
    assert_eq!(script.receive(&topic(6)), ["topic t6"]);
}

#[test]
fn the_directory_is_joined_asked_and_left() {
    let mut script = Script::new();
    let request = || ListRequest { matching: Some("o".to_owned()), limit: Some(2) };
    let offline = script.command(Command::List { request: request() });
    assert_eq!(offline, ["1 failed: there is no connection to the server"]);
    script.open();
    assert_eq!(
        script.command(Command::List { request: request() }),
        [
            r#"send ["1","1","rooms","phx_join",{}]"#,
            r#"send ["1","2","rooms","list",{"match":"o","limit":2}]"#,
            r#"send ["1","3","rooms","phx_leave",{}]"#
        ]
    );
    let again = script.command(Command::List { request: ListRequest::default() });
    assert_eq!(again[1], r#"send ["4","5","rooms","list",{}]"#);
    let reply = |join_ref: u32, reference: u32, response: &str| {
        format!(
            r#"["{join_ref}","{reference}","rooms","phx_reply",{{"status":"ok","response":{response}}}]"#
        )
    };
    assert_eq!(script.receive(&reply(1, 1, "{}")), [""; 0]);
    let rooms = r#"{"rooms":[{"name":"ops","here":2,"topic":"a\u001bll"},{"name":" bad","here":1},{"name":"lobby","here":1,"new":1}],"more":true}"#;
    assert_eq!(script.receive(&reply(1, 2, rooms)), ["2 listed #ops 2 all, #lobby 1 - and more"]);
    assert_eq!(script.receive(&reply(1, 3, "{}")), [""; 0]);
    assert_eq!(script.receive(r#"["1","1","rooms","phx_close",{}]"#), [""; 0]);
    let unmatched = r#"[null,"5","rooms","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]"#;
    assert_eq!(script.receive(unmatched), ["3 failed: refused: unmatched topic"]);
    let lost = script.command(Command::List { request: ListRequest::default() });
    assert_eq!(lost.len(), 3);
    let dropped = script.handle(Input::Dropped { reason: "reset".to_owned() });
    assert!(dropped[0].starts_with("4 failed: the connection broke"), "{dropped:?}");
}

#[test]
fn a_quiet_session_is_told_who_is_there_when_it_joins() {
    let mut script = Script::new();
    script.open();
    assert_eq!(
        join_as(&mut script, Mode::Quiet),
        [r#"send ["1","1","room:lobby","phx_join",{"presence":true,"resumable":true}]"#]
    );
    let helo = r#"send ["1","2","room:lobby","client_helo",{"name":"ada","mode":"quiet"}]"#;
    assert_eq!(script.receive(&joined("1")), [helo]);
    let bob = metas(BOB, "bob");
    script.receive(&format!(r#"["1",null,"room:lobby","presence_state",{{{bob}}}]"#));
    let entered = ["1 welcomed as ada", "entered as ada with ada bob"];
    assert_eq!(script.receive(&welcome("1", "2", ADA, "ada")), entered);
    assert_eq!(script.peek(), ["2 saw 1"]);
    let said = format!(
        r#"["1",null,"room:lobby","client_response",{{"message":"hi","recipient":"{ADA}","client_session_id":"{BOB}","from":"c\u001bi"}}]"#
    );
    assert_eq!(script.receive(&said), ["responded hi, auto false, by ci"]);
}

#[test]
fn a_server_that_refuses_modes_is_told_of_none() {
    let mut script = Script::new();
    script.open();
    join_as(&mut script, Mode::Observer);
    let helo = r#"send ["1","2","room:lobby","client_helo",{"name":"ada","mode":"observer"}]"#;
    assert_eq!(script.receive(&joined("1")), [helo]);
    let refused = |reference: u32| {
        format!(
            r#"["1","{reference}","room:lobby","phx_reply",{{"status":"error","response":{{"reason":"invalid_payload"}}}}]"#
        )
    };
    let plain = r#"send ["1","3","room:lobby","client_helo",{"name":"ada"}]"#;
    assert_eq!(script.receive(&refused(2)), [plain]);
    let left = script.receive(&refused(3));
    assert!(left.contains(&"1 failed: refused: invalid_payload".to_owned()), "{left:?}");
}
