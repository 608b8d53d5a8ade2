//! What is removed, and when.

use std::time::Duration;

use super::database::Database;
use super::encoding::{Damaged, EntryRow, RoomRow};
use super::error::StoreError;

/// What is kept; whatever is older or more than that is removed, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How old an entry becomes.
    pub max_age: Duration,
    /// How many entries of one room there are.
    pub max_room_entries: u64,
    /// How many bytes these take.
    pub max_room_bytes: u64,
    /// How many bytes the entries of all rooms take.
    pub max_bytes: u64,
}

/// Whether all that is too old or too much is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It is.
    Done,
    /// There is more of it.
    MoreToDo,
}

impl Retention {
    /// Whether the oldest entry of a room is to go.
    fn removes_oldest(&self, room: &RoomRow, unix_seconds: u64) -> bool {
        room.entries > 0
            && (room.topic.is_none()
                || room.entries > self.max_room_entries
                || room.bytes > self.max_room_bytes
                || room.oldest_seconds < unix_seconds.saturating_sub(self.max_age.as_secs()))
    }
}

impl Database {
    /// Removes at most so many entries that are too old or too much.
    pub(super) fn remove_some(
        &mut self,
        retention: &Retention,
        unix_seconds: u64,
        at_most: usize,
    ) -> Result<Progress, StoreError> {
        let is_excess = |room: &RoomRow| retention.removes_oldest(room, unix_seconds);
        let excess = self.rooms.iter().filter(|(_, room)| is_excess(room));
        let excess: Vec<u64> = excess.map(|(key, _)| key).collect();
        let too_many_bytes = self.rooms.bytes().saturating_sub(retention.max_bytes);
        if !excess.is_empty() {
            self.unflushed(|this| this.remove_from(&excess, at_most, |room, _| is_excess(room)))?;
        } else if too_many_bytes > 0
            && let Some(oldest) = self.room_with_oldest_entry()
        {
            let is_excess = |_: &RoomRow, removed| removed < too_many_bytes;
            self.unflushed(|this| this.remove_from(&[oldest], at_most, is_excess))?;
        } else {
            return Ok(Progress::Done);
        }
        Ok(Progress::MoreToDo)
    }

    fn room_with_oldest_entry(&self) -> Option<u64> {
        let rooms = self.rooms.iter().filter(|(_, room)| room.entries > 0);
        rooms.min_by_key(|(_, room)| room.oldest_seconds).map(|(key, _)| key)
    }

    fn remove_from(
        &mut self,
        rooms: &[u64],
        at_most: usize,
        is_excess: impl Fn(&RoomRow, u64) -> bool,
    ) -> Result<(), StoreError> {
        let mut left = at_most;
        for key in rooms {
            left -= self.remove_oldest(*key, left, &is_excess)?;
            if left == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Removes the oldest entries of a room, at most so many, for as long as that `is_excess`, which
    /// is told the room and how many bytes of it were removed. Returns how many.
    fn remove_oldest(
        &mut self,
        key: u64,
        at_most: usize,
        is_excess: impl Fn(&RoomRow, u64) -> bool,
    ) -> Result<usize, StoreError> {
        let rows = self.oldest_entries(key, at_most + 1)?;
        let room = self.rooms.edit(key).ok_or(Damaged)?;
        let (mut removed, mut bytes) = (0, 0);
        for (seq, row) in &rows {
            room.oldest_seconds = EntryRow::decode(key, *seq, row)?.entry.unix_seconds;
            if removed == at_most || !is_excess(room, bytes) {
                break;
            }
            let size = row.len() as u64;
            room.entries = room.entries.checked_sub(1).ok_or(Damaged)?;
            room.bytes = room.bytes.checked_sub(size).ok_or(Damaged)?;
            room.removed_up_to = *seq;
            bytes += size;
            removed += 1;
        }
        if removed == rows.len() && room.entries > 0 {
            return Err(StoreError::Damaged);
        }
        let removed_up_to = room.removed_up_to;
        self.delete_entries(key, removed_up_to)?;
        Ok(removed)
    }
}
