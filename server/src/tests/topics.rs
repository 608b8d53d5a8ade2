//! What a room is about: who is told, who finds it, and how long it stays.

use super::script::{Stage, limits, rules};
use crate::room::Rules;

/// Ada and bob are here.
fn met(mut stage: Stage) -> Stage {
    stage.enter("ada", "room:r");
    stage.enter("bob", "room:r");
    if stage.store.is_some() {
        stage.answer_store(&Ok(()));
    }
    stage
}

#[test]
fn the_others_are_told_and_newcomers_find_it() {
    let mut stage = met(Stage::new(rules(), limits()));
    stage.check(
        r#"
        ada> ["1","3","room:r","client_topic",{"topic":" release\u202e on\nFriday\u0007 "}]
        ada< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< [null,null,"room:r","room_topic",{"topic":"release onFriday","client_session_id":"<ada>"}]

        # joined, but silent: is not told
        eve> ["1","1","room:r","phx_join",{}]
        eve< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        eve> ["1","2","room:r","client_topic",{"topic":"x"}]
        eve< ["1","2","room:r","phx_reply",{"status":"error","response":{"reason":"helo_required"}}]
        +5
        bob> ["1","3","room:r","client_topic",{"topic":"tea"}]
        bob< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","room_topic",{"topic":"tea","client_session_id":"<bob>"}]

        # under the name that it was set by, whoever bears which later
        bob> ["1","4","room:r","client_helo",{"name":"robert"}]
        bob< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<bob>":{"metas":[{"name":"robert","phx_ref":"@3","phx_ref_prev":"@2","online_at":"1000"}]}}]
        bob< ["1","4","room:r","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"robert","topic":{"text":"tea","by":"bob","at":1005}}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@3","phx_ref_prev":"@2","online_at":"1000"}]}},"leaves":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@3","phx_ref_prev":"@2","online_at":"1000"}]}},"leaves":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}}}]
        eve< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@3","phx_ref_prev":"@2","online_at":"1000"}]}},"leaves":{"<bob>":{"metas":[{"name":"bob","phx_ref":"@2","online_at":"1000"}]}}}]

        # an empty one takes it away
        ada> ["1","4","room:r","client_topic",{"topic":" \u200b "}]
        ada< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< [null,null,"room:r","room_topic",{"topic":"","client_session_id":"<ada>"}]
        bob> ["1","5","room:r","client_helo",{"name":"robert"}]
        bob< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]},"<bob>":{"metas":[{"name":"robert","phx_ref":"@4","phx_ref_prev":"@3","online_at":"1000"}]}}]
        bob< ["1","5","room:r","phx_reply",{"status":"ok","response":{"id":"<bob>","name":"robert"}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@4","phx_ref_prev":"@3","online_at":"1000"}]}},"leaves":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@3","phx_ref_prev":"@2","online_at":"1000"}]}}}]
        bob< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@4","phx_ref_prev":"@3","online_at":"1000"}]}},"leaves":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@3","phx_ref_prev":"@2","online_at":"1000"}]}}}]
        eve< [null,null,"room:r","presence_diff",{"joins":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@4","phx_ref_prev":"@3","online_at":"1000"}]}},"leaves":{"<bob>":{"metas":[{"name":"robert","phx_ref":"@3","phx_ref_prev":"@2","online_at":"1000"}]}}}]
        "#,
    );
}

