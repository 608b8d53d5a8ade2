//! Hundreds arrive.

use super::settled;
use crate::core::event::{Effect, Event};

#[test]
fn a_flood_is_one_line_that_counts_and_ends_in_a_sum() {
    let mut stage = settled();
    stage.line("/watch jo");
    stage.event(Event::Focused(false));
    stage.effects();
    for n in 0..300_u64 {
        stage.wait(10);
        stage.arrives(u128::from(1000 + n), if n == 250 { "jo" } else { "somebody" });
    }
    stage.shows("⚠ busy");
    stage.shows("people you know: jo");
    let answers = stage.deeds();
    assert!(answers.iter().all(|effect| matches!(effect, Effect::Answer { .. })), "nothing rings");
    let late =
        answers.iter().filter(|effect| matches!(effect, Effect::Answer { jitter: true, .. }));
    assert!((4..=16).contains(&late.count()), "five a second, and five at first");
    for _ in 0..20 {
        stage.wait(500);
    }
    stage.hides("⚠ busy");
    stage.shows("arrived in");
    assert_eq!(stage.model.buffer().unread, 0);
    let told: usize = stage.model.buffers.iter().map(|buffer| buffer.log.newest().count()).sum();
    assert!(told >= 300, "the list of arrivals has every one of them");
    stage.arrives(9, "zoe");
    stage.hides("⚠ busy");
}

#[test]
fn enter_in_a_flood_lists_who_pours_in() {
    let mut stage = settled();
    for n in 0..300_u64 {
        stage.wait(10);
        stage.arrives(u128::from(1000 + n), "somebody");
    }
    stage.shows("Enter: list");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().title(), "arrivals");
    stage.shows("⚠ busy");
}
