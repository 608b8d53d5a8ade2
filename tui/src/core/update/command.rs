//! Carrying out commands.

use std::time::Duration;

use hullo::protocol::RoomName;
use hullo::protocol::payload::{State, Status};

use super::{about, buffers, connect, debug, decline, hint, mute, restore, say, set, tell, theme};
use crate::chat::buffer::{Membership, Place, Room};
use crate::core::event::Effect;
use crate::core::model::{Asked, Layer, LayerKind, Model, Push};
use crate::entry::Kind;
use crate::entry::system::Severity;
use crate::input::command::Command;
use crate::people::{Member, People};
use crate::text;

/// So many others are many: one may have meant somebody alone.
const MANY: usize = 20;

/// How long the question whether they are meant stands.
const SURE_WITHIN: Duration = Duration::from_secs(5);

pub(super) fn carry_out(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Help(about) => open(model, LayerKind::Help, &about),
        Command::Message(rest) => message(model, &rest),
        Command::Reply(text) => reply(model, &text),
        Command::Me(text) => say::say(model, &format!("/me {text}")),
        Command::All(text) => say_to_room(model, &text),
        Command::Join(name) => join(model, &name),
        Command::Leave(wanted) => leave(model, wanted.as_deref()),
        Command::Who(wanted) => about::who(model, &wanted),
        Command::WhoIs(name) => about::whois(model, &name),
        Command::Buffer(None) => about::rooms(model),
        Command::Buffer(Some(wanted)) => go(model, &wanted),
        Command::Lag => about::lag(model),
        Command::Version => about::version(model),
        Command::Helo(text) => helo(model, text.as_deref()),
        Command::StatusText(text) => set_state_aloud(model, model.status.state, text.as_deref()),
        Command::Invite(name) => invite(model, &name),
        Command::Search(text) => open(model, LayerKind::Find, &text),
        Command::Copy(nth) => about::copy(model, nth),
        Command::Open(nth) => about::open(model, nth),
        Command::Edit => edit(model),
        Command::Export(path) => about::export(model, path),
        Command::Nick(name) => rename(model, &name),
        Command::Away(text) => set_state_aloud(model, State::Away, text.as_deref()),
        Command::Back => disturbable(model, State::Here, None),
        Command::Dnd(span) => disturbable(model, State::Dnd, span),
        Command::Greet(greet) => set::greet(model, greet),
        Command::Set(rest) => set::set(model, &rest),
        Command::Unset(name) => set::unset(model, &name),
        Command::Watch(name) => set::toggle(model, "watch", name.as_deref()),
        Command::Ignore(name) => set::toggle(model, "ignore", name.as_deref()),
        Command::Notify(value) => set::notify(model, &value),
        Command::Mute { what, lasts } => mute::mute(model, what.as_deref(), lasts),
        Command::Theme(name) => theme::choose(model, &name),
        Command::Emoji(value) => set::put(model, "emoji", &value),
        Command::Bell(value) => set::put(model, "bell", &value),
        Command::Mouse(value) => set::put(model, "mouse", &value),
        Command::Bind(rest) => set::bind(model, &rest),
        Command::Alias(rest) => set::alias(model, &rest),
        Command::Unalias(name) => set::unalias(model, &name),
        Command::Unbind(key) => set::unbind(model, &key),
        Command::Wave(name) => wave(model, name.as_deref()),
        Command::Clear => clear(model),
        Command::Reconnect => connect::again(model),
        Command::Connect(address) => connect::connect(model, address.as_deref()),
        Command::Reload => vec![Effect::Reload],
        Command::Debug(true) => debug::begin(model),
        Command::Debug(false) => debug::end(model),
        Command::Log(value) if matches!(&*value, "" | "path") => restore::log(model),
        Command::Log(value) => set::put(model, "log", &value),
        Command::Quit(text) => quit(model, text.as_deref()),
    }
}

