//! Everything one can go to: rooms, people, commands, keys, settings, and messages.

use hullo::protocol::payload::State;

use super::ranking::{self, MAX_FOUND};
use super::{Choice, Offer, does_something, message};
use crate::chat::buffer::{Buffer, Place, room_title};
use crate::core::model::{Filter, Link, Model};
use crate::entry::Kind;
use crate::input::keymap::{ACTIONS, Use};
use crate::people::Member;
use crate::settings::SETTINGS;
use crate::text::beginning;
use crate::text::row::segment;
use crate::theme::{Role, state_glyph};

/// Messages are searched from this many letters on: fewer are in all of them.
const MIN_LETTERS_FOR_MESSAGES: usize = 2;

/// So many bytes of each message are searched: a few letters are anywhere in a long one, and every
/// key must be answered at once.
const MAX_SEARCHED: usize = 1000;

/// Something that may match what was typed; only those that do become rows.
struct Candidate<'a> {
    /// How reachable somebody is, if it is a person.
    state: Option<State>,
    text: String,
    role: Role,
    note: String,
    choice: Choice,
    detail: &'a str,
}

pub(super) fn offers(model: &Model, filter: Filter, typed: &str) -> Vec<Offer> {
    let mut all: Vec<Candidate<'_>> = Vec::new();
    if matches!(filter, Filter::All | Filter::Rooms) {
        all.extend(buffers(model));
        all.extend(listed_rooms(model));
    }
    if matches!(filter, Filter::All | Filter::People) {
        all.extend(people(model, filter));
    }
    if matches!(filter, Filter::All | Filter::Commands) {
        all.extend(commands(model));
    }
    let found = ranking::best(all.into_iter(), typed, MAX_FOUND, |one| &one.text);
    let is_online = model.link == Link::Online;
    let mut offers: Vec<Offer> = found.into_iter().map(|one| offer(one, is_online)).collect();
    if filter == Filter::Messages
        || filter == Filter::All && typed.chars().count() >= MIN_LETTERS_FOR_MESSAGES
    {
        offers.extend(messages(model, typed));
    }
    if matches!(filter, Filter::All | Filter::Rooms) {
        offers.extend(new_room(model, typed));
    }
    offers
}

/// A row for what was found. Offline, nobody's state is known.
fn offer(candidate: Candidate<'_>, is_online: bool) -> Offer {
    let Candidate { state, text, role, note, choice, detail } = candidate;
    let (glyph, state) = state.map_or((" ", Role::Dim), state_glyph);
    let state = if is_online { state } else { Role::Dim };
    let row = vec![
        segment(format!("{glyph} "), state),
        segment(text, role),
        segment(format!("  {detail}"), Role::Dim),
    ];
    Offer { row, note, choice }
}

/// Rooms, conversations and lists: first those with mentions, then unread ones, then the latest.
fn buffers(model: &Model) -> impl Iterator<Item = Candidate<'_>> {
    let mut at: Vec<usize> = (0..model.buffers.len()).filter(|at| *at != model.current).collect();
    at.sort_by_key(|at| {
        let buffer = &model.buffers[*at];
        let lately = model.trail.iter().rposition(|id| *id == buffer.id);
        std::cmp::Reverse((buffer.mentions > 0, buffer.unread > 0, lately))
    });
    at.into_iter().map(|at| {
        let buffer = &model.buffers[at];
        let who = buffer.direct().and_then(|direct| {
            model.room(&direct.room).and_then(|room| room.people.member(direct.peer))
        });
        Candidate {
            state: who.map(Member::state),
            text: buffer.title(),
            role: Role::Strong,
            note: buffer_note(buffer),
            choice: Choice::Show(buffer.id),
            detail: who.and_then(|who| who.person.text.as_deref()).unwrap_or_default(),
        }
    })
}

fn buffer_note(buffer: &Buffer) -> String {
    match &buffer.place {
        Place::Room(room) => format!("room · {} here", room.people.count()),
        Place::Direct(_) => "chat".into(),
        Place::Mentions | Place::Arrivals | Place::Debug => "list".into(),
    }
}

