//! The connection to the server is lost, and comes back.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::{Duration, Instant};

use hullo::Person;
use hullo::protocol::{RoomName, SessionId};

use super::commands::status;
use super::{buffers, history, presence, restore};
use crate::chat::buffer::{Membership, Missing, Room};
use crate::core::event::Effect;
use crate::core::model::{Link, Model};
use crate::entry::Kind;
use crate::entry::helo::Helo;
use crate::entry::presence::{PresenceChange, PresenceEvent};
use crate::people::{Member, People};
use crate::time::{Hours, Now, clock_to_second, span};

/// After a server's restart, messages wait this long for people who were in the room before: by
/// then each client has tried to reconnect twice.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(3);

/// There is no connection. The logs of the rooms say so once; further attempts are not logged.
pub(super) fn disconnected(model: &mut Model, reason: &str, retry_at: Instant) {
    let (now, hours) = (model.now, model.settings.time);
    let since = match &model.link {
        Link::Offline { since, .. } => *since,
        Link::Connecting | Link::Online => now.at,
    };
    let reason = hullo::text::clean_line(reason).into_owned();
    model.link = Link::Offline { since, reason, retry_at };
    for buffer in &mut model.buffers {
        if let Some(direct) = buffer.direct_mut() {
            direct.typing = None;
        }
        let Some(room) = buffer.room_mut() else { continue };
        room.people.forget_typing();
        if let Some(me) = room.me() {
            let rule = buffer.log.push(now, Kind::connection(lost_at(now, hours)));
            if let Some(room) = buffer.room_mut() {
                room.membership = Membership::Lost { me, since: now, rule };
            }
        }
    }
}

fn lost_at(since: Now, hours: Hours) -> String {
    format!("connection lost {}", clock_to_second(since.wall, hours))
}

/// Our session goes on, and what was missed follows: all that is told is how long we were away.
pub(super) fn resumed(
    model: &mut Model,
    name: &RoomName,
    me: &Person,
    present: Vec<Person>,
) -> Vec<Effect> {
    let (now, hours) = (model.now, model.settings.time);
    let Some(Return { at, before, .. }) = come_in(model, name, me, present) else {
        return Vec::new();
    };
    if let Membership::Lost { since, rule, .. } = before {
        let away = span(now.at.saturating_duration_since(since.at));
        let text = format!("{}, back after {away}", lost_at(since, hours));
        model.buffers[at].log.replace_connection(rule, text);
    }
    presence::refresh_conversations(model, name);
    super::say::send_waiting(model, name)
}

/// What was before we came in.
struct Return {
    /// The room's buffer.
    at: usize,
    before: Membership,
    was_there: People,
}

/// We are in a room now, with these people. `None` if there is no such room.
fn come_in(
    model: &mut Model,
    name: &RoomName,
    me: &Person,
    present: Vec<Person>,
) -> Option<Return> {
    let (now, at) = (model.now, model.open_room(name));
    model.name.clone_from(&me.name);
    let room = model.buffers[at].room_mut()?;
    let before = std::mem::replace(&mut room.membership, Membership::Joined { me: me.id });
    let was_there = room.people.clone();
    room.people.replace(present, now);
    Some(Return { at, before, was_there })
}

/// We have joined a room and said helo, for the first time or again.
pub(super) fn entered(
    model: &mut Model,
    name: &RoomName,
    me: &Person,
    present: Vec<Person>,
) -> Vec<Effect> {
    let (now, hours) = (model.now, model.settings.time);
    let Some(Return { at, before, was_there: was }) = come_in(model, name, me, present) else {
        return Vec::new();
    };
    let buffer = &mut model.buffers[at];
    let Some(room) = buffer.room_mut() else { return Vec::new() };
    room.add_session(me.id);
    room.missing = match before {
        Membership::Lost { me: own, .. } => lost(&was, &room.people, own, now),
        Membership::Joining | Membership::Joined { .. } | Membership::Refused | Membership::Out => {
            None
        }
    };
    let others = room.people.iter().filter(|member| !member.is_observer());
    let others = others.filter(|member| member.person.id != me.id);
    let others = others.map(|member| (member.person.id, member.label())).collect();
    let own = room.people.member(me.id).map_or_else(|| me.name.clone(), Member::label);
    let again = room.sessions.len() > 1;
    let helo = Helo { at: now, name: own, again, others, answers: Vec::new() };
    if let Membership::Lost { since, .. } = before {
        let away = now.at.saturating_duration_since(since.at);
        let passed = passed_meanwhile(&was, &room.people, now);
        let mut text = format!("back {} after {}", clock_to_second(now.wall, hours), span(away));
        text.push_str(&meanwhile(buffers::waiting(&mut buffer.log).count(), &passed));
        buffer.log.push(now, Kind::connection(text));
        buffer.log.push(now, Kind::Helo(Box::new(helo)));
        // The group comes last, so that it is still open for those who find back after us.
        for event in passed {
            presence::on_missed(model, at, event);
        }
    } else {
        buffer.log.push(now, Kind::Helo(Box::new(helo)));
    }
    status::tell_namesake(model, at);
    history::tell_gap(model, at);
    restore::restore_conversations(model, name);
    super::say::send_waiting(model, name)
}

