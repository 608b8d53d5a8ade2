//! The rate of pushes: refused first, and then the end of the socket.

use super::script::{Stage, limits, rules};
use crate::connection::meter::Limits;
use crate::rate::Rate;

fn limited() -> Stage {
    let limits = Limits {
        session_pushes: Rate::per_second(50),
        connection_pushes: Rate::per_second(100),
        ..limits()
    };
    Stage::new(rules(), limits)
}

#[test]
fn too_many_pushes_are_refused_and_going_on_ends_the_socket() {
    let mut stage = limited();
    stage.enter("ada", "room:r"); // its helo is the first of 200
    let push = r#"["1","9","room:r","client_broadcast",{"message":"x"}]"#;
    let ok = r#"ada< ["1","9","room:r","phx_reply",{"status":"ok","response":{}}]"#;
    for _ in 0..199 {
        assert_eq!(stage.say("ada", push), [ok]);
    }
    let refused = r#"ada< ["1","9","room:r","phx_reply",{"status":"error","response":{"reason":"rate_limited","retry_after_ms":40}}]"#;
    assert_eq!(stage.say("ada", push), [refused]);

    // another session on the same socket, and the socket itself, pay for themselves
    stage.enter("ada", "room:other");
    let beat = r#"[null,"1","phoenix","heartbeat",{}]"#;
    assert!(stage.say("ada", beat)[0].contains(r#""status":"ok""#));

    for _ in 0..198 {
        assert!(stage.say("ada", push)[0].contains("rate_limited"));
    }
    assert_eq!(stage.say("ada", push), ["ada! 1008 rate limited"]);
}

#[test]
fn joining_anew_is_no_way_around_the_rate() {
    let mut stage = limited();
    stage.enter("ada", "room:r");
    for _ in 0..198 {
        stage.say("ada", r#"["1","9","room:r","client_broadcast",{"message":"x"}]"#);
    }
    stage.check(
        r#"
        ada> ["1","10","room:r","phx_leave",{}]
        ada< ["1","10","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< ["1","1","room:r","phx_close",{}]
        ada> ["11","11","room:r","phx_join",{}]
        ada< ["11","11","room:r","phx_reply",{"status":"error","response":{"reason":"rate_limited","retry_after_ms":40}}]
        +1
        ada> ["12","12","room:r","phx_join",{}]
        ada< ["12","12","room:r","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn a_leave_is_never_refused_and_still_no_way_around_the_rate() {
    let mut stage = limited();
    stage.enter("ada", "room:r");
    for _ in 0..220 {
        stage.say("ada", r#"["1","9","room:r","client_broadcast",{"message":"x"}]"#);
    }
    stage.check(
        r#"
        ada> ["1","10","room:r","phx_leave",{}]
        ada< ["1","10","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< ["1","1","room:r","phx_close",{}]
        ada> ["11","11","room:r","phx_join",{}]
        ada< ["11","11","room:r","phx_reply",{"status":"error","response":{"reason":"rate_limited","retry_after_ms":480}}]
        "#,
    );
}

#[test]
fn what_belongs_to_no_session_is_charged_to_the_socket() {
    let mut stage = limited();
    stage.enter("ada", "room:r"); // its join is the first of 200
    let late = r#"["old","9","room:r","client_broadcast",{"message":"x"}]"#;
    for _ in 0..199 {
        assert_eq!(stage.say("ada", late), [""; 0]);
    }
    let beat = r#"[null,"1","phoenix","heartbeat",{}]"#;
    assert!(stage.say("ada", beat)[0].contains("rate_limited"));
    assert_eq!(stage.say("ada", late), [""; 0]);
    let join = r#"["2","2","room:x","phx_join",{}]"#;
    assert!(stage.say("ada", join)[0].starts_with(r#"ada< ["2","2","room:x","phx_reply""#));
    for _ in 0..196 {
        stage.say("ada", late);
    }
    assert_eq!(stage.say("ada", late), ["ada! 1008 rate limited"]);
}
