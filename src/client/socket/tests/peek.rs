//! Peeking at the presence of a room, alone and beside a join of the same room.

use super::{ADA, Script, joined, presence_state, welcome};

const JOIN_FOR_PEEK: &str = r#"send ["1","1","room:lobby","phx_join",{"presence":true}]"#;

#[test]
fn a_peek_joins_takes_the_presence_and_leaves() {
    let mut script = Script::new();
    script.open();
    assert_eq!(script.peek(), [JOIN_FOR_PEEK]);
    assert_eq!(script.receive(&joined("1")), [""; 0]);
    assert_eq!(
        script.receive(&presence_state("1")),
        ["1 saw 2", r#"send ["1","2","room:lobby","phx_leave",{}]"#]
    );
    script.drop_connection();
    assert_eq!(script.peek(), ["2 failed: there is no connection to the server"]);
}

#[test]
fn a_peek_that_times_out_leaves_the_room() {
    let mut script = Script::new();
    script.open();
    script.peek();
    script.receive(&joined("1"));
    assert_eq!(
        script.pass(10),
        [
            "1 failed: the server did not answer in time",
            r#"send ["1","2","room:lobby","phx_leave",{}]"#
        ]
    );
    assert_eq!(script.receive(&presence_state("1")), [""; 0]);
}

#[test]
fn a_peek_during_a_join_waits_for_it() {
    let mut script = Script::new();
    script.open();
    script.join();
    assert_eq!(script.peek(), [""; 0]);
    script.receive(&joined("1"));
    assert_eq!(script.peek(), [""; 0]);
    script.receive(&presence_state("1"));
    assert_eq!(
        script.receive(&welcome("1", "2", ADA, "ada")),
        ["1 welcomed as ada", "entered as ada with ada bob", "2 saw 2", "3 saw 2"]
    );
}

#[test]
fn a_peek_in_a_room_without_a_state_yet_waits_for_it() {
    let mut script = Script::entered();
    assert_eq!(script.peek(), [""; 0]);
    assert_eq!(script.receive(&presence_state("1")), ["changed +2 -0 ~0", "2 saw 2"]);
    assert_eq!(script.peek(), ["3 saw 2"]);
}

#[test]
fn a_join_during_a_peek_takes_the_peek_over() {
    let mut script = Script::new();
    script.open();
    script.peek();
    assert_eq!(script.join(), [r#"send ["2","2","room:lobby","phx_join",{"resumable":true}]"#]);
    script.receive(&joined("1"));
    script.receive(&joined("2"));
    assert_eq!(script.receive(r#"["1","1","room:lobby","phx_close",{}]"#), [""; 0]);
    assert_eq!(script.receive(&presence_state("1")), [""; 0]);
    script.receive(&presence_state("2"));
    assert_eq!(
        script.receive(&welcome("2", "3", ADA, "ada")),
        ["2 welcomed as ada", "entered as ada with ada bob", "1 saw 2"]
    );
}

#[test]
fn a_peek_outlives_the_join_that_it_waited_for() {
    let mut script = Script::new();
    script.open();
    script.join();
    script.peek();
    let full =
        r#"["1","1","room:lobby","phx_reply",{"status":"error","response":{"reason":"full"}}]"#;
    assert_eq!(
        script.receive(full),
        [
            "1 failed: refused: full",
            "left: Refused(Refused(Full))",
            r#"send ["2","2","room:lobby","phx_join",{"presence":true}]"#,
        ]
    );
    assert_eq!(
        script.pass(10),
        [
            "2 failed: the server did not answer in time",
            r#"send ["2","3","room:lobby","phx_leave",{}]"#
        ]
    );
}

#[test]
fn a_peek_waits_no_longer_than_any_request() {
    let mut script = Script::entered();
    script.peek();
    assert_eq!(script.pass(9), [""; 0]);
    assert_eq!(script.pass(1), ["2 failed: the server did not answer in time"]);
}
