//! A room into which people pour: one line counts them, nothing rings, answers go out slowly.

use std::time::Instant;

use crate::chat::buffer::{Place, Room};
use crate::chat::transcript::{EntryId, Flood, Folded, Passing, What};
use crate::core::model::Model;

/// Counts somebody who came or went. True if a flood tells it, so that nothing else has to.
pub(super) fn takes(model: &mut Model, at: usize, folded: &Folded) -> bool {
    let now = model.now;
    let Some(room) = model.buffers[at].room_mut() else { return false };
    room.pulse.note(now.at);
    if room.flood.is_none() && !room.pulse.is_flood() {
        return false;
    }
    let arrived = !matches!(folded.passing, Passing::Left | Passing::CameAndWent);
    let known = (folded.weight > 0).then_some(&*folded.name);
    if let Some(entry) = open(model, at) {
        change(model, at, entry, |flood| flood.note(arrived, known));
    }
    true
}

/// Whether people pour into the room of this buffer.
pub(super) fn is_on(model: &Model, at: usize) -> bool {
    model.buffers[at].room().is_some_and(|room| room.flood.is_some())
}

/// The room is another from now on: what poured in there is over.
pub(super) fn end(model: &mut Model, at: usize) {
    let now = model.now.at;
    let Some(entry) = model.buffers[at].room().and_then(|room| room.flood) else { return };
    change(model, at, entry, |flood| flood.end(now));
    if let Some(room) = model.buffers[at].room_mut() {
        room.flood = None;
    }
}

/// Time passes: lines are brought up to date, and floods that are over are closed.
pub(super) fn tick(model: &mut Model) {
    let now = model.now.at;
    for at in 0..model.buffers.len() {
        let Some(room) = model.buffers[at].room_mut() else { continue };
        let Some(entry) = room.flood else { continue };
        room.pulse.advance(now);
        let over = room.pulse.is_quiet();
        if over {
            room.flood = None;
        }
        change(model, at, entry, |flood| {
            if over {
                flood.end(now);
            }
        });
    }
}

/// When [`tick`] has something to do next.
pub(super) fn deadline(model: &Model) -> Option<Instant> {
    model.buffers.iter().filter_map(|buffer| Some(buffer.flood()?.next_show())).min()
}

/// The entry of the flood that is on; begins one if there is none.
fn open(model: &mut Model, at: usize) -> Option<EntryId> {
    let now = model.now;
    let buffer = &mut model.buffers[at];
    let Place::Room(Room { flood, .. }) = &mut buffer.place else { return None };
    if let Some(entry) = *flood {
        return Some(entry);
    }
    let entry = buffer.log.push(now, What::Flood(Box::new(Flood::new(now))));
    *flood = Some(entry);
    Some(entry)
}

fn change(model: &mut Model, at: usize, entry: EntryId, change: impl FnOnce(&mut Flood)) {
    let now = model.now.at;
    let buffer = &mut model.buffers[at];
    let Place::Room(room) = &buffer.place else { return };
    if let Some(What::Flood(flood)) = buffer.log.entry_mut(entry).map(|entry| &mut entry.what) {
        change(flood);
        flood.show(now, &room.pulse);
    }
}
