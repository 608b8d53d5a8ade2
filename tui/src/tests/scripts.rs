//! Scripts: keys and notices in, what is to be done and what is on screen out.

use hullo::Notice;
use hullo::client::{Departure, Error};
use hullo::presence::Change;
use hullo::protocol::payload::{State, Status};

use super::play::{ME, Stage, person, room};
use super::{id, named};
use crate::event::{Effect, Event, Ticket};
use crate::transcript::Scroll;
use crate::update::{deadline, start};

fn say(ticket: u64, text: &str) -> Effect {
    Effect::Say { ticket: Ticket(ticket), room: room("lobby"), text: text.into() }
}

fn tell(ticket: u64, to: u128, text: &str) -> Effect {
    Effect::Tell { ticket: Ticket(ticket), room: room("lobby"), to: id(to), text: text.into() }
}

/// In #lobby with mira (2) and tomas (3), long enough that nobody's words are an answer.
fn settled() -> Stage {
    let mut stage = Stage::among(80, 24, &["mira", "tomas"]);
    stage.wait(10_000);
    stage
}

#[test]
fn it_begins_with_a_helo() {
    let stage = Stage::new(80, 24);
    let join = Effect::Join { room: room("lobby"), name: "ada".into(), status: None };
    assert_eq!(start(&stage.model), [join]);
    stage.shows("◌ connecting");
}

#[test]
fn enter_sends_the_draft_to_the_room() {
    let mut stage = settled();
    stage.line("hi all");
    assert_eq!(stage.deeds(), [say(1, "hi all")]);
    stage.shows("hi all");
    stage.hides("◌");
    stage.wait(300);
    stage.shows("hi all  ◌ sending");
    stage.event(Event::Settled(Ticket(1), Ok(())));
    stage.hides("◌");
}

#[test]
fn what_was_refused_says_so() {
    let mut stage = settled();
    stage.line("hi all");
    stage.event(Event::Settled(Ticket(1), Err(Error::TimedOut)));
    stage.shows("✗ not sent: the server did not answer in time");
}

#[test]
fn a_newcomer_is_answered_by_itself() {
    let mut stage = settled();
    stage.arrives(9, "zoe");
    let answer = Effect::Answer { room: room("lobby"), to: id(9), text: "hello there zoe".into() };
    assert_eq!(stage.deeds(), [answer]);
    stage.shows("▸ zoe arrived and says helo · you answered (auto)");
}

#[test]
fn greetings_can_be_changed_and_turned_off() {
    let mut stage = settled();
    stage.line("/greet text welcome, {name}!");
    stage.arrives(9, "zoe");
    let answer = Effect::Answer { room: room("lobby"), to: id(9), text: "welcome, zoe!".into() };
    assert_eq!(stage.deeds(), [answer]);
    stage.line("/greet off");
    stage.arrives(10, "kim");
    assert_eq!(stage.deeds(), []);
    stage.hides("kim arrived and says helo · you answered");
    stage.line("/greet on");
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
    assert_eq!(deadline(&stage.model), Some(super::at(5_000).at));
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
fn direct_messages_have_a_place_of_their_own() {
    let mut stage = settled();
    stage.responded(2, "got a minute?", false);
    stage.responded(2, "or two?", false);
    stage.shows("2 mira(2)");
    stage.hides("got a minute?");
    stage.key("Alt+a");
    stage.shows("got a minute?");
    stage.shows("── 2 new ──");
    assert_eq!(stage.model.buffer().unread, 0);
    stage.line("sure");
    assert_eq!(stage.deeds(), [tell(1, 2, "sure")]);
    stage.hides("── 2 new ──");
    stage.key("Alt+1");
    stage.shows("1 #lobby");
}

#[test]
fn msg_and_r_reach_one_person() {
    let mut stage = settled();
    stage.line("/msg Tomas are you there?");
    assert_eq!(stage.deeds(), [tell(1, 3, "are you there?")]);
    stage.shows("ada → tomas ›");
    stage.responded(2, "psst", false);
    stage.line("/r what?");
    assert_eq!(stage.deeds(), [tell(2, 2, "what?")]);
    stage.shows("ada → mira ›");
    stage.line("/msg nobody hi");
    stage.shows("⚠ nobody here is called nobody");
    assert_eq!(stage.deeds(), []);
}

#[test]
fn two_people_of_one_name_are_two() {
    let mut stage = Stage::among(80, 24, &["mira", "mira"]);
    stage.wait(10_000);
    stage.shows("mira~2");
    stage.line("/msg mira~2 you?");
    stage.line("/msg mira or you?");
    assert_eq!(stage.deeds(), [tell(1, 3, "you?"), tell(2, 2, "or you?")]);
    assert_eq!(stage.model.buffers.len(), 3);
}

#[test]
fn to_write_to_somebody_who_left_fails_at_once() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    stage.leaves(2, "mira");
    stage.line("still there?");
    assert_eq!(stage.deeds().len(), 1);
    stage.shows("mira left");
    stage.shows("✗ not sent: they have left");
    stage.arrives(20, "mira");
    stage.shows("mira is back");
    stage.effects();
    stage.line("welcome back");
    assert_eq!(stage.deeds(), [tell(2, 20, "welcome back")]);
}

