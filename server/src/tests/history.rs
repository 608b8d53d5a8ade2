//! What was said before one came.

use super::script::{Stage, limits, rules};
use crate::metrics::Snapshot;
use crate::room::Rules;

fn talk(stage: &mut Stage, messages: std::ops::Range<u32>) {
    for message in messages {
        stage.say(
            "ada",
            &format!(r#"["1","3","room:r","client_broadcast",{{"message":{message}}}]"#),
        );
    }
}

#[test]
fn a_newcomer_gets_the_newest_and_can_ask_for_more() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    talk(&mut stage, 0..2);
    stage.say("ada", r#"["1","4","room:r","client_helo",{"name":"ada l."}]"#);
    stage.passed += std::time::Duration::from_secs(5);
    talk(&mut stage, 2..3);
    stage.check(
        r#"
        bob> ["1","1","room:r","phx_join",{"history":2}]
        bob< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","2","room:r","client_history",{"history":9}]
        bob< ["1","2","room:r","phx_reply",{"status":"error","response":{"reason":"helo_required"}}]
        bob> ["1","3","room:r","client_helo",{"name":"bob"}]
        bob< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada l.","phx_ref":"@2","phx_ref_prev":"@1","online_at":"1000"}]},"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1005"}]}}]
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"bob","history":[["client_broadcast",{"message":1,"client_session_id":"<ada>","seq":3,"name":"ada","at":1000}],["client_broadcast",{"message":2,"client_session_id":"<ada>","seq":5,"name":"ada l.","at":1005}]]}}]
        ada< [null,null,"room:r","new_user",{"id":"<bob>","name":"bob"}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1005"}]}},"leaves":{}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@3","online_at":"1005"}]}},"leaves":{}}]
        bob> ["1","4","room:r","client_history",{"history":9,"before":3}]
        bob< ["1","4","room:r","phx_reply",{"status":"ok","response":{"history":[["client_broadcast",{"message":0,"client_session_id":"<ada>","seq":2,"name":"ada","at":1000}]]}}]
        bob> ["1","5","room:r","client_history",{"history":9,"before":2}]
        bob< ["1","5","room:r","phx_reply",{"status":"ok","response":{"history":[]}}]
        bob> ["1","6","room:r","client_history",{}]
        bob< ["1","6","room:r","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        "#,
    );
}

fn history(stage: &mut Stage, who: &str) -> Vec<u64> {
    stage.say(who, r#"["1","1","room:r","phx_join",{"history":1000}]"#);
    let lines = stage.say(who, r#"["1","2","room:r","client_helo",{"name":"x"}]"#);
    let reply = lines.iter().find(|line| line.contains("phx_reply")).unwrap();
    let reply: serde_json::Value = serde_json::from_str(reply.split_once("< ").unwrap().1).unwrap();
    let history = reply[4]["response"]["history"].as_array().unwrap();
    history.iter().map(|past| past[1]["message"].as_u64().unwrap()).collect()
}

#[test]
fn it_is_bounded_by_number_and_can_be_turned_off() {
    for (most, expected) in [(3, vec![7, 8, 9]), (0, vec![])] {
        let mut stage = Stage::new(Rules { history: most, ..rules() }, limits());
        stage.enter("ada", "room:r");
        talk(&mut stage, 0..10);
        assert_eq!(history(&mut stage, "bob"), expected);
    }
}

#[test]
fn a_room_that_everybody_left_keeps_it_for_a_while() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    talk(&mut stage, 0..2);
    stage.gone("ada");
    let census = stage.rooms.census();
    assert_eq!((census.rooms, census.members), (0, 0));
    assert_eq!(census.history_bytes, census.kept_bytes);
    assert!(census.kept_bytes > 0);
    stage.check("+3599");
    assert_eq!(history(&mut stage, "bob"), [0, 1]);
    stage.gone("bob");
    stage.check("+3599"); // counted from when the last one left
    assert_eq!(history(&mut stage, "cy"), [0, 1]);
    stage.gone("cy");
    stage.check("+3600");
    assert_eq!(stage.rooms.census(), Snapshot::default());
    assert_eq!(history(&mut stage, "dan"), [0_u64; 0]);
}

#[test]
fn vacant_rooms_give_way_to_rooms_that_are_needed() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    talk(&mut stage, 0..2);
    stage.gone("ada");
    for number in 0..1000 {
        let lines = stage.say("bob", &format!(r#"["1","1","room:{number}","phx_join",{{}}]"#));
        if lines[0].contains("too many") {
            break;
        }
    }
    stage.limit_rooms(101);
    let lines = stage.say("cy", r#"["1","1","room:new","phx_join",{}]"#);
    assert!(lines[0].contains(r#""ok""#), "{lines:?}");
    assert_eq!(stage.rooms.census().history_bytes, 0);
    let lines = stage.say("cy", r#"["1","1","room:newer","phx_join",{}]"#);
    assert!(lines[0].contains(r#""full""#), "{lines:?}");
}
