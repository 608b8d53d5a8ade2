//! `hullo send`: say something and go.

use std::io::Read;

use hullo::protocol::MAX_MESSAGE_BYTES;

use super::recipient::recipient;
use super::{Inside, enter, in_time, leave};
use crate::cli::args::SendArgs;
use crate::failure::Failure;

/// Says `args.text` to the room, or to the one person in it whom `args.to` means.
pub(crate) async fn send(args: SendArgs) -> Result<(), Failure> {
    let text = read(&args.text)?;
    let inside = enter(&args.place).await?;
    let said = say(&inside, args.to.as_deref(), text).await;
    // Also if it failed: without a leave, the others would see us for a while.
    leave(inside.client).await;
    said
}

async fn say(inside: &Inside, to: Option<&str>, text: String) -> Result<(), Failure> {
    let Inside { room, me, present, .. } = inside;
    match to {
        None => in_time(room.say(text)).await,
        Some(meant) => {
            let others: Vec<_> = present.iter().filter(|who| who.id != me.id).collect();
            let who = recipient(&others, meant, room.name())?;
            in_time(room.respond(who.id, text)).await
        }
    }
}

fn read(text: &str) -> Result<String, Failure> {
    let text = if text == "-" { read_input()? } else { text.to_owned() };
    if text.trim().is_empty() {
        return Err(Failure::usage("nothing to say: the text is empty"));
    }
    if text.len() > MAX_MESSAGE_BYTES - 1024 {
        return Err(Failure::usage(format!(
            "too much to say at once: {} bytes, and a message has at most {}",
            text.len(),
            MAX_MESSAGE_BYTES - 1024
        )));
    }
    Ok(text)
}

fn read_input() -> Result<String, Failure> {
    let mut text = String::new();
    let limit = u64::try_from(MAX_MESSAGE_BYTES).expect("the limit is small") + 1;
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
