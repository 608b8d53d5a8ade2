//! The connection: lost, silent, and made anew.

use std::time::Duration;

use super::super::{Command, Input};
use super::{ADA, BOB, Script, joined, welcome};

#[test]
fn a_lost_connection_is_made_anew_with_helo_and_what_waited() {
    let mut script = Script::entered();
    script.say("under way");
    assert_eq!(
        script.drop_connection(),
        [
            "2 failed: the connection broke before the server answered; the push may have been delivered",
            "offline: reset"
        ]
    );
    assert_eq!(script.say("meanwhile"), [""; 0]);
    assert_eq!(script.pass(1), ["connect"]);
    assert_eq!(
        script.open(),
        ["online", r#"send ["4","4","room:lobby","phx_join",{"resumable":true}]"#]
    );
    script.receive(&joined("4"));
    assert_eq!(
        script.receive(&welcome("4", "5", BOB, "ada")),
        [
            "gap",
            "entered as ada with ada",
            r#"send ["4","6","room:lobby","client_broadcast",{"message":"meanwhile","msg_id":"m1"}]"#
        ]
    );
}

#[test]
fn what_is_worth_nothing_later_does_not_wait_for_a_connection() {
    let mut script = Script::entered();
    script.drop_connection();
    let outputs = script.respond("too late", true);
    assert_eq!(outputs, ["2 failed: there is no connection to the server"]);
}

#[test]
fn a_broken_channel_is_joined_again_later_and_later() {
    let mut script = Script::entered();
    assert_eq!(
        script.receive(r#"["1","1","room:lobby","phx_error",{"reason":"channel_crash"}]"#),
        [""; 0]
    );
    assert_eq!(script.pass(1), [r#"send ["3","3","room:lobby","phx_join",{"resumable":true}]"#]);
    let no_answer = script.pass(12);
    assert_eq!(no_answer, [r#"send ["4","4","room:lobby","phx_join",{"resumable":true}]"#]);
}

#[test]
fn a_silent_server_is_asked_twice_and_given_up_after_30_s() {
    let mut script = Script::entered();
    assert_eq!(script.pass(14), [""; 0]);
    assert_eq!(script.pass(1), [r#"send [null,"3","phoenix","heartbeat",{}]"#]);
    script.receive(r#"[null,"3","phoenix","phx_reply",{"status":"ok","response":{}}]"#);
    assert_eq!(script.pass(15), [r#"send [null,"4","phoenix","heartbeat",{}]"#]);
    assert_eq!(script.pass(8), [r#"send [null,"5","phoenix","heartbeat",{}]"#]);
    assert_eq!(script.pass(6), [""; 0]);
    assert_eq!(script.pass(1)[..2], ["disconnect", "offline: the server stopped answering"]);
}

#[test]
fn joins_and_heartbeats_tell_how_long_the_server_took() {
    let mut script = Script::new();
    script.open();
    script.join();
    script.now += Duration::from_millis(12);
    assert_eq!(script.handle_all(Input::Received(&joined("1")))[0], "took 12 ms");
    script.receive(&welcome("1", "2", ADA, "ada"));
    script.pass(15);
    script.now += Duration::from_millis(30);
    let pong = r#"[null,"3","phoenix","phx_reply",{"status":"ok","response":{}}]"#;
    let late = script.handle_all(Input::Received(pong));
    assert!(late[0].starts_with("took "), "{late:?}");
}

#[test]
fn whoever_only_hears_still_sends_a_heartbeat() {
    let mut script = Script::entered();
    let broadcast = format!(
        r#"[null,null,"room:lobby","client_broadcast",{{"message":"x","client_session_id":"{BOB}"}}]"#
    );
    let mut sent = Vec::new();
    for _ in 0..59 {
        script.receive(&broadcast);
        sent.extend(script.pass(1));
    }
    assert_eq!(sent, [r#"send [null,"3","phoenix","heartbeat",{}]"#]);
}

#[test]
fn asked_to_reconnect_it_does_at_once() {
    let mut script = Script::entered();
    script.drop_connection();
    assert_eq!(script.command(Command::Reconnect), ["connect", "2 done"]);
    script.open();
    assert_eq!(
        script.command(Command::Reconnect),
        ["disconnect", "offline: reconnecting as asked", "connect", "3 done"]
    );
}
