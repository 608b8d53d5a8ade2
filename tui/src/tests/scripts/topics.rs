//! What rooms are about, which rooms there are, who only watches, and who speaks unseen.

use hullo::Notice;
use hullo::client::{Error, ListedRoom, RoomList};
use hullo::presence::Change;
use hullo::protocol::payload::{Mode, RoomTopic};
use hullo::protocol::{Message, Refusal};

use super::super::play::{ME, Stage, room};
use super::super::{id, named};
use super::settled;
use crate::core::event::{Effect, Event, Ticket};
use crate::plain::Printer;

/// Set by mira on this day at 09:25.
fn topic(text: &str) -> RoomTopic {
    RoomTopic { text: text.into(), by: "mira".into(), at: 1_795_512_300 }
}

fn enter(stage: &mut Stage, topic: Option<RoomTopic>) {
    let (me, present) = (named(ME, "ada"), vec![named(ME, "ada"), named(2, "mira")]);
    stage.tell(Notice::Entered { room: room("lobby"), me, present, topic });
}

fn set(stage: &mut Stage, from: u128, text: Option<&str>) {
    let topic = text.map(str::to_owned);
    stage.tell(Notice::TopicSet { room: room("lobby"), topic, from: id(from), name: None });
}

fn set_topic(ticket: u64, topic: &str) -> Effect {
    Effect::SetTopic { ticket: Ticket(ticket), room: room("lobby"), topic: topic.into() }
}

#[test]
fn a_topic_is_told_on_the_way_in_and_when_it_changes() {
    let mut stage = Stage::new(80, 24);
    stage.tell(Notice::Online);
    enter(&mut stage, Some(topic("release on Friday")));
    stage.shows("topic: release on Friday · set by mira, 09:25");
    stage.shows("#lobby 2  release on Friday ");
    set(&mut stage, 2, Some("release on Monday"));
    stage.shows("mira set the topic: release on Monday");
    stage.shows("#lobby 2  release on Monday ");
    set(&mut stage, 2, None);
    stage.shows("mira took the topic away");
    stage.line("/topic");
    stage.shows("this room has no topic · /topic TEXT sets one");
    assert_eq!(stage.model.buffer().unread, 0);
}

#[test]
fn a_topic_is_set_shown_and_taken_away() {
    let mut stage = settled();
    stage.line("/topic tea at four");
    assert_eq!(stage.deeds(), [set_topic(1, "tea at four")]);
    stage.hides("you set the topic");
    stage.event(Event::Settled(Ticket(1), Ok(())));
    stage.shows("you set the topic: tea at four");
    stage.wait(3 * 24 * 3_600_000);
    stage.line("/topic");
    stage.shows("topic: tea at four · set by ada, 24 Nov 09:40");
    stage.line("/topic -delete");
    assert_eq!(stage.deeds().last(), Some(&set_topic(2, "")));
    stage.event(Event::Settled(Ticket(2), Ok(())));
    stage.shows("you took the topic away");
}

#[test]
fn a_topic_that_cannot_be_set_is_said_and_nothing_changes() {
    let mut stage = Stage::among(80, 24, &["mira"]);
    set(&mut stage, 2, Some("tea"));
    stage.line(&format!("/topic {}", "x".repeat(141)));
    stage.shows("⚠ that is too long for a topic; 140 characters in 560");
    assert_eq!(stage.deeds(), []);
    stage.line("/topic coffee");
    let refused = |refusal| Err(Error::Refused(refusal));
    stage.event(Event::Settled(Ticket(1), refused(Refusal::UnknownEvent)));
    stage.shows("this server keeps no topics");
    stage.line("/topic coffee");
    stage.event(Event::Settled(Ticket(2), refused(Refusal::Unavailable)));
    stage.shows("the topic was not set: unavailable");
    stage.shows("#lobby 2  tea ");
    stage.line("/leave");
    stage.line("/topic coffee");
    stage.shows("you are not in #lobby · /join lobby to come back");
}

