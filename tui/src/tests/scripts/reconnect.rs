//! A connection that breaks and comes back: the session goes on, and no line is lost or marked for
//! what it is not.

use hullo::Notice;
use hullo::client::Error;
use hullo::presence::Change;

use super::super::named;
use super::super::play::{ME, Stage, room};
use super::history::{history, log, past};
use super::{say, settled};
use crate::core::event::{Effect, Event, Ticket};

fn resumes(stage: &mut Stage) {
    stage.tell(Notice::Online);
    let me = named(ME, "ada");
    let present = vec![me.clone(), named(2, "mira"), named(3, "tomas")];
    stage.tell(Notice::Resumed { room: room("lobby"), me, present });
}

#[test]
fn a_drop_is_one_quiet_line() {
    let mut stage = settled();
    stage.line("/msg tomas hi");
    stage.key("Alt+2");
    stage.effects();
    stage.goes_offline();
    stage.wait(12_000);
    resumes(&mut stage);
    stage.said(2, "while you were away");
    assert_eq!(stage.model.buffers[0].unread, 1);
    assert_eq!((stage.model.arrivals(), stage.deeds()), (0, vec![]));
    stage.key("Alt+1");
    assert_eq!(
        log(&stage),
        [
            " 09:40 ▸ you said helo · 0/2 answered · 2 silent",
            " ┄┄┄┄┄┄┄┄ connection lost 09:40:10, back after 12 s ┄┄┄┄┄┄┄┄┄",
            " ────────────────────────── 1 new ───────────────────────────",
            " 09:40 mira     while you were away",
        ]
    );
}

#[test]
fn a_line_that_waited_is_sent_and_one_under_way_is_confirmed_late() {
    let mut stage = settled();
    stage.line("under way");
    stage.wait(1_000);
    stage.goes_offline();
    stage.line("written offline");
    assert_eq!(
        log(&stage),
        [
            " 09:40 ▸ you said helo · 0/2 answered · 2 silent",
            "       ada      under way  ◌ not confirmed yet",
            " ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ connection lost 09:40:11 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄",
            " 09:40 ada      written offline  ◌ waiting to send",
        ]
    );
    stage.wait(12_000);
    stage.effects();
    resumes(&mut stage);
    assert_eq!(stage.deeds(), [say(2, "written offline")]);
    for ticket in [1, 2] {
        stage.event(Event::Settled(Ticket(ticket), Ok(())));
    }
    assert_eq!(
        log(&stage),
        [
            " 09:40 ▸ you said helo · 0/2 answered · 2 silent",
            "       ada      under way",
            " ┄┄┄┄┄┄┄┄ connection lost 09:40:11, back after 12 s ┄┄┄┄┄┄┄┄┄",
            " 09:40 ada      written offline",
        ]
    );
}

#[test]
fn what_may_have_arrived_is_not_called_failed_and_is_found_in_the_history() {
    let mut stage = settled();
    stage.line("did that arrive?");
    stage.line("and that?");
    stage.goes_offline();
    stage.tell(Notice::Online);
    for ticket in [1, 2] {
        stage.event(Event::Settled(Ticket(ticket), Err(Error::Lost)));
    }
    stage.shows("did that arrive?  ◌ not confirmed");
    stage.shows("and that?  ◌ not confirmed");
    stage.tell(Notice::Gap { room: room("lobby"), is_filled: true });
    let me = named(50, "ada");
    let present = vec![me.clone(), named(2, "mira"), named(3, "tomas")];
    stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
    stage.hides("may be missing");
    history(&mut stage, vec![past(7, 0, ME, "ada", "did that arrive?")]);
    stage.hides("did that arrive?  ◌");
    stage.shows("and that?  ◌ not confirmed");
}

#[test]
fn a_server_that_does_not_answer_is_not_green() {
    let mut stage = settled();
    stage.tell(Notice::RoundTrip(std::time::Duration::from_millis(14)));
    stage.line("hello?");
    stage.shows("14 ms · ada");
    stage.wait(2_999);
    stage.shows("14 ms · ada");
    stage.wait(9_001);
    stage.shows("◌ no answer for 12 s · ada");
    stage.shows("hello?  ◌ not confirmed");
    stage.event(Event::Settled(Ticket(1), Ok(())));
    stage.shows("14 ms · ada");
    stage.hides("not confirmed");
    stage.wait(17_999);
    stage.shows("14 ms · ada");
    stage.wait(1);
    stage.shows("◌ no answer for 18 s · ada");
    stage.tell(Notice::RoundTrip(std::time::Duration::from_millis(9)));
    stage.shows("9 ms · ada");
}

#[test]
fn who_typed_when_the_connection_broke_does_not_type_for_ever() {
    let mut stage = settled();
    let typing = |from, direct| Notice::Typing { room: room("lobby"), from, direct, typing: true };
    stage.tell(typing(super::id(2), false));
    stage.shows("mira is typing");
    stage.goes_offline();
    stage.hides("typing");
}

#[test]
fn who_really_came_and_went_meanwhile_is_told() {
    let mut stage = settled();
    stage.goes_offline();
    resumes(&mut stage);
    let left = vec![named(3, "tomas")];
    stage.changes(Change { joined: vec![named(9, "zoe")], left, ..Change::default() });
    stage.shows("+ zoe arrived · − tomas left");
}

#[test]
fn whoever_quits_with_lines_unsent_is_asked_once() {
    let mut stage = settled();
    stage.goes_offline();
    stage.line("one");
    stage.line("two");
    stage.effects();
    stage.line("/quit");
    assert_eq!(stage.deeds(), []);
    stage.shows("2 lines are not sent yet · quit again to keep what is not sent as a draft");
    stage.wait(5_000);
    stage.line("/quit");
    assert_eq!(stage.deeds(), [Effect::Quit]);
}

#[test]
fn a_line_that_was_sent_just_now_is_no_question() {
    let mut stage = settled();
    stage.line("bye");
    stage.effects();
    stage.line("/quit");
    assert_eq!(stage.deeds(), [Effect::Quit]);
}
