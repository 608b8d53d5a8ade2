//! What was said before, and a connection that breaks, in lines.

use hullo::Notice;
use hullo::client::Error;

use super::super::super::play::{ME, room};
use super::super::super::{id, named};
use super::super::history::{history, past};
use super::*;

#[test]
fn what_was_said_before_is_told_with_its_day_and_time() {
    let mut lines = Lines::new();
    lines.after(|stage| {
        stage.tell(Notice::Online);
        stage.enter("lobby", &["mira"]);
    });
    let messages = vec![
        past(11, 86_400, 70, "ben", "who takes the late shift?"),
        past(15, 3_600, 2, "mira", "morning"),
    ];
    lines.tell(
        |stage| history(stage, messages),
        &[
            "09:40 #lobby on Monday 23 November:",
            "09:40 #lobby ben: who takes the late shift?",
            "08:40 #lobby on Tuesday 24 November:",
            "08:40 #lobby mira: morning",
            "09:40 #lobby end of the earlier messages; now:",
        ],
    );
    lines.tell(|stage| stage.said(2, "hi ada"), &["09:40 #lobby mira: hi ada"]);
}

#[test]
fn a_session_that_goes_on_says_only_that_the_connection_is_back() {
    let mut lines = Lines::among(&["mira", "tomas"]);
    lines.line("hello", &[]);
    lines.tell(Stage::goes_offline, &[
        "09:40 connection lost: connection refused; hullo keeps trying, and keeps what you write",
    ]);
    lines.tell(|stage| stage.wait(3_000), &["09:40 #lobby not confirmed yet: hello"]);
    lines.stage.wait(9_000);
    lines.tell(|stage| stage.tell(Notice::Online), &["09:40 back: connected again after 12 s"]);
    let me = named(ME, "ada");
    let present = vec![me.clone(), named(2, "mira"), named(3, "tomas")];
    lines.tell(|stage| stage.tell(Notice::Resumed { room: room("lobby"), me, present }), &[]);
    lines.tell(
        |stage| stage.event(Event::Settled(Ticket(1), Ok(()))),
        &["09:40 #lobby sent: hello"],
    );
}

#[test]
fn what_may_be_missing_is_told_and_what_is_known_is_told_once() {
    let mut lines = Lines::among(&["mira"]);
    lines.line("hello", &[]);
    lines.after(Stage::goes_offline);
    lines.after(|stage| stage.tell(Notice::Online));
    lines.tell(
        |stage| stage.event(Event::Settled(Ticket(1), Err(Error::Lost))),
        &["09:40 #lobby not confirmed yet: hello"],
    );
    let me = named(50, "ada");
    let present = vec![me.clone(), named(2, "mira")];
    lines.tell(
        |stage| {
            stage.tell(Notice::Gap { room: room("lobby"), is_filled: false });
            stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None });
        },
        &[
            "09:40 you are in #lobby again as ada; 1 other here: mira",
            "09:40 #lobby warning: messages between 09:40:10 and 09:40:10 may be missing",
        ],
    );
    let messages = vec![past(3, 0, ME, "ada", "hello"), past(4, 0, 2, "mira", "hello ada")];
    lines.tell(
        |stage| history(stage, messages),
        &["09:40 #lobby sent: hello", "09:40 #lobby mira: hello ada"],
    );
    assert_eq!(lines.stage.model.room(&room("lobby")).unwrap().own(), Some(id(50)));
}
