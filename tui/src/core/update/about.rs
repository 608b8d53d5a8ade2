//! Telling what is known, and taking it elsewhere: into the clipboard, a browser, a file.

use hullo::protocol::payload::State;

use super::{decline, hint, selection, tell};
use crate::chat::buffer::{Room, room_title};
use crate::chat::log_files::dated;
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::message::Message;
use crate::entry::system::Severity;
use crate::people::Member;
use crate::text::links;
use crate::time::span;

/// `/who`: everybody here whose name or status holds the text.
pub(super) fn who(model: &mut Model, wanted: &str) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let wanted = wanted.to_lowercase();
    let named = |label: &str, states: &[State]| {
        let mut names: Vec<String> = room
            .people
            .iter()
            .filter(|member| states.contains(&member.state()))
            .map(|member| described(room, member))
            .filter(|text| text.to_lowercase().contains(&wanted))
            .collect();
        names.sort_by_key(|name| name.to_lowercase());
        (!names.is_empty()).then(|| format!("{label} {}: {}", names.len(), names.join(", ")))
    };
    let parts = [
        named("here", &[State::Here]),
        named("idle", &[State::Idle]),
        named("away", &[State::Away, State::Dnd]),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let text = match text.is_empty() {
        true if room.is_out() => not_in(room),
        true => "nobody like that is here".into(),
        false => text,
    };
    tell(model, Severity::Info, text);
    Vec::new()
}

/// Says that somebody is not here, or that we are not.
pub(super) fn nobody(model: &mut Model, name: &str) {
    let text = match model.current_room() {
        Some(room) if room.is_out() => not_in(room),
        _ => format!("nobody here is called {name} · /who lists who is"),
    };
    tell(model, Severity::Warning, text);
}

fn not_in(room: &Room) -> String {
    format!("you are not in {} · /join {} to come back", room_title(&room.name), room.name)
}

fn described(room: &Room, member: &Member) -> String {
    let you = if room.me() == Some(member.person.id) { " (you)" } else { "" };
    let text = member.person.text.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    format!("{}{you}{text}", member.label())
}

/// `/whois`: all that is known about somebody.
pub(super) fn whois(model: &mut Model, name: &str) -> Vec<Effect> {
    let now = model.now;
    let member = model.current_room().and_then(|room| Some(room.people.addressed(name)?.0.clone()));
    let Some(member) = member else {
        nobody(model, name);
        return Vec::new();
    };
    let state = match member.state() {
        State::Here => "here",
        State::Idle => "idle",
        State::Away => "away",
        State::Dnd => "not to be disturbed",
    };
    let rooms = model.buffers.iter().filter_map(|buffer| {
        let room = buffer.room()?;
        let there = |other: &Member| {
            other.person.id == member.person.id
                || other.person.user.is_some() && other.person.user == member.person.user
                || other.person.name == member.person.name
        };
        room.people.iter().any(there).then(|| buffer.title())
    });
    let mut parts = vec![format!("{} is {state}", member.label())];
    parts.extend(member.person.text.clone());
    let ago = |then| span(now.at.saturating_duration_since(then));
    parts.extend(member.since.map(|since| format!("for {}", ago(since))));
    parts.extend(member.spoke.map(|spoke| format!("spoke {} ago", ago(spoke))));
    parts.push(format!("in {}", rooms.collect::<Vec<_>>().join(", ")));
    let user = member.person.user.as_deref().map(hullo::text::clean_line);
    parts.extend(user.map(|user| format!("user {user}")));
    parts.push(format!("session {}", member.person.id));
    tell(model, Severity::Info, parts.join(" · "));
    Vec::new()
}

/// `/rooms`: where we are.
pub(super) fn rooms(model: &mut Model) -> Vec<Effect> {
    let all = model.buffers.iter().enumerate().map(|(at, buffer)| {
        let here = buffer.room().map(|room| format!(" ({} here)", room.people.len()));
        let new = (buffer.unread > 0).then(|| format!(" {} new", buffer.unread));
        let title = buffer.title();
        let muted = if model.mutes(&title) { " muted" } else { "" };
        let (here, new) = (here.unwrap_or_default(), new.unwrap_or_default());
        format!("{} {title}{here}{new}{muted}", at + 1)
    });
    let text = all.collect::<Vec<_>>().join("\n");
    tell(model, Severity::Info, text);
    Vec::new()
}

/// `/lag`: how fast the line is.
pub(super) fn lag(model: &mut Model) -> Vec<Effect> {
    let text = match model.round_trip {
        Some(took) => format!("the server answered in {:.1} ms", took.as_secs_f64() * 1e3),
        None => "the server has not been measured yet".into(),
    };
    tell(model, Severity::Info, text);
    Vec::new()
}

/// `/version`.
pub(super) fn version(model: &mut Model) -> Vec<Effect> {
    let text = format!("hullo {} · {}", env!("CARGO_PKG_VERSION"), model.address);
    tell(model, Severity::Info, text);
    Vec::new()
}

/// `/copy`: the message that is the `nth` from the end.
pub(super) fn copy(model: &mut Model, nth: usize) -> Vec<Effect> {
    let text = said(model).nth(nth - 1).map(|said| said.text.clone());
    let Some(text) = text else {
        decline(model, "nothing was said here yet");
        return Vec::new();
    };
    hint(model, "copied");
    vec![Effect::Copy(text)]
}

/// `/open`: the link that is the `nth` from the end.
pub(super) fn open(model: &mut Model, nth: usize) -> Vec<Effect> {
    let links_of = |said: &Message| -> Vec<String> {
        links(&said.text).into_iter().rev().map(|link| said.text[link].to_owned()).collect()
    };
    let link = said(model).flat_map(links_of).nth(nth - 1).unwrap_or_default();
    selection::open_link(model, &link)
}

/// Copies the line with which somebody else comes here.
pub(super) fn copy_address(model: &mut Model) -> Vec<Effect> {
    let line = model.invitation();
    hint(model, format!("copied: {line}"));
    vec![Effect::Copy(line)]
}

/// `/export`: this log as a text file.
pub(super) fn export(model: &mut Model, path: String) -> Vec<Effect> {
    let newest = model.buffer().log.newest();
    let mut lines: Vec<String> = newest.filter_map(|(_, entry)| dated(entry)).collect();
    lines.reverse();
    vec![Effect::Export { path, text: lines.concat() }]
}

/// What was said in the current buffer, the newest first.
fn said(model: &Model) -> impl Iterator<Item = &Message> {
    model.buffer().log.newest().filter_map(|(_, entry)| entry.kind.content().message())
}
