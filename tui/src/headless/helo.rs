//! `hullo helo`: announce, print the answers, and go.

use std::collections::BTreeSet;

use hullo::Notice;
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::names::Names;
use super::print::{self, Reader};
use super::{Inside, enter, leave};
use crate::args::HeloArgs;
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
/// `args.wait` is over.
pub(crate) async fn helo(args: HeloArgs) -> Result<(), Failure> {
    let Inside { client, mut notices, me, present } = enter(&args.place).await?;
    let entered = Instant::now();
    let mut names = Names::of(&present);
    let mut silent: BTreeSet<_> =
        present.iter().map(|who| who.id).filter(|id| *id != me.id).collect();
    let mut answers = 0;
    if silent.is_empty() {
        print::talk(&format!("nobody else is in #{}", args.place.room()));
    }
    let asked = silent.len();
    while !silent.is_empty() {
        let Ok(Some(notice)) = timeout_at(entered + args.wait, notices.recv()).await else { break };
        names.learn(&notice);
        let Notice::Responded { from, message, auto, .. } = &notice else { continue };
        answers += 1;
        silent.remove(from);
        let name = names.name(*from);
        let printed = if args.json {
            let after_ms = entered.elapsed().as_millis();
            print::json(&Answer {
                id: from.to_string(),
                name: &name,
                message,
                auto: *auto,
                after_ms,
            })?
        } else {
            print::line(&format!("{name}: {}", message.as_text()))?
        };
        if printed == Reader::Gone {
            break;
        }
    }
    leave(client, notices).await;
    if answers == 0 && asked > 0 {
        return Err(Failure::timed_out(format!("none of {asked} answered in time")));
    }
    Ok(())
}
