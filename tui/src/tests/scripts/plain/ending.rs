//! When the line mode reads, when it ends, and how that is told to a program.

use hullo::Notice;
use hullo::client::{Departure, Error};
use hullo::protocol::Refusal;

use super::super::super::at;
use super::super::super::play::{Stage, room};
use crate::core::event::{Effect, Event, Ticket};
use crate::core::line_mode::LineMode;
use crate::core::update::{outcome, reads_at};
use crate::failure::Failure;

/// The line mode of a program, which has just begun.
fn program() -> Stage {
    let mut stage = Stage::new(80, 24);
    stage.model.line_mode = Some(LineMode::new(false, room("lobby"), at(0).at));
    stage
}

fn program_among(others: &[&str]) -> Stage {
    let mut stage = program();
    stage.tell(Notice::Online);
    stage.enter("lobby", others);
    stage.wait(10_000);
    stage
}

fn line(stage: &mut Stage, text: &str) {
    stage.event(Event::Line(text.to_owned()));
}

fn settle(stage: &mut Stage, ticket: u64, outcome: Result<(), Error>) {
    stage.event(Event::Settled(Ticket(ticket), outcome));
}

/// Whether it wants to end now.
fn ends(stage: &mut Stage) -> bool {
    stage.effects();
    stage.wait(0);
    stage.effects().contains(&Effect::Quit)
}

#[test]
fn the_end_of_input_delivers_first() {
    let mut stage = program_among(&["mira"]);
    line(&mut stage, "hello");
    stage.event(Event::InputEnded);
    assert!(!ends(&mut stage), "it is on its way");
    settle(&mut stage, 1, Ok(()));
    assert!(ends(&mut stage));
    stage.goes_offline();
    line(&mut stage, "there?");
    line(&mut stage, "psst");
    assert!(!ends(&mut stage), "it waits");
    stage.tell(Notice::Online);
    stage.enter("lobby", &["mira"]);
    for ticket in [2, 3] {
        assert!(!ends(&mut stage), "it is on its way");
        settle(&mut stage, ticket, Err(Error::TimedOut));
    }
    assert!(ends(&mut stage));
    assert_eq!(outcome(&stage.model), Err(Failure::failed("2 lines were not confirmed")));
}

#[test]
fn a_program_that_quits_has_its_words_delivered_and_a_person_ends_at_once() {
    for (typed, ended) in [(false, false), (true, true)] {
        let mut stage = program_among(&["mira"]);
        stage.model.line_mode = Some(LineMode::new(typed, room("lobby"), at(0).at));
        line(&mut stage, "hello");
        line(&mut stage, "/quit");
        assert_eq!(reads_at(&stage.model), None);
        assert_eq!(ends(&mut stage), ended);
        settle(&mut stage, 1, Ok(()));
        assert!(ends(&mut stage));
    }
}

#[test]
fn a_signal_and_a_reader_that_leaves_wait_for_nothing() {
    for event in [Event::Terminated, Event::OutputClosed] {
        let mut stage = program_among(&["mira"]);
        line(&mut stage, "hello");
        stage.event(event);
        assert!(ends(&mut stage));
        assert_eq!(outcome(&stage.model), Ok(()));
    }
}

#[test]
fn lines_are_read_once_the_room_is_entered_and_as_fast_as_the_server_takes_them() {
    let mut stage = program();
    assert_eq!(reads_at(&stage.model), None);
    stage.tell(Notice::Online);
    assert_eq!(reads_at(&stage.model), None);
    stage.enter("lobby", &["mira"]);
    assert_eq!(reads_at(&stage.model), Some(at(0).at));
    for ticket in 1..=16 {
        line(&mut stage, "hello");
        assert_eq!(reads_at(&stage.model).is_some(), ticket < 16);
    }
    settle(&mut stage, 1, Ok(()));
    assert!(reads_at(&stage.model).is_some());
    for ticket in 17..=100 {
        line(&mut stage, "hello");
        settle(&mut stage, ticket, Ok(()));
    }
    assert_eq!(reads_at(&stage.model), Some(at(0).at));
    line(&mut stage, "/who");
    assert_eq!(reads_at(&stage.model), Some(at(25).at));
    stage.goes_offline();
    assert_eq!(reads_at(&stage.model), None);
}

