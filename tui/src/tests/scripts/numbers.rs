//! The numbers of buffers, and the bar and the pane that show them.

use super::super::play::{Stage, room};
use super::settled;
use crate::chat::buffer::Buffer;

/// The first row of the screen without the state of the connection.
fn bar(stage: &Stage) -> String {
    let text = stage.text();
    let row = text.lines().next().unwrap_or_default();
    row.split("ada ●").next().unwrap_or_default().trim_end().to_owned()
}

#[test]
fn a_buffer_keeps_its_number_until_it_is_closed() {
    let mut stage = settled();
    stage.arrives(9, "zoe");
    stage.line("/msg mira hi");
    stage.line("/join ops");
    stage.line("/buffer #lobby");
    assert_eq!(bar(&stage), "hullo ▏1 #lobby 4  3 #ops  2 mira  arrivals");
    stage.key("Alt+2");
    assert_eq!(bar(&stage), "hullo ▏1 #lobby  3 #ops  2 mira  arrivals");
    stage.line("/buffer 3");
    assert_eq!(stage.model.buffer().title(), "#ops");
    stage.key("Alt+2");
    stage.line("/close");
    stage.key("Alt+3");
    assert_eq!(stage.model.buffer().title(), "#ops");
    stage.key("Alt+2");
    stage.shows("no buffer has the number 2");
    assert_eq!(stage.model.buffer().title(), "#ops");
    stage.key("Alt+1");
    stage.line("/msg tomas hi");
    stage.line("/buffer");
    stage.shows("1 #lobby (4 here)");
    let numbered = |buffer: &Buffer| format!("{:?} {}", buffer.number, buffer.title());
    let all: Vec<String> = stage.model.buffers.iter().map(numbered).collect();
    assert_eq!(all, ["Some(1) #lobby", "Some(3) #ops", "Some(2) tomas", "None arrivals"]);
}

/// In six rooms; the current one is the first.
fn in_rooms(width: u16, height: u16) -> Stage {
    let mut stage = Stage::among(width, height, &[]);
    for name in ["design", "kitchen", "late-night", "ops", "reading"] {
        stage.model.open_room(&room(name));
        stage.enter(name, &[]);
    }
    stage
}

#[test]
fn a_bar_that_is_cut_says_how_many_are_missing() {
    let mut stage = in_rooms(60, 20);
    assert_eq!(bar(&stage), "hullo ▏1 #lobby 1  2 #design  3 #kitchen  +3");
    stage.key("Alt+4");
    assert_eq!(bar(&stage), "hullo ▏+2  3 #kitchen  4 #late-night 1  5 #ops  +1");
    stage.key("Alt+6");
    assert_eq!(bar(&stage), "hullo ▏+3  4 #late-night  5 #ops  6 #reading 1");
}

#[test]
fn a_pane_that_is_cut_shows_the_current_room_and_how_many_are_missing() {
    let mut stage = in_rooms(100, 8);
    let pane = |stage: &Stage| -> Vec<String> {
        let text = stage.text();
        let rows = text.lines().skip(1).take_while(|row| row.contains('│'));
        rows.map(|row| row.split('│').next().unwrap_or_default().trim_end().to_owned()).collect()
    };
    assert_eq!(pane(&stage), [" ROOMS", " ▸ 1 #lobby", "   2 #design", "   3 #kitchen", " +3"]);
    stage.key("Alt+6");
    let shown = ["   3 #kitchen", "   4 #late-night", "   5 #ops", " ▸ 6 #reading", " +2"];
    assert_eq!(pane(&stage), shown);
}
