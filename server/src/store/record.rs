//! What is stored: what happened in rooms, and who is in them.

use bytes::Bytes;
use hullo::protocol::payload::{Meta, RoomTopic};
use hullo::protocol::{Event, SessionId, Topic};
use uuid::Uuid;

/// What a batch takes in the queue beside its changes, in bytes, roughly.
const BATCH_BYTES: usize = 128;

/// What a change takes beside its texts, in bytes, roughly.
const CHANGE_BYTES: usize = 192;

/// Changes of one room that are committed together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The room.
    pub topic: Topic,
    /// This life of the room. If the store knows the room by another one, that one is dropped first.
    pub epoch: Uuid,
    /// In this order.
    pub changes: Vec<Change>,
}

/// One change of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Something happened. Its `seq` is greater than that of every entry before it.
    Entry(Entry),
    /// What the room is about from now on, if it is about something.
    Topic(Option<RoomTopic>),
    /// Somebody said helo, or is no longer as the store knows them.
    Session(Session),
    /// Somebody is gone for good.
    SessionEnded(SessionId),
    /// The room is gone, and all that was in it.
    RoomDropped,
}

/// One thing that happened in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the room's order.
    pub seq: u64,
    /// What it is about.
    pub event: Event,
    /// Who is sent it.
    pub audience: Audience,
    /// Whose push brought it about, if it was one.
    pub sender: Option<SessionId>,
    /// The name that the sender had then; empty if there is none.
    pub name: Box<str>,
    /// The id of the push, if it had one.
    pub msg_id: Option<Uuid>,
    /// Seconds since 1970.
    pub unix_seconds: u64,
    /// What is sent, as JSON.
    pub payload: Bytes,
}

/// Who is sent an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who has joined.
    Joined,
    /// Everybody who has said helo, but the sender.
    Others,
    /// These.
    Chosen(Box<[SessionId]>),
    /// Everybody who has said helo, but these.
    NotChosen(Box<[SessionId]>),
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The id of the session.
    pub id: SessionId,
    /// Whether it can come back after it lost its connection.
    pub is_resumable: bool,
    /// Entries before this place in the room's order are not for it.
    pub since: u64,
    /// Its presence.
    pub meta: Meta,
}

/// What a store held when it was opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The key that resume tokens are signed with.
    pub token_key: [u8; 32],
    /// In no order.
    pub rooms: Vec<LoadedRoom>,
}

/// A room as it was when the store was closed, or its process was killed.
#[derive(Debug, PartialEq, Eq)]
pub struct LoadedRoom {
    /// The room.
    pub topic: Topic,
    /// This life of it.
    pub epoch: Uuid,
    /// What it is about, if somebody said so.
    pub room_topic: Option<RoomTopic>,
    /// The greatest `seq` that it ever had; 0 if nothing has happened yet.
    pub newest_seq: u64,
    /// Everything after this place is in `entries`, or was removed by retention before.
    pub complete_after: u64,
    /// The newest of them, oldest first.
    pub entries: Vec<Entry>,
    /// In no order.
    pub sessions: Vec<Session>,
}

impl Batch {
    /// How many bytes it takes while it waits, roughly.
    pub(super) fn cost(&self) -> usize {
        BATCH_BYTES + self.changes.iter().map(Change::cost).sum::<usize>()
    }
}

impl Change {
    fn cost(&self) -> usize {
        let texts = match self {
            Self::Entry(entry) => entry.payload.len() + entry.audience.bytes(),
            Self::Topic(topic) => {
                topic.as_ref().map_or(0, |topic| topic.text.len() + topic.by.len())
            }
            Self::Session(session) => session.meta.text.as_ref().map_or(0, String::len),
            Self::SessionEnded(_) | Self::RoomDropped => 0,
        };
        CHANGE_BYTES + texts
    }
}

impl Audience {
    fn bytes(&self) -> usize {
        match self {
            Self::Joined | Self::Others => 0,
            Self::Chosen(sessions) | Self::NotChosen(sessions) => size_of_val(&**sessions),
        }
    }
}
