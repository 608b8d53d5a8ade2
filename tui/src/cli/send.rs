//! `hullo send`: say something and go.

use std::io::{Read, stdin};

use hullo::protocol::MAX_MESSAGE_BYTES;
use hullo::protocol::payload::Mode;

use super::connect::{Entered, Target, in_room, in_time};
use super::recipient::recipient;
use super::stop;
use crate::failure::Failure;

/// The rest of a message is for what surrounds the text.
const MAX_TEXT_BYTES: usize = MAX_MESSAGE_BYTES - 1024;

/// Says the text, or with `-` standard input, to the room or to one person.
pub(super) async fn send(target: Target, text: &str, to: Option<&str>) -> Result<(), Failure> {
    let text = if text == "-" { read_stdin()? } else { text.to_owned() };
    if text.trim().is_empty() {
        return Err(Failure::usage("nothing to send: the text is empty"));
    }
    if text.len() > MAX_TEXT_BYTES {
        return Err(Failure::usage(format!("too long to send: at most {MAX_TEXT_BYTES} bytes")));
    }
    // Nobody's bell rings for an arrival because a script has something to say.
    let mode = (Some(Mode::Quiet), 0);
    let work = async |entered| send_text(&entered, text, to).await;
    in_room(&target, mode, work, async { Err(stop::signalled().await) }).await
}

async fn send_text(entered: &Entered, text: String, to: Option<&str>) -> Result<(), Failure> {
    let Entered { room, me, present, .. } = entered;
    match to {
        None => in_time(room.say(text)).await,
        Some(to) => {
            let others: Vec<_> = present.iter().filter(|person| person.id != me.id).collect();
            let person = recipient(&others, to, room.name())?;
            in_time(room.respond(person.id, text)).await
        }
    }
}

fn read_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let limit = u64::try_from(MAX_MESSAGE_BYTES).expect("the limit is small");
    let read = stdin().lock().take(limit).read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
