//! Rooms and other buffers: joining, leaving, going from one to another.

use hullo::protocol::RoomName;
use hullo::protocol::payload::State;

use super::{Entry, entry, info, warn};
use crate::chat::buffer::{Membership, Place, Room, room_title};
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::core::update::{buffers, debug, directory, presence, report, topics};
use crate::entry::system::Severity;
use crate::input::command::Arg::{Optional, Required};
use crate::input::command::ArgKind::{self, Buffer, Text};
use crate::input::command::Args;
use crate::people::People;
use crate::text;

pub(super) const COMMANDS: &[Entry] = &[
    entry("join", &[Required(ArgKind::Room)], "join a room", |model, args| join(model, args.text))
        .also(&["j"]),
    entry("leave", &[Optional(Buffer)], "leave this room, or close this conversation", leave)
        .also(&["part", "close"])
        .runs_when_chosen(),
    entry("buffer", &[Optional(Buffer)], "go to another room or conversation, or list them", go)
        .also(&["rooms", "go"]),
    entry(
        "list",
        &[Optional(Text("TEXT"))],
        "the rooms of this server, to join one",
        directory::command,
    )
    .runs_when_chosen(),
    entry(
        "topic",
        &[Optional(Text("TEXT | -delete"))],
        "what this room is about: show it, set it or take it away",
        topics::command,
    )
    .runs_when_chosen(),
    entry("clear", &[], "empty this log", clear).screen_only(),
];

pub(in crate::core::update) fn join(model: &mut Model, name: &str) -> Vec<Effect> {
    let room = match text::room(name) {
        Ok(room) => room,
        Err(why) => return warn(model, why),
    };
    let is_new = model.room(&room).is_none_or(Room::is_out);
    let at = model.open_room(&room);
    buffers::show(model, at);
    if is_new { enter(model, room) } else { Vec::new() }
}

/// Asks the server to let us into a room that has a buffer.
pub(in crate::core::update) fn enter(model: &mut Model, room: RoomName) -> Vec<Effect> {
    if let Some(room) = model.room_mut(&room) {
        room.membership = Membership::Joining;
    }
    let status = (model.status.state != State::Here).then(|| model.status.clone());
    vec![Effect::Join { room, name: model.name.clone(), status }]
}

/// Leaves the room or closes the conversation. The last buffer stays, so that there is a line to
/// type in.
fn leave(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let wanted = args.given();
    let Some(at) = wanted.map_or(Some(model.current), |name| buffers::find(model, name)) else {
        return no_buffer(model, args.text);
    };
    let room = match &mut model.buffers[at].place {
        Place::Room(room) => room,
        Place::Debug => return debug::hide(model),
        Place::Direct(_) | Place::Mentions | Place::Arrivals => {
            buffers::close(model, at);
            return Vec::new();
        }
    };
    let name = room.name.clone();
    let was_in = !room.is_out();
    room.membership = Membership::Out;
    room.people = People::default();
    presence::end_conversations(model, &name);
    if model.buffers.iter().filter(|buffer| buffer.room().is_some()).count() > 1 {
        buffers::close(model, at);
    } else {
        let title = room_title(&name);
        let left = format!("you left {title} · /join {name} to come back · /quit to end");
        report(model, Severity::Info, left);
    }
    if was_in { vec![Effect::Leave(name)] } else { Vec::new() }
}

/// Goes to another buffer by its number or its name, or lists all.
fn go(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let Some(wanted) = args.given() else { return list(model) };
    let Some(at) = buffers::find(model, wanted) else { return no_buffer(model, wanted) };
    buffers::show(model, at);
    Vec::new()
}

fn no_buffer(model: &mut Model, wanted: &str) -> Vec<Effect> {
    let wanted = hullo::text::clean_line(wanted);
    warn(model, format!("no buffer is called {wanted} · /buffer lists all"))
}

fn list(model: &mut Model) -> Vec<Effect> {
    let all = model.buffers.iter().map(|buffer| {
        let here = buffer.room().map(|room| format!(" ({} here)", room.people.count()));
        let new = (buffer.unread > 0).then(|| format!(" {} new", buffer.unread));
        let muted = if model.mutes(&buffer.title()) { " muted" } else { "" };
        let (here, new) = (here.unwrap_or_default(), new.unwrap_or_default());
        format!("{}{}{here}{new}{muted}", buffer.number_prefix(), buffer.title())
    });
    let text = all.collect::<Vec<_>>().join("\n");
    info(model, text)
}

fn clear(model: &mut Model, _: &Args<'_>) -> Vec<Effect> {
    let buffer = model.buffer_mut();
    buffer.log.clear();
    buffer.selected = None;
    Vec::new()
}
