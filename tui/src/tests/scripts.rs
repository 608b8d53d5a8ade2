//! Scripts: keys and notices in, what is to be done and what is on screen out.

mod about;
mod again;
mod alias;
mod bound;
mod commands;
mod connect;
mod debug;
mod edges;
mod failing;
mod farewell;
mod flood;
mod flow;
mod history;
mod kept;
mod keys;
mod layers;
mod long;
mod look_alikes;
mod looks;
mod mouse;
mod mute;
mod numbers;
mod offered;
mod people;
mod plain;
mod reconnect;
mod settings;
mod talk;
mod topics;
mod unseen;

use super::id;
use super::play::{Stage, room};
use crate::core::event::{Effect, Ticket};

fn say(ticket: u64, text: &str) -> Effect {
    Effect::Say { ticket: Ticket(ticket), room: room("lobby"), text: text.into() }
}

fn tell(ticket: u64, to: u128, text: &str) -> Effect {
    Effect::SayTo { ticket: Ticket(ticket), room: room("lobby"), to: id(to), text: text.into() }
}

/// In #lobby with mira (2) and tomas (3), long enough that nobody's words are an answer.
fn settled() -> Stage {
    let mut stage = Stage::among(80, 24, &["mira", "tomas"]);
    stage.wait(10_000);
    stage
}
