//! What outlives a run: what was sent, drafts, the configuration.

use super::settled;
use crate::core::event::{Configured, EarlierRuns, Effect, Event, Restored};
use crate::input::alias::Aliases;
use crate::input::keymap::Keymap;
use crate::settings::Settings;
use crate::tests::play::Stage;

fn left(history: &[&str], drafts: &[(&str, &str)]) -> Event {
    let history = history.iter().map(|line| (*line).to_owned()).collect();
    let drafts = drafts.iter().map(|(title, text)| ((*title).into(), (*text).into())).collect();
    Event::Restored(Box::new(Restored {
        earlier: Some(EarlierRuns { is_first: false, history }),
        drafts,
        log_path: Some("hullo.log".into()),
        chat_path: Some("logs".into()),
    }))
}

#[test]
fn what_is_sent_is_kept_once_in_a_row_unless_it_is_not_to_be() {
    let mut stage = settled();
    stage.effects();
    let mut kept = |line: &str| {
        stage.line(line);
        stage.effects().contains(&Effect::AppendHistory(line.into()))
    };
    assert!(kept("one") && !kept("one") && kept("/who"));
    assert!(kept("/set history true") && !kept("/set history true"));
    kept("/set history false");
    assert!(!kept("two"));
}

#[test]
fn what_was_sent_in_an_earlier_run_is_recalled() {
    let mut stage = settled();
    stage.event(left(&["one", "two\nlines"], &[]));
    stage.key("Up");
    assert_eq!(stage.model.buffer().composer.text(), "two\nlines");
    stage.key("Up");
    stage.key("Up");
    assert_eq!(stage.model.buffer().composer.text(), "one");
}

#[test]
fn what_was_sent_in_this_run_is_recalled_at_another_server() {
    let mut stage = settled();
    stage.line("one");
    stage.line("/connect other.example");
    stage.event(Event::Restored(Box::default()));
    stage.key("Up");
    stage.key("Up");
    assert_eq!(stage.model.buffer().composer.text(), "one");
}

#[test]
fn a_draft_is_put_back_where_it_was_written() {
    let mut stage = Stage::among(80, 24, &["mira"]);
    let mira = format!("#lobby {} mira", crate::tests::id(2));
    stage.event(left(&[], &[("#lobby", "to all"), (&*mira, "to one"), ("#ops", "later")]));
    assert_eq!(stage.model.buffer().composer.text(), "to all");
    stage.key("Ctrl+u");
    stage.line("/msg mira");
    assert_eq!(stage.model.buffer().composer.text(), "to one");
    let waiting: Vec<&str> = stage.model.drafts.keys().map(String::as_str).collect();
    assert_eq!(waiting, ["#ops"]);
}

#[test]
fn the_configuration_counts_as_it_is_read_and_its_mistakes_are_told() {
    let mut stage = settled();
    stage.line("/set idle 20");
    stage.effects();
    stage.line("/reload");
    assert_eq!(stage.deeds(), [Effect::Reload]);
    let mut keymap = Keymap::default();
    keymap.bind("f4", "bare", &Aliases::default(), stage.model.commands).unwrap();
    let settings = Settings { bell: false, ..Settings::default() };
    let complaints = vec!["line 1: what is that?".to_owned()];
    let read = Configured {
        again: false,
        settings: settings.clone(),
        keymap,
        aliases: Aliases::default(),
        complaints,
    };
    stage.event(Event::Configured(Box::new(read)));
    // Its file may be another, though the name is the same.
    assert!(stage.effects().contains(&Effect::LoadTheme("terminal".into())));
    stage.shows("⚠ line 1: what is that?");
    assert_eq!(stage.model.settings, settings);
    stage.key("F4");
    assert!(stage.model.panes.bare);
}

#[test]
fn what_cannot_be_kept_is_told_and_so_is_where_the_log_is() {
    let mut stage = settled();
    stage.event(Event::Warned("the disk is full".into()));
    stage.shows("⚠ the disk is full");
    stage.line("/log");
    stage.shows("the program has no log");
    stage.event(left(&[], &[]));
    stage.line("/log");
    stage.shows("what is said is not kept · /log on begins it");
    stage.shows("own log is hullo.log");
    assert_eq!(stage.deeds(), []);
    stage.line("/log on");
    stage.effects();
    stage.line("/log");
    stage.shows("what is said is kept in logs");
}

#[test]
fn a_draft_for_a_person_waits_for_that_session_alone() {
    let key = |n: u128| format!("#lobby {} mira", crate::tests::id(n));
    let drafts = [(key(2), "half a thought".to_owned()), (key(9), "for another".to_owned())];
    let left = Restored { drafts: drafts.into(), ..Restored::default() };
    let mut stage = Stage::new(80, 24);
    stage.event(Event::Restored(Box::new(left)));
    stage.tell(hullo::Notice::Online);
    stage.enter("lobby", &["mira"]);
    stage.shows("mira has left; your draft to them is in the history");
    stage.line("/buffer mira");
    assert_eq!(stage.model.buffer().composer.text(), "half a thought");
    assert_eq!(stage.model.buffer().draft_key(), key(2));
    stage.key("Ctrl+u");
    stage.key("Up");
    stage.key("Up");
    assert_eq!(stage.model.buffer().composer.text(), "for another");
}