/// Sets a topic; the answer.
fn set(stage: &mut Stage, topic: &str) -> String {
    let push = format!(r#"["1","3","room:r","client_topic",{{"topic":"{topic}"}}]"#);
    stage.say("ada", &push).remove(0)
}

#[test]
fn one_that_is_too_long_is_refused() {
    let mut stage = met(Stage::new(rules(), limits()));
    for (topic, fits) in [
        ("x".repeat(140), true),
        ("x".repeat(141), false),
        ("🙂".repeat(140), true), // 560 bytes
        ("🇵🇱".repeat(71), false), // 568 bytes
    ] {
        let answer = set(&mut stage, &topic);
        let expected = if fits { r#""status":"ok""# } else { "invalid_payload" };
        assert!(answer.contains(expected), "{answer}");
    }
    let refused = stage.say("ada", r#"["1","3","room:r","client_topic",{"topic":null}]"#);
    assert!(refused[0].contains("invalid_payload"), "{refused:?}");
}

/// The topic that somebody finds who joins now.
fn found(stage: &mut Stage, who: &str) -> Option<String> {
    let told = stage.enter(who, "room:r");
    let told = if stage.store.is_some() { stage.answer_store(&Ok(())) } else { told };
    let is_reply = |line: &&String| line.starts_with(who) && line.contains(r#"{"id":"#);
    let reply = told.iter().find(is_reply).unwrap_or_else(|| panic!("{told:#?}"));
    let reply: serde_json::Value = serde_json::from_str(reply.split_once("< ").unwrap().1).unwrap();
    reply[4]["response"]["topic"]["text"].as_str().map(str::to_owned)
}

#[test]
fn it_stays_for_a_while_after_everybody_has_left() {
    let mut stage = met(Stage::new(rules(), limits()));
    set(&mut stage, "tea");
    stage.gone("ada");
    stage.gone("bob");
    assert_eq!(found(&mut stage, "cy").as_deref(), Some("tea"));
    stage.gone("cy");
    stage.check("+3601");
    assert_eq!(found(&mut stage, "dan"), None);
}

#[test]
fn a_room_without_a_topic_and_without_history_is_gone_at_once() {
    let mut stage = met(Stage::new(Rules { history: 0, ..rules() }, limits()));
    set(&mut stage, "tea");
    set(&mut stage, "");
    stage.gone("ada");
    stage.gone("bob");
    assert_eq!(stage.rooms.count(), 0);
}

#[test]
fn who_comes_back_is_told_what_it_missed_once_and_in_its_place() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    stage.say("bob", r#"["1","1","room:r","phx_join",{"resumable":true}]"#);
    stage.say("bob", r#"["1","2","room:r","client_helo",{"name":"bob"}]"#);
    stage.check(
        r#"
        ada> ["1","3","room:r","client_topic",{"topic":"one"}]
        ada< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< [null,null,"room:r","room_topic",{"topic":"one","client_session_id":"<ada>","seq":4}]
        bob gone
        ada> ["1","4","room:r","client_broadcast",{"message":1}]
        ada< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","5","room:r","client_topic",{"topic":"two"}]
        ada< ["1","5","room:r","phx_reply",{"status":"ok","response":{}}]
        bob'> ["7","7","room:r","phx_join",{"resumable":true,"resume":{"token":"<token bob>","epoch":"<epoch 1>","seq":4}}]
        bob'< ["7","7","room:r","phx_reply",{"status":"ok","response":{"resumed":true,"id":"<bob>","name":"bob"}}]
        bob'< [null,null,"room:r","client_broadcast",{"message":1,"client_session_id":"<ada>","seq":5}]
        bob'< [null,null,"room:r","room_topic",{"topic":"two","client_session_id":"<ada>","seq":6}]

        # a push that is repeated takes effect once
        bob'> ["7","8","room:r","client_topic",{"topic":"three","msg_id":"00000000-0000-0000-0000-000000000001"}]
        bob'< ["7","8","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","room_topic",{"topic":"three","client_session_id":"<bob>"}]
        bob'> ["7","9","room:r","client_topic",{"topic":"three","msg_id":"00000000-0000-0000-0000-000000000001"}]
        bob'< ["7","9","room:r","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn with_a_store_nobody_is_told_before_it_is_safe() {
    let mut stage = met(Stage::with_store(rules(), limits()));
    stage.check(
        r#"
        ada> ["1","3","room:r","client_topic",{"topic":"one"}]
        commit
        ada< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]
        bob< [null,null,"room:r","room_topic",{"topic":"one","client_session_id":"<ada>"}]
        ada> ["1","4","room:r","client_topic",{"topic":"two"}]
        fail
        ada< ["1","4","room:r","phx_reply",{"status":"error","response":{"reason":"unavailable"}}]
        "#,
    );
    // Real time passes for the store, and the script's does not reach it.
    stage.passed += std::time::Duration::from_secs(60);
    assert_eq!(found(&mut stage, "cy").as_deref(), Some("one"));
    let kept = stage.store.clone().unwrap();
    let topics: Vec<_> = kept
        .kept
        .lock()
        .unwrap()
        .iter()
        .flat_map(|batch| batch.changes.clone())
        .filter_map(|change| match change {
            crate::store::Change::Topic(topic) => topic.map(|topic| (topic.text, topic.by)),
            _ => None,
        })
        .collect();
    assert_eq!(topics, [("one".to_owned(), "ada".to_owned())]);
}
