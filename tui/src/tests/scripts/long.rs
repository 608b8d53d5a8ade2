//! Long messages: pasted, and of others.

use super::super::play::Stage;
use super::{say, settled};
use crate::core::event::Event;

fn lines(count: usize) -> String {
    (1..=count).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_long_paste_is_sent_at_the_second_enter() {
    let mut stage = settled();
    stage.event(Event::Pasted(lines(6)));
    stage.shows("6 lines pasted");
    stage.key("Enter");
    assert_eq!(stage.deeds(), []);
    stage.shows("6 lines · Enter again sends them");
    stage.key("Enter");
    assert_eq!(stage.deeds(), [say(1, &lines(6))]);
    stage.event(Event::Pasted(lines(5)));
    stage.key("Enter");
    assert_eq!(stage.deeds(), [say(2, &lines(5))]);
}

#[test]
fn a_long_paste_that_was_thrown_away_asks_nothing() {
    let mut stage = settled();
    stage.event(Event::Pasted(lines(6)));
    stage.key("Ctrl+c");
    stage.line("hi");
    assert_eq!(stage.deeds(), [say(1, "hi")]);
}

/// What the log shows of a message.
fn shown(stage: &Stage) -> Vec<String> {
    let text = stage.text();
    let rows = text.lines().filter(|row| row.contains("line ") || row.contains("more rows"));
    let rows = rows.map(|row| row.split('│').next().unwrap_or_default());
    rows.map(|row| row.trim_start_matches([' ', '0', '9', ':', '4']).trim_end().to_owned())
        .collect()
}

#[test]
fn a_long_message_is_folded() {
    let mut stage = Stage::among(80, 40, &["mira", "tomas"]);
    stage.wait(10_000);
    stage.said(2, &lines(12));
    assert_eq!(shown(&stage).len(), 12);
    stage.line("/clear");
    stage.said(2, &lines(13));
    let folded = [
        "mira     line 1",
        "line 2",
        "line 3",
        "line 4",
        "line 5",
        "line 6",
        "line 7",
        "line 8",
        "… 5 more rows · Alt+↑ selects, e expands",
    ];
    assert_eq!(shown(&stage), folded);
    stage.key("Alt+Up");
    stage.shows("e expand");
    stage.key("e");
    assert_eq!(shown(&stage).len(), 13);
    stage.shows("e fold");
    stage.key("e");
    assert_eq!(shown(&stage), folded);
    stage.key("Enter");
    assert_eq!(shown(&stage).len(), 13);
    stage.key("Esc");
    stage.line("/clear");
    stage.event(Event::Edited(lines(13)));
    stage.key("Enter");
    assert_eq!(shown(&stage).len(), 13, "our own are not folded");
}
