//! Going to another server.

use std::collections::BTreeMap;

use hullo::Notice;
use hullo::client::Error;
use hullo::protocol::payload::{State, Status};

use super::super::play::{Stage, room};
use super::super::{id, named};
use super::say;
use crate::chat::buffer::Membership;
use crate::core::event::{Effect, Event, Restored, Ticket};
use crate::core::model::Link;

const OTHER: &str = "ws://other.example:4856";

fn connect(address: &str, drafts: &[(&str, &str)]) -> Effect {
    let drafts = drafts.iter().map(|(title, text)| ((*title).into(), (*text).into())).collect();
    Effect::Connect { address: address.into(), drafts }
}

fn join(name: &str, status: Option<Status>) -> Effect {
    Effect::Join { room: room(name), name: "ada".into(), status }
}

fn wide() -> Stage {
    let mut stage = Stage::among(120, 40, &["mira", "tomas"]);
    stage.wait(10_000);
    stage
}

#[test]
fn every_room_that_one_is_in_is_joined_there_and_the_logs_stay() {
    let mut stage = Stage::among(120, 40, &["mira"]);
    stage.line("/join build");
    stage.line("/join ops");
    stage.line("/leave build");
    stage.line("/buffer 1");
    stage.said(2, "said here");
    stage.line("/away lunch");
    stage.deeds();
    stage.line("/connect other.example");
    let away = Some(Status { state: State::Away, text: Some("lunch".into()) });
    let joins = [join("lobby", away.clone()), join("ops", away)];
    let expected: Vec<Effect> = [connect(OTHER, &[])].into_iter().chain(joins).collect();
    assert_eq!(stage.deeds(), expected);
    assert_eq!(stage.model.link, Link::Connecting);
    stage.shows("said here");
    stage.shows(&format!("from here on: {OTHER}"));
    stage.hides("HERE");
    stage.shows(&format!("connecting to {OTHER}"));
    stage.tell(Notice::Online);
    stage.shows(OTHER);
    stage.enter("lobby", &["zoe"]);
    stage.shows("zoe");
    stage.line("hello there");
    assert_eq!(stage.deeds(), [say(1, "hello there")]);
    stage.line("/buffer ops");
    stage.shows(&format!("from here on: {OTHER}"));
}

#[test]
fn an_address_that_will_not_do_changes_nothing() {
    let mut stage = wide();
    for (address, why) in [
        ("wss://h", "wants TLS, which is not served yet"),
        ("two words", "is no address"),
        ("h:99999", "has no valid port"),
        ("lan.example:4856", "you are at ws://lan.example:4856 already"),
    ] {
        stage.line(&format!("/connect {address}"));
        stage.shows(why);
    }
    stage.line("/connect");
    stage.shows("this is ws://lan.example:4856 · /connect HOST:PORT goes to");
    assert_eq!(stage.deeds(), []);
    stage.said(2, "still here");
    stage.shows("still here");
    stage.goes_offline();
    stage.line("/connect");
    stage.shows("this is ws://lan.example:4856, which does not answer");
}

#[test]
fn what_waits_for_one_server_is_not_sent_to_another_but_stays_to_be_read() {
    let mut stage = wide();
    stage.line("on its way");
    stage.goes_offline();
    stage.line("for these people");
    stage.deeds();
    stage.line("/connect other.example");
    stage.shows("for these people");
    stage.shows("✗ not sent: you went to another server first");
    stage.tell(Notice::Online);
    stage.deeds();
    stage.enter("lobby", &["mira", "tomas"]);
    assert_eq!(stage.deeds(), []);
    stage.event(Event::Settled(Ticket(1), Err(Error::Closed)));
    stage.shows("◌ not confirmed");
    stage.line("/connect third.example");
    stage.line("for the third");
    stage.tell(Notice::Online);
    stage.deeds();
    stage.enter("lobby", &[]);
    assert_eq!(stage.deeds(), [say(2, "for the third")]);
}

