//! Helo, answers, presence, and what becomes of them when the line breaks.

use hullo::Notice;
use hullo::client::{Departure, Error};
use hullo::presence::Change;
use hullo::protocol::Refusal;
use hullo::protocol::payload::{State, Status};

use super::super::play::{ME, Stage, person, room};
use super::super::{at, id, named};
use super::{say, settled, tell};
use crate::core::event::{Effect, Ticket};
use crate::core::update::{deadline, start};

#[test]
fn it_begins_with_a_helo() {
    let mut stage = Stage::new(80, 24);
    let join = Effect::Join { room: room("lobby"), name: "ada".into(), status: None };
    assert_eq!(start(&mut stage.model), [Effect::LoadTheme("terminal".into()), join]);
    stage.shows("◌ connecting");
}

#[test]
fn a_newcomer_is_answered_by_itself() {
    let mut stage = settled();
    stage.arrives(9, "zoe");
    let answer = Effect::Answer {
        room: room("lobby"),
        to: id(9),
        text: "hello there zoe".into(),
        jitter: false,
    };
    assert_eq!(stage.deeds(), [answer]);
    stage.shows("▸ zoe arrived and says helo · you answered (auto)");
}

#[test]
fn a_card_says_what_there_is_room_for() {
    let check = |width, expected: &str| {
        let mut stage = Stage::among(width, 24, &["mira"]);
        stage.arrives(9, "a-longish-name");
        stage.leaves(9, "a-longish-name");
        stage.shows(expected);
    };
    check(140, "arrived and says helo · you answered (auto) · left again");
    check(120, "▸ a-longish-name arrived and says helo · auto · left again ");
    check(80, "▸ a-longish-name arrived and says helo · left again ");
    check(60, "▸ a-longish-name arrived and says helo · left again");
    check(30, "▸ a-longish… says helo");
}

#[test]
fn greetings_can_be_changed_and_turned_off() {
    let mut stage = settled();
    stage.line("/greet text welcome, {name}!");
    stage.effects();
    stage.arrives(9, "zoe");
    let answer = Effect::Answer {
        room: room("lobby"),
        to: id(9),
        text: "welcome, zoe!".into(),
        jitter: false,
    };
    assert_eq!(stage.deeds(), [answer]);
    stage.line("/greet off");
    let off = Effect::SaveSetting { name: "greet".into(), value: Some("false".into()) };
    assert_eq!(stage.deeds(), [off]);
    stage.arrives(10, "kim");
    assert_eq!(stage.deeds(), []);
    stage.hides("kim arrived and says helo · you answered");
    stage.line("/greet on");
    stage.effects();
    stage.arrives(11, "lu");
    assert_eq!(stage.deeds().len(), 1);
}

#[test]
fn who_is_not_asked_does_not_answer() {
    let mut stage = settled();
    let name = "zoe".to_owned();
    stage.tell(Notice::Arrived { room: room("lobby"), id: id(9), name, answer: false });
    assert_eq!(stage.deeds(), []);
    stage.shows("▸ zoe arrived and says helo");
}

#[test]
fn an_arrival_is_told_once_whatever_comes_first() {
    for presence_first in [true, false] {
        let mut stage = settled();
        let change = Change { joined: vec![named(9, "zoe")], ..Change::default() };
        if presence_first {
            stage.changes(change.clone());
        }
        let name = "zoe".to_owned();
        stage.tell(Notice::Arrived { room: room("lobby"), id: id(9), name, answer: true });
        if !presence_first {
            stage.changes(change);
        }
        stage.shows("▸ zoe arrived and says helo");
        stage.hides("+ zoe");
    }
}

#[test]
fn many_newcomers_fold() {
    let mut stage = settled();
    for (n, name) in [(10, "a1"), (11, "a2"), (12, "a3"), (13, "a4"), (14, "a5"), (15, "a6")] {
        stage.arrives(n, name);
    }
    stage.shows("▸ a3 arrived");
    stage.shows("+ a6, a5, a4 arrived");
    assert_eq!(stage.model.buffer().unread, 0);
    for (n, name) in [(16, "a7"), (17, "a8")] {
        stage.arrives(n, name);
    }
    stage.shows("+ a8, a7, a6 and 2 more arrived");
    stage.key("Enter");
    stage.shows("│ 09:40 + a4 arrived");
    stage.key("Enter");
    stage.hides("│ 09:40 + a4 arrived");
}

