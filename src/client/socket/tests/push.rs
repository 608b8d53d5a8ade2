//! Pushes: settled, or waiting.

use super::{ADA, Script, joined, welcome};

#[test]
fn a_push_is_settled_by_its_reply() {
    let mut script = Script::entered();
    assert_eq!(
        script.say("hi"),
        [r#"send ["1","3","room:lobby","client_broadcast",{"message":"hi","msg_id":"m0"}]"#]
    );
    let ok = r#"["1","3","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(ok), ["2 done"]);
    assert_eq!(script.receive(ok), [""; 0]);
}

#[test]
fn a_push_without_a_reply_fails_in_time() {
    let mut script = Script::entered();
    script.say("hi");
    assert_eq!(script.pass(9), [""; 0]);
    assert_eq!(script.pass(1), ["2 failed: the server did not answer in time"]);
}

#[test]
fn pushes_wait_until_the_room_is_entered() {
    let mut script = Script::new();
    script.open();
    script.join();
    assert_eq!(script.say("early"), [""; 0]);
    script.receive(&joined("1"));
    assert_eq!(
        script.receive(&welcome("1", "2", ADA, "ada")),
        [
            "1 welcomed as ada",
            "entered as ada with ada",
            r#"send ["1","3","room:lobby","client_broadcast",{"message":"early","msg_id":"m0"}]"#,
        ]
    );
}

#[test]
fn a_push_that_is_refused_fails() {
    let mut script = Script::entered();
    script.respond("hi", false);
    let refused = r#"["1","3","room:lobby","phx_reply",{"status":"error","response":{"reason":"unknown_recipient"}}]"#;
    assert_eq!(script.receive(refused), ["2 failed: refused: unknown_recipient"]);
}

fn ok(reference: u64) -> String {
    format!(r#"["1","{reference}","room:lobby","phx_reply",{{"status":"ok","response":{{}}}}]"#)
}

fn too_many(reference: u64, wait: u64) -> String {
    format!(
        r#"["1","{reference}","room:lobby","phx_reply",{{"status":"error","response":{{"reason":"rate_limited","retry_after_ms":{wait}}}}}]"#
    )
}

#[test]
fn pushes_that_are_too_many_are_sent_again_in_order_at_the_pace_of_the_server() {
    let mut script = Script::entered();
    for text in ["a", "b", "c"] {
        script.say(text);
    }
    assert_eq!(script.receive(&ok(3)), ["2 done"]);
    assert_eq!(script.receive(&too_many(4, 100)), [""; 0]);
    assert_eq!(script.receive(&too_many(5, 120)), [""; 0]);
    assert_eq!(script.say("d"), [""; 0]);
    assert_eq!(
        script.respond("beside", true),
        ["6 failed: refused: rate_limited; try again in 120 ms"]
    );
    assert_eq!(script.pass_millis(119), [""; 0]);
    let sent = |reference: u64, text: &str, id: u64| {
        [format!(
            r#"send ["1","{reference}","room:lobby","client_broadcast",{{"message":"{text}","msg_id":"m{id}"}}]"#
        )]
    };
    assert_eq!(script.pass_millis(1), sent(6, "b", 1));
    assert_eq!(script.pass_millis(100), [""; 0]); // one at a time
    assert_eq!(script.receive(&ok(6)), [&["3 done".to_owned()], &sent(7, "c", 2)[..]].concat());
    assert_eq!(script.receive(&too_many(7, 30)), [""; 0]);
    assert_eq!(script.pass_millis(30), sent(8, "c", 2));
    assert_eq!(script.receive(&ok(8)), ["4 done"]);
    assert_eq!(script.pass_millis(49), [""; 0]); // twice as slow since then
    assert_eq!(script.pass_millis(1), sent(9, "d", 3));
    assert_eq!(script.receive(&ok(9)), ["5 done"]);
    assert_eq!(script.say("e"), sent(10, "e", 4)); // as fast as ever
}

#[test]
fn no_more_than_256_pushes_are_under_way_whatever_the_backlog_may_hold() {
    let mut script = Script::entered();
    script.socket.options.backlog = 1000;
    for _ in 0..256 {
        assert_eq!(script.say("x").len(), 1);
    }
    assert_eq!(script.say("x"), [""; 0]);
    assert_eq!(script.receive(&ok(3)).len(), 2);
}

#[test]
fn no_more_than_256_pushes_wait() {
    let mut script = Script::entered();
    script.drop_connection();
    for _ in 0..256 {
        assert_eq!(script.say("x"), [""; 0]);
    }
    assert_eq!(script.say("x"), ["258 failed: too many pushes are waiting for the server"]);
}
