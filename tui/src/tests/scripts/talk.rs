//! What people say to the room and to each other.

use hullo::Notice;
use hullo::client::Error;
use hullo::presence::Change;
use hullo::protocol::Refusal;
use hullo::protocol::payload::State;

use super::super::play::{Stage, person, room};
use super::{say, settled, tell};
use crate::chat::buffer::Buffer;
use crate::core::event::{Effect, Event, Ticket};
use crate::tests::{id, named};

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
    stage.event(Event::Settled(Ticket(1), Err(Error::Refused(Refusal::Unavailable))));
    stage.shows("✗ not sent: ");
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
}

#[test]
fn a_namesake_gets_a_conversation_of_their_own() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    let begun = stage.model.buffer().id;
    stage.leaves(2, "mira");
    stage.shows("ada → mira (left) ›");
    stage.typed("what only mira");
    stage.arrives(20, "mira");
    stage.key("Enter");
    stage.shows("✗ not sent: they have left");
    stage.effects();
    stage.responded(20, "hi, I am another mira", false);
    stage.line("/msg mira who are you?");
    assert_eq!(stage.deeds(), [tell(2, 20, "who are you?")]);
    assert_ne!(stage.model.buffer().id, begun);
    stage.shows("this is a new session; the conversation mira (left)");
    stage.hides("what only mira");
}

#[test]
fn after_a_reconnect_a_conversation_goes_on_with_the_same_session_alone() {
    let mut stage = Stage::among(80, 24, &["mira", "mira", "tomas"]);
    stage.wait(10_000);
    stage.line("/msg mira~2 for the second");
    let second = stage.model.buffer().id;
    stage.line("/msg tomas for tomas");
    let tomas = stage.model.buffer().id;
    stage.goes_offline();
    stage.line("still for tomas");
    stage.deeds();
    let me = named(50, "ada");
    let present = vec![me.clone(), named(60, "mira"), named(3, "mira"), named(70, "tomas")];
    stage.tell(Notice::Online);
    stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
    assert_eq!(stage.deeds(), [], "what waited for tomas goes to nobody else of that name");
    stage.shows("✗ not sent: they have left");
    let title = |stage: &mut Stage, id| stage.model.by_id(id).unwrap().title();
    assert_eq!(title(&mut stage, tomas), "tomas (left)");
    assert!(!title(&mut stage, second).contains("left"));
    assert_eq!(stage.model.by_id(second).unwrap().direct().unwrap().peer, id(3));
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
fn buffers_are_gone_to_by_number_and_by_name() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    stage.line("/buffer");
    stage.shows("1 #lobby (3 here)");
    stage.shows("2 mira");
    stage.line("/buffer lobby");
    assert_eq!(stage.model.current, 0);
    stage.line("/go 2");
    assert_eq!(stage.model.current, 1);
    stage.line("/go #LOB");
    assert_eq!(stage.model.current, 0);
    stage.line("/go nowhere");
    stage.shows("⚠ no buffer is called nowhere · /buffer lists all");
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
fn mentions_and_arrivals_have_lists_of_their_own() {
    let mut stage = settled();
    stage.said(2, "ada: look at this");
    stage.said(3, "nothing much");
    stage.arrives(9, "zoe");
    let titles: Vec<String> = stage.model.buffers.iter().map(Buffer::title).collect();
    assert_eq!(titles, ["#lobby", "mentions", "arrivals"]);
    stage.line("/buffer mentions");
    stage.shows("#lobby  mira: ada: look at this");
    stage.hides("nothing much");
    stage.line("/buffer arrivals");
    stage.shows("#lobby  + zoe arrived");
    stage.line("hello?");
    assert_eq!(stage.deeds().len(), 1, "only zoe was answered");
    stage.shows("you cannot write in a list");
    stage.shows("ada › hello?");
}

#[test]
fn leaving_goes_back_to_where_one_was() {
    let mut stage = settled();
    stage.enter("ops", &["kim"]);
    stage.enter("build", &["kim"]);
    stage.line("/msg mira hi");
    stage.line("/join ops");
    stage.deeds();
    stage.line("/leave build");
    assert_eq!(stage.deeds(), [Effect::Leave(room("build"))]);
    assert_eq!(stage.model.buffer().title(), "#ops");
    stage.line("/leave nowhere");
    stage.shows("⚠ no buffer is called nowhere");
    stage.line("/leave");
    assert_eq!(stage.deeds(), [Effect::Leave(room("ops"))]);
    assert_eq!(stage.model.buffer().title(), "mira");
}

#[test]
fn what_waits_for_a_restarted_server_waits_for_those_who_come_back_with_it() {
    for all_come in [true, false] {
        let mut stage = settled();
        stage.goes_offline();
        stage.line("did that get lost?");
        stage.wait(2_000);
        stage.tell(Notice::Online);
        stage.enter("lobby", &[]);
        assert_eq!(stage.deeds(), []);
        stage.line("or this?");
        stage.arrives(12, "mira");
        let said = |effect: &Effect| matches!(effect, Effect::Say { .. });
        assert!(!stage.deeds().iter().any(said), "tomas is not back yet");
        stage.shows("or this?  ◌ waiting to send");
        if all_come {
            stage.arrives(13, "tomas");
        } else {
            stage.wait(3_000);
        }
        let sent = stage.deeds().into_iter().filter(said).collect::<Vec<_>>();
        assert_eq!(sent, [say(1, "did that get lost?"), say(2, "or this?")]);
        stage.line("heard");
        assert_eq!(stage.deeds(), [say(3, "heard")]);
    }
}

#[test]
fn a_line_that_only_we_had_lost_waits_for_nobody() {
    let mut stage = settled();
    stage.goes_offline();
    stage.line("still there?");
    stage.tell(Notice::Online);
    stage.enter("lobby", &["mira"]);
    assert_eq!(stage.deeds(), [say(1, "still there?")]);
}

#[test]
fn what_still_waits_outlives_that_the_log_is_cleared_or_closed() {
    let mut stage = settled();
    stage.line("/msg mira hi");
    stage.goes_offline();
    stage.line("one");
    stage.line("two");
    stage.line("/clear");
    stage.shows("two  ◌ waiting to send (2)");
    stage.hides("connection lost");
    stage.line("/leave");
    stage.shows("2 not sent to mira · Up recalls");
    stage.effects();
    stage.key("Up");
    stage.shows("ada › two");
}

#[test]
fn what_somebody_said_is_theirs_whoever_has_their_name_now() {
    let mut stage = settled();
    stage.said(2, "ada: a word with you?");
    stage.leaves(2, "mira");
    stage.arrives(20, "mira");
    stage.line("/buffer mentions");
    stage.key("Alt+Up");
    stage.key("p");
    stage.shows("mira is not here any more");
    stage.effects();
    assert!(stage.model.buffer().direct().is_none());
}