/// What the card of our helo shows below its first row.
fn answers(stage: &Stage) -> Vec<String> {
    let text = stage.text();
    let rows = text.lines().skip_while(|row| !row.contains("▸ you said helo")).skip(1);
    let log = rows.filter_map(|row| row.trim().strip_prefix(['│', '╰']));
    log.map(|row| row.split('│').next().unwrap_or_default().trim().to_owned())
        .filter(|row| !row.is_empty())
        .collect()
}

#[test]
fn the_card_shows_what_was_answered() {
    let others = ["mira", "tomas", "jo", "li", "ben"];
    let mut stage = Stage::among(80, 24, &others);
    stage.wait(100);
    stage.responded(2, "welcome!\ntea is on", true);
    assert_eq!(answers(&stage), ["mira  welcome! tea is on"]);
    for n in [3, 4, 5] {
        stage.responded(n, "hello there ada", true);
    }
    stage.responded(6, "hi ada, at last", false);
    assert_eq!(
        answers(&stage),
        [
            "answered by mira · tomas · jo · +2",
            "hello there ada ×3",
            "mira  welcome! tea is on",
            "ben  hi ada, at last",
        ]
    );
}

#[test]
fn many_different_greetings_are_cut() {
    let others = ["a1", "a2", "a3", "a4", "a5", "a6", "a7"];
    let mut stage = Stage::among(80, 24, &others);
    stage.wait(100);
    for n in 2..9 {
        stage.responded(n, &format!("greeting {n}"), true);
    }
    assert_eq!(
        answers(&stage),
        [
            "answered by a1 · a2 · a3 · +4",
            "a1  greeting 2",
            "a2  greeting 3",
            "a3  greeting 4",
            "a4  greeting 5",
            "a5  greeting 6",
            "+2 other greetings",
        ]
    );
}

#[test]
fn answers_fill_the_card() {
    let mut stage = Stage::among(80, 24, &["mira", "tomas", "jo"]);
    stage.shows("▸ you said helo · 0/3 …");
    stage.wait(100);
    stage.responded(2, "hello there ada", true);
    stage.shows("1/3 …");
    stage.responded(2, "hello there ada", true);
    stage.shows("1/3 …");
    stage.wait(300);
    stage.responded(3, "hello there ada", true);
    stage.responded(4, "hello there ada", true);
    stage.shows("▸ you said helo · 3/3 answered in 0.4 s");
    stage.shows("answered by mira · tomas · jo");
    assert_eq!((stage.model.buffers.len(), stage.model.buffer().unread), (1, 0));
}

#[test]
fn silence_is_told_after_five_seconds() {
    let mut stage = Stage::among(80, 24, &["mira", "tomas", "jo"]);
    stage.responded(2, "hello there ada", true);
    stage.wait(4_999);
    stage.shows("1/3 …");
    assert_eq!(deadline(&stage.model), Some(at(5_000).at));
    stage.wait(1);
    stage.shows("1/3 answered · 2 silent");
}

#[test]
fn a_plain_clients_answer_is_an_answer_not_a_conversation() {
    let mut stage = Stage::among(80, 24, &["mira", "tomas"]);
    stage.wait(800);
    stage.responded(2, "hello there ada", false);
    stage.shows("mira  hello there ada");
    assert_eq!(stage.model.buffers.len(), 1);
    stage.wait(2_000);
    stage.responded(3, "good to see you", false);
    stage.shows("tomas  good to see you");
    assert_eq!((stage.model.buffers.len(), stage.model.buffers[1].unread), (2, 1));
    stage.key("Alt+a");
    stage.shows("tomas    good to see you");
}

