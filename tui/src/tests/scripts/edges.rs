//! What only long scripts come across.

use super::super::play::Stage;
use super::settled;
use crate::event::{Effect, Event};

#[test]
fn nobody_is_undisturbed_for_longer_than_clocks_go() {
    let mut stage = Stage::among(80, 24, &["mira"]);
    stage.line("/dnd 400000000000y");
    stage.shows("/dnd needs");
    assert_eq!(stage.model.dnd_until, None);
}

#[test]
fn people_are_listed_on_a_screen_of_one_column() {
    let mut stage = Stage::among(1, 5, &["mira"]);
    stage.key("F4");
    assert_eq!(stage.screen().buffer().area.width, 1);
}

/// With more in the log than there is room for, and scrolled up.
fn scrolled_up() -> Stage {
    let mut stage = settled();
    for _ in 0..30 {
        stage.said(2, "hi");
    }
    stage.key("PgUp");
    stage
}

#[test]
fn whoever_sends_from_further_up_has_seen_the_newest() {
    let mut stage = scrolled_up();
    stage.said(2, "ada: look");
    assert_eq!(stage.model.buffer().unread, 1);
    stage.line("yes?");
    assert_eq!((stage.model.buffer().unread, stage.model.buffer().mentions), (0, 0));
}

#[test]
fn whoever_looks_further_up_has_not_seen_the_newest() {
    let mut stage = scrolled_up();
    stage.event(Event::Focused(false));
    stage.said(2, "ada: look");
    stage.event(Event::Focused(true));
    assert_eq!(stage.model.buffer().mentions, 1);
    stage.key("End");
    assert_eq!(stage.model.buffer().mentions, 0);
}

#[test]
fn what_is_due_is_done_whatever_comes_first() {
    let mut stage = settled();
    stage.line("/dnd for 1m");
    stage.effects();
    stage.millis += 61_000;
    stage.said(2, "hi");
    assert!(matches!(&*stage.effects(), [Effect::SetStatus { .. }]));
    assert_eq!(stage.model.dnd_until, None);
}