#[test]
fn a_lost_line_keeps_what_is_written_and_conversations_find_their_people() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    stage.effects();
    stage.goes_offline();
    stage.shows("✗ offline 0:00 · retry in 3 s · /reconnect");
    stage.line("did that arrive?");
    stage.shows("did that arrive?  ◌ waiting to send");
    stage.key("Alt+1");
    stage.shows("connection lost 09:40");
    stage.line("hello?");
    stage.line("/reconnect");
    assert_eq!(stage.deeds(), [Effect::Reconnect]);
    stage.wait(12_000);
    stage.tell(Notice::Online);
    let me = named(50, "ada");
    let present = vec![me.clone(), named(51, "mira"), named(53, "kim")];
    stage.tell(Notice::Entered { room: room("lobby"), me, present });
    stage.shows("back 09:40 after 12 s");
    stage.shows("+ kim arrived · − tomas left");
    stage.shows("▸ you said helo again · 0/2 …");
    assert_eq!(stage.deeds(), [say(2, "hello?"), tell(3, 51, "did that arrive?")]);
}

#[test]
fn a_refused_name_says_what_to_do() {
    let mut stage = Stage::new(80, 24);
    stage.tell(Notice::Online);
    let departure = Departure::Refused("invalid_name".into());
    stage.tell(Notice::Left { room: room("lobby"), departure });
    stage.shows("✗ the server does not take the name ada");
    stage.shows("/nick NAME");
    stage.line("/nick Ada L");
    let join = Effect::Join { room: room("lobby"), name: "Ada L".into(), status: None };
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
fn rooms_are_joined_and_left() {
    let mut stage = settled();
    stage.line("/join #build");
    let join = |name| Effect::Join { room: room(name), name: "ada".into(), status: None };
    assert_eq!(stage.deeds(), [join("build")]);
    stage.shows("2 #build");
    stage.enter("build", &["mira"]);
    stage.line("/leave");
    assert_eq!(stage.deeds(), [Effect::Leave(room("build"))]);
    stage.hides("#build");
    stage.line("/leave");
    stage.shows("you left #lobby");
    stage.effects();
    stage.line("anyone?");
    stage.shows("✗ not sent: you are not in the room");
    stage.line("/join lobby");
    assert_eq!(stage.deeds(), [join("lobby")]);
}

#[test]
fn the_most_urgent_comes_first() {
    let mut stage = settled();
    for name in ["build", "ops"] {
        stage.model.open_room(&room(name));
        stage.enter(name, &["mira", "tomas"]);
    }
    let message = || hullo::protocol::Message::text("red");
    stage.tell(Notice::Said { room: room("build"), from: id(2), message: message() });
    let (name, lobby) = ("zoe".to_owned(), room("ops"));
    stage.tell(Notice::Arrived { room: lobby, id: id(77), name, answer: false });
    stage.responded(3, "look at this", false);
    let mut tour = Vec::new();
    for _ in 0..3 {
        stage.key("Alt+a");
        tour.push(stage.model.buffer().title());
    }
    assert_eq!(tour, ["tomas", "#build", "#ops"]);
    stage.key("Ctrl+n");
    stage.shows("nothing new anywhere");
}

#[test]
fn drafts_stay_where_they_were_written() {
    let mut stage = settled();
    stage.typed("half a thou");
    stage.responded(2, "psst", false);
    stage.key("Alt+a");
    stage.hides("half a thou");
    stage.typed("other");
    stage.key("Alt+1");
    stage.shows("ada › half a thou");
    stage.key("Ctrl+c");
    stage.hides("half a thou");
    stage.key("Ctrl+_");
    stage.shows("half a thou");
}

#[test]
fn a_mention_rings_only_for_those_who_look_elsewhere() {
    let mut stage = settled();
    stage.said(2, "ada: look");
    assert_eq!(stage.effects(), []);
    stage.event(Event::Focused(false));
    stage.said(2, "nothing of interest");
    assert_eq!(stage.effects(), []);
    stage.said(2, "ada: look");
    stage.responded(2, "psst", false);
    assert_eq!(stage.effects(), [Effect::Ring, Effect::Ring]);
    stage.shows("── 2 new ──");
    stage.event(Event::Focused(true));
    assert_eq!(stage.model.buffer().unread, 0);
    stage.shows("── 2 new ──");
    stage.line("/dnd");
    stage.event(Event::Focused(false));
    stage.effects();
    stage.said(2, "ada: look");
    assert_eq!(stage.effects(), []);
}

#[test]
fn scrolling_keeps_its_place() {
    let mut stage = settled();
    for n in 0..100 {
        stage.said(2, &format!("line {n}."));
    }
    stage.key("PgUp");
    let Scroll::At { .. } = stage.model.buffer().log.scroll else { panic!("{}", stage.text()) };
    stage.shows("line 80.");
    stage.hides("line 99.");
    stage.said(2, "ada: the newest");
    stage.shows("line 80.");
    stage.shows("▼ 20 below · End for the newest");
    stage.key("End");
    stage.shows("the newest");
    stage.key("Home");
    stage.shows("you said helo");
    stage.key("PgDn");
    stage.hides("you said helo");
}

#[test]
fn tab_completes_names_and_commands() {
    let mut stage = Stage::among(80, 24, &["mira", "milan", "tomas"]);
    let draft = |stage: &Stage| stage.model.buffer().composer.text().to_owned();
    stage.typed("to");
    stage.key("Tab");
    assert_eq!(draft(&stage), "tomas: ");
    stage.typed("ask mi");
    stage.key("Tab");
    assert_eq!(draft(&stage), "tomas: ask milan ");
    stage.key("Tab");
    assert_eq!(draft(&stage), "tomas: ask mira ");
    stage.key("Shift+Tab");
    stage.key("Ctrl+c");
    stage.typed("/rec");
    stage.shows("try to reach the server now");
    stage.key("Tab");
    assert_eq!(draft(&stage), "/reconnect ");
    stage.key("Ctrl+c");
    stage.typed("/msg tom");
    stage.key("Tab");
    assert_eq!(draft(&stage), "/msg tomas ");
}

#[test]
fn a_slip_gets_a_hint_and_what_is_missing_stays_typed() {
    let mut stage = settled();
    stage.line("/nikc grace");
    stage.shows("⚠ there is no /nikc · did you mean /nick?");
    stage.line("/msg");
    stage.shows("/msg NAME TEXT write to one person");
    stage.shows("/msg needs NAME TEXT");
    stage.shows("ada › /msg");
    assert_eq!(stage.deeds(), []);
    stage.key("Ctrl+c");
    stage.line("//shrug");
    assert_eq!(stage.deeds(), [say(1, "/shrug")]);
}

#[test]
fn what_was_sent_comes_back_with_up() {
    let mut stage = settled();
    stage.line("one");
    stage.line("two");
    stage.typed("dra");
    for expected in ["two", "one", "one"] {
        stage.key("Up");
        assert_eq!(stage.model.buffer().composer.text(), expected);
    }
    for expected in ["two", "dra", "dra"] {
        stage.key("Down");
        assert_eq!(stage.model.buffer().composer.text(), expected);
    }
}

#[test]
fn a_paste_is_never_sent_by_itself() {
    let mut stage = settled();
    stage.event(Event::Pasted("one\r\ntwo\x1b[2J\tthree\n".into()));
    assert_eq!(stage.deeds(), []);
    assert_eq!(stage.model.buffer().composer.text(), "one\ntwo[2J    three\n");
    stage.key("Enter");
    assert_eq!(stage.deeds(), [say(1, "one\ntwo[2J    three")]);
}

#[test]
fn typing_is_told_sparingly_and_shown() {
    let mut stage = settled();
    let typing = |typing| Effect::Typing { room: room("lobby"), to: None, typing };
    stage.typed("hel");
    assert_eq!(stage.effects(), [typing(true)]);
    stage.wait(3_000);
    stage.typed("lo");
    assert_eq!(stage.effects(), [typing(true)]);
    stage.key("Ctrl+c");
    assert_eq!(stage.effects(), [typing(false)]);
    stage.typed("/nick x");
    assert_eq!(stage.effects(), []);
    stage.tell(Notice::Typing { room: room("lobby"), from: id(2), direct: false, typing: true });
    stage.wait(4_000);
    stage.shows("mira is typing…");
    stage.wait(6_000);
    stage.hides("typing");
}

#[test]
fn quitting_is_asked_once() {
    let mut stage = settled();
    stage.typed("x");
    stage.key("Ctrl+c");
    stage.key("Ctrl+c");
    assert_eq!(stage.deeds(), []);
    stage.shows("Ctrl+C once more to quit");
    stage.wait(3_000);
    stage.key("Ctrl+c");
    assert_eq!(stage.deeds(), []);
    stage.key("Ctrl+c");
    assert_eq!(stage.deeds(), [Effect::Quit]);
    stage.key("Ctrl+d");
    stage.line("/quit");
    stage.event(Event::Terminated);
    assert_eq!(stage.deeds(), [Effect::Quit, Effect::Quit, Effect::Quit]);
}

#[test]
fn help_opens_scrolls_and_closes_without_touching_the_draft() {
    let mut stage = settled();
    stage.key("?");
    stage.shows("keys and commands");
    stage.key("PgDn");
    stage.shows("/quit");
    stage.key("Esc");
    stage.hides("keys and commands");
    stage.typed("what?");
    stage.key("F1");
    stage.key("F1");
    stage.shows("ada › what?");
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
fn who_lists_the_room() {
    let mut stage = settled();
    stage.changes(Change {
        updated: vec![person(3, "tomas", State::Away, Some("lunch"))],
        ..Change::default()
    });
    stage.line("/who");
    stage.shows("here 2: ada (you), mira · away 1: tomas (lunch)");
}

#[test]
fn what_comes_from_the_network_cannot_drive_the_terminal() {
    let mut stage = settled();
    stage.said(2, "\x1b]0;owned\x07\x1b[2Jhi \u{202e}evil");
    stage.shows("]0;owned[2Jhi evil");
}