/// Rooms of the server that are not open here.
fn listed_rooms(model: &Model) -> impl Iterator<Item = Candidate<'_>> {
    let others = model.directory.rooms.iter().filter(|room| model.room(&room.name).is_none());
    others.map(|room| Candidate {
        state: None,
        text: room_title(&room.name),
        role: Role::Text,
        note: format!("room · {} here · join", room.here),
        choice: Choice::Join(room.name.to_string()),
        detail: room.topic.as_deref().unwrap_or_default(),
    })
}

/// Everybody in the room but ourselves. With the rooms, conversations are listed already.
fn people(model: &Model, filter: Filter) -> impl Iterator<Item = Candidate<'_>> {
    let room = model.current_room();
    let known = move |member: &Member| {
        let partners = model.buffers.iter().filter_map(|buffer| buffer.direct());
        filter == Filter::All && partners.into_iter().any(|direct| direct.peer == member.person.id)
    };
    let here = room.into_iter().flat_map(move |room| {
        room.people
            .iter()
            .filter(move |who| room.me() != Some(who.person.id) && !known(who))
            .map(move |who| (room.name.clone(), who))
    });
    here.map(|(room, who)| Candidate {
        state: Some(who.state()),
        text: who.label(),
        role: Role::Name(who.hue()),
        note: "person".into(),
        choice: Choice::Person { room, id: who.person.id },
        detail: who.person.text.as_deref().unwrap_or_default(),
    })
}

/// Commands, keys and settings.
fn commands(model: &Model) -> impl Iterator<Item = Candidate<'_>> {
    let item = |text, role, note, choice, detail| Candidate {
        state: None,
        text,
        role,
        note,
        choice,
        detail,
    };
    let commands = model.commands.iter().map(move |one| {
        item(one.synopsis(), Role::Key, "command".into(), Choice::Command(one), one.help)
    });
    let listed = ACTIONS.iter().filter(|spec| matches!(spec.used, Use::Listed));
    let listed = listed.filter(|spec| does_something(model, spec.action));
    let keys = listed.map(move |spec| {
        let key = model.keymap.key(spec.action);
        item(spec.help.into(), Role::Text, key, Choice::Act(spec.action), "")
    });
    let aliases = model.aliases.iter().map(move |(name, line)| {
        let choice = Choice::Type(format!("/{name} "));
        item(format!("/{name}"), Role::Key, "alias".into(), choice, line)
    });
    let lines = model.keymap.lines().map(move |(key, line)| {
        item(line.to_owned(), Role::Key, key, Choice::Run(line.to_owned()), "")
    });
    let settings = SETTINGS.iter().map(move |setting| {
        let choice = Choice::Type(format!("/set {} ", setting.name));
        let value = format!("now {}", setting.in_words(&model.settings));
        item(format!("set {}", setting.name), Role::Text, value, choice, setting.help)
    });
    commands.chain(aliases).chain(lines).chain(settings).chain(keys)
}

/// Messages, the best match first.
fn messages(model: &Model, typed: &str) -> Vec<Offer> {
    let said = model.buffers.iter().flat_map(|buffer| {
        buffer.log.newest().filter_map(move |(id, entry)| match &entry.kind {
            Kind::Message(message) => Some((buffer, id, entry, message)),
            _ => None,
        })
    });
    let found =
        ranking::best(said, typed, MAX_FOUND, |(.., said)| beginning(&said.text, MAX_SEARCHED));
    let offers = found.into_iter().take(50);
    offers
        .map(|(buffer, id, entry, said)| message(model.settings.time, buffer, id, entry, said))
        .collect()
}

/// Joining a room, if what was typed could be the name of one that we are not in.
fn new_room(model: &Model, typed: &str) -> Option<Offer> {
    let name = typed.trim().trim_start_matches('#');
    let room = hullo::protocol::RoomName::try_from(name).ok()?;
    let is_listed = model.directory.rooms.iter().any(|listed| listed.name == room);
    if is_listed || model.room(&room).is_some() || name.contains(char::is_whitespace) {
        return None;
    }
    let row =
        vec![segment(format!("  #{name}"), Role::Text), segment("  join this room", Role::Dim)];
    Some(Offer { row, note: "join".into(), choice: Choice::Join(name.to_owned()) })
}
