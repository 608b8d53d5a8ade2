//! `hullo helo`: announce, print the answers, and go.

use std::collections::BTreeSet;

use hullo::{Notice, Notices, Person};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::ending::Unread;
use super::names::{Names, who};
use super::print::{self, Reader};
use super::{Inside, enter, leave};
use crate::cli::args::HeloArgs;
use crate::failure::Failure;

/// An answer as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    id: String,
    name: &'a str,
    message: &'a hullo::protocol::Message,
    auto: bool,
    after_ms: u128,
}

/// Says helo and prints each answer as it comes, until everybody who was there has answered or
/// `args.wait` is over, or nobody reads any more.
pub(crate) async fn helo(args: HeloArgs) -> Result<(), Failure> {
    let mut unread = Unread::new();
    let Inside { client, mut notices, me, present, .. } = enter(&args.place).await?;
    let others: Vec<Person> = present.into_iter().filter(|who| who.id != me.id).collect();
    if others.is_empty() {
        print::talk(&format!("nobody else is in #{}", args.place.room()));
    }
    let outcome = tokio::select! {
        heard = answers(&args, &mut notices, &others) => heard,
        () = unread.comes() => Ok(()),
    };
    leave(client).await;
    outcome
}

/// Prints the answers of `others`. None at all, where there could have been some, is a failure.
async fn answers(args: &HeloArgs, notices: &mut Notices, others: &[Person]) -> Result<(), Failure> {
    let entered = Instant::now();
    let mut names = Names::of(others);
    let mut silent: BTreeSet<_> = others.iter().map(|who| who.id).collect();
    let mut heard = others.is_empty();
    while !silent.is_empty() {
        let Ok(Some(notice)) = timeout_at(entered + args.wait, notices.recv()).await else { break };
        names.learn(&notice);
        let Notice::Responded { from, message, auto, .. } = &notice else { continue };
        heard = true;
        silent.remove(from);
        let answer = Answer {
            id: from.to_string(),
            name: &names.name(*from),
            message,
            auto: *auto,
            after_ms: entered.elapsed().as_millis(),
        };
        if show(&answer, args.json)? == Reader::Gone {
            break;
        }
    }
    if heard {
        return Ok(());
    }
    Err(Failure::timed_out(format!("none of {} answered in time", others.len())))
}

fn show(answer: &Answer<'_>, json: bool) -> Result<Reader, Failure> {
    if json {
        print::json(answer)
    } else {
        print::line(&format!("{}: {}", who(answer.name), answer.message.as_text()))
    }
}
