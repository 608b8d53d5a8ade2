//! The line mode: keys and notices in, lines out, compared whole.

mod arrivals;
mod ending;
mod lost;

use hullo::Notice;
use hullo::client::Error;
use hullo::presence::Change;
use hullo::protocol::payload::State;

use super::super::play::{Stage, person, room};
use super::super::{at, named};
use crate::core::event::{Effect, Event, Ticket};
use crate::plain::Printer;

/// A stage that is not looked at but listened to.
struct Lines {
    stage: Stage,
    printer: Printer,
}

impl Lines {
    fn new() -> Self {
        Self { stage: Stage::new(80, 24), printer: Printer::new(false) }
    }

    /// In #lobby with these people, all that there is to say about it said.
    fn among(others: &[&str]) -> Self {
        let mut lines = Self::new();
        lines.after(|stage| {
            stage.tell(Notice::Online);
            stage.enter("lobby", others);
        });
        lines.after(|stage| stage.wait(10_000));
        lines
    }

    /// What is told after this happened.
    fn after(&mut self, happens: impl FnOnce(&mut Stage)) -> Vec<String> {
        happens(&mut self.stage);
        self.printer.lines(&self.stage.model)
    }

    #[track_caller]
    fn tell(&mut self, happens: impl FnOnce(&mut Stage), expected: &[&str]) {
        assert_eq!(self.after(happens), expected);
    }

    #[track_caller]
    fn line(&mut self, text: &str, expected: &[&str]) {
        self.tell(|stage| stage.event(Event::Line(text.to_owned())), expected);
    }
}

#[test]
fn the_way_in_is_told() {
    let mut lines = Lines::new();
    lines.tell(|_| (), &["09:40 now writing to #lobby"]);
    lines.tell(
        Stage::goes_offline,
        &["09:40 no server at ws://lan.example:4856 yet: connection refused; hullo keeps trying, \
         and keeps what you write"],
    );
    lines.tell(Stage::goes_offline, &[]);
    lines.line("anyone?", &["09:40 #lobby not sent yet: anyone?"]);
    lines.tell(|stage| stage.tell(Notice::Online), &["09:40 connected to ws://lan.example:4856"]);
    lines.tell(
        |stage| stage.enter("lobby", &["mira", "tomas"]),
        &["09:40 you are in #lobby as ada; 2 others here: mira and tomas"],
    );
    lines.tell(
        |stage| stage.event(Event::Settled(Ticket(1), Ok(()))),
        &["09:40 #lobby sent: anyone?"],
    );
    lines.tell(
        |stage| stage.responded(2, "hello there ada", true),
        &["09:40 #lobby mira answered: hello there ada"],
    );
    lines.stage.wait(400);
    lines.tell(
        |stage| stage.responded(3, "hi!", false),
        &["09:40 #lobby tomas answered: hi!", "09:40 #lobby 2 of 2 answered in 0.4 s"],
    );
    lines.tell(|stage| stage.wait(9_000), &[]);
}

