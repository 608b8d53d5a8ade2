//! What outlives a run: what was sent, drafts, the configuration.

use hullo::protocol::payload::{State, Status};

use super::history::past;
use super::settled;
use crate::core::event::{Configured, EarlierRuns, Effect, Event, Restored};
use crate::core::kept_screen::KeptScreen;
use crate::input::alias::Aliases;
use crate::input::keymap::Keymap;
use crate::settings::Settings;
use crate::tests::play::{ME, Stage, room};

fn left(history: &[&str], drafts: &[(&str, &str)]) -> Event {
    let history = history.iter().map(|line| (*line).to_owned()).collect();
    let drafts = drafts.iter().map(|(title, text)| ((*title).into(), (*text).into())).collect();
    Event::Restored(Box::new(Restored {
        earlier: Some(EarlierRuns { is_first: false, history }),
        drafts,
        screen: None,
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
    stage.line("/buffer mira");
    assert_eq!(stage.model.buffer().composer.text(), "half a thought");
    assert_eq!(stage.model.buffer().draft_key(), key(2));
    stage.key("Alt+3");
    stage.shows("3 mira (left)");
    stage.shows("mira left while you were offline");
    assert_eq!(stage.model.buffer().composer.text(), "for another");
    assert_eq!(stage.model.buffer().draft_key(), key(9));
    stage.effects();
    stage.key("Enter");
    assert!(!stage.effects().iter().any(|effect| matches!(effect, Effect::SayTo { .. })));
    stage.shows("they have left");
}

/// What was on screen, of a run in which ada talked with mira and with tomas.
fn on_screen() -> KeptScreen {
    let mut stage = Stage::among(80, 24, &["mira", "tomas"]);
    stage.line("/join ops");
    stage.tell(hullo::Notice::Entered {
        room: room("ops"),
        me: crate::tests::named(ME, "ada"),
        present: vec![crate::tests::named(ME, "ada")],
        topic: None,
    });
    stage.line("/buffer lobby");
    stage.line("/msg mira");
    stage.line("/buffer lobby");
    stage.line("/msg tomas");
    stage.line("/away lunch");
    stage.line("/join build");
    stage.line("/leave");
    stage.line("/buffer mira");
    KeptScreen::of(&stage.model)
}

fn started(restore: bool) -> (Stage, Vec<Effect>) {
    let mut stage = Stage::new(80, 24);
    stage.model.settings.restore = restore;
    let left = Restored { screen: Some(on_screen()), ..Restored::default() };
    stage.event(Event::Restored(Box::new(left)));
    let joins = crate::core::update::start(&mut stage.model);
    (stage, joins)
}

#[test]
fn what_was_on_screen_comes_back() {
    let text = serde_json::to_string(&on_screen()).unwrap();
    assert_eq!(serde_json::from_str::<KeptScreen>(&text).unwrap(), on_screen());
    let (mut stage, joins) = started(true);
    let away = Status { state: State::Away, text: Some("lunch".into()) };
    let join =
        |name| Effect::Join { room: room(name), name: "ada".into(), status: Some(away.clone()) };
    assert_eq!(joins[1..], [join("lobby"), join("ops")]);
    let titles = |stage: &Stage| -> Vec<String> {
        stage.model.buffers.iter().map(crate::chat::buffer::Buffer::title).collect()
    };
    assert_eq!(titles(&stage), ["#lobby", "#ops", "mira", "tomas"]);
    assert_eq!(stage.model.buffer().title(), "mira");
    // Before the room is joined nobody knows who is there, so the words wait.
    stage.line("are you there?");
    stage.tell(hullo::Notice::Online);
    stage.effects();
    let present = [(ME, "ada"), (2, "mira"), (9, "tomas")];
    let present = present.map(|(n, name)| crate::tests::named(n, name)).to_vec();
    let me = crate::tests::named(ME, "ada");
    stage.tell(hullo::Notice::Entered { room: room("lobby"), me, present, topic: None });
    let told = |effects: Vec<Effect>| -> Vec<hullo::protocol::SessionId> {
        let to = effects.into_iter().filter_map(|effect| match effect {
            Effect::SayTo { to, .. } => Some(to),
            _ => None,
        });
        to.collect()
    };
    assert_eq!(told(stage.effects()), [crate::tests::id(2)]);
    // Another tomas is there now, and hears nothing that is meant for the one of before.
    assert_eq!(titles(&stage)[3], "tomas (left)");
    stage.key("Alt+4");
    stage.line("still there?");
    assert_eq!(told(stage.effects()), []);
    stage.shows("they have left");
}

#[test]
fn nothing_comes_back_for_those_who_do_not_want_it() {
    let (stage, joins) = started(false);
    let lobby = Effect::Join { room: room("lobby"), name: "ada".into(), status: None };
    assert_eq!(joins[1..], [lobby]);
    assert_eq!(stage.model.buffers.len(), 1);
}

#[test]
fn a_room_that_was_left_does_not_come_by_itself() {
    let screen = KeptScreen { rooms: vec!["ops".into()], ..KeptScreen::default() };
    let mut stage = Stage::new(80, 24);
    let left = Restored { screen: Some(screen), ..Restored::default() };
    stage.event(Event::Restored(Box::new(left)));
    stage.shows("1 #ops");
    stage.hides("#lobby");
}

#[test]
fn a_key_that_says_something_in_a_list_leaves_its_line_alone() {
    let mut stage = settled();
    stage.said(2, "ada: hi");
    stage.line("/bind f4 thanks");
    stage.line("/buffer mentions");
    stage.typed("half");
    stage.key("Ctrl+u");
    stage.typed("a thought");
    stage.key("F4");
    assert_eq!(stage.model.buffer().composer.text(), "a thought");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().composer.text(), "a thought");
}

/// What the chat log says of the lobby: one line of yesterday, two of today.
fn chat_log() -> Event {
    let text = "2026-11-23 18:00:00  mira: see you\n\tbye\n2026-11-24 09:30:00  mira: morning\n\
                2026-11-24 09:31:00  ada: hi\n2026-11-24 09:31:00  ada: hi\nof another form\n";
    let lines = crate::chat::log_files::newest_lines(text, 100);
    assert_eq!(lines.len(), 3);
    Event::ChatLogRead { buffer: crate::ids::BufferId(0), lines }
}

#[test]
fn the_chat_log_of_this_machine_stands_above_a_rule_that_says_so() {
    let mut stage = Stage::new(80, 24);
    stage.model.settings.log = true;
    let effects = crate::core::update::start(&mut stage.model);
    assert!(matches!(&effects[1], Effect::ReadChatLog { file, most: 100, .. } if file == "#lobby"));
    stage.event(chat_log());
    for shown in ["Mon 23 Nov", "mira: see you", "Tue 24 Nov", "mira: morning", "ada: hi"] {
        stage.shows(shown);
    }
    stage.shows("from the chat log of this machine");
    assert_eq!(stage.model.buffer().unread, 0);
}

#[test]
fn what_the_server_has_as_well_is_shown_once() {
    // By a clock that is a little ahead of ours; it is 09:40.
    let messages = vec![past(1, 596, 7, "mira", "morning"), past(2, 535, 7, "ada", "hi")];
    let history = hullo::Notice::History { room: room("lobby"), messages };
    for is_log_first in [true, false] {
        let mut stage = Stage::among(80, 24, &["mira"]);
        if is_log_first {
            stage.event(chat_log());
        }
        stage.tell(history.clone());
        if !is_log_first {
            stage.event(chat_log());
        }
        let text = stage.text();
        assert_eq!(text.matches("morning").count(), 1, "{text}");
        assert_eq!(text.matches(" hi").count(), 1, "{text}");
        let order = ["see you", "from the chat log", "morning", "─ now ─"];
        let places = order.map(|part| text.find(part).unwrap_or_else(|| panic!("{part}\n{text}")));
        assert!(places.is_sorted(), "{text}");
    }
}
