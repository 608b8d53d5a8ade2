//! `hullo helo`: say helo, print the answers, and go.

use std::collections::HashSet;
use std::time::Duration;

use hullo::protocol::Message;
use hullo::{Notice, Notices, Person};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::connect::{Entered, Target, in_room};
use super::names::Names;
use super::output::{json, paragraph, print, say};
use super::stop;
use crate::entry::message;
use crate::failure::Failure;

/// An answer, as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    id: String,
    name: &'a str,
    message: &'a Message,
    auto: bool,
    after_ms: u128,
}

/// Prints each answer until everybody present has answered, or `wait` is over.
pub(super) async fn helo(target: Target, wait: Duration, as_json: bool) -> Result<(), Failure> {
    let work = async |entered| print_all_answers(&target, entered, wait, as_json).await;
    let stop = async {
        tokio::select! {
            signalled = stop::signalled() => Err(signalled),
            () = stop::stdout_closed() => Ok(()),
        }
    };
    in_room(&target, (None, 0), work, stop).await
}

async fn print_all_answers(
    target: &Target,
    entered: Entered,
    wait: Duration,
    as_json: bool,
) -> Result<(), Failure> {
    let Entered { mut notices, me, present, .. } = entered;
    let answers = |person: &&Person| person.id != me.id && person.mode.is_none();
    let others: Vec<Person> = present.iter().filter(answers).cloned().collect();
    if others.is_empty() {
        say(&format!("nobody else is in #{}", target.room));
    }
    print_answers(&mut notices, &present, &others, wait, as_json).await
}

/// Fails if there is somebody and nobody answers.
async fn print_answers(
    notices: &mut Notices,
    present: &[Person],
    others: &[Person],
    wait: Duration,
    as_json: bool,
) -> Result<(), Failure> {
    let start = Instant::now();
    let mut names = Names::of(present);
    let mut silent: HashSet<_> = others.iter().map(|person| person.id).collect();
    let mut is_answered = others.is_empty();
    while !silent.is_empty() {
        let Ok(Some(notice)) = timeout_at(start + wait, notices.recv()).await else { break };
        names.learn(&notice);
        let Notice::Responded { from, message, auto, .. } = &notice else { continue };
        is_answered = true;
        silent.remove(from);
        print(&if as_json {
            let name = names.name(*from);
            let after_ms = start.elapsed().as_millis();
            json(&Answer { id: from.to_string(), name: &name, message, auto: *auto, after_ms })?
        } else {
            paragraph(&message::sentence(&names.quoted(*from), &message.as_text()))
        })?;
    }
    match others.len() {
        _ if is_answered => Ok(()),
        1 => Err(Failure::timed_out("the other person did not answer in time")),
        count => Err(Failure::timed_out(format!("none of {count} people answered in time"))),
    }
}
