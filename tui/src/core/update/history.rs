//! What was said to a room before we joined it, or while we were away.

use std::collections::BTreeSet;
use std::time::Duration;

use hullo::client::{Error, PastMessage};
use hullo::protocol::{RoomName, SessionId};

use super::notice::{add, is_mention, readable};
use super::notify::{self, Worth};
use super::{flash, why};
use crate::chat::buffer::{Earlier, Gap, Membership};
use crate::chat::log::Dated;
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::Kind;
use crate::entry::divider::Divider;
use crate::entry::message::{Delivery, Message};
use crate::entry::system::Severity;
use crate::people::hue;
use crate::time::{Hours, Now, clock_to_second};

/// How much the clocks of two machines may differ when a message is recognized by its time.
const CLOCKS_DIFFER: Duration = Duration::from_secs(10);

/// The session in a room could not be resumed. The room is about to be joined again.
pub(super) fn on_gap(model: &mut Model, name: &RoomName, is_filled: bool) {
    let now = model.now;
    let Some(room) = model.room_mut(name) else { return };
    let since = match room.membership {
        Membership::Lost { since, .. } => since,
        _ => now,
    };
    room.gap = Some(Gap { since, is_filled, told_in: None });
    if !is_filled {
        // The server may have begun to count anew, so the numbers in the log mean nothing to it.
        room.earlier = Earlier::Complete;
    }
}

/// Tells what may be missing, now that the room is joined again.
pub(super) fn tell_gap(model: &mut Model, at: usize) {
    let (now, hours) = (model.now, model.settings.time);
    let buffer = &mut model.buffers[at];
    let Some(gap) = buffer.room().and_then(|room| room.gap).filter(|gap| !gap.is_filled) else {
        return;
    };
    let told_in = Some(buffer.log.push(now, missing(gap.since, now, hours)));
    if let Some(room) = buffer.room_mut() {
        room.gap = Some(Gap { told_in, ..gap });
    }
}

fn missing(from: Now, to: Now, hours: Hours) -> Kind {
    let [from, to] = [from, to].map(|at| clock_to_second(at.wall, hours));
    Kind::system(Severity::Warning, format!("messages between {from} and {to} may be missing"))
}

/// What was said before comes right after the room was joined.
pub(super) fn on_history(
    model: &mut Model,
    name: &RoomName,
    past: Vec<PastMessage>,
) -> Vec<Effect> {
    let Some(at) = model.room_at(name) else { return Vec::new() };
    let now = model.now;
    let Some(room) = model.buffers[at].room_mut() else { return Vec::new() };
    let (gap, earlier) = (room.gap.take(), room.earlier);
    if earlier == Earlier::Unknown {
        room.earlier = Earlier::Available;
    }
    confirm_ours(model, at, &past);
    let messages = not_shown(model, at, past);
    if messages.is_empty() {
        return Vec::new();
    }
    if let Some(gap) = gap {
        return add_missed(model, at, gap, messages);
    }
    let log = &mut model.buffers[at].log;
    if earlier == Earlier::Unknown && log.is_whole() {
        log.prepend_first(messages, now);
    } else {
        for (said_at, message) in messages {
            log.push(said_at, Kind::Message(message));
        }
        log.push(now, Kind::Divider(Divider::Now));
    }
    Vec::new()
}

/// What was missed counts as unread, and rings once.
fn add_missed(model: &mut Model, at: usize, gap: Gap, messages: Vec<Dated>) -> Vec<Effect> {
    let hours = model.settings.time;
    let log = &mut model.buffers[at].log;
    if let (Some(entry), Some((first, _))) =
        (gap.told_in.and_then(|id| log.entry_mut(id)), messages.first())
        && first.wall > gap.since.wall
    {
        entry.kind = missing(gap.since, *first, hours);
    }
    let mut loudest = None;
    for (said_at, mut message) in messages {
        message.mention = is_mention(model, &message.text);
        if !model.mutes(&message.name) {
            let worth = if message.mention { Worth::Ours } else { Worth::Talk };
            let body = format!("{}: {}", message.name, message.text);
            if worth == Worth::Ours
                || loudest.as_ref().is_none_or(|(worth, _)| *worth != Worth::Ours)
            {
                loudest = Some((worth, body));
            }
        }
        add(model, at, said_at, message);
    }
    let title = model.buffers[at].title();
    loudest.map_or_else(Vec::new, |(worth, body)| notify::ring(model, &title, worth, &body))
}

