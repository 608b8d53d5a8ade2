//! The tables, and what is written to them.
//!
//! Each row begins with a checksum of itself and its key. Each entry names the one before it, each
//! room holds the place of its newest entry and the sum of the checksums of its sessions, and the
//! store's own row holds the sum of those of the rooms. So what is changed, missing or old is
//! noticed when it is read.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::Durability;
use super::encoding::{Damaged, EntryRow, Row, checksum_of};
use super::error::StoreError;
use super::promise::Promise;
use super::record::{Batch, Change, Entry, Session};
use super::rooms::{Rooms, RowChange};
use hullo::protocol::{SessionId, Topic};

/// The tables of format 1.
pub(super) const TABLES: &str = "
    CREATE TABLE store (id INTEGER PRIMARY KEY, row BLOB NOT NULL) STRICT;
    CREATE TABLE room (key INTEGER PRIMARY KEY, row BLOB NOT NULL) STRICT;
    CREATE TABLE entry (room INTEGER, seq INTEGER, row BLOB NOT NULL, PRIMARY KEY (room, seq))
        STRICT, WITHOUT ROWID;
    CREATE TABLE session (room INTEGER, id BLOB, row BLOB NOT NULL, PRIMARY KEY (room, id))
        STRICT, WITHOUT ROWID;
";

/// Writes the store's own row.
pub(super) const PUT_STORE: &str = "INSERT OR REPLACE INTO store VALUES (1, ?)";

/// The database, and what is known of it.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) connection: Connection,
    pub(super) durability: Durability,
    pub(super) promise: Promise,
    pub(super) rooms: Rooms,
}

impl Database {
    /// Commits batches together. Those that are out of order are left out; if anything else is
    /// wrong, nothing is committed.
    pub(super) fn commit(
        &mut self,
        batches: &[Batch],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let results = self.transaction(|this| {
            let results = batches.iter().map(|batch| {
                if !this.is_in_order(batch) {
                    return Ok(Err(StoreError::OutOfOrder));
                }
                this.apply(batch).map(Ok)
            });
            results.collect()
        })?;
        if self.durability == Durability::Strict
            && let Err(error) = self.promise.write(self.rooms.store.commits)
        {
            // What is committed is committed; a loss of it would go unnoticed.
            tracing::warn!(%error, "the store cannot note what it has committed");
        }
        Ok(results)
    }