fn clear(model: &mut Model) -> Vec<Effect> {
    let buffer = model.buffer_mut();
    buffer.log.clear();
    buffer.selected = None;
    Vec::new()
}

/// Writes to one person of this room; a bare name opens the conversation.
fn message(model: &mut Model, rest: &str) -> Vec<Effect> {
    let found = model.current_room().and_then(|room| {
        let (member, text) = room.people.addressed(rest)?;
        Some((room.name.clone(), member.clone(), text.to_owned()))
    });
    let Some((room, member, text)) = found else {
        about::nobody(model, rest.split_whitespace().next().unwrap_or_default());
        return Vec::new();
    };
    talk_to(model, &room, &member, &text)
}

/// Goes to the conversation with somebody, and says there what there is to say.
pub(super) fn talk_to(
    model: &mut Model,
    room: &RoomName,
    member: &Member,
    text: &str,
) -> Vec<Effect> {
    if model.room(room).and_then(Room::me) == Some(member.person.id) {
        decline(model, "that is you");
        return Vec::new();
    }
    let at = buffers::open_direct(model, room, member);
    buffers::show(model, at);
    if text.is_empty() { Vec::new() } else { say::say_in(model, at, text) }
}

fn reply(model: &mut Model, text: &str) -> Vec<Effect> {
    let last = model.buffers.iter().enumerate().filter(|(_, buffer)| buffer.direct().is_some());
    let latest = last.max_by_key(|(_, buffer)| buffer.heard_at);
    let Some((at, _)) = latest.filter(|(_, buffer)| buffer.heard_at.is_some()) else {
        tell(model, Severity::Warning, "nobody has written to you yet");
        return Vec::new();
    };
    buffers::show(model, at);
    say::say_in(model, at, text)
}

/// `/all`: in good company it is asked once whether so many are meant.
fn say_to_room(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let (name, others) = (room.name.clone(), room.people.len().saturating_sub(1));
    let at = model.now.at;
    let sure = model.all_asked.take().is_some_and(|asked| {
        let in_time = at.saturating_duration_since(asked.at) < SURE_WITHIN;
        in_time && asked.room == name && asked.text == text
    });
    if others > MANY && !sure {
        // A key that runs a line leaves the draft alone.
        if model.buffer().composer.is_empty() {
            model.buffer_mut().composer.set(&format!("/all {text}"));
        }
        hint(model, format!("once more tells all {others} in #{name}"));
        let draft = model.buffer().composer.text().to_owned();
        model.all_asked = Some(Asked { room: name, text: text.to_owned(), at, draft });
        return Vec::new();
    }
    let at = model.open_room(&name);
    buffers::show(model, at);
    say::say_in(model, at, text)
}

pub(super) fn join(model: &mut Model, name: &str) -> Vec<Effect> {
    let room = match text::room(name) {
        Ok(room) => room,
        Err(why) => {
            tell(model, Severity::Warning, why);
            return Vec::new();
        }
    };
    let is_new = model.room(&room).is_none_or(Room::is_out);
    let at = model.open_room(&room);
    buffers::show(model, at);
    if !is_new {
        return Vec::new();
    }
    enter(model, room)
}

pub(super) fn enter(model: &mut Model, room: RoomName) -> Vec<Effect> {
    if let Some(room) = model.room_mut(&room) {
        room.membership = Membership::Joining;
    }
    let status = (model.status.state != State::Here).then(|| model.status.clone());
    vec![Effect::Join { room, name: model.name.clone(), status }]
}

