//! The program's own log on the screen.

use super::settled;
use crate::chat::buffer::Buffer;
use crate::core::event::{Effect, Event};
use crate::entry::system::Severity;
use crate::tests::play::Stage;

fn logged(text: &str) -> Event {
    Event::Logged(Severity::Info, text.into())
}

fn open() -> Stage {
    let mut stage = settled();
    stage.line("/debug");
    assert_eq!(stage.deeds(), [Effect::Debug(true)]);
    stage
}

#[test]
fn the_log_is_a_list_that_is_never_unread_and_ends_when_it_is_left() {
    let mut stage = open();
    stage.shows("hullo's own log from now on · /debug off hides it");
    stage.event(logged("DEBUG app: types\u{1b}[2J\nand more"));
    stage.shows("09:40:10.000 DEBUG app: types[2J / and more");
    stage.event(Event::Logged(Severity::Warning, "WARN  hullo: odd".into()));
    stage.shows("⚠ 09:40:10.000 WARN  hullo: odd");
    stage.line("/buffer 1");
    stage.event(logged("one more"));
    assert_eq!((stage.model.buffers[1].unread, stage.deeds()), (0, Vec::new()));
    stage.key("Alt+a");
    stage.shows("nothing is new elsewhere");
    stage.line("/debug");
    stage.shows("one more");
    assert_eq!(stage.deeds(), []);
    stage.line("/leave");
    assert_eq!((stage.deeds(), stage.model.buffers.len()), (vec![Effect::Debug(false)], 1));
    stage.event(logged("late"));
    assert_eq!(stage.model.buffers.len(), 1);
    stage.line("/debug off");
    stage.shows("the log is not shown");
    stage.line("/debug on");
    stage.line("/buffer 1");
    stage.deeds();
    stage.line("/debug off");
    assert_eq!((stage.deeds(), stage.model.buffers.len()), (vec![Effect::Debug(false)], 1));
}

#[test]
fn a_thousand_lines_are_kept_and_what_is_read_stays() {
    let mut stage = open();
    for n in 0..900 {
        stage.event(logged(&format!("line {n}")));
    }
    stage.key("PgUp");
    let read = stage.text();
    for n in 900..1100 {
        stage.event(logged(&format!("line {n}")));
    }
    assert_eq!(read.contains("line 870"), stage.text().contains("line 870"));
    assert_eq!(stage.model.buffers[1].log.newest().count(), 1000);
    stage.key("Home");
    stage.shows("line 100");
    stage.key("End");
    stage.shows("line 1099");
}

#[test]
fn lists_stand_in_one_order_behind_all_that_one_talks_in() {
    let mut stage = open();
    stage.said(2, "ada: hi");
    stage.arrives(9, "zoe");
    stage.responded(2, "psst", false);
    let titles: Vec<String> = stage.model.buffers.iter().map(Buffer::title).collect();
    assert_eq!(titles, ["#lobby", "mira", "mentions", "arrivals", "debug"]);
}
