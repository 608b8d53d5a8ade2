//! Everything one can go to: places, people, commands, keys, settings, and what was said.

use hullo::protocol::payload::State;

use super::{Choice, Offer, fuzzy, message};
use crate::chat::buffer::{Buffer, Place};
use crate::core::model::{Model, Sort};
use crate::entry::Kind;
use crate::input::command::COMMANDS;
use crate::input::keymap::{ACTIONS, Action};
use crate::people::Member;
use crate::screen::theme::{Role, state_glyph};
use crate::settings::SETTINGS;
use crate::text::beginning;
use crate::text::row::piece;

/// What was said is searched from this many letters on: fewer are in everything.
const LETTERS_FOR_MESSAGES: usize = 2;

/// So much of each message is searched, in bytes: in a long one a few letters are everywhere, and
/// every key must be answered at once.
const SEARCHED: usize = 1000;

/// A thing before it is known whether it is meant: only those that are become rows.
struct Candidate<'a> {
    /// How reachable they are, if it is somebody.
    state: Option<State>,
    text: String,
    role: Role,
    note: String,
    choice: Choice,
    detail: &'a str,
}

pub(super) fn offers(model: &Model, sort: Sort, typed: &str) -> Vec<Offer> {
    let mut all: Vec<Candidate<'_>> = Vec::new();
    if matches!(sort, Sort::All | Sort::Rooms) {
        all.extend(places(model));
    }
    if matches!(sort, Sort::All | Sort::People) {
        all.extend(people(model, sort));
    }
    if matches!(sort, Sort::All | Sort::Commands) {
        all.extend(commands(model));
    }
    let found = fuzzy::best(all.into_iter(), typed, |one| &one.text);
    let mut offers: Vec<Offer> = found.into_iter().map(offer).collect();
    if sort == Sort::Messages || sort == Sort::All && typed.chars().count() >= LETTERS_FOR_MESSAGES
    {
        offers.extend(messages(model, typed));
    }
    if matches!(sort, Sort::All | Sort::Rooms) {
        offers.extend(new_room(model, typed));
    }
    offers
}

fn offer(candidate: Candidate<'_>) -> Offer {
    let Candidate { state, text, role, note, choice, detail } = candidate;
    let (glyph, state) = state.map_or((" ", Role::Dim), state_glyph);
    let row = vec![
        piece(format!("{glyph} "), state),
        piece(text, role),
        piece(format!("  {detail}"), Role::Dim),
    ];
    Offer { row, note, choice }
}

/// Rooms, conversations and lists; where one was last comes first, after what wants us.
fn places(model: &Model) -> impl Iterator<Item = Candidate<'_>> {
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
            note: place_note(buffer),
            choice: Choice::Show(buffer.id),
            detail: who.and_then(|who| who.person.text.as_deref()).unwrap_or_default(),
        }
    })
}

fn place_note(buffer: &Buffer) -> String {
    match &buffer.place {
        Place::Room(room) => format!("room · {} here", room.people.len()),
        Place::Direct(_) => "chat".into(),
        Place::Mentions | Place::Arrivals | Place::Debug => "list".into(),
    }
}

/// Everybody in the room but ourselves; among the places, those with whom there is a conversation
/// stand already.
fn people(model: &Model, sort: Sort) -> impl Iterator<Item = Candidate<'_>> {
    let room = model.current_room();
    let known = move |member: &Member| {
        let partners = model.buffers.iter().filter_map(|buffer| buffer.direct());
        sort == Sort::All && partners.into_iter().any(|direct| direct.peer == member.person.id)
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
    let commands = COMMANDS.iter().map(|spec| Candidate {
        state: None,
        text: format!("/{} {}", spec.name, spec.arguments).trim_end().to_owned(),
        role: Role::Key,
        note: "command".into(),
        choice: Choice::Command(spec),
        detail: spec.does,
    });
    let keys = ACTIONS.iter().filter(|spec| goes_somewhere(spec.action)).map(|spec| Candidate {
        state: None,
        text: spec.does.into(),
        role: Role::Text,
        note: model.keymap.keys(spec.action).into_iter().next().unwrap_or_default(),
        choice: Choice::Act(spec.action),
        detail: "",
    });
    let aliases = model.aliases.iter().map(|(name, line)| Candidate {
        state: None,
        text: format!("/{name}"),
        role: Role::Key,
        note: "alias".into(),
        choice: Choice::Type(format!("/{name} ")),
        detail: line,
    });
    let lines = model.keymap.lines().map(|(key, line)| Candidate {
        state: None,
        text: line.to_owned(),
        role: Role::Key,
        note: key,
        choice: Choice::Run(line.to_owned()),
        detail: "",
    });
    let settings = SETTINGS.iter().map(|setting| Candidate {
        state: None,
        text: format!("set {}", setting.name),
        role: Role::Text,
        note: now(model, setting.name),
        choice: Choice::Type(format!("/set {} ", setting.name)),
        detail: setting.does,
    });
    commands.chain(aliases).chain(lines).chain(settings).chain(keys)
}

/// Whether an action is worth finding by its name: what moves the cursor or edits the line is not.
fn goes_somewhere(action: Action) -> bool {
    matches!(
        action,
        Action::NextActivity
            | Action::Back
            | Action::FirstUnread
            | Action::NextMention
            | Action::PreviousMention
            | Action::Find
            | Action::Wave
            | Action::FilterPeople
            | Action::RoomsPane
            | Action::PeoplePane
            | Action::Bare
            | Action::Mute
            | Action::CopyAddress
            | Action::SearchHistory
            | Action::Edit
            | Action::Help
            | Action::Suspend
            | Action::Repaint
    )
}

/// What a setting is at the moment.
fn now(model: &Model, name: &str) -> String {
    match model.settings.read(name).unwrap_or_default() {
        value if value.is_empty() => "empty now".into(),
        value => format!("now {value}"),
    }
}

/// What was said, the newest first.
fn messages(model: &Model, typed: &str) -> Vec<Offer> {
    let said = model.buffers.iter().flat_map(|buffer| {
        buffer.log.newest().filter_map(move |(id, entry)| match &entry.kind {
            Kind::Message(message) => Some((buffer, id, entry, message)),
            _ => None,
        })
    });
    let found = fuzzy::best(said, typed, |(.., said)| beginning(&said.text, SEARCHED));
    let offers = found.into_iter().take(50);
    offers
        .map(|(buffer, id, entry, said)| message(model.settings.time, buffer, id, entry, said))
        .collect()
}

/// A room that we are not in, if what was typed could be one.
fn new_room(model: &Model, typed: &str) -> Option<Offer> {
    let name = typed.trim().trim_start_matches('#');
    let room = hullo::protocol::RoomName::try_from(name).ok()?;
    if model.room(&room).is_some() || name.contains(char::is_whitespace) {
        return None;
    }
    let row = vec![piece(format!("  #{name}"), Role::Text), piece("  join this room", Role::Dim)];
    Some(Offer { row, note: "join".into(), choice: Choice::Join(name.to_owned()) })
}