#[test]
fn back_again_only_another_topic_is_told() {
    let mut stage = Stage::new(80, 24);
    stage.tell(Notice::Online);
    enter(&mut stage, Some(topic("one")));
    let lines = |stage: &Stage| stage.text().matches("topic: ").count();
    stage.goes_offline();
    stage.tell(Notice::Online);
    enter(&mut stage, Some(topic("one")));
    assert_eq!(lines(&stage), 1, "{}", stage.text());
    enter(&mut stage, Some(topic("two")));
    stage.shows("topic: two");
    enter(&mut stage, None);
    stage.shows("this room has no topic any more");
}

#[test]
fn a_long_topic_is_clipped_beside_the_rooms_and_gives_way_where_it_is_narrow() {
    let long = "a very long topic that says all that there is to be said about this room";
    let mut wide = Stage::among(120, 24, &["mira"]);
    set(&mut wide, 2, Some(long));
    wide.shows("#lobby · 2 here  a very long topic that");
    wide.shows("…");
    let mut narrow = Stage::among(40, 24, &["mira"]);
    set(&mut narrow, 2, Some(long));
    assert!(!narrow.text().lines().next().unwrap().contains("a very"), "{}", narrow.text());
}

fn listed() -> Vec<ListedRoom> {
    let mut build = ListedRoom::new(room("build"), 3);
    build.topic = Some("all green".into());
    vec![ListedRoom::new(room("lobby"), 14), build, ListedRoom::new(room("ops"), 1)]
}

fn answer(stage: &mut Stage, ticket: Option<u64>, rooms: Vec<ListedRoom>, more: bool) {
    let list = RoomList::new(rooms, more);
    stage.event(Event::RoomsListed(ticket.map(Ticket), Ok(list)));
}

#[test]
fn the_rooms_are_listed_and_enter_joins_one() {
    let mut stage = settled();
    stage.line("/list");
    let ask = |ticket, matching: &str| Effect::ListRooms { ticket, matching: matching.into() };
    assert_eq!(stage.deeds(), [ask(Some(Ticket(1)), "")]);
    stage.shows("asking the server…");
    answer(&mut stage, Some(1), listed(), true);
    stage.shows("the busiest rooms · /list TEXT finds others");
    stage.shows("14 #lobby");
    stage.shows("3 #build  all green");
    stage.typed("green");
    stage.hides("#ops");
    stage.key("Enter");
    let (name, status) = ("ada".to_owned(), None);
    assert_eq!(stage.deeds(), [Effect::Join { room: room("build"), name, status }]);
    assert_eq!(stage.model.buffer().title(), "#build");
}

#[test]
fn where_there_is_no_list_that_is_said() {
    let mut stage = settled();
    stage.line("/list green tea");
    answer(&mut stage, Some(1), Vec::new(), false);
    stage.hides("type to filter");
    stage.shows("there is no room like that with anybody in it");
    stage.line("/list");
    let unmatched = Err(Error::Refused(Refusal::UnmatchedTopic));
    stage.event(Event::RoomsListed(Some(Ticket(2)), unmatched));
    stage.shows("this server does not list its rooms");
    stage.line("/list");
    stage.event(Event::RoomsListed(Some(Ticket(3)), Err(Error::Offline)));
    stage.shows("⚠ the rooms were not listed: there is no connection to");
}

#[test]
fn the_palette_offers_the_rooms_of_the_server() {
    let mut stage = settled();
    stage.key("Ctrl+p");
    let asked = |stage: &mut Stage| {
        let effects = stage.effects();
        effects.iter().filter(|effect| matches!(effect, Effect::ListRooms { .. })).count()
    };
    assert_eq!(asked(&mut stage), 1);
    answer(&mut stage, None, listed(), false);
    stage.typed("build");
    stage.shows("#build  all green");
    stage.shows("room · 3 here · join");
    stage.hides("join this room");
    stage.key("Esc");
    stage.key("Ctrl+p");
    assert_eq!(asked(&mut stage), 0, "the list is fresh");
    stage.key("Esc");
    stage.wait(31_000);
    stage.key("Ctrl+p");
    stage.event(Event::RoomsListed(None, Err(Error::TimedOut)));
    assert_eq!(asked(&mut stage), 1);
    stage.typed("ops");
    stage.key("Enter");
    assert_eq!(stage.model.buffer().title(), "#ops");
    stage.typed("/join bu");
    stage.key("Tab");
    assert_eq!(stage.model.buffer().composer.text(), "/join build");
}

