//! Rooms that everybody has left: they are kept for a while, for what was said there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::SharedRoom;

/// How many vacant rooms are kept, and how many bytes of history in all of them.
const MAX_ROOMS: usize = 10_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A room that everybody has left, under the number it is kept by.
pub(super) type Evicted = (u64, Arc<SharedRoom>);

#[derive(Debug)]
struct Left {
    at: Instant,
    room: Arc<SharedRoom>,
    bytes: usize,
}

/// Vacant rooms, in the order in which they were left.
#[derive(Debug, Default)]
pub(super) struct Vacant {
    rooms: BTreeMap<u64, Left>,
    next: u64,
    bytes: usize,
}

impl Vacant {
    /// Keeps a room; its number.
    pub(super) fn insert(&mut self, at: Instant, room: Arc<SharedRoom>, bytes: usize) -> u64 {
        self.next += 1;
        self.bytes += bytes;
        self.rooms.insert(self.next, Left { at, room, bytes });
        self.next
    }

    /// Somebody has come.
    pub(super) fn remove(&mut self, number: u64) -> Option<Evicted> {
        let left = self.rooms.remove(&number)?;
        self.bytes -= left.bytes;
        Some((number, left.room))
    }

    /// Takes out the room that was left first, to make space for another.
    pub(super) fn pop(&mut self) -> Option<Evicted> {
        let (number, _) = self.rooms.first_key_value()?;
        self.remove(*number)
    }

    /// Takes out a room that is one too many, or was left so long ago.
    pub(super) fn pop_over(&mut self, now: Instant, retention: Duration) -> Option<Evicted> {
        let (number, oldest) = self.rooms.first_key_value()?;
        let over = self.rooms.len() > MAX_ROOMS || self.bytes > MAX_BYTES;
        if over || oldest.at + retention <= now { self.remove(*number) } else { None }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }
}
