//! What a server should not send.

use super::{ADA, BOB, Script, joined, welcome};

#[test]
fn what_cannot_be_read_is_skipped_and_told() {
    let mut script = Script::entered();
    for frame in [
        "hello",
        r#"["1",null,"room:lobby","presence_state",[]]"#,
        r#"["1",null,"room:lobby","presence_diff",{}]"#,
        r#"[null,null,"room:lobby","new_user",{"id":"nobody","name":"x"}]"#,
        r#"[null,null,"room:lobby","client_broadcast",{"message":"x"}]"#,
    ] {
        let outputs = script.receive(frame);
        assert!(matches!(&*outputs, [told] if told.starts_with("unreadable: ")), "{outputs:?}");
    }
    let broadcast = format!(
        r#"[null,null,"room:lobby","client_broadcast",{{"message":"x","client_session_id":"{BOB}"}}]"#
    );
    assert_eq!(script.receive(&broadcast), ["said x"]);
}

#[test]
fn a_push_whose_reply_cannot_be_read_fails_alone() {
    let mut script = Script::entered();
    script.say("hi");
    script.say("ho");
    let outputs = script.receive(r#"["1","3","room:lobby","phx_reply",{"status":"perhaps"}]"#);
    assert!(
        outputs[0].starts_with("2 failed: the answer of the server cannot be read"),
        "{outputs:?}"
    );
    assert!(outputs[1].starts_with("unreadable: phx_reply: "), "{outputs:?}");
    let ok = r#"["1","4","room:lobby","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(script.receive(ok), ["3 done"]);
}

#[test]
fn a_join_whose_reply_cannot_be_read_is_tried_again() {
    let mut script = Script::new();
    script.open();
    script.join();
    let outputs = script.receive(r#"["1","1","room:lobby","phx_reply",7]"#);
    assert!(matches!(&*outputs, [told] if told.starts_with("unreadable: ")), "{outputs:?}");
    assert_eq!(script.pass(1), [r#"send ["2","2","room:lobby","phx_join",{"resumable":true}]"#]);
    script.receive(&joined("2"));
    let outputs = script.receive(&welcome("2", "3", "nobody", "ada"));
    assert!(matches!(&*outputs, [told] if told.starts_with("unreadable: ")), "{outputs:?}");
    assert_eq!(script.pass(2), [r#"send ["4","4","room:lobby","phx_join",{"resumable":true}]"#]);
    script.receive(&joined("4"));
    assert_eq!(
        script.receive(&welcome("4", "5", ADA, "ada")),
        ["1 welcomed as ada", "entered as ada with ada"]
    );
}
