//! What the writer knows of every room, in memory, and how to take a change of it back.

use std::collections::HashMap;

use hullo::protocol::Topic;
use uuid::Uuid;

use super::encoding::{RoomRow, Row, StoreRow};

/// All rooms, as they are in the database together with the transaction that is under way.
#[derive(Debug)]
pub(super) struct Rooms {
    /// What is in the whole store.
    pub(super) store: StoreRow,
    by_key: HashMap<u64, Known>,
    by_topic: HashMap<Topic, u64>,
    /// How many bytes the entries of all rooms take, without the transaction that is under way.
    bytes: u64,
    /// What the transaction that is under way has touched, as it was.
    before: HashMap<u64, Option<Known>>,
    store_before: StoreRow,
}

/// A room, and the checksum of its row in the database; none if there is no row yet.
#[derive(Clone, Debug)]
struct Known {
    row: RoomRow,
    stored: Option<u64>,
}

/// What is to be done to the row of a room that was touched.
#[derive(Debug)]
pub(super) enum RowChange {
    Put(Vec<u8>),
    Delete,
}

impl Rooms {
    /// No rooms yet.
    pub(super) fn new(store: StoreRow) -> Self {
        Self {
            store_before: store.clone(),
            store,
            by_key: HashMap::new(),
            by_topic: HashMap::new(),
            bytes: 0,
            before: HashMap::new(),
        }
    }

    /// Adds a room that is in the database, with the checksum of its row. Says no if there is
    /// another one with this topic, which the store never makes.
    pub(super) fn insert_stored(&mut self, key: u64, row: RoomRow, sum: u64) -> bool {
        self.bytes += row.bytes;
        let topic = row.topic.clone();
        self.by_key.insert(key, Known { row, stored: Some(sum) });
        topic.is_none_or(|topic| self.by_topic.insert(topic, key).is_none())
    }

    /// The key of a room, if it is known.
    pub(super) fn key(&self, topic: &Topic) -> Option<u64> {
        self.by_topic.get(topic).copied()
    }

    /// A room.
    pub(super) fn get(&self, key: u64) -> Option<&RoomRow> {
        self.by_key.get(&key).map(|known| &known.row)
    }

    /// All rooms.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &RoomRow)> {
        self.by_key.iter().map(|(key, known)| (*key, &known.row))
    }

    /// How many bytes the entries of all rooms took after the last transaction.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds a room, and returns its key.
    pub(super) fn create(&mut self, topic: &Topic, epoch: Uuid) -> u64 {
        let key = self.store.next_room;
        self.store.next_room += 1;
        let row = RoomRow {
            topic: Some(topic.clone()),
            epoch,
            newest: 0,
            oldest_seconds: 0,
            removed_up_to: 0,
            entries: 0,
            bytes: 0,
            sessions_digest: 0,
            room_topic: None,
        };
        self.before.insert(key, None);
        self.by_key.insert(key, Known { row, stored: None });
        self.by_topic.insert(topic.clone(), key);
        key
    }

    /// A room, to be changed. Returns nothing if there is none with this key.
    pub(super) fn edit(&mut self, key: u64) -> Option<&mut RoomRow> {
        let known = self.by_key.get_mut(&key)?;
        self.before.entry(key).or_insert_with(|| Some(known.clone()));
        Some(&mut known.row)
    }

    /// Drops a room: its topic is free, and its entries are removed little by little.
    pub(super) fn drop_room(&mut self, key: u64) {
        if let Some(row) = self.edit(key)
            && let Some(topic) = row.topic.take()
        {
            row.sessions_digest = 0;
            row.room_topic = None;
            self.by_topic.remove(&topic);
        }
    }

    /// Ends the transaction: what is to be done to the rows of rooms. The store's own row is
    /// counted up, and its digest is that of all rooms as they will be.
    pub(super) fn changed_rows(&mut self) -> Vec<(u64, RowChange)> {
        let mut changes = Vec::new();
        for key in self.before.keys() {
            let Some(known) = self.by_key.get_mut(key) else { continue };
            let digest = &mut self.store.rooms_digest;
            *digest = digest.wrapping_sub(known.stored.unwrap_or_default());
            if known.row.topic.is_none() && known.row.entries == 0 {
                self.by_key.remove(key);
                changes.push((*key, RowChange::Delete));
            } else {
                let Row { checksum, bytes } = known.row.encode(*key);
                *digest = digest.wrapping_add(checksum);
                known.stored = Some(checksum);
                changes.push((*key, RowChange::Put(bytes)));
            }
        }
        self.store.commits += 1;
        changes
    }

    /// The transaction is committed.
    pub(super) fn keep(&mut self) {
        let bytes = |known: Option<&Known>| known.map_or(0, |known| known.row.bytes);
        for (key, before) in self.before.drain() {
            let now = bytes(self.by_key.get(&key));
            self.bytes = self.bytes.saturating_sub(bytes(before.as_ref())) + now;
        }
        self.store_before.clone_from(&self.store);
    }

    /// The transaction did not happen.
    pub(super) fn take_back(&mut self) {
        for key in self.before.keys() {
            if let Some(topic) = self.by_key.remove(key).and_then(|known| known.row.topic) {
                self.by_topic.remove(&topic);
            }
        }
        for (key, before) in self.before.drain() {
            let Some(known) = before else { continue };
            if let Some(topic) = &known.row.topic {
                self.by_topic.insert(topic.clone(), key);
            }
            self.by_key.insert(key, known);
        }
        self.store.clone_from(&self.store_before);
    }
}
