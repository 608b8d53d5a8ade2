//! Pushes: settled, or waiting.

use super::{ADA, Script, joined, welcome};

#[test]
fn a_push_is_settled_by_its_reply() {
    let mut script = Script::entered();
    assert_eq!(
        script.say("hi"),
        [r#"send ["1","3","room:lobby","client_broadcast",{"message":"hi"}]"#]
    );
    script.say("ho");
    let refused = r#"["1","4","room:lobby","phx_reply",{"status":"error","response":{"reason":"rate_limited","retry_after_ms":20}}]"#;
    assert_eq!(script.receive(refused), ["3 failed: refused: rate_limited; try again in 20 ms"]);
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
            r#"send ["1","3","room:lobby","client_broadcast",{"message":"early"}]"#,
        ]
    );
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
