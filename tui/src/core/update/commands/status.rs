//! Who we are and how reachable: our name and our status.

use std::time::Duration;

use hullo::protocol::payload::{State, Status};

use super::rooms::enter;
use super::{Entry, entry, warn};
use crate::chat::buffer::Membership;
use crate::core::event::Effect;
use crate::core::model::{Model, Push};
use crate::core::update::flash;
use crate::entry::Kind;
use crate::input::command::Arg::{Optional, Required};
use crate::input::command::ArgKind::{self, Text};
use crate::input::command::Args;
use crate::people::{Member, acceptable_variant, numbered_variant};

pub(super) const COMMANDS: &[Entry] = &[
    entry("nick", &[Required(Text("NAME"))], "go by another name", rename),
    entry("away", &[Optional(Text("TEXT"))], "say that you are away", |model, args| {
        change_state(model, State::Away, args.given())
    }),
    entry("back", &[], "say that you are here again", |model, _| {
        undisturbed_for(model, State::Here, None)
    }),
    entry(
        "status",
        &[Optional(Text("TEXT"))],
        "a text beside your name; without one it is cleared",
        status,
    ),
    entry(
        "dnd",
        &[Optional(ArgKind::Duration)],
        "do not disturb: others see it, nothing notifies you",
        |model, args| undisturbed_for(model, State::Dnd, args.duration),
    ),
];

/// Goes by another name in every room; a room that did not let us in is asked again.
fn rename(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let Some(name) = hullo::text::clean_name(args.text) else {
        let at = model.current;
        model.rejected += 1;
        propose_name(model, at, args.text, "a name has 1 to 32 visible characters");
        return Vec::new();
    };
    let rooms = model.buffers.iter().filter_map(|buffer| {
        let room = buffer.room()?;
        Some((buffer.id, room.name.clone(), room.membership))
    });
    let rooms: Vec<_> = rooms.collect();
    if rooms.iter().all(|(_, _, membership)| !matches!(membership, Membership::Joined { .. })) {
        model.name.clone_from(&name);
    }
    let mut effects = Vec::new();
    for (buffer, room, membership) in rooms {
        match membership {
            Membership::Out => {}
            Membership::Refused => effects.extend(enter(model, room)),
            Membership::Joining | Membership::Joined { .. } | Membership::Lost { .. } => {
                let ticket = model.ticket(Push::Rename { buffer, name: name.clone() });
                effects.push(Effect::Rename { ticket, room, name: name.clone() });
            }
        }
    }
    effects
}

/// Puts a name like the one that was refused into the line of this buffer, to be accepted by Enter.
pub(in crate::core::update) fn propose_name(
    model: &mut Model,
    at: usize,
    refused: &str,
    why: &str,
) {
    let variant = acceptable_variant(refused);
    let composer = &mut model.buffers[at].composer;
    if model.line_mode.is_some() {
        flash(model, format!("{why} · /nick {variant} would do"));
    } else if composer.is_empty() {
        composer.set(&format!("/nick {variant}"));
        flash(model, format!("{why} · Enter asks for this one"));
    } else {
        flash(model, why);
    }
}

/// Says that somebody else here has our name, and how to go by another.
pub(in crate::core::update) fn tell_namesake(model: &mut Model, at: usize) {
    let now = model.now;
    let Some(room) = model.buffers[at].room() else { return };
    let own = room.own().and_then(|id| room.people.member(id)).map(Member::label);
    let Some(label) = own.filter(|label| *label != model.name) else { return };
    if !room.people.has_label(&model.name) {
        return;
    }
    let variant = numbered_variant(&model.name, |name| room.people.has_label(name));
    let text = format!(
        "somebody else here is called {}, so you are shown as {label} · /nick {variant} changes that",
        model.name
    );
    model.buffers[at].log.push(now, Kind::info(text));
}

fn status(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    change_state(model, model.status.state, args.given())
}

/// Here again, or not to be disturbed: for this long, or until we say otherwise.
fn undisturbed_for(model: &mut Model, state: State, span: Option<Duration>) -> Vec<Effect> {
    model.dnd_until = span.map(|span| model.now.at + span);
    change_state(model, state, None)
}

/// Changes our state and says so.
fn change_state(model: &mut Model, state: State, text: Option<&str>) -> Vec<Effect> {
    let text = match text.map(hullo::text::clean_status) {
        Some(None) => {
            let why = "that is too long; a status has at most 140 characters (560 bytes)";
            return warn(model, why);
        }
        Some(clean) => clean.filter(|text| !text.is_empty()),
        None => None,
    };
    let shown = text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    let changed = match state {
        State::Here | State::Idle if text.is_some() => format!("you are here{shown}"),
        State::Here | State::Idle => "you are here again".to_owned(),
        State::Away => format!("you are away{shown} · /back when you return"),
        State::Dnd => format!("do not disturb{shown} · /back ends it"),
    };
    flash(model, changed);
    set_state(model, state, text)
}

/// Tells every room how reachable we are.
pub(in crate::core::update) fn set_state(
    model: &mut Model,
    state: State,
    text: Option<String>,
) -> Vec<Effect> {
    model.status = Status { state, text };
    let rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
    let joined = rooms.filter(|room| !room.is_out());
    joined
        .map(|room| Effect::SetStatus { room: room.name.clone(), status: model.status.clone() })
        .collect()
}
