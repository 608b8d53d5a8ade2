//! What only long scripts come across.

use hullo::client::Error;
use hullo::presence::Change;
use hullo::protocol::Refusal;
use hullo::protocol::payload::State;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;

use super::super::named;
use super::super::play::{Stage, room};
use super::settled;
use crate::core::event::{Effect, Event, Ticket};
use crate::entry::Kind;

#[test]
fn nobody_is_undisturbed_for_longer_than_clocks_go() {
    let mut stage = Stage::among(80, 24, &["mira"]);
    stage.line("/dnd 400000000000y");
    stage.shows("/dnd: \"400000000000y\" is not a duration");
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
fn nothing_is_read_before_the_end_is_on_screen() {
    let mut stage = scrolled_up();
    for _ in 0..20 {
        stage.said(2, "ada: look");
    }
    let unread = |stage: &Stage| stage.model.buffers[0].unread;
    stage.key("Alt+1");
    stage.shows("below");
    assert_eq!(unread(&stage), 20, "shown again where it is shown already");
    stage.line("/join ops");
    stage.line("/leave");
    stage.shows("below");
    assert_eq!(unread(&stage), 20, "come back to from elsewhere");
    stage.key("End");
    assert_eq!(unread(&stage), 0);
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

#[test]
fn a_status_outlasts_that_nobody_types() {
    let mut stage = settled();
    stage.line("/status at my desk");
    stage.wait(601_000);
    assert_eq!(stage.model.status.text.as_deref(), Some("at my desk"));
    stage.key("Up");
    assert_eq!(stage.model.status.state, State::Here);
    assert_eq!(stage.model.status.text.as_deref(), Some("at my desk"));
}

#[test]
fn what_is_said_in_a_list_stays_in_the_line_as_it_was() {
    let mut stage = settled();
    stage.arrives(9, "zoe");
    stage.line("/buffer arrivals");
    stage.line("//slash");
    assert_eq!(stage.model.buffer().composer.text(), "//slash");
}

#[test]
fn the_draft_of_a_conversation_that_is_closed_can_be_recalled() {
    let mut stage = settled();
    stage.line("/msg mira");
    stage.typed("half a thought");
    stage.key("Ctrl+p");
    stage.typed("/leave");
    stage.key("Enter");
    stage.key("Up");
    assert_eq!(stage.model.buffer().composer.text(), "half a thought");
}

#[test]
fn who_comes_in_a_flood_is_counted_after_the_log_was_cleared() {
    let mut stage = settled();
    for n in 0..100_u64 {
        stage.wait(50);
        stage.arrives(u128::from(1000 + n), "somebody");
    }
    stage.line("/clear");
    for n in 0..10_u64 {
        stage.wait(50);
        stage.arrives(u128::from(2000 + n), "somebody");
    }
    stage.wait(300);
    stage.shows("10 arrived");
}

#[test]
fn whoever_somebody_is_to_the_server_is_harmless_too() {
    let mut stage = settled();
    let user = Some("u\u{202e}1\u{1b}".to_owned());
    let mut zoe = crate::tests::named(9, "zoe");
    zoe.user = user;
    stage.changes(hullo::presence::Change { joined: vec![zoe], ..Default::default() });
    stage.line("/whois zoe");
    stage.shows("user u1 ");
}

#[test]
fn what_an_editor_wrote_is_not_sent_where_no_server_would_take_it() {
    let mut stage = settled();
    let text = "x".repeat(20_000);
    stage.event(Event::Edited(text.clone()));
    stage.key("Enter");
    assert_eq!(stage.deeds(), []);
    assert_eq!(stage.model.buffer().composer.text(), text);
    stage.shows("at most 16000 bytes can be sent");
}

#[test]
fn who_goes_elsewhere_and_writes_there_is_typing_there() {
    let mut stage = settled();
    stage.typed("h");
    stage.model.open_room(&room("build"));
    stage.enter("build", &["mira"]);
    stage.key("Alt+2");
    stage.effects();
    stage.typed("h");
    assert_eq!(stage.effects(), [Effect::Typing { room: room("build"), to: None, typing: true }]);
}

#[test]
fn a_size_at_which_the_newest_is_on_screen_follows_the_newest() {
    let mut stage = scrolled_up();
    stage.shows("End for the newest");
    stage.event(Event::Resized(Size { width: 80, height: 20 }));
    stage.shows("End for the newest");
    stage.event(Event::Resized(Size { width: 80, height: 60 }));
    stage.hides("End for the newest");
    stage.said(2, "the newest");
    stage.event(Event::Resized(Size { width: 80, height: 20 }));
    stage.shows("the newest");
}

#[test]
fn a_newcomer_who_takes_another_name_bears_it_on_the_card() {
    let mut stage = settled();
    stage.arrives(9, "zoe");
    let updated = vec![named(9, "zoë")];
    stage.changes(Change { updated, ..Change::default() });
    stage.shows("▸ zoë arrived and says helo");
    stage.shows("/msg zoë to chat");
}

#[test]
fn so_many_are_told_only_by_one_who_is_sure() {
    let many: Vec<String> = (0..30).map(|n| format!("p{n}")).collect();
    let many: Vec<&str> = many.iter().map(|name| &**name).collect();
    let mut stage = Stage::among(80, 24, &many);
    stage.line("/all lunch is here");
    stage.shows("Enter again sends this to all 30 in #lobby");
    stage.shows("» all › /all lunch is here");
    stage.key("Ctrl+u");
    for line in ["/ALL hi", "/helo there", "/quit see you"] {
        stage.typed(line);
        stage.shows(&format!("» all › {line}"));
        stage.key("Ctrl+u");
    }
    stage.typed("/helo");
    stage.hides("» all");
    stage.key("Ctrl+u");
    stage.wait(6_000);
    stage.line("/all lunch is here");
    assert_eq!(stage.deeds(), []);
    stage.wait(6_000);
    stage.key("Enter");
    assert_eq!(stage.deeds(), [], "a yes that late may be meant for something else");
    stage.key("Enter");
    assert_eq!(stage.deeds(), [super::say(1, "lunch is here")]);
    stage.event(Event::Line("/all and cake".into()));
    assert_eq!(stage.deeds(), [super::say(2, "and cake")], "where lines come nobody is asked");
}

#[test]
fn those_who_write_without_end_fill_nobodys_memory() {
    let mut stage = settled();
    let wall = "é".repeat(30_000);
    for n in 0..100 {
        stage.said(2, &format!("{n} {wall}"));
    }
    let log = &stage.model.buffer().log;
    let kept: Vec<&str> = log
        .newest()
        .filter_map(|(_, entry)| match &entry.kind {
            Kind::Message(said) => said.text.split(' ').next(),
            _ => None,
        })
        .collect();
    assert_eq!((kept.first(), kept.last(), kept.len()), (Some(&"99"), Some(&"31"), 69));
    stage.key("Ctrl+s");
    stage.typed("99 é");
    stage.shows("1/1");
    stage.key("Esc");
    // Answers to our helo as well, which stand in its card.
    for _ in 0..100 {
        stage.enter("lobby", &["mira"]);
        stage.wait(3_000);
        stage.responded(2, &wall, false);
    }
    let entries = stage.model.buffers[0].log.newest();
    let cards = entries.filter(|(_, entry)| matches!(entry.kind, Kind::Helo(_))).count();
    assert_eq!(cards, 69);
}

#[test]
fn the_question_is_about_this_text_and_this_room() {
    let many: Vec<String> = (0..30).map(|n| format!("p{n}")).collect();
    let many: Vec<&str> = many.iter().map(|name| &**name).collect();
    let mut stage = Stage::among(80, 24, &many);
    stage.line("/all one");
    stage.shows("Enter again");
    stage.key("Ctrl+u");
    stage.hides("Enter again");
    stage.line("/all another");
    assert_eq!(stage.deeds(), []);
    stage.key("Enter");
    assert_eq!(stage.deeds(), [super::say(1, "another")]);
    stage.hides("Enter again");
    stage.line("/bind f6 /all from a key");
    stage.deeds();
    stage.typed("a draft");
    let press = |stage: &mut Stage| {
        stage.event(Event::Key(KeyEvent::new(KeyCode::F(6), KeyModifiers::NONE)));
    };
    press(&mut stage);
    stage.shows("ada › a draft");
    assert_eq!(stage.deeds(), []);
    press(&mut stage);
    assert_eq!(stage.deeds(), [super::say(2, "from a key")]);
    stage.shows("ada › a draft");
}

#[test]
fn a_line_whose_conversation_was_closed_meanwhile_is_told_if_it_fails() {
    let mut stage = settled();
    stage.line("/msg mira one");
    stage.line("two");
    stage.line("/close");
    let outcome = Err(Error::Refused(Refusal::UnknownRecipient));
    stage.event(Event::Settled(Ticket(1), Ok(())));
    stage.event(Event::Settled(Ticket(2), outcome));
    stage.shows("✗ not sent to mira: two · they have left");
    stage.hides("one");
    assert_eq!(stage.model.failed_lines, 1);
    stage.key("Up");
    assert_eq!(stage.model.buffer().composer.text(), "two");
}
