//! Looking things up: people, what was said, and how the connection is; and taking what was said
//! elsewhere: into the clipboard, a browser, a file.

use hullo::protocol::payload::State;

use super::{Entry, entry, info, refuse, warn};
use crate::chat::buffer::{Room, room_title};
use crate::chat::log_files::dated;
use crate::core::event::Effect;
use crate::core::model::{Model, Picker, PickerKind};
use crate::core::update::flash;
use crate::entry::message::Message;
use crate::input::command::Arg::{Optional, Required};
use crate::input::command::ArgKind::{Number, Person, Text};
use crate::input::command::Args;
use crate::layout::by_relevance;
use crate::people::Member;
use crate::text::links;
use crate::time::span;

pub(super) const COMMANDS: &[Entry] = &[
    entry("who", &[Optional(Text("TEXT"))], "list who is here", who).also(&["names"]),
    entry("whois", &[Required(Person)], "all that is known about somebody", whois),
    entry("search", &[Optional(Text("TEXT"))], "find in this log", |model, args| {
        model.picker = Some(Picker::filtered(PickerKind::Find, args.text));
        Vec::new()
    }),
    entry("copy", &[Optional(Number)], "copy the last message, or the Nth from the end", copy),
    entry("open", &[Optional(Number)], "open the last link, or the Nth from the end", open),
    entry("export", &[Required(Text("FILE"))], "write this log to a file", export),
    entry("lag", &[], "how long the server takes to answer", lag),
    entry("version", &[], "the version of hullo", version),
];

/// Lists everybody here whose name or status contains the text.
fn who(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let wanted = args.text.to_lowercase();
    let everybody = by_relevance(model, room, room.people.iter().collect());
    let in_state =
        |who: &Member, states: &[State]| !who.is_observer() && states.contains(&who.state());
    let named = |label: &str, is_meant: &dyn Fn(&Member) -> bool| {
        let members = everybody.iter().filter(|member| is_meant(member));
        let names: Vec<String> = members
            .map(|member| described(room, member))
            .filter(|text| text.to_lowercase().contains(&wanted))
            .collect();
        (!names.is_empty()).then(|| format!("{label} {}: {}", names.len(), names.join(", ")))
    };
    let parts = [
        named("here", &|who| in_state(who, &[State::Here])),
        named("idle", &|who| in_state(who, &[State::Idle])),
        named("away", &|who| in_state(who, &[State::Away, State::Dnd])),
        named("watching", &Member::is_observer),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let text = match text.is_empty() {
        true if room.is_out() => not_in(room),
        true => "nobody here matches".into(),
        false => text,
    };
    info(model, text)
}

/// Says that somebody is not here, or that we are not.
pub(super) fn say_nobody(model: &mut Model, name: &str) -> Vec<Effect> {
    let text = match model.current_room() {
        Some(room) if room.is_out() => not_in(room),
        _ => format!("nobody here is called {name} · /who lists who is"),
    };
    warn(model, text)
}

fn not_in(room: &Room) -> String {
    format!("you are not in {} · /join {} to come back", room_title(&room.name), room.name)
}

fn described(room: &Room, member: &Member) -> String {
    let you = if room.me() == Some(member.person.id) { " (you)" } else { "" };
    let text = member.person.text.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    format!("{}{you}{text}", member.label())
}

fn whois(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let (now, name) = (model.now, args.text);
    let member = model.current_room().and_then(|room| Some(room.people.addressed(name)?.0.clone()));
    let Some(member) = member else { return say_nobody(model, name) };
    let state = match member.state() {
        _ if member.is_observer() => "only watching",
        State::Here => "here",
        State::Idle => "idle",
        State::Away => "away",
        State::Dnd => "on do not disturb",
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
    parts.extend(member.warning.as_ref().map(|warning| format!("⚠ {warning}")));
    parts.extend(member.person.text.clone());
    let ago = |then| span(now.at.saturating_duration_since(then));
    parts.extend(member.since.map(|since| format!("for {}", ago(since))));
    parts.extend(member.spoke.map(|spoke| format!("spoke {} ago", ago(spoke))));
    parts.push(format!("in {}", rooms.collect::<Vec<_>>().join(", ")));
    let user = member.person.user.as_deref().map(hullo::text::clean_line);
    parts.extend(user.map(|user| format!("user {user}")));
    parts.push(format!("session {}", member.person.id));
    info(model, parts.join(" · "))
}

fn lag(model: &mut Model, _: &Args<'_>) -> Vec<Effect> {
    let text = match model.round_trip {
        Some(took) => format!("the server answered in {:.1} ms", took.as_secs_f64() * 1e3),
        None => "the response time has not been measured yet".into(),
    };
    info(model, text)
}

fn version(model: &mut Model, _: &Args<'_>) -> Vec<Effect> {
    let text = format!("hullo {} · {}", env!("CARGO_PKG_VERSION"), model.address);
    info(model, text)
}

/// Copies the last message, or the one that is so many from the end.
fn copy(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let text = said(model).nth(args.number.unwrap_or(1) - 1).map(|said| said.text.clone());
    let Some(text) = text else {
        return refuse(model, "nothing was said here yet");
    };
    flash(model, "copied");
    vec![Effect::Copy(text)]
}

/// Opens the last link, or the one that is so many from the end.
fn open(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let links_of = |said: &Message| -> Vec<String> {
        links(&said.text).into_iter().rev().map(|link| said.text[link].to_owned()).collect()
    };
    let link = said(model).flat_map(links_of).nth(args.number.unwrap_or(1) - 1);
    open_link(model, &link.unwrap_or_default())
}

/// Opens the first link in a text.
pub(in crate::core::update) fn open_link(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(link) = links(text).into_iter().next() else {
        return refuse(model, "there is no link here");
    };
    let link = text[link].to_owned();
    flash(model, format!("opening {link}"));
    vec![Effect::Open(link)]
}

/// Copies the command with which somebody else joins us here.
pub(in crate::core::update) fn copy_address(model: &mut Model) -> Vec<Effect> {
    let line = model.invitation();
    flash(model, format!("copied: {line}"));
    vec![Effect::Copy(line)]
}

fn export(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let newest = model.buffer().log.newest();
    let mut lines: Vec<String> = newest.filter_map(|(_, entry)| dated(entry)).collect();
    lines.reverse();
    vec![Effect::Export { path: args.text.to_owned(), text: lines.concat() }]
}

/// What was said in the current buffer, the newest first.
fn said(model: &Model) -> impl Iterator<Item = &Message> {
    model.buffer().log.newest().filter_map(|(_, entry)| entry.kind.content().message())
}