/// What happened while we were away: how many of our messages are sent now, how many people came
/// and went.
fn meanwhile(waited: usize, passed: &[PresenceEvent]) -> String {
    let came = passed.iter().filter(|event| event.change == PresenceChange::Arrived).count();
    let counts = [(waited, "sent"), (came, "came"), (passed.len() - came, "went")];
    let mut told = String::new();
    for (count, what) in counts.iter().filter(|(count, _)| *count > 0) {
        // A string takes everything.
        let _ = write!(told, " · {count} {what}");
    }
    told
}

/// Those who are missing, if they are most of the room: then the server was restarted, they are on
/// their way back like ourselves, and our messages shall not be sent to an empty room.
fn lost(was: &People, is: &People, own: SessionId, now: Now) -> Option<Missing> {
    let others = was.iter().filter(|member| member.person.id != own);
    let others: Vec<String> = others.map(Member::label).collect();
    let names: BTreeSet<String> =
        others.iter().filter(|name| !is.has_label(name)).cloned().collect();
    let until = now.at + WAIT_FOR_OTHERS;
    (names.len() * 2 > others.len()).then_some(Missing { names, until })
}

/// Somebody is in the room again; returns whether nobody is missing any more.
pub(super) fn is_back(room: &mut Room, id: SessionId) -> bool {
    let (Some(missing), Some(member)) = (&mut room.missing, room.people.member(id)) else {
        return false;
    };
    missing.names.remove(&member.label());
    let all = missing.names.is_empty();
    if all {
        room.missing = None;
    }
    all
}

/// Stops waiting for those who did not come back in time.
pub(super) fn tick(model: &mut Model) -> Vec<Effect> {
    let now = model.now.at;
    let due = |room: &&Room| room.missing.as_ref().is_some_and(|missing| missing.until <= now);
    let rooms = model.buffers.iter().filter_map(|buffer| buffer.room()).filter(due);
    let rooms: Vec<RoomName> = rooms.map(|room| room.name.clone()).collect();
    let mut effects = Vec::new();
    for name in rooms {
        if let Some(room) = model.room_mut(&name) {
            room.missing = None;
        }
        if model.is_live(&name) {
            effects.extend(super::say::send_waiting(model, &name));
        }
    }
    effects
}

/// When [`tick`] is due.
pub(super) fn deadline(model: &Model) -> Option<Instant> {
    let rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
    rooms.filter_map(|room| Some(room.missing.as_ref()?.until)).min()
}

/// Who came and who went while we were not connected. They are compared by name, for all sessions
/// are new after a restart.
fn passed_meanwhile(was: &People, is: &People, now: Now) -> Vec<PresenceEvent> {
    let only_in = |one: &People, other: &People, change: PresenceChange| -> Vec<PresenceEvent> {
        let alone = one.iter().filter(|member| !member.is_observer());
        let alone = alone.filter(|member| !other.has_label(&member.label()));
        alone
            .map(|member| PresenceEvent {
                session: member.person.id,
                name: member.label(),
                change: change.clone(),
                at: now,
                weight: u8::from(member.is_talking(now)),
            })
            .collect()
    };
    let mut passed = only_in(was, is, PresenceChange::Left);
    passed.extend(only_in(is, was, PresenceChange::Arrived));
    passed
}