/// A message of ours that was under way when the connection broke has arrived if the room's history
/// holds it.
fn confirm_ours(model: &mut Model, at: usize, past: &[PastMessage]) {
    let zone = model.zone.clone();
    let buffer = &mut model.buffers[at];
    let Some(room) = buffer.room() else { return };
    let (current, sessions) = (room.own(), room.sessions.clone());
    let is_ours = |past: &&PastMessage| Some(past.from) != current && sessions.contains(&past.from);
    let mut arrived: Vec<(jiff::civil::DateTime, String)> = past
        .iter()
        .filter(is_ours)
        .map(|past| (wall(&zone, past.at), readable(&past.message)))
        .collect();
    for entry in buffer.log.entries_mut() {
        let written_at = entry.at.wall;
        let Kind::Message(Message { own: Some(own), text, .. }) = &mut entry.kind else { continue };
        if !matches!(own, Delivery::Sending(..) | Delivery::Unconfirmed) {
            continue;
        }
        let is_it = |(said_at, said): &(jiff::civil::DateTime, String)| {
            said == text && *said_at >= written_at.saturating_sub(CLOCKS_DIFFER)
        };
        if let Some(found) = arrived.iter().position(is_it) {
            arrived.remove(found);
            *own = Delivery::Sent;
        }
    }
}

/// The messages of a history that are not in the log, as entries of it. Our own of this run are in it
/// already.
fn not_shown(model: &Model, at: usize, past: Vec<PastMessage>) -> Vec<Dated> {
    let buffer = &model.buffers[at];
    let Some(room) = buffer.room() else { return Vec::new() };
    let messages = buffer.log.messages().map(|(_, message)| message);
    let shown: BTreeSet<(SessionId, u64)> =
        messages.filter_map(|message| Some((message.from?, message.seq?))).collect();
    let is_new = |past: &PastMessage| {
        !shown.contains(&(past.from, past.seq))
            && !room.sessions.contains(&past.from)
            && !model.settings.ignores(&past.name)
    };
    let dated = |past: PastMessage| {
        let known = room.people.known(past.from);
        let hue = known.map_or_else(|| hue(&past.name), |(_, hue)| hue);
        let text = readable(&past.message);
        let message = Message::from_other(past.from, past.name, hue, text);
        let said_at = Now { at: model.now.at, wall: wall(&model.zone, past.at) };
        (said_at, Message { seq: Some(past.seq), ..message })
    };
    past.into_iter().filter(is_new).map(dated).collect()
}

/// A time in Unix seconds, as the clock on the wall showed it.
pub(super) fn wall(zone: &jiff::tz::TimeZone, seconds: u64) -> jiff::civil::DateTime {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    zone.to_datetime(time)
}

/// The user scrolled up to the first entry.
pub(super) fn want_more(model: &mut Model) {
    let has_seq = model.buffer().log.oldest_seq().is_some();
    let Some(room) = model.buffer_mut().room_mut().filter(|_| has_seq) else { return };
    if matches!(room.earlier, Earlier::Unknown | Earlier::Available) {
        room.earlier = Earlier::Wanted;
    }
}

/// Asks for what the user wants, once at a time.
pub(super) fn ask_for_wanted(model: &mut Model) -> Option<Effect> {
    let name = model.buffer().room().filter(|room| room.earlier == Earlier::Wanted)?.name.clone();
    let (is_live, before) = (model.is_live(&name), model.buffer().log.oldest_seq());
    let room = model.room_mut(&name)?;
    room.earlier = if is_live { Earlier::Asked } else { Earlier::Available };
    let before = before.filter(|_| is_live)?;
    Some(Effect::ReadHistory { room: name, before })
}

/// The outcome of asking for earlier messages.
pub(super) fn on_read(
    model: &mut Model,
    name: &RoomName,
    outcome: Result<Vec<PastMessage>, Error>,
) {
    let Some(at) = model.room_at(name) else { return };
    if model.buffers[at].room().is_none_or(|room| room.earlier != Earlier::Asked) {
        return;
    }
    let earlier = match outcome {
        Err(error) => {
            flash(model, format!("earlier messages cannot be read: {}", why(&error)));
            Earlier::Available
        }
        Ok(past) => {
            let oldest = model.buffers[at].log.oldest_seq().unwrap_or_default();
            let past = past.into_iter().filter(|past| past.seq < oldest).collect();
            let messages = not_shown(model, at, past);
            let is_over = messages.is_empty();
            if is_over {
                flash(model, "the server has no earlier messages");
            }
            let has_room = !is_over && model.buffers[at].log.prepend_more(messages);
            if has_room { Earlier::Available } else { Earlier::Complete }
        }
    };
    if let Some(room) = model.buffers[at].room_mut() {
        room.earlier = earlier;
    }
}
