//! Carrying out commands.

use hullo::protocol::RoomName;
use hullo::protocol::payload::{State, Status};

use super::{buffers, hint, kept, say, set, tell};
use crate::command::Command;
use crate::event::Effect;
use crate::model::{Layer, LayerKind, Membership, Model, Place, Push, Room};
use crate::people::{Member, People};
use crate::transcript::{Tone, What};

pub(super) fn carry_out(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Help => {
            model.layer = Some(Layer::new(LayerKind::Help));
            Vec::new()
        }
        Command::Message(rest) => message(model, &rest),
        Command::Reply(text) => reply(model, &text),
        Command::Me(text) => say::say(model, &format!("/me {text}")),
        Command::All(text) => say_to_room(model, &text),
        Command::Join(name) => join(model, &name),
        Command::Leave => leave(model),
        Command::Who => who(model),
        Command::Nick(name) => rename(model, &name),
        Command::Away(text) => set_state_aloud(model, State::Away, text.as_deref()),
        Command::Back => set_state_aloud(model, State::Here, None),
        Command::Dnd => set_state_aloud(model, State::Dnd, None),
        Command::Greet(greet) => set::greet(model, greet),
        Command::Set(rest) => set::set(model, &rest),
        Command::Unset(name) => set::unset(model, &name),
        Command::Watch(name) => set::toggle(model, "watch", name.as_deref()),
        Command::Ignore(name) => set::toggle(model, "ignore", name.as_deref()),
        Command::Notify(value) => set::notify(model, &value),
        Command::Mute => set::mute(model),
        Command::Bell(value) => set::put(model, "bell", &value),
        Command::Bind(rest) => set::bind(model, &rest),
        Command::Wave(name) => wave(model, name.as_deref()),
        Command::Clear => {
            model.buffer_mut().log.clear();
            Vec::new()
        }
        Command::Reconnect => {
            hint(model, "trying to reach the server");
            vec![Effect::Reconnect]
        }
        Command::Reload => kept::reload(model),
        Command::Log => kept::log(model),
        Command::Quit => vec![Effect::Quit],
    }
}

/// Writes to one person of this room; a bare name opens the conversation.
fn message(model: &mut Model, rest: &str) -> Vec<Effect> {
    let found = model.current_room().and_then(|room| {
        let (member, text) = room.people.addressed(rest.strip_prefix('@').unwrap_or(rest))?;
        Some((room.name.clone(), room.me(), member.clone(), text.to_owned()))
    });
    let Some((room, me, member, text)) = found else {
        let name = rest.split_whitespace().next().unwrap_or_default();
        tell(model, Tone::Warning, format!("nobody here is called {name} · /who lists who is"));
        return Vec::new();
    };
    if me == Some(member.person.id) {
        tell(model, Tone::Warning, "that is you");
        return Vec::new();
    }
    let at = buffers::open_direct(model, &room, &member);
    buffers::show(model, at);
    if text.is_empty() { Vec::new() } else { say::say_in(model, at, &text) }
}

fn reply(model: &mut Model, text: &str) -> Vec<Effect> {
    let last = model.buffers.iter().enumerate().filter(|(_, buffer)| buffer.direct().is_some());
    let latest = last.max_by_key(|(_, buffer)| buffer.heard_at);
    let Some((at, _)) = latest.filter(|(_, buffer)| buffer.heard_at.is_some()) else {
        tell(model, Tone::Warning, "nobody has written to you yet");
        return Vec::new();
    };
    buffers::show(model, at);
    say::say_in(model, at, text)
}

fn say_to_room(model: &mut Model, text: &str) -> Vec<Effect> {
    let name = model.buffer().by_way_of().clone();
    let at = model.open_room(&name);
    buffers::show(model, at);
    say::say_in(model, at, text)
}

fn join(model: &mut Model, name: &str) -> Vec<Effect> {
    let wanted = hullo::text::clean_line(name.trim().trim_start_matches('#')).into_owned();
    let room = match RoomName::try_from(&*wanted) {
        Ok(room) => room,
        Err(why) => {
            tell(model, Tone::Warning, why.to_string());
            return Vec::new();
        }
    };
    let is_new = model.room(&room).is_none_or(|room| room.membership == Membership::Out);
    let at = model.open_room(&room);
    buffers::show(model, at);
    if !is_new {
        return Vec::new();
    }
    enter(model, room)
}

fn enter(model: &mut Model, room: RoomName) -> Vec<Effect> {
    if let Some(room) = model.room_mut(&room) {
        room.membership = Membership::Joining;
    }
    let status = (model.status.state != State::Here).then(|| model.status.clone());
    vec![Effect::Join { room, name: model.name.clone(), status }]
}