#[test]
fn a_conversation_goes_on_where_it_was_begun_and_with_the_same_session_alone() {
    let mut stage = wide();
    stage.responded(2, "psst", false);
    stage.line("/msg mira");
    stage.typed("half a secret");
    let begun = stage.model.buffer().id;
    let enter = |stage: &mut Stage, mira: u128| {
        stage.tell(Notice::Online);
        let me = named(50, "ada");
        let present = vec![me.clone(), named(mira, "mira")];
        stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
    };
    let direct = |stage: &mut Stage| stage.model.by_id(begun).unwrap().direct().cloned().unwrap();
    stage.key("Ctrl+u");
    stage.line("/connect other.example");
    enter(&mut stage, 77);
    assert!(!direct(&mut stage).is_present());
    stage.shows("ada → mira (elsewhe… ›");
    stage.shows("mira (elsewhere) · of ws://lan.example:4856");
    stage.hides("mira is back");
    stage.deeds();
    stage.line("for the one I know");
    stage.shows("✗ not sent: they have left");
    stage.line("/msg mira hello, you");
    assert_eq!(stage.deeds(), [super::tell(1, 77, "hello, you")]);
    assert_ne!(stage.model.buffer().id, begun);
    stage.line("/connect lan.example:4856");
    enter(&mut stage, 78);
    assert!(!direct(&mut stage).is_present(), "another mira is there now");
    stage.line("/connect other.example");
    enter(&mut stage, 77);
    stage.line("/connect lan.example:4856");
    enter(&mut stage, 2);
    assert_eq!((direct(&mut stage).title(), direct(&mut stage).peer), ("mira".into(), id(2)));
}

#[test]
fn a_room_that_refused_us_is_asked_again_there_and_a_flood_ends() {
    let mut stage = Stage::among(80, 24, &[]);
    for n in 100..160 {
        stage.wait(20);
        stage.arrives(n, "somebody");
    }
    assert!(stage.model.buffers[0].log.flood().is_some());
    stage.deeds();
    stage.line("/connect other.example");
    assert_eq!(stage.deeds(), [connect(OTHER, &[]), join("lobby", None)]);
    assert!(stage.model.buffers[0].log.flood().is_none());
    stage.wait(20_000);
    let departure =
        hullo::client::Departure::Refused(Error::Refused(hullo::protocol::Refusal::Full));
    stage.tell(Notice::Left { room: room("lobby"), departure });
    stage.deeds();
    stage.line("/connect third.example");
    assert_eq!(stage.deeds().len(), 2);
    let lobby = stage.model.buffers[0].room().unwrap();
    assert_eq!(lobby.membership, Membership::Joining);
}

#[test]
fn drafts_stay_with_their_buffers_and_those_without_one_with_their_server() {
    let mut stage = wide();
    let left = |drafts: &[(&str, &str)]| {
        let drafts: BTreeMap<String, String> =
            drafts.iter().map(|(title, text)| ((*title).into(), (*text).into())).collect();
        Event::Restored(Box::new(Restored { drafts, ..Restored::default() }))
    };
    stage.event(left(&[("#ops", "for the old ops")]));
    stage.line("/connect other.example");
    assert_eq!(stage.deeds()[0], connect(OTHER, &[("#ops", "for the old ops")]));
    stage.event(left(&[("#lobby", "begun there"), ("#ops", "for the new ops")]));
    assert_eq!(stage.model.buffer().composer.text(), "begun there");
    stage.key("Ctrl+u");
    stage.line("/join ops");
    assert_eq!(stage.model.buffer().composer.text(), "for the new ops");
}

#[test]
fn another_name_that_was_asked_for_is_void_there() {
    let mut stage = wide();
    stage.line("/nick zed");
    stage.line("/connect other.example");
    stage.event(Event::Settled(Ticket(1), Err(Error::Closed)));
    stage.hides("you cannot be called");
    let me = named(1, "ada");
    stage.tell(Notice::Entered {
        room: room("lobby"),
        me: me.clone(),
        present: vec![me],
        topic: None,
    });
    assert_eq!(stage.model.name, "ada");
}
