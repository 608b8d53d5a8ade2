//! Saying something: to one person, to a room, to a newcomer.

use std::time::Duration;

use hullo::protocol::RoomName;

use super::lookup::say_nobody;
use super::rooms::enter;
use super::{Entry, entry, refuse, settings, warn};
use crate::chat::buffer::{Room, room_title};
use crate::core::event::Effect;
use crate::core::model::{Asked, Model, Push};
use crate::core::update::{buffers, flash, say};
use crate::entry::Kind;
use crate::input::command::Arg::{Optional, Required};
use crate::input::command::ArgKind::{OneOf, Person, RoomText, Text};
use crate::input::command::Args;
use crate::people::Member;

pub(super) const COMMANDS: &[Entry] = &[
    entry("msg", &[Required(Person), Optional(Text("TEXT"))], "write to one person", message)
        .also(&["query"]),
    entry("r", &[Required(Text("TEXT"))], "reply to whoever wrote to you last", reply)
        .also(&["reply"]),
    entry("all", &[Required(RoomText)], "say it to the whole room", say_to_room),
    entry("me", &[Required(Text("TEXT"))], "say what you are doing", |model, args| {
        say::say(model, &format!("/me {}", args.text))
    }),
    entry("wave", &[Optional(Person), Optional(Text("TEXT"))], "greet a newcomer yourself", wave),
    entry("helo", &[Optional(RoomText)], "say helo again, so that all answer; then say TEXT", helo)
        .runs_when_chosen(),
    entry(
        "greet",
        &[Optional(OneOf(&["on", "off", "text TEXT"]))],
        "the automatic answer to newcomers",
        settings::greet,
    ),
    entry("invite", &[Required(Person)], "invite somebody to this room", invite),
    entry("edit", &[], "write in $EDITOR", |model, _| edit(model)).screen_only(),
];

/// With more others than this, whoever writes to all may have meant somebody alone.
const MANY: usize = 20;

/// How long the question whether all are meant stands.
const CONFIRM_WITHIN: Duration = Duration::from_secs(5);

/// A bare name opens the conversation.
fn message(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    write_to(model, args.text)
}

/// Writes to the person of this room whose name the text begins with.
fn write_to(model: &mut Model, written: &str) -> Vec<Effect> {
    let found = model.current_room().and_then(|room| {
        let (member, text) = room.people.addressed(written)?;
        Some((room.name.clone(), member.clone(), text.to_owned()))
    });
    let Some((room, member, text)) = found else {
        return say_nobody(model, written.split_whitespace().next().unwrap_or_default());
    };
    talk_to(model, &room, &member, &text)
}

/// Opens the conversation with somebody, and says this there if it is anything.
pub(in crate::core::update) fn talk_to(
    model: &mut Model,
    room: &RoomName,
    member: &Member,
    text: &str,
) -> Vec<Effect> {
    if model.room(room).and_then(Room::me) == Some(member.person.id) {
        return refuse(model, "that is you");
    }
    let at = buffers::open_direct(model, room, member);
    buffers::show(model, at);
    if text.is_empty() { Vec::new() } else { say::say_in(model, at, text) }
}

fn invite(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let text = format!("come to {}: /join {}", room_title(&room.name), room.name);
    write_to(model, &format!("{} {text}", args.text))
}

fn reply(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let direct = model.buffers.iter().enumerate().filter(|(_, buffer)| buffer.direct().is_some());
    let latest = direct.max_by_key(|(_, buffer)| buffer.heard_at);
    let Some((at, _)) = latest.filter(|(_, buffer)| buffer.heard_at.is_some()) else {
        return warn(model, "nobody has written to you yet");
    };
    buffers::show(model, at);
    say::say_in(model, at, args.text)
}

/// Asks once whether all are meant, where they are many.
fn say_to_room(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let (name, others) = (room.name.clone(), room.people.len().saturating_sub(1));
    let (text, at) = (args.text, model.now.at);
    let is_confirmed = model.all_asked.take().is_some_and(|asked| {
        let in_time = at.saturating_duration_since(asked.at) < CONFIRM_WITHIN;
        in_time && asked.room == name && asked.text == text
    });
    if others > MANY && !is_confirmed {
        // A key that runs a line leaves the draft alone.
        if model.buffer().composer.is_empty() {
            model.buffer_mut().composer.set(&format!("/all {text}"));
        }
        flash(model, format!("Enter again sends this to all {others} in #{name}"));
        let draft = model.buffer().composer.text().to_owned();
        model.all_asked = Some(Asked { room: name, text: text.to_owned(), at, draft });
        return Vec::new();
    }
    let at = model.open_room(&name);
    buffers::show(model, at);
    say::say_in(model, at, text)
}

/// Says helo again in this room: its people answer once more. The text waits until we are in.
fn helo(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let (room, is_in) = (room.name.clone(), room.is_joined());
    if !is_in {
        return refuse(model, format!("you are not in the room · /join {room}"));
    }
    // Only a new member is announced. Joined again, the old join gives way to a new one.
    let mut effects = enter(model, room.clone());
    if let Some(text) = args.given() {
        let at = model.open_room(&room);
        effects.extend(say::say_in(model, at, text));
    }
    effects
}

/// Takes the draft to the user's own editor.
pub(in crate::core::update) fn edit(model: &mut Model) -> Vec<Effect> {
    vec![Effect::Edit(model.buffer().composer.text().to_owned())]
}

fn wave(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    wave_to(model, args.given())
}

/// Greets a newcomer: whoever the text begins with, or the newest, in these words or the usual.
pub(in crate::core::update) fn wave_to(model: &mut Model, written: Option<&str>) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let room = room.name.clone();
    let newest = model
        .room_buffer(&room)
        .and_then(|buffer| buffer.log.newest_newcomer())
        .map(|newcomer| newcomer.session);
    let people = model.room(&room).map(|room| &room.people);
    let found = people.and_then(|people| match written {
        Some(written) => {
            let (member, text) = people.addressed(written)?;
            Some((member.clone(), text.to_owned()))
        }
        None => Some((people.member(newest?)?.clone(), String::new())),
    });
    let Some((member, text)) = found else {
        return refuse(model, "there is no newcomer to wave to");
    };
    if !model.is_live(&room) {
        return refuse(model, "there is no connection to the server");
    }
    let usual = || model.settings.greeting_for(&member.person.name);
    let text = if text.is_empty() { usual() } else { text };
    greet(model, &room, &member, text)
}

fn greet(model: &mut Model, room: &RoomName, member: &Member, text: String) -> Vec<Effect> {
    let (now, to) = (model.now, member.person.id);
    let name = member.label();
    let Some(buffer) = model.room_buffer(room) else { return Vec::new() };
    let id = buffer.id;
    if let Some(newcomer) = buffer.log.newcomer_mut(to) {
        newcomer.waved = Some(text.clone());
    } else {
        let waved = format!("you waved to {name}: {text}");
        buffer.log.push(now, Kind::info(waved));
    }
    let ticket = model.ticket(Push::Wave { buffer: id, name });
    vec![Effect::SayTo { ticket, room: room.clone(), to, text }]
}
