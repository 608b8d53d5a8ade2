//! The list of rooms.

use super::script::{Stage, limits, rules};
use crate::connection::meter::Limits;
use crate::rate::Rate;

#[test]
fn the_busiest_rooms_come_first_and_those_with_a_dot_do_not_come() {
    let mut stage = Stage::new(rules(), limits());
    for (who, room) in [
        ("a", "room:lobby"),
        ("b", "room:lobby"),
        ("c", "room:build"),
        ("d", "room:Aurora"),
        ("e", "room:.secret"),
        ("f", "room:ops"),
    ] {
        stage.enter(who, room);
    }
    stage.say("c", r#"["1","3","room:build","client_topic",{"topic":"all green in AURORA"}]"#);
    stage.say("silent", r#"["1","1","room:ops","phx_join",{}]"#);
    stage.say("left", r#"["1","1","room:empty","phx_join",{}]"#);
    stage.check(
        r#"
        ada> ["1","1","rooms","list",{}]
        ada< [null,"1","rooms","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]
        ada> ["1","2","rooms","phx_join",{}]
        ada< ["1","2","rooms","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","3","rooms","list",{}]
        ada< ["1","3","rooms","phx_reply",{"status":"ok","response":{"rooms":[{"name":"lobby","here":2},{"name":"Aurora","here":1},{"name":"build","here":1,"topic":"all green in AURORA"},{"name":"ops","here":1}],"more":false}}]
        ada> ["1","4","rooms","list",{"limit":1}]
        ada< ["1","4","rooms","phx_reply",{"status":"ok","response":{"rooms":[{"name":"lobby","here":2}],"more":true}}]
        ada> ["1","5","rooms","list",{"match":"aUrora","limit":9}]
        ada< ["1","5","rooms","phx_reply",{"status":"ok","response":{"rooms":[{"name":"Aurora","here":1},{"name":"build","here":1,"topic":"all green in AURORA"}],"more":false}}]
        ada> ["1","6","rooms","list",{"match":"secret"}]
        ada< ["1","6","rooms","phx_reply",{"status":"ok","response":{"rooms":[],"more":false}}]
        ada> ["1","7","rooms","list",{"limit":-1}]
        ada< ["1","7","rooms","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        a gone
        b< [null,null,"room:lobby","presence_diff",{"joins":{},"leaves":{"<a>":{"metas":[{"name":"a","phx_ref":"@1","online_at":"1000"}]}}}]
        b gone
        ada> ["1","8","rooms","list",{"match":"lobby"}]
        ada< ["1","8","rooms","phx_reply",{"status":"ok","response":{"rooms":[],"more":false}}]
        "#,
    );
}

#[test]
fn it_is_no_room_and_otherwise_a_channel_as_any() {
    Stage::new(rules(), Limits { max_channels: 1, ..limits() }).check(
        r#"
        ada> ["1","1","rooms","phx_join",{"presence":true,"resumable":true}]
        ada< ["1","1","rooms","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","2","rooms","client_helo",{"name":"ada"}]
        ada< ["1","2","rooms","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        ada> ["2","3","room:r","phx_join",{}]
        ada< ["2","3","room:r","phx_reply",{"status":"error","response":{"reason":"too many channels joined"}}]
        ada> ["9","4","rooms","list",{}]
        ada> [null,"5","rooms","list",{}]
        ada< ["1","5","rooms","phx_reply",{"status":"ok","response":{"rooms":[],"more":false}}]

        # a second join, and a session that nobody ever had
        ada> ["3","6","rooms","phx_join",{"resumable":true,"resume":{"token":"x","epoch":"y","seq":1}}]
        ada< ["3","6","rooms","phx_reply",{"status":"ok","response":{"resumed":false}}]
        ada< ["1","1","rooms","phx_close",{}]
        ada> ["3","7","rooms","phx_leave",{}]
        ada< ["3","7","rooms","phx_reply",{"status":"ok","response":{}}]
        ada< ["3","3","rooms","phx_close",{}]
        ada> ["3","8","rooms","list",{}]
        ada< [null,"8","rooms","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]
        ada> ["4","9","room:r","phx_join",{}]
        ada< ["4","9","room:r","phx_reply",{"status":"ok","response":{}}]
        ada> ["4","10","room:r","list",{}]
        ada< ["4","10","room:r","phx_reply",{"status":"error","response":{"reason":"unknown_event"}}]
        ada gone
        "#,
    );
}

#[test]
fn at_most_two_hundred_are_listed() {
    let mut stage = Stage::new(rules(), limits());
    for number in 0..201 {
        stage.enter(&format!("m{number}"), &format!("room:r{number:03}"));
    }
    stage.say("ada", r#"["1","1","rooms","phx_join",{}]"#);
    let answer = stage.say("ada", r#"["1","2","rooms","list",{"limit":1000}]"#).remove(0);
    assert!(answer.ends_with(r#"{"name":"r199","here":1}],"more":true}}]"#), "{answer}");
    assert_eq!(answer.matches(r#""here":1"#).count(), 200);
}

#[test]
fn asking_is_charged() {
    let bytes = Rate::per_second(16 * 1024);
    let mut stage = Stage::new(rules(), Limits { bytes, ..limits() });
    stage.say("ada", r#"["1","1","rooms","phx_join",{}]"#);
    let list = r#"["1","2","rooms","list",{}]"#;
    let answers: Vec<String> = (0..9).map(|_| stage.say("ada", list).remove(0)).collect();
    let ok = answers.iter().filter(|answer| answer.contains(r#""status":"ok""#)).count();
    assert_eq!(ok, 7, "{answers:?}");
    assert!(answers[8].contains("rate_limited"), "{answers:?}");
}