#[test]
fn others_are_counted_and_their_names_left_as_they_are() {
    let check = |names: &[&str], expected: &str| {
        let mut lines = Lines::new();
        lines.after(|stage| stage.tell(Notice::Online));
        let told = format!("09:40 you are in #lobby as ada; {expected}");
        lines.tell(|stage| stage.enter("lobby", names), &[&told]);
    };
    check(&["1 others"], "1 other here: \"1 others\"");
    let eleven = ["b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    check(&eleven, "11 others here: b, c, d, e, f, g, h, i, j, k and l");
}

#[test]
fn who_stays_silent_is_counted_and_many_answers_are_one_line() {
    let names = ["b1", "b2", "b3", "b4", "b5", "b6"];
    let mut lines = Lines::new();
    lines.after(|stage| {
        stage.tell(Notice::Online);
        stage.enter("lobby", &names);
    });
    for n in 2..7 {
        lines.tell(|stage| stage.responded(n, "hello there ada", true), &[]);
    }
    let due = lines.printer.deadline(&lines.stage.model);
    assert_eq!(due, Some(at(5_000).at));
    lines.tell(
        |stage| stage.wait(5_000),
        &["09:40 #lobby 5 of 6 answered at once: b1, b2, b3, b4 and b5"],
    );
}

#[test]
fn talk_is_told_with_its_place() {
    let mut lines = Lines::among(&["mira", "tomas"]);
    lines.tell(|stage| stage.said(2, "morning all"), &["09:40 #lobby mira: morning all"]);
    lines.tell(|stage| stage.said(2, "/me waves"), &["09:40 #lobby mira: (action) waves"]);
    lines.tell(|stage| stage.responded(2, "hi", false), &["09:40 mira to you: hi"]);
    lines.line("hello", &[]);
    lines.line("/r psst", &["09:40 now writing to mira alone"]);
    lines.line("/go 1", &["09:40 now writing to #lobby"]);
    lines.tell(
        |stage| stage.event(Event::Settled(Ticket(1), Err(Error::TimedOut))),
        &["09:40 #lobby not confirmed yet: hello"],
    );
    assert_eq!(lines.stage.model.failed_lines, 0);
    lines.line("/join ops", &["09:40 now writing to #ops"]);
    lines.tell(
        |stage| stage.enter("ops", &[]),
        &["09:40 you are in #ops as ada; nobody else is here yet"],
    );
    lines.line("/leave", &["09:40 closed #ops", "09:40 now writing to #lobby"]);
}

#[test]
fn where_nobody_sees_it_typed_it_is_echoed() {
    let mut lines = Lines { printer: Printer::new(true), ..Lines::new() };
    lines.after(|stage| {
        stage.tell(Notice::Online);
        stage.enter("lobby", &["mira"]);
    });
    lines.line("hello", &["09:40 #lobby you: hello"]);
    lines.line("/msg mira psst", &["09:40 you to mira: psst", "09:40 now writing to mira alone"]);
}

#[test]
fn commands_answer_in_lines() {
    let mut lines = Lines::among(&["mira"]);
    lines.line("/who", &["09:40 #lobby here 2: ada (you), mira"]);
    lines.line("/msg", &["09:40 /msg needs NAME [TEXT]"]);
    lines.line("/nikc x", &["09:40 #lobby warning: there is no /nikc; did you mean /nick?"]);
    lines.line("/away lunch", &["09:40 you are away: lunch; /back when you return"]);
    let help = lines.after(|stage| stage.event(Event::Line("/help".into())));
    assert_eq!(
        help[0],
        "09:40 #lobby what you type is sent as a message, except for these commands:"
    );
    assert_eq!(help[1..3], ["  messages:", "  /msg NAME [TEXT]: write to one person"]);
    let commands = help.iter().filter(|line| line.starts_with("  /")).count();
    assert_eq!(commands, lines.stage.model.commands.iter().count());
    assert_eq!(lines.stage.model.picker.map(|picker| picker.kind), None);
}

#[test]
fn what_needs_the_screen_says_so() {
    let mut lines = Lines::among(&["mira"]);
    lines.stage.line("/alias brush /theme dark");
    lines.stage.effects();
    lines.after(|_| ());
    for (line, name) in [("/edit", "edit"), ("/theme x", "theme"), ("/brush", "theme")] {
        let why = format!("09:40 #lobby warning: /{name} needs the screen; --plain has none");
        let before = lines.stage.model.rejected;
        lines.line(line, &[&why]);
        assert_eq!(lines.stage.model.rejected, before + 1, "a program is told by the exit code");
    }
    let why = "09:40 #lobby warning: a theme needs the screen; --plain has none";
    lines.line("/set theme dark", &[why]);
    let left = lines.stage.deeds();
    assert_eq!(left, []);
}

#[test]
fn the_lost_line_and_the_way_back_are_told_once() {
    let mut lines = Lines::among(&["mira", "tomas"]);
    lines.line("/msg mira hi", &["09:40 now writing to mira alone"]);
    lines.tell(Stage::goes_offline, &[
        "09:40 connection lost: connection refused; hullo keeps trying, and keeps what you write",
    ]);
    lines.line("there?", &["09:40 with mira: not sent yet: there?"]);
    lines.stage.wait(12_000);
    lines.tell(
        |stage| stage.tell(Notice::Online),
        &["09:40 back: connected again after 12 s", "09:40 with mira: not confirmed yet: hi"],
    );
    let me = named(50, "ada");
    let present = vec![me.clone(), named(2, "mira")];
    lines.tell(
        |stage| stage.tell(Notice::Entered { room: room("lobby"), me, present, topic: None }),
        &["09:40 you are in #lobby again as ada; 1 other here: mira"],
    );
    lines.tell(|stage| stage.wait(2_000), &["09:40 #lobby tomas left"]);
    lines.tell(
        |stage| stage.event(Event::Settled(Ticket(2), Ok(()))),
        &["09:40 with mira: sent: there?"],
    );
}

#[test]
fn what_was_never_sent_is_told_at_the_end() {
    let mut lines = Lines::among(&["mira"]);
    lines.after(Stage::goes_offline);
    lines.line("there?", &["09:40 #lobby not sent yet: there?"]);
    let unsent = lines.printer.unsent(&lines.stage.model);
    assert_eq!(unsent, ["09:40 #lobby not sent, hullo ended first: there?"]);
}

#[test]
fn what_cannot_be_done_is_known_from_what_is_only_told() {
    let mut lines = Lines::among(&["mira"]);
    let mut declines = |line: &str| {
        let before = lines.stage.model.rejected;
        lines.after(|stage| stage.event(Event::Line(line.to_owned())));
        lines.stage.model.rejected > before
    };
    for line in [
        "/msg nobody hi",
        "/msg ada hi",
        "/r hi",
        "/nope",
        "/msg",
        "/wave",
        "/invite zoe",
        "/go nowhere",
        "/nick \u{200b}",
        "/set idle soon",
        "/unset nothing",
        "/copy",
        "/open",
        "/join ",
    ] {
        assert!(declines(line), "{line:?} is not done");
    }
    for line in
        ["hi", "/msg mira hi", "/go 1", "/who zoe", "/away", "/set idle 20", "/rooms", "/help"]
    {
        assert!(!declines(line), "{line:?} is done");
    }
    lines.after(|stage| stage.arrives(9, "zoe"));
    lines.after(|stage| stage.event(Event::Line("/wave zoe".into())));
    let (before, ticket) = (lines.stage.model.rejected, Ticket(lines.stage.model.tickets));
    lines.after(|stage| stage.event(Event::Settled(ticket, Err(Error::TimedOut))));
    assert_eq!(lines.stage.model.rejected, before + 1, "the wave did not arrive");
}

#[test]
fn what_would_be_copied_is_told_instead() {
    let mut lines = Lines::among(&["mira"]);
    lines.after(|stage| stage.said(2, "see https://a.example/1\nand reply"));
    lines.line("/copy", &["09:40 there is no clipboard here; this is the text:"]);
    let text = lines.stage.effects().into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    });
    let told: Vec<String> = crate::plain::whole(&text.unwrap()).collect();
    assert_eq!(told, ["  see https://a.example/1", "  and reply"]);
}

