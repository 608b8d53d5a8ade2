//! Sending messages. A message is shown at once and waits while there is no connection.

use std::time::{Duration, Instant};

use hullo::protocol::{RoomName, SessionId};

use super::{buffers, reject};
use crate::chat::buffer::{BufferId, Place};
use crate::chat::log::Scroll;
use crate::core::event::{Effect, Ticket};
use crate::core::model::{Model, Push, UnderWay};
use crate::entry::Kind;
use crate::entry::message::{Delivery, Message};

/// How often a typing notice is repeated.
const TYPING_EVERY: Duration = Duration::from_secs(3);

/// Sends a message to the room or person of the current buffer.
pub(super) fn say(model: &mut Model, text: &str) -> Vec<Effect> {
    say_in(model, model.current, text)
}

/// Sends a message in a buffer; it is shown there at once.
pub(super) fn say_in(model: &mut Model, at: usize, text: &str) -> Vec<Effect> {
    let now = model.now;
    let buffer = &model.buffers[at];
    let (room, to) = match &buffer.place {
        Place::Room(room) => (room.name.clone(), None),
        Place::Direct(direct) => (direct.room.clone(), Some(direct)),
        Place::Mentions | Place::Arrivals | Place::Debug => {
            reject(model, "you cannot write in a list · /buffer NAME or Alt+< goes to a room");
            return Vec::new();
        }
    };
    let gone = to.is_some_and(|direct| !direct.is_present());
    let missing = model.room(&room).and_then(|room| room.missing.as_ref());
    let waits = missing.is_some() && to.is_none();
    let (id, to) = (buffer.id, to.map(|direct| direct.peer));
    let live = model.is_live(&room);
    let out = model.room(&room).is_none_or(crate::chat::buffer::Room::is_out);
    let (own, effects) = match () {
        () if out => (Delivery::Failed("you are not in the room".into()), Vec::new()),
        () if !live || waits => (Delivery::Waiting, Vec::new()),
        () if gone => (Delivery::Failed("they have left".into()), Vec::new()),
        () => {
            let ticket = model.ticket(Push::Line(id));
            (Delivery::Sending(ticket, now.at), vec![push(ticket, room.clone(), to, text)])
        }
    };
    model.failed_lines += usize::from(matches!(own, Delivery::Failed(_)));
    let name = model.own_label_in(model.room(&room));
    let message = Message::ours(name, text.into(), own);
    let log = &mut model.buffers[at].log;
    log.unread_from = None;
    log.scroll = Scroll::Newest;
    log.push(now, Kind::Message(message));
    effects
}

/// Sends the messages that waited for this room, in the order in which they were written.
pub(super) fn send_waiting(model: &mut Model, room: &RoomName) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (at, mut tickets) = (model.now.at, model.tickets);
    let mut given: Vec<(Ticket, BufferId)> = Vec::new();
    let waits = model.room(room).is_some_and(|room| room.missing.is_some());
    for buffer in model.buffers.iter_mut().filter(|buffer| buffer.by_way_of() == Some(room)) {
        if waits && buffer.room().is_some() {
            continue;
        }
        let to = buffer.direct().map(|direct| (direct.peer, direct.is_present()));
        for (own, text) in buffers::waiting(&mut buffer.log) {
            if to.is_some_and(|(_, present)| !present) {
                *own = Delivery::Failed("they have left".into());
                continue;
            }
            tickets += 1;
            *own = Delivery::Sending(Ticket(tickets), at);
            given.push((Ticket(tickets), buffer.id));
            effects.push(push(Ticket(tickets), room.clone(), to.map(|(id, _)| id), text));
        }
    }
    model.tickets = tickets;
    let under_way = |(ticket, id)| (ticket, UnderWay { push: Push::Line(id), since: at });
    model.pushes.extend(given.into_iter().map(under_way));
    effects
}

fn push(ticket: Ticket, room: RoomName, to: Option<SessionId>, text: &str) -> Effect {
    let text = text.to_owned();
    match to {
        None => Effect::Say { ticket, room, text },
        Some(to) => Effect::SayTo { ticket, room, to, text },
    }
}

/// Sends a typing notice, or that we stopped, to whoever would read the draft. Commands are not
/// messages and send none.
pub(super) fn tell_typing(model: &mut Model) -> Vec<Effect> {
    let text = model.buffer().composer.text();
    let told = model.settings.typing;
    let writing = told && !text.is_empty() && (!text.starts_with('/') || text.starts_with("//"));
    let now: Instant = model.now.at;
    let fresh = |told: Instant| now.saturating_duration_since(told) < TYPING_EVERY;
    if writing == model.typing_told.is_some_and(fresh) || !writing && model.typing_told.is_none() {
        return Vec::new();
    }
    let (room, to) = match &model.buffer().place {
        Place::Room(room) => (room.name.clone(), None),
        Place::Direct(direct) => (direct.room.clone(), Some(direct.peer)),
        Place::Mentions | Place::Arrivals | Place::Debug => return Vec::new(),
    };
    if !model.is_live(&room) {
        return Vec::new();
    }
    model.typing_told = writing.then_some(now);
    vec![Effect::Typing { room, to, typing: writing }]
}