#[test]
fn a_lost_line_keeps_what_is_written_for_the_room_and_for_who_is_still_here() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    stage.effects();
    stage.goes_offline();
    stage.shows("✗ offline 0:00 · retry in 3 s · /reconnect");
    stage.line("did that arrive?");
    stage.shows("did that arrive?  ◌ waiting to send");
    stage.key("Alt+1");
    stage.shows("connection lost 09:40:");
    stage.line("hello?");
    stage.hides("(1)");
    stage.line("are you there?");
    stage.shows("hello?  ◌ waiting to send (1)");
    stage.shows("are you there?  ◌ waiting to send (2)");
    stage.line("/reconnect");
    assert_eq!(stage.deeds(), [Effect::Reconnect]);
    stage.wait(12_000);
    stage.tell(Notice::Online);
    let me = named(50, "ada");
    let present = vec![me.clone(), named(2, "mira"), named(53, "kim")];
    stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
    stage.shows("after 12 s · 2 sent · 1 came · 1 went");
    stage.shows("+ kim arrived · − tomas left");
    stage.shows("▸ you said helo again · 0/2 …");
    assert_eq!(
        stage.deeds(),
        [say(2, "hello?"), say(3, "are you there?"), tell(4, 2, "did that arrive?")]
    );
}

#[test]
fn a_refused_name_says_what_to_do() {
    let mut stage = Stage::new(80, 24);
    stage.tell(Notice::Online);
    let departure = Departure::Refused(Error::Refused(Refusal::InvalidName));
    stage.tell(Notice::Left { room: room("lobby"), departure });
    stage.shows("ada was refused · Enter asks for this one");
    assert_eq!(stage.model.buffer().composer.text(), "/nick ada-2");
    stage.key("Ctrl+u");
    stage.shows("✗ the server does not accept the name ada");
    stage.line("/nick Ada L");
    let join = Effect::Join { room: room("lobby"), name: "Ada L".into(), status: None };
    assert_eq!(stage.deeds(), [join]);
}

#[test]
fn whoever_left_stays_out_until_they_ask() {
    let mut stage = settled();
    stage.line("/leave");
    stage.deeds();
    stage.line("/nick grace");
    stage.line("/away");
    assert_eq!(stage.deeds(), []);
    stage.shows("grace ›");
    stage.line("/who");
    stage.shows("you are not in #lobby · /join lobby to come back");
    stage.line("/msg mira hi");
    stage.shows("⚠ you are not in #lobby");
    stage.line("/join lobby");
    let status = Some(Status { state: State::Away, text: None });
    let join = Effect::Join { room: room("lobby"), name: "grace".into(), status };
    assert_eq!(stage.deeds(), [join]);
}

#[test]
fn names_and_states_change() {
    let mut stage = settled();
    stage.line("/nick grace");
    let rename = Effect::Rename { ticket: Ticket(1), room: room("lobby"), name: "grace".into() };
    assert_eq!(stage.deeds(), [rename]);
    stage.changes(Change { updated: vec![named(ME, "grace")], ..Change::default() });
    stage.shows("you are now grace");
    stage.shows("grace ›");
    stage.line("/away back at 3");
    let status = Status { state: State::Away, text: Some("back at 3".into()) };
    assert_eq!(stage.deeds(), [Effect::SetStatus { room: room("lobby"), status }]);
    stage.changes(Change {
        updated: vec![person(2, "mira", State::Away, Some("lunch")), named(3, "thomas")],
        ..Change::default()
    });
    stage.shows("○ mira");
    stage.shows("lunch");
    stage.shows("~ tomas is now thomas");
}

#[test]
fn who_goes_by_many_names_is_told_by_the_first_and_the_last() {
    let mut stage = settled();
    let called = |stage: &mut Stage, name| {
        stage.changes(Change { updated: vec![named(2, name)], ..Change::default() });
    };
    called(&mut stage, "grace");
    stage.shows("~ mira is now grace");
    called(&mut stage, "zoe");
    stage.shows("~ mira is now zoe");
    stage.hides("grace");
    called(&mut stage, "mira");
    stage.shows("~ mira is mira again");
}