#[test]
fn nobody_can_speak_in_hullos_voice() {
    let mut lines = Lines::among(&["you", "mira to you", "not sent", "a\"b"]);
    lines.tell(|stage| stage.said(2, "hi"), &["09:40 #lobby \"you\": hi"]);
    lines.tell(
        |stage| stage.said(3, "x\n09:40 #lobby you: y\x1b[2J\u{202e}"),
        &["09:40 #lobby \"mira to you\": x / 09:40 #lobby you: y[2J"],
    );
    lines
        .tell(|stage| stage.said(4, "/me quits\n"), &["09:40 #lobby \"not sent\": (action) quits"]);
    lines.tell(
        |stage| stage.responded(5, "psst\nmore", false),
        &["09:40 \"a'b\" to you: psst / more"],
    );
    lines.tell(
        |stage| {
            let change = Change {
                updated: vec![person(5, "with mira", State::Here, None)],
                ..Change::default()
            };
            stage.changes(change);
            stage.wait(2_000);
        },
        &[
            "09:40 #lobby \"a'b\" is now \"with mira\"",
            "09:40 with \"with mira\": a\"b is now with mira",
        ],
    );
}

#[test]
fn words_that_were_told_as_an_answer_are_not_told_again() {
    let mut lines = Lines::new();
    lines.after(|stage| {
        stage.tell(Notice::Online);
        stage.enter("lobby", &["mira"]);
        stage.wait(2_500);
    });
    lines.tell(
        |stage| stage.responded(2, "good to see you", false),
        &["09:40 #lobby mira answered: good to see you", "09:40 #lobby 1 of 1 answered in 2.5 s"],
    );
    lines.tell(|stage| stage.responded(2, "lunch?", false), &["09:40 mira to you: lunch?"]);
}

#[test]
fn another_server_is_told_with_what_became_of_what_waited() {
    let mut lines = Lines::among(&["mira"]);
    lines.tell(Stage::goes_offline, &[
        "09:40 connection lost: connection refused; hullo keeps trying, and keeps what you write",
    ]);
    lines.line("anyone?", &["09:40 #lobby not sent yet: anyone?"]);
    lines.line(
        "/connect h:1",
        &[
            "09:40 going to another server: ws://h:1",
            "09:40 #lobby not sent: you went to another server first: anyone?",
        ],
    );
    lines.tell(Stage::goes_offline, &[
        "09:40 no server at ws://h:1 yet: connection refused; hullo keeps trying, and keeps what \
         you write",
    ]);
    lines.tell(|stage| stage.tell(Notice::Online), &["09:40 connected to ws://h:1"]);
    lines.tell(
        |stage| stage.enter("lobby", &["zoe"]),
        &["09:40 you are in #lobby as ada; 1 other here: zoe"],
    );
    assert_eq!(lines.stage.model.failed_lines, 1);
}

#[test]
fn a_new_day_is_told() {
    let mut lines = Lines::among(&["mira"]);
    lines.stage.wait(15 * 3_600_000);
    lines.tell(
        |stage| stage.said(2, "late"),
        &["00:40 it is Wednesday 25 November now", "00:40 #lobby mira: late"],
    );
}
