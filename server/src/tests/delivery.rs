//! Busy rooms gather, presence is merged, and whoever falls too far behind is told so.

use std::time::Duration;

use super::script::{Stage, limits, rules};
use crate::room::Rules;

const SAY: &str = r#"["1","9","room:r","client_broadcast",{"message":"x"}]"#;

fn count(lines: &[String], who: &str, event: &str) -> usize {
    let lines = lines.iter().filter(|line| line.starts_with(&format!("{who}< ")));
    lines.filter(|line| line.contains(&format!(r#","{event}","#))).count()
}

#[test]
fn a_calm_room_tells_at_once_and_a_busy_one_at_the_tick() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    stage.enter("bob", "room:r");
    stage.passed += Duration::from_secs(1);
    let at_once = (0..20).map(|_| count(&stage.say("ada", SAY), "bob", "client_broadcast"));
    let at_once: Vec<usize> = at_once.collect();
    assert_eq!(at_once[..10], [1; 10], "a few are no reason to wait");
    assert_eq!(at_once[10..], [0; 10]);
    assert_eq!(count(&stage.tick(), "bob", "client_broadcast"), 10);

    // once there are many, nobody waits for the tick
    let told: Vec<usize> =
        (0..16).map(|_| count(&stage.say("ada", SAY), "bob", "client_broadcast")).collect();
    assert_eq!(told.iter().sum::<usize>(), 16);
    assert_eq!(told[15], 16);
}

#[test]
fn a_message_for_one_does_not_wait_in_a_busy_room_and_takes_its_place() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    stage.enter("bob", "room:r");
    (0..12).for_each(|_| drop(stage.say("ada", SAY)));
    let told = stage
        .say("ada", r#"["1","9","room:r","client_response",{"message":"x","recipient":"<bob>"}]"#);
    assert!(told.last().unwrap().contains("client_response"), "{told:?}");
    assert!(told[told.len() - 2].contains("client_broadcast"), "{told:?}");
}

#[test]
fn many_changes_of_presence_become_one_diff() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    let mut diffs = 0;
    for at in 0..30 {
        diffs += count(&stage.enter(&format!("m{at}"), "room:r"), "ada", "presence_diff");
    }
    assert_eq!(diffs, 7, "the first few are told at once");
    stage.passed += Duration::from_millis(100);
    let merged = stage.tick();
    assert_eq!(count(&merged, "ada", "presence_diff"), 1);
    let is_diff = |line: &&String| line.starts_with("ada<") && line.contains("presence_diff");
    let diff = merged.iter().find(is_diff).unwrap();
    assert_eq!(diff.matches(r#""name""#).count(), 23, "{diff}");
}

/// A room in which changes of presence are merged, with ada in it.
fn merging() -> Stage {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    for _ in 0..7 {
        stage.say("ada", r#"["1","3","room:r","client_status",{"state":"here"}]"#);
    }
    stage
}

#[test]
fn a_message_never_comes_before_the_presence_of_its_sender() {
    let mut stage = merging();
    assert_eq!(count(&stage.enter("bob", "room:r"), "ada", "presence_diff"), 0);
    let told = stage.say("bob", SAY);
    assert_eq!(count(&told, "ada", "presence_diff"), 1);
    assert!(told.last().unwrap().contains("client_broadcast") || told.len() > 2, "{told:?}");
    let at =
        |event: &str| told.iter().position(|line| line.contains(event) && line.starts_with("ada"));
    assert!(at("presence_diff") < at("client_broadcast"), "{told:?}");
}

#[test]
fn in_a_small_room_presence_comes_before_the_reply_to_a_later_push() {
    let mut stage = merging();
    stage.enter("bob", "room:r");
    stage.gone("bob");
    let told = stage.say("ada", r#"["1","9","room:r","bogus",{}]"#);
    assert!(told[0].contains("presence_diff") && told[1].contains("phx_reply"), "{told:?}");
}

#[test]
fn who_came_and_went_between_two_diffs_is_told_only_if_a_state_has_shown_it() {
    let mut stage = merging();
    stage.enter("bob", "room:r");
    stage.say("bob", r#"["1","3","room:r","client_helo",{"name":"robert"}]"#);
    stage.gone("bob");
    stage.passed += Duration::from_millis(100);
    let told = stage.tick();
    // bob's own states have shown both of his names, so somebody could know them
    let diff = told.iter().find(|line| line.starts_with("ada<")).unwrap();
    assert!(diff.contains(r#""joins":{}"#), "{diff}");
    assert_eq!(diff.matches(r#""name""#).count(), 2, "{diff}");
}

#[test]
fn a_state_between_two_diffs_shows_what_is_not_told_yet() {
    let mut stage = merging();
    stage.enter("bob", "room:r");
    let told = stage.enter("cy", "room:r");
    let shown = told.iter().find(|line| line.contains("presence_state")).unwrap();
    assert!(shown.contains(r#""name":"bob""#) && shown.contains(r#""name":"cy""#), "{shown}");
    stage.passed += Duration::from_millis(100);
    let diff = stage.tick().into_iter().find(|line| line.starts_with("cy<")).unwrap();
    assert!(diff.contains(r#""name":"bob""#) && diff.contains(r#""leaves":{}"#), "{diff}");
}

#[test]
fn whom_the_log_laps_is_closed_and_others_are_not() {
    let mut stage = Stage::new(Rules { max_backlog_bytes: 10_000, ..rules() }, limits());
    for who in ["ada", "bob", "slow"] {
        stage.enter(who, "room:r");
    }
    stage.tick();
    let (bob, slow) = (stage.peer("bob"), stage.peer("slow"));
    let text = "x".repeat(500);
    let say = format!(r#"["1","9","room:r","client_broadcast",{{"message":"{text}"}}]"#);
    let mut heard = 0;
    for _ in 0..40 {
        stage.passed += Duration::from_millis(50); // who stands still is not waited for so long
        stage.push("ada", &say);
        stage.tick_only();
        heard += count(&stage.deliver_to(bob), "bob", "client_broadcast");
    }
    assert_eq!(heard, 40);
    assert_eq!(stage.deliver_to(slow), ["slow! 1013 too slow"]);
    stage.passed += Duration::from_secs(1);
    stage.tick_only();
    assert_eq!(count(&stage.deliver_to(bob), "bob", "presence_diff"), 1);
}

#[test]
fn a_member_that_goes_on_reading_is_waited_for() {
    let mut stage = Stage::new(Rules { max_backlog_bytes: 10_000, ..rules() }, limits());
    stage.enter("ada", "room:r");
    stage.enter("bob", "room:r");
    let bob = stage.peer("bob");
    let text = "x".repeat(500);
    let say = format!(r#"["1","9","room:r","client_broadcast",{{"message":"{text}"}}]"#);
    let replies: Vec<String> = (0..40).flat_map(|_| stage.push("ada", &say)).collect();
    let refused = replies.iter().filter(|reply| reply.contains("rate_limited")).count();
    assert!((10..30).contains(&refused), "{refused}");
    stage.tick_only();
    assert_eq!(count(&stage.deliver_to(bob), "bob", "client_broadcast"), 40 - refused);
    assert!(stage.push("ada", &say)[0].contains(r#""status":"ok""#));
}

#[test]
fn too_much_for_one_member_alone_closes_that_member() {
    let mut stage = Stage::new(Rules { max_direct_bytes: 10_000, ..rules() }, limits());
    stage.enter("ada", "room:r");
    stage.enter("slow", "room:r");
    let slow = stage.peer("slow");
    let text = "x".repeat(1000);
    let say = format!(
        r#"["1","9","room:r","client_response",{{"message":"{text}","recipient":"<slow>"}}]"#
    );
    for _ in 0..8 {
        stage.push("ada", &say);
    }
    assert_eq!(count(&stage.deliver_to(slow), "slow", "client_response"), 8);
    for _ in 0..9 {
        stage.passed += Duration::from_millis(200);
        stage.push("ada", &say);
    }
    assert_eq!(stage.deliver_to(slow), ["slow! 1013 too slow"]);
}

#[test]
fn only_the_newest_typing_waits_and_a_message_makes_it_old() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("ada", "room:r");
    stage.enter("bob", "room:r");
    let bob = stage.peer("bob");
    let typing = |is| format!(r#"["1",null,"room:r","client_typing",{{"typing":{is}}}]"#);
    stage.push("ada", &typing(true));
    stage.push("ada", &typing(false));
    let told = stage.deliver_to(bob);
    assert!(told.len() == 1 && told[0].contains(r#""typing":false"#), "{told:?}");
    stage.push("ada", &typing(true));
    stage.push("ada", SAY);
    let told = stage.deliver_to(bob);
    assert!(told.len() == 1 && told[0].contains("client_broadcast"), "{told:?}");
}

#[test]
fn a_full_room_and_a_full_server_say_so() {
    let mut stage = Stage::new(Rules { max_members: 1, ..rules() }, limits());
    stage.check(
        r#"
        ada> ["1","1","room:r","phx_join",{}]
        ada< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","1","room:r","phx_join",{}]
        bob< ["1","1","room:r","phx_reply",{"status":"error","response":{"reason":"full"}}]
        ada> ["2","2","room:r","phx_join",{}]
        ada< ["2","2","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< ["1","1","room:r","phx_close",{}]
        ada gone
        bob> ["2","2","room:r","phx_join",{}]
        bob< ["2","2","room:r","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn what_a_large_room_is_told_costs_more() {
    use crate::connection::meter::Limits;
    use crate::rate::Rate;
    let bytes = Rate::per_second(16 * 1024);
    let mut stage = Stage::new(rules(), Limits { bytes, ..limits() });
    stage.is_plain = true;
    for at in 0..400 {
        stage.enter(&format!("m{at}"), "room:r");
    }
    let status = r#"["1","3","room:r","client_status",{"state":"here"}]"#;
    let refused: Vec<bool> =
        (0..3).map(|_| stage.say("m399", status)[0].contains("rate_limited")).collect();
    assert_eq!(refused, [false, true, true]);
    let told = stage.say("m0", SAY);
    let reply = told.iter().find(|line| line.starts_with("m0<") && line.contains("phx_reply"));
    assert!(reply.unwrap().contains(r#""status":"ok""#));
}