/// Leaves the room or closes the conversation. The last buffer stays, so that there is a line to
/// type in.
fn leave(model: &mut Model, wanted: Option<&str>) -> Vec<Effect> {
    let Some(at) = wanted.map_or(Some(model.current), |name| buffers::find(model, name)) else {
        no_buffer(model, wanted.unwrap_or_default());
        return Vec::new();
    };
    let room = match &mut model.buffers[at].place {
        Place::Room(room) => room,
        Place::Debug => return debug::end(model),
        Place::Direct(_) | Place::Mentions | Place::Arrivals => {
            buffers::close(model, at);
            return Vec::new();
        }
    };
    let name = room.name.clone();
    let was_in = !room.is_out();
    room.membership = Membership::Out;
    room.people = People::default();
    super::presence::end_conversations(model, &name);
    if model.buffers.iter().filter(|buffer| buffer.room().is_some()).count() > 1 {
        buffers::close(model, at);
    } else {
        let title = crate::chat::buffer::room_title(&name);
        tell(
            model,
            Severity::Info,
            format!("you left {title} · /join {name} to come back · /quit to end"),
        );
    }
    if was_in { vec![Effect::Leave(name)] } else { Vec::new() }
}

/// Goes to another buffer by its number or its name.
fn go(model: &mut Model, wanted: &str) -> Vec<Effect> {
    if let Some(at) = buffers::find(model, wanted) {
        buffers::show(model, at);
    } else {
        no_buffer(model, wanted);
    }
    Vec::new()
}

fn no_buffer(model: &mut Model, wanted: &str) {
    let wanted = hullo::text::clean_line(wanted);
    tell(model, Severity::Warning, format!("no buffer is called {wanted} · /buffer lists all"));
}

/// Ends, with a last word to every room that hears it. There is nothing else to wait for: the line
/// is closed when all is sent.
fn quit(model: &mut Model, text: Option<&str>) -> Vec<Effect> {
    let hears = |model: &Model, at: usize| {
        // Where those who were lost are waited for, it would only wait, too.
        let room = model.buffers[at].room();
        room.is_some_and(|room| model.is_live(&room.name) && room.missing.is_none())
    };
    let mut effects = Vec::new();
    for at in 0..model.buffers.len() {
        if let Some(text) = text.filter(|_| hears(model, at)) {
            effects.extend(say::say_in(model, at, text));
        }
    }
    effects.push(Effect::Quit);
    effects
}

/// Says helo again in this room: its people answer once more. The text waits until we are in.
fn helo(model: &mut Model, text: Option<&str>) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let (room, is_in) = (room.name.clone(), room.is_joined());
    if !is_in {
        decline(model, format!("you are not in the room · /join {room}"));
        return Vec::new();
    }
    // Only a member who is new is announced. Joined again, the old join gives way to a new one.
    let mut effects = enter(model, room.clone());
    if let Some(text) = text {
        let at = model.open_room(&room);
        effects.extend(say::say_in(model, at, text));
    }
    effects
}

fn invite(model: &mut Model, name: &str) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let title = crate::chat::buffer::room_title(&room.name);
    let text = format!("come to {title}: /join {}", room.name);
    message(model, &format!("{name} {text}"))
}

/// Opens a layer that shows what holds this text.
fn open(model: &mut Model, kind: LayerKind, text: &str) -> Vec<Effect> {
    let mut layer = Layer::new(kind);
    layer.query.insert(text);
    model.layer = Some(layer);
    Vec::new()
}

/// Takes the draft to the user's own editor.
pub(super) fn edit(model: &mut Model) -> Vec<Effect> {
    vec![Effect::Edit(model.buffer().composer.text().to_owned())]
}

