//! What is read when a store is opened: the rooms, who is in them, and the newest of what happened.

use std::cmp::Ordering;

use hullo::protocol::SessionId;
use rusqlite::{CachedStatement, Connection};
use uuid::Uuid;

use super::encoding::{Damaged, EntryRow, RoomRow, StoreRow, checksum_of};
use super::error::StoreError;
use super::record::{Loaded, LoadedRoom, Session};
use super::rooms::Rooms;

/// How much is read of each room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loading {
    /// How many entries, at most.
    pub max_room_entries: u64,
    /// How many bytes they take, at most; but one entry in any case.
    pub max_room_bytes: u64,
}

/// Reads the rooms, and what is in them, and checks that nothing is missing.
pub(super) fn load(
    connection: &Connection,
    store: StoreRow,
    loading: &Loading,
) -> Result<(Rooms, Loaded), StoreError> {
    let rooms = load_rooms(connection, store)?;
    let mut newest =
        connection.prepare_cached("SELECT seq, row FROM entry WHERE room = ? ORDER BY seq DESC")?;
    let mut sessions =
        connection.prepare_cached("SELECT id, row FROM session WHERE room = ? ORDER BY id")?;
    let mut loaded = Loaded { token_key: rooms.store.token_key, rooms: Vec::new() };
    for (key, row) in rooms.iter() {
        let Some(topic) = row.topic.clone() else { continue };
        let (complete_after, entries) = load_entries(&mut newest, key, row, loading)?;
        let sessions = load_sessions(&mut sessions, key, row)?;
        let (epoch, room_topic, newest_seq) = (row.epoch, row.room_topic.clone(), row.newest);
        loaded.rooms.push(LoadedRoom {
            topic,
            epoch,
            room_topic,
            newest_seq,
            complete_after,
            entries,
            sessions,
        });
    }
    drop((newest, sessions));
    Ok((rooms, loaded))
}

fn load_rooms(connection: &Connection, store: StoreRow) -> Result<Rooms, StoreError> {
    let expected = store.rooms_digest;
    let mut rooms = Rooms::new(store);
    let mut digest = 0_u64;
    let mut select = connection.prepare_cached("SELECT key, row FROM room")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (key, row) = (row.get::<_, i64>(0)?.cast_unsigned(), blob(row, 1)?);
        let sum = checksum_of(row)?;
        digest = digest.wrapping_add(sum);
        if !rooms.insert_stored(key, RoomRow::decode(key, row)?, sum) {
            return Err(StoreError::Damaged);
        }
    }
    if digest == expected { Ok(rooms) } else { Err(StoreError::Damaged) }
}

/// The newest entries, oldest first, and the place after which none is missing.
fn load_entries(
    newest: &mut CachedStatement<'_>,
    key: u64,
    room: &RoomRow,
    loading: &Loading,
) -> Result<(u64, Vec<super::Entry>), StoreError> {
    let wanted = room.entries.min(loading.max_room_entries);
    let mut expected = room.newest;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    let mut rows = newest.query([key.cast_signed()])?;
    while (entries.len() as u64) < wanted {
        let row = rows.next()?.ok_or(Damaged)?;
        let (seq, row) = (row.get::<_, i64>(0)?.cast_unsigned(), blob(row, 1)?);
        let EntryRow { entry, previous } = EntryRow::decode(key, seq, row)?;
        bytes += row.len() as u64;
        if seq != expected || previous >= seq {
            return Err(StoreError::Damaged);
        }
        if bytes > loading.max_room_bytes && !entries.is_empty() {
            break;
        }
        expected = previous;
        entries.push(entry);
    }
    let is_all = entries.len() as u64 == room.entries;
    if is_all && (expected != room.removed_up_to || rows.next()?.is_some()) {
        return Err(StoreError::Damaged);
    }
    entries.reverse();
    Ok((expected, entries))
}

fn load_sessions(
    select: &mut CachedStatement<'_>,
    key: u64,
    room: &RoomRow,
) -> Result<Vec<Session>, StoreError> {
    let (mut sessions, mut digest) = (Vec::new(), 0_u64);
    let mut rows = select.query([key.cast_signed()])?;
    while let Some(row) = rows.next()? {
        let id = Uuid::from_slice(blob(row, 0)?).map_err(|_| Damaged)?;
        let row = blob(row, 1)?;
        digest = digest.wrapping_add(checksum_of(row)?);
        sessions.push(Session::decode(key, SessionId(id), row)?);
    }
    match digest.cmp(&room.sessions_digest) {
        Ordering::Equal => Ok(sessions),
        Ordering::Less | Ordering::Greater => Err(StoreError::Damaged),
    }
}

/// Reads the store's own row.
pub(super) fn load_store(connection: &Connection) -> Result<StoreRow, StoreError> {
    let mut select = connection.prepare_cached("SELECT row FROM store WHERE id = 1")?;
    let mut rows = select.query([])?;
    let row = rows.next()?.ok_or(Damaged)?;
    Ok(StoreRow::decode(blob(row, 0)?)?)
}

fn blob<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<&'a [u8], StoreError> {
    Ok(row.get_ref(column)?.as_blob().map_err(|_| Damaged)?)
}