/// Leaves the room or closes the conversation. The last buffer stays, so that there is a line to
/// type in.
fn leave(model: &mut Model) -> Vec<Effect> {
    let at = model.current;
    let Place::Room(room) = &mut model.buffer_mut().place else {
        buffers::close(model, at);
        return Vec::new();
    };
    let name = room.name.clone();
    let was_in = room.membership != Membership::Out;
    room.membership = Membership::Out;
    room.people = People::default();
    super::present::end_conversations(model, &name);
    if model.buffers.iter().filter(|buffer| buffer.room().is_some()).count() > 1 {
        buffers::close(model, at);
    } else {
        let title = crate::model::room_title(&name);
        tell(
            model,
            Tone::Plain,
            format!("you left {title} · /join {name} to come back · /quit to end"),
        );
    }
    if was_in { vec![Effect::Leave(name)] } else { Vec::new() }
}

fn who(model: &mut Model) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let named = |label: &str, states: &[State]| {
        let mut names: Vec<String> = room
            .people
            .iter()
            .filter(|member| states.contains(&member.state()))
            .map(|member| described(room, member))
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
    tell(model, Tone::Plain, if text.is_empty() { "nobody is here".into() } else { text });
    Vec::new()
}

fn described(room: &Room, member: &Member) -> String {
    let you = if room.me() == Some(member.person.id) { " (you)" } else { "" };
    let text = member.person.text.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    format!("{}{you}{text}", member.label())
}

/// Goes by another name in every room; where a room did not let us in, it is asked again.
fn rename(model: &mut Model, name: &str) -> Vec<Effect> {
    let Some(name) = hullo::text::clean_name(name) else {
        tell(model, Tone::Warning, "a name has 1 to 32 visible characters");
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
        if membership == Membership::Out {
            effects.extend(enter(model, room));
            continue;
        }
        let ticket = model.ticket(Push::Rename { buffer, name: name.clone() });
        effects.push(Effect::Rename { ticket, room, name: name.clone() });
    }
    effects
}

fn set_state_aloud(model: &mut Model, state: State, text: Option<&str>) -> Vec<Effect> {
    let text = match text.map(hullo::text::clean_status) {
        Some(None) => {
            tell(
                model,
                Tone::Warning,
                "that is too long for a status; 140 characters are the most",
            );
            return Vec::new();
        }
        Some(clean) => clean.filter(|text| !text.is_empty()),
        None => None,
    };
    let shown = text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    let told = match state {
        State::Here | State::Idle => "you are here again".to_owned(),
        State::Away => format!("you are away{shown} · /back when you return"),
        State::Dnd => "you are not to be disturbed · /back ends it".to_owned(),
    };
    hint(model, told);
    set_state(model, state, text)
}

/// Tells every room how reachable we are.
pub(super) fn set_state(model: &mut Model, state: State, text: Option<String>) -> Vec<Effect> {
    model.status = Status { state, text };
    let rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
    let joined = rooms.filter(|room| room.membership != Membership::Out);
    joined
        .map(|room| Effect::SetStatus { room: room.name.clone(), status: model.status.clone() })
        .collect()
}

/// Greets a newcomer by hand: the one that is named, or the newest.
pub(super) fn wave(model: &mut Model, name: Option<&str>) -> Vec<Effect> {
    let Some(room) = model.current_room() else { return Vec::new() };
    let room = room.name.clone();
    let newest = model
        .room_buffer(&room)
        .and_then(|buffer| buffer.log.newest_card())
        .map(|(_, card)| card.who);
    let people = model.room(&room).map(|room| &room.people);
    let member = people.and_then(|people| match name {
        Some(name) => people.addressed(name).map(|(member, _)| member.clone()),
        None => newest.and_then(|who| people.member(who).cloned()),
    });
    let Some(member) = member else {
        hint(model, "there is no newcomer to wave to");
        return Vec::new();
    };
    if !model.is_live(&room) {
        hint(model, "there is no line to the server");
        return Vec::new();
    }
    let text = model.settings.greeting_for(&member.person.name);
    greet_by_hand(model, &room, &member, text)
}

fn greet_by_hand(model: &mut Model, room: &RoomName, member: &Member, text: String) -> Vec<Effect> {
    let (now, to) = (model.now, member.person.id);
    let name = member.label();
    let Some(buffer) = model.room_buffer(room) else { return Vec::new() };
    let id = buffer.id;
    if let Some(card) = buffer.log.card_mut(to) {
        card.waved = Some(text.clone());
    } else {
        let told = format!("you waved to {name}: {text}");
        buffer.log.push(now, What::Told(Tone::Plain, told));
    }
    let ticket = model.ticket(Push::Wave { buffer: id, name });
    vec![Effect::Tell { ticket, room: room.clone(), to, text }]
}