/// Goes by another name in every room; where a room did not let us in, it is asked again.
fn rename(model: &mut Model, name: &str) -> Vec<Effect> {
    let Some(name) = hullo::text::clean_name(name) else {
        tell(
            model,
            Severity::Warning,
            "a name has 1 to 32 visible characters in at most 128 bytes",
        );
        return Vec::new();
    };
    let rooms: Vec<_> = model
        .buffers
        .iter()
        .filter_map(|buffer| {
            Some((buffer.id, buffer.room()?.name.clone(), buffer.room()?.membership))
        })
        .collect();
    if rooms.iter().all(|(_, _, membership)| !matches!(membership, Membership::Joined { .. })) {
        model.name.clone_from(&name);
    }
    let mut effects = Vec::new();
    for (buffer, room, membership) in rooms {
        match membership {
            Membership::Out => continue,
            Membership::Refused => {
                effects.extend(enter(model, room));
                continue;
            }
            Membership::Joining | Membership::Joined { .. } | Membership::Lost { .. } => {}
        }
        let ticket = model.ticket(Push::Rename { buffer, name: name.clone() });
        effects.push(Effect::Rename { ticket, room, name: name.clone() });
    }
    effects
}

/// Here again, or not to be disturbed: for this long, or until we say otherwise.
fn disturbable(model: &mut Model, state: State, span: Option<Duration>) -> Vec<Effect> {
    model.dnd_until = span.map(|span| model.now.at + span);
    set_state_aloud(model, state, None)
}

fn set_state_aloud(model: &mut Model, state: State, text: Option<&str>) -> Vec<Effect> {
    let text = match text.map(hullo::text::clean_status) {
        Some(None) => {
            tell(
                model,
                Severity::Warning,
                "that is too long for a status; 140 characters in 560 bytes are the most",
            );
            return Vec::new();
        }
        Some(clean) => clean.filter(|text| !text.is_empty()),
        None => None,
    };
    let shown = text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    let told = match state {
        State::Here | State::Idle if text.is_some() => format!("you are here{shown}"),
        State::Here | State::Idle => "you are here again".to_owned(),
        State::Away => format!("you are away{shown} · /back when you return"),
        State::Dnd => format!("you are not to be disturbed{shown} · /back ends it"),
    };
    hint(model, told);
    set_state(model, state, text)
}

/// Tells every room how reachable we are.
pub(super) fn set_state(model: &mut Model, state: State, text: Option<String>) -> Vec<Effect> {
    model.status = Status { state, text };
    let rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
    let joined = rooms.filter(|room| !room.is_out());
    joined
        .map(|room| Effect::SetStatus { room: room.name.clone(), status: model.status.clone() })
        .collect()
}

/// Greets a newcomer by hand: whoever is named first, or the newest, in these words or the usual.
pub(super) fn wave(model: &mut Model, rest: Option<&str>) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let room = room.name.clone();
    let newest = model
        .room_buffer(&room)
        .and_then(|buffer| buffer.log.newest_newcomer())
        .map(|newcomer| newcomer.session);
    let people = model.room(&room).map(|room| &room.people);
    let found = people.and_then(|people| match rest {
        Some(rest) => {
            let (member, text) = people.addressed(rest)?;
            Some((member.clone(), text.to_owned()))
        }
        None => Some((people.member(newest?)?.clone(), String::new())),
    });
    let Some((member, text)) = found else {
        decline(model, "there is no newcomer to wave to");
        return Vec::new();
    };
    if !model.is_live(&room) {
        decline(model, "there is no line to the server");
        return Vec::new();
    }
    let usual = || model.settings.greeting_for(&member.person.name);
    let text = if text.is_empty() { usual() } else { text };
    greet_by_hand(model, &room, &member, text)
}

fn greet_by_hand(model: &mut Model, room: &RoomName, member: &Member, text: String) -> Vec<Effect> {
    let (now, to) = (model.now, member.person.id);
    let name = member.label();
    let Some(buffer) = model.room_buffer(room) else { return Vec::new() };
    let id = buffer.id;
    if let Some(newcomer) = buffer.log.newcomer_mut(to) {
        newcomer.waved = Some(text.clone());
    } else {
        let told = format!("you waved to {name}: {text}");
        buffer.log.push(now, Kind::info(told));
    }
    let ticket = model.ticket(Push::Wave { buffer: id, name });
    vec![Effect::Tell { ticket, room: room.clone(), to, text }]
}