#[test]
fn what_a_program_wrote_waits_half_a_minute_for_the_server() {
    let mut stage = program_among(&["mira"]);
    stage.goes_offline();
    line(&mut stage, "anybody?");
    stage.wait(30_000);
    assert_eq!(stage.effects().last(), None);
    stage.wait(1_000);
    assert_eq!(stage.effects(), [Effect::AbandonInput]);
    stage.event(Event::InputAbandoned { count: 7, is_cut: true });
    let text = "error: not sent, the server is gone: 7 more lines, and the rest was not read";
    assert_eq!(stage.effects(), [Effect::Print(text.into()), Effect::Quit]);
    let failure = Failure::failed("8 lines were not sent, the rest was not read");
    assert_eq!(outcome(&stage.model), Err(failure));
}

#[test]
fn what_is_to_be_delivered_last_waits_no_longer() {
    let mut stage = program_among(&["mira"]);
    stage.goes_offline();
    line(&mut stage, "anybody?");
    stage.event(Event::InputEnded);
    stage.wait(30_000);
    assert!(!ends(&mut stage));
    stage.wait(1_000);
    assert!(ends(&mut stage));
    assert_eq!(outcome(&stage.model), Err(Failure::failed("one line was not sent")));
}

#[test]
fn a_program_learns_what_was_not_done_by_the_exit_code_and_finds_the_line() {
    let mut stage = program_among(&["mira"]);
    line(&mut stage, "/nope");
    assert_eq!(stage.effects(), [Effect::Print("error: not done: /nope".into())]);
    line(&mut stage, "/wave mira");
    settle(&mut stage, 1, Err(Error::TimedOut));
    assert_eq!(outcome(&stage.model), Err(Failure::failed("2 lines were not done")));
    stage.event(Event::LineTooLong);
    let text = "error: not sent: this line is too long: at most 16000 bytes can be sent";
    assert!(stage.effects().contains(&Effect::Print(text.into())));
    let failure = Failure::failed("one line was not sent, 2 lines were not done");
    assert_eq!(outcome(&stage.model), Err(failure));
}

#[test]
fn what_comes_of_a_file_is_waited_for_and_belongs_to_its_line() {
    let mut stage = program_among(&["mira"]);
    line(&mut stage, "/export log.txt");
    line(&mut stage, "/bell off");
    stage.event(Event::InputEnded);
    assert!(!ends(&mut stage));
    stage.event(Event::FileDone(Err("log.txt already exists; give another name".into())));
    assert_eq!(stage.effects(), [Effect::Print("error: not done: /export log.txt".into())]);
    stage.event(Event::FileDone(Ok(None)));
    assert!(ends(&mut stage));
    assert_eq!(outcome(&stage.model), Err(Failure::failed("one line was not done")));
}

#[test]
fn a_program_that_cannot_get_in_ends_unless_it_was_read_already() {
    let refusal = || {
        let departure = Departure::Refused(Error::Refused(Refusal::Full));
        Notice::Left { room: room("lobby"), departure }
    };
    let mut stage = program();
    stage.tell(Notice::Online);
    stage.tell(refusal());
    assert!(ends(&mut stage));
    assert_eq!(outcome(&stage.model), Err(Failure::refused("refused: full")));

    let mut stage = program();
    stage.goes_offline();
    assert!(ends(&mut stage));
    let failure = Failure::no_server("no server at ws://lan.example:4856: connection refused");
    assert_eq!(outcome(&stage.model), Err(failure));

    let mut stage = program_among(&["mira"]);
    line(&mut stage, "/who");
    stage.tell(refusal());
    stage.goes_offline();
    assert!(!ends(&mut stage));
    assert_eq!(outcome(&stage.model), Ok(()));
}
