//! Going to anything, finding what was said, and doing something with it.

use hullo::presence::Change;
use hullo::protocol::payload::State;

use super::{say, settled};
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::core::event::{Effect, Event};
use crate::tests::play::{Stage, person};

#[test]
fn the_palette_goes_to_people_rooms_commands_and_messages() {
    let mut stage = settled();
    stage.said(2, "the backoff caps at thirty");
    stage.key("Ctrl+p");
    stage.typed("toma");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().title(), "tomas");
    stage.key("Ctrl+p");
    stage.typed("lobby");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().title(), "#lobby");
    stage.key("Ctrl+p");
    stage.typed("/away");
    stage.key("Enter");
    stage.shows("ada › /away");
    stage.key("Ctrl+c");
    stage.key("Ctrl+p");
    stage.typed("backoff caps");
    stage.shows("mira: the backoff caps");
    stage.key("Enter");
    assert!(stage.model.buffer().selected.is_some());
    stage.key("Esc");
    stage.effects();
    stage.key("Ctrl+p");
    stage.typed("#build");
    stage.key("Enter");
    assert!(matches!(&stage.deeds()[..], [Effect::Join { .. }]));
}

#[test]
fn tab_narrows_the_palette_and_esc_leaves_everything_as_it_was() {
    let mut stage = settled();
    stage.typed("half a thou");
    stage.key("Ctrl+p");
    stage.shows("/msg NAME [TEXT]");
    stage.key("Tab");
    stage.hides("/msg NAME [TEXT]");
    stage.shows("mira");
    stage.key("Esc");
    stage.shows("ada › half a thou");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn people_are_filtered_in_their_pane() {
    let mut stage = settled();
    let away = person(3, "tomas", State::Away, Some("lunch"));
    stage.changes(Change { updated: vec![away], ..Change::default() });
    stage.key("F2");
    stage.typed("tom");
    stage.shows("○ tomas");
    stage.hides("● mira");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().title(), "tomas");
}

#[test]
fn what_was_sent_is_searched_and_found_lines_are_not_sent() {
    let mut stage = settled();
    for line in ["first things first", "second thoughts", "third time"] {
        stage.line(line);
    }
    stage.effects();
    stage.key("Ctrl+r");
    stage.typed("thou");
    stage.key("Enter");
    stage.shows("ada › second thoughts");
    assert_eq!(stage.deeds(), []);
}

fn chatty() -> Stage {
    let mut stage = settled();
    for n in 0..40 {
        stage.said(2, &format!("line {n}."));
    }
    stage.said(3, "see https://wiki.example/n/4, please");
    stage
}

#[test]
fn a_message_is_selected_copied_opened_and_replied_to() {
    let mut stage = chatty();
    stage.key("Alt+Up");
    stage.shows("r reply");
    stage.typed("o");
    assert_eq!(stage.deeds(), [Effect::Open("https://wiki.example/n/4".into())]);
    stage.key("Alt+Up");
    stage.typed("y");
    assert_eq!(stage.deeds(), [Effect::Copy("line 39.".into())]);
    stage.key("Alt+Up");
    stage.key("Alt+Up");
    stage.typed("r");
    stage.line("which one?");
    let text = "> mira: line 39.\nwhich one?";
    assert_eq!(stage.deeds(), [say(1, text)]);
    stage.shows("↳ mira: line 39.");
    stage.key("Alt+Up");
    stage.key("Enter");
    let at = stage.model.buffer().selected.unwrap();
    let entry = stage.model.buffer().log.entry(at).unwrap();
    assert!(matches!(&entry.kind, crate::entry::Kind::Message(said) if &*said.text == "line 39."));
}

#[test]
fn what_is_selected_is_on_screen_and_typing_ends_it() {
    let mut stage = chatty();
    for _ in 0..38 {
        stage.key("Alt+Up");
    }
    stage.shows("line 3.");
    stage.hides("line 39.");
    for _ in 0..37 {
        stage.key("Alt+Down");
    }
    stage.shows("see https://");
    stage.typed("hm");
    stage.shows("ada › hm");
    assert_eq!(stage.model.buffer().selected, None);
}

#[test]
fn found_words_are_gone_to() {
    let mut stage = chatty();
    stage.key("Ctrl+s");
    stage.typed("line 7");
    stage.key("Enter");
    stage.shows("line 7.");
    stage.hides("line 39.");
    stage.key("Esc");
    stage.key("End");
    stage.shows("see https://");
}

#[test]
fn mentions_are_stepped_through_and_lead_back() {
    let mut stage = settled();
    stage.said(2, "ada: one");
    for n in 0..30 {
        stage.said(3, &format!("line {n}."));
    }
    stage.said(2, "ada: two");
    stage.key("Alt+p");
    stage.key("Alt+p");
    stage.shows("ada: one");
    stage.key("Alt+n");
    stage.key("Alt+n");
    stage.shows("no later mention");
    stage.key("Esc");
    stage.line("/msg tomas hi");
    stage.line("/buffer mentions");
    assert_eq!(stage.model.buffer().title(), "mentions");
    stage.key("Alt+Up");
    stage.key("Alt+Up");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().title(), "#lobby");
    stage.shows("ada: one");
}

#[test]
fn the_mouse_scrolls_goes_and_selects() {
    let mut stage = chatty();
    stage.model.size.width = 120;
    stage.line("/join ops");
    let mouse = |kind, column, row| {
        let modifiers = KeyModifiers::NONE;
        Event::Mouse(MouseEvent { kind, column, row, modifiers })
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    assert_eq!(stage.model.buffer().title(), "#ops");
    stage.event(mouse(click, 5, 2));
    assert_eq!(stage.model.buffer().title(), "#lobby");
    stage.event(mouse(MouseEventKind::ScrollUp, 50, 5));
    stage.hides("see https://");
    stage.event(mouse(MouseEventKind::ScrollDown, 50, 5));
    stage.shows("see https://");
    stage.event(mouse(click, 50, 20));
    stage.typed("y");
    let copied = |effect: &Effect| matches!(effect, Effect::Copy(text) if text.starts_with("see"));
    assert!(stage.deeds().iter().any(copied));
}