    /// Does what need not be on the disk before anything else goes on: if it is lost, it is done
    /// again.
    pub(super) fn unflushed<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        let result = self.transaction(work);
        self.set_durability()?;
        result
    }

    /// Sets when a commit returns.
    pub(super) fn set_durability(&self) -> rusqlite::Result<()> {
        let synchronous = match self.durability {
            Durability::Strict => "FULL",
            Durability::Relaxed => "NORMAL",
        };
        self.connection.pragma_update(None, "synchronous", synchronous)
    }

    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let result = work(self).and_then(|value| {
            self.put_rows()?;
            self.connection.execute_batch("COMMIT")?;
            Ok(value)
        });
        if result.is_ok() {
            self.rooms.keep();
        } else {
            self.rooms.take_back();
            // The database may have rolled back by itself.
            if !self.connection.is_autocommit() {
                self.connection.execute_batch("ROLLBACK")?;
            }
        }
        result
    }

    fn put_rows(&mut self) -> rusqlite::Result<()> {
        for (key, change) in self.rooms.changed_rows() {
            let key = key.cast_signed();
            match change {
                RowChange::Put(row) => {
                    let sql = "INSERT OR REPLACE INTO room VALUES (?, ?)";
                    self.connection.prepare_cached(sql)?.execute(params![key, row])?;
                }
                RowChange::Delete => {
                    let sql = "DELETE FROM room WHERE key = ?";
                    self.connection.prepare_cached(sql)?.execute([key])?;
                }
            }
        }
        self.connection.prepare_cached(PUT_STORE)?.execute([self.rooms.store.encode()])?;
        Ok(())
    }

    fn is_in_order(&self, batch: &Batch) -> bool {
        let room = self.rooms.key(&batch.topic).and_then(|key| self.rooms.get(key));
        let newest = room.filter(|room| room.epoch == batch.epoch).map_or(0, |room| room.newest);
        let entries = batch.changes.iter().filter_map(|change| match change {
            Change::Entry(entry) => Some(entry.seq),
            Change::Topic(_)
            | Change::Session(_)
            | Change::SessionEnded(_)
            | Change::RoomDropped => None,
        });
        std::iter::once(newest).chain(entries).is_sorted_by(|one, next| one < next)
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        for change in &batch.changes {
            let key = self.room(&batch.topic, batch.epoch)?;
            match change {
                Change::Entry(entry) => self.put_entry(key, entry)?,
                Change::Topic(topic) => {
                    self.rooms.edit(key).ok_or(Damaged)?.room_topic.clone_from(topic);
                }
                Change::Session(session) => self.put_session(key, session)?,
                Change::SessionEnded(id) => self.end_session(key, *id)?,
                Change::RoomDropped => self.drop_room(key)?,
            }
        }
        Ok(())
    }

    /// The key of the room, which is made if there is none in this life of it.
    fn room(&mut self, topic: &Topic, epoch: Uuid) -> Result<u64, StoreError> {
        if let Some(key) = self.rooms.key(topic) {
            if self.rooms.get(key).is_some_and(|room| room.epoch == epoch) {
                return Ok(key);
            }
            self.drop_room(key)?;
        }
        Ok(self.rooms.create(topic, epoch))
    }

    fn put_entry(&mut self, key: u64, entry: &Entry) -> Result<(), StoreError> {
        let room = self.rooms.edit(key).ok_or(Damaged)?;
        let row = EntryRow::encode(entry, room.newest, key);
        if room.entries == 0 {
            room.oldest_seconds = entry.unix_seconds;
        }
        room.newest = entry.seq;
        room.entries += 1;
        room.bytes += row.len() as u64;
        let sql = "INSERT INTO entry VALUES (?, ?, ?)";
        let mut insert = self.connection.prepare_cached(sql)?;
        insert.execute(params![key.cast_signed(), entry.seq.cast_signed(), row])?;
        Ok(())
    }

    fn put_session(&mut self, key: u64, session: &Session) -> Result<(), StoreError> {
        let before = self.session_checksum(key, session.id)?;
        let Row { checksum, bytes } = session.encode(key);
        let room = self.rooms.edit(key).ok_or(Damaged)?;
        let digest = room.sessions_digest.wrapping_sub(before.unwrap_or_default());
        room.sessions_digest = digest.wrapping_add(checksum);
        let sql = "INSERT OR REPLACE INTO session VALUES (?, ?, ?)";
        let mut insert = self.connection.prepare_cached(sql)?;
        insert.execute(params![key.cast_signed(), session.id.0.as_bytes(), bytes])?;
        Ok(())
    }

    fn end_session(&mut self, key: u64, id: SessionId) -> Result<(), StoreError> {
        let Some(before) = self.session_checksum(key, id)? else { return Ok(()) };
        let room = self.rooms.edit(key).ok_or(Damaged)?;
        room.sessions_digest = room.sessions_digest.wrapping_sub(before);
        let sql = "DELETE FROM session WHERE room = ? AND id = ?";
        let mut delete = self.connection.prepare_cached(sql)?;
        delete.execute(params![key.cast_signed(), id.0.as_bytes()])?;
        Ok(())
    }

    fn session_checksum(&self, key: u64, id: SessionId) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT row FROM session WHERE room = ? AND id = ?";
        let mut select = self.connection.prepare_cached(sql)?;
        let found = select.query_row(params![key.cast_signed(), id.0.as_bytes()], |row| {
            Ok(checksum_of(row.get_ref(0)?.as_blob().unwrap_or_default()))
        });
        Ok(found.optional()?.transpose()?)
    }

    fn drop_room(&mut self, key: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM session WHERE room = ?";
        self.connection.prepare_cached(sql)?.execute([key.cast_signed()])?;
        self.rooms.drop_room(key);
        Ok(())
    }

    /// The oldest entries of a room, as rows, and at most so many.
    pub(super) fn oldest_entries(
        &self,
        key: u64,
        at_most: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let sql = "SELECT seq, row FROM entry WHERE room = ? ORDER BY seq LIMIT ?";
        let mut select = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let rows = select.query_map([key.cast_signed(), limit], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
        });
        Ok(rows?.collect::<rusqlite::Result<_>>()?)
    }

    /// Deletes the entries of a room up to a place in its order.
    pub(super) fn delete_entries(&self, key: u64, up_to: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM entry WHERE room = ? AND seq <= ?";
        let mut delete = self.connection.prepare_cached(sql)?;
        delete.execute([key.cast_signed(), up_to.cast_signed()])?;
        Ok(())
    }
}