#[test]
fn who_only_watches_comes_and_goes_in_silence_and_stands_apart() {
    let mut stage = settled();
    let mut log = named(7, "log");
    log.mode = Some(Mode::Observer);
    stage.changes(Change { joined: vec![log.clone()], ..Change::default() });
    stage.hides("log arrived");
    stage.shows("HERE 3");
    stage.shows("WATCHING 1");
    stage.shows("● log");
    stage.shows("1 #lobby 3");
    stage.line("/who");
    stage.shows("here 3: ada (you), mira, tomas · watching 1: log");
    stage.line("/whois log");
    stage.shows("log is only watching");
    stage.line("/helo");
    stage.deeds();
    stage.changes(Change { left: vec![log], ..Change::default() });
    stage.hides("log left");
    stage.hides("WATCHING");
    assert_eq!(stage.model.arrivals(), 0);
}

#[test]
fn no_answer_is_expected_of_who_only_watches() {
    let mut stage = Stage::new(80, 24);
    let mut log = named(3, "log");
    log.mode = Some(Mode::Observer);
    let (me, present) = (named(ME, "ada"), vec![named(ME, "ada"), named(2, "mira"), log]);
    stage.tell(Notice::Online);
    stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
    stage.responded(2, "hello ada", true);
    stage.shows("you said helo · 1/1");
}

#[test]
fn who_speaks_unseen_has_a_name_that_is_nobody_elses() {
    let mut stage = settled();
    let said = |name: &str, text: &str| Notice::Said {
        room: room("lobby"),
        from: id(9),
        message: Message::text(text),
        name: Some(name.into()),
        seq: None,
    };
    stage.tell(said("ci", "the build is done"));
    stage.tell(said("mira", "it is me"));
    stage.shows("ci       the build is done");
    stage.shows("mira~2   it is me");
    stage.shows("HERE 3");
    stage.line("/ignore ci");
    stage.tell(said("ci", "again"));
    stage.hides("again");
}

#[test]
fn who_writes_to_us_unseen_can_be_answered() {
    let mut stage = settled();
    stage.tell(Notice::Responded {
        room: room("lobby"),
        from: id(9),
        message: Message::text("your build is done"),
        auto: false,
        name: Some("ci".into()),
        seq: None,
    });
    stage.key("Alt+a");
    assert_eq!(stage.model.buffer().title(), "ci");
    stage.shows("your build is done");
    stage.line("thanks");
    assert_eq!(stage.deeds(), [super::tell(1, 9, "thanks")]);
    stage.event(Event::Settled(Ticket(1), Err(Error::Refused(Refusal::UnknownRecipient))));
    stage.shows("they have left");
}

#[test]
fn in_lines_topics_and_rooms_are_told() {
    let mut stage = Stage::new(80, 24);
    let mut printer = Printer::new(false);
    stage.model.line_mode =
        Some(crate::core::line_mode::LineMode::new(true, room("lobby"), stage.model.now.at));
    stage.tell(Notice::Online);
    enter(&mut stage, Some(topic("tea")));
    stage.wait(10_000);
    printer.lines(&stage.model);
    set(&mut stage, 2, Some("coffee"));
    stage.event(Event::Line("/list".into()));
    answer(&mut stage, Some(1), listed(), true);
    assert_eq!(
        printer.lines(&stage.model),
        [
            "09:40 #lobby mira set the topic: coffee",
            "09:40 #lobby the 3 busiest rooms; /list TEXT lists others",
            "  #lobby; 14 here",
            "  #build; 3 here; all green",
            "  #ops; 1 here",
        ]
    );
}
