//! Completions above the line, and keys that are offered only where they do something.

use super::super::play::Stage;
use super::settled;

/// The rows of the frame above the line.
fn framed(stage: &Stage) -> Vec<String> {
    let text = stage.text();
    let rows = text.lines().skip_while(|row| !row.starts_with('┌'));
    let end = text.lines().find_map(|row| Some(row[..row.find('┐')?].chars().count()));
    let rows = rows.take_while(|row| row.starts_with(['┌', '│', '└']));
    rows.map(|row| row.chars().take(end.unwrap_or_default() + 1).collect()).collect()
}

#[test]
fn completions_have_a_frame_and_emoji_have_names() {
    let mut stage = settled();
    stage.typed(":rock");
    stage.key("Tab");
    assert_eq!(
        framed(&stage),
        ["┌──────────────┐", "│ 🪨   :rock:   │", "│ 🚀   :rocket: │", "└──────────────┘",]
    );
    stage.key("Ctrl+u");
    stage.typed("/wh");
    assert_eq!(
        framed(&stage),
        [
            "┌───────────────────────────────────────────────┐",
            "│ /who [TEXT]  list who is here                 │",
            "│ /whois NAME  all that is known about somebody │",
            "└───────────────────────────────────────────────┘",
        ]
    );
}

/// The row of key hints.
fn hints(stage: &Stage) -> String {
    let text = stage.text();
    let last = text.lines().last().unwrap_or_default().trim_start();
    last.split("  ").next().unwrap_or_default().to_owned()
}

#[test]
fn only_keys_that_do_something_are_offered_for_a_selected_entry() {
    let mut stage = settled();
    stage.leaves(3, "tomas");
    stage.key("Alt+Up");
    assert_eq!(hints(&stage), "e expand · Esc back");
    stage.key("Esc");
    stage.said(2, "no link");
    stage.key("Alt+Up");
    assert_eq!(hints(&stage), "r reply · y copy · p person · Esc back");
    stage.key("Esc");
    stage.said(2, "see https://wiki.example/4");
    stage.key("Alt+Up");
    assert_eq!(hints(&stage), "r reply · y copy · o open link · p person · Esc back");
}

#[test]
fn the_key_of_the_rooms_is_offered_where_there_is_room_for_them() {
    let mut stage = settled();
    stage.key("F3");
    stage.shows("the list of rooms needs 100 columns");
    let offers = |width: u16| {
        let mut stage = Stage::among(width, 24, &[]);
        stage.key("?");
        stage.typed("show or hide the rooms");
        stage.text().contains("F3")
    };
    assert_eq!((offers(99), offers(100)), (false, true));
}

#[test]
fn enter_is_offered_for_a_group_only_where_it_does_that() {
    let mut stage = settled();
    for n in 10..15 {
        stage.changes(hullo::presence::Change {
            joined: vec![crate::tests::named(n, &format!("p{n}"))],
            ..Default::default()
        });
    }
    stage.shows("p12 and 2 more arrived   Enter: show");
    stage.typed("x");
    stage.hides("Enter: show");
    stage.key("Backspace");
    stage.key("Enter");
    stage.shows("Enter: hide");
    stage.said(2, "hi");
    stage.leaves(3, "tomas");
    stage.hides("Enter: hide");
}