#[test]
fn idleness_shows_after_ten_minutes_and_ends_with_a_key() {
    let mut stage = settled();
    let status =
        |state| Effect::SetStatus { room: room("lobby"), status: Status { state, text: None } };
    stage.wait(600_000);
    assert_eq!(stage.deeds(), [status(State::Idle)]);
    stage.wait(600_000);
    assert_eq!(stage.deeds(), []);
    stage.typed("x");
    assert_eq!(stage.deeds(), [status(State::Here)]);
}

#[test]
fn a_wave_goes_to_the_newest_newcomer() {
    let mut stage = settled();
    stage.key("Alt+w");
    stage.shows("there is no newcomer to wave to");
    stage.arrives(9, "zoe");
    stage.effects();
    stage.key("Alt+w");
    assert_eq!(stage.deeds(), [tell(1, 9, "hello there zoe")]);
    stage.shows("▸ zoe arrived and says helo · you waved");
    stage.line("/me waves");
    assert_eq!(stage.deeds(), [say(2, "/me waves")]);
    stage.shows("* ada waves");
}

#[test]
fn what_comes_from_the_network_cannot_drive_the_terminal() {
    let mut stage = settled();
    stage.said(2, "\x1b]0;owned\x07\x1b[2Jhi \u{202e}evil");
    stage.shows("]0;owned[2Jhi evil");
}

#[test]
fn who_came_after_us_does_not_answer_our_helo() {
    let mut stage = Stage::among(80, 24, &["mira"]);
    stage.arrives(9, "zoe");
    stage.responded(9, "psst", false);
    stage.shows("▸ you said helo · 0/1 …");
    stage.shows("2 zoe(1)");
}

#[test]
fn after_a_restart_everybody_comes_back_one_by_one_as_somebody_new() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    stage.effects();
    stage.goes_offline();
    stage.line("did that arrive?");
    stage.key("Alt+1");
    stage.wait(3_000);
    stage.tell(Notice::Online);
    let me = named(50, "ada");
    let present = vec![me.clone()];
    stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
    assert_eq!(stage.deeds(), []);
    stage.shows("− tomas, mira left");
    stage.wait(400);
    stage.arrives(51, "mira");
    let answer = Effect::Answer {
        room: room("lobby"),
        to: id(51),
        text: "hello there mira".into(),
        jitter: false,
    };
    assert_eq!(stage.deeds(), [answer]);
    stage.shows("− tomas left · ~ mira reconnected");
    stage.hides("mira arrived");
    stage.key("Alt+2");
    stage.shows("mira left while you were offline");
    stage.shows("✗ not sent: they have left");
}

#[test]
fn who_says_helo_again_has_not_left() {
    let again = |stage: &mut Stage, before: u128, now: u128, name: &str| {
        stage.leaves(before, name);
        stage.arrives(now, name);
    };
    let mut stage = settled();
    stage.arrives(7, "zoe");
    stage.wait(2_000);
    again(&mut stage, 7, 8, "zoe");
    stage.wait(500);
    again(&mut stage, 8, 9, "zoe");
    stage.hides("left");
    stage.hides("reconnected");
    stage.shows("▸ zoe arrived and says helo · you answered (auto)");
    stage.shows("~ zoe said helo again");
    assert_eq!(stage.text().matches("zoe said").count(), 1);
    stage.leaves(9, "zoe");
    stage.shows("− zoe left ");
    // Somebody one talked with, and watches.
    stage.line("/watch mira");
    stage.line("/msg mira hi");
    stage.key("Alt+1");
    again(&mut stage, 2, 12, "mira");
    stage.hides("mira left");
    stage.shows("mira said helo again");
    stage.line("/buffer arrivals");
    stage.hides("mira left");
    stage.shows("~ mira said helo again");
}

#[test]
fn a_helo_of_ours_that_is_said_again_says_so() {
    let mut stage = settled();
    stage.line("/helo");
    stage.enter("lobby", &["mira", "tomas"]);
    stage.shows("▸ you said helo again · 0/2 …");
}
