//! What a member said and was told, in the order in which it was.

use std::collections::BTreeMap;

use hullo::client::Error;
use hullo::presence::Person;
use hullo::protocol::SessionId;

/// Names a message in the whole run: who said it, and the how manyth of theirs it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The sender.
    pub member: usize,
    /// Counted from 0.
    pub number: usize,
}

impl Key {
    /// What is said: the key, and bytes to make it longer.
    pub(super) fn text(self, more: usize) -> String {
        format!("{}.{} {}", self.member, self.number, "x".repeat(more))
    }

    /// The key of what was said.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (member, number) = text.split(' ').next()?.split_once('.')?;
        Some(Self { member: member.parse().ok()?, number: number.parse().ok()? })
    }
}

/// A message that a member said.
#[derive(Clone, Debug)]
pub struct Sent {
    /// In which room.
    pub room: usize,
    /// To one session of a member, or to the room.
    pub to: Option<(usize, SessionId)>,
    /// Nothing while nothing is known.
    pub outcome: Option<Result<(), Error>>,
}

impl Sent {
    /// Whether the server said that it was carried out.
    pub fn is_acknowledged(&self) -> bool {
        self.outcome == Some(Ok(()))
    }
}

/// A message that a member was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its place in the room's order.
    pub seq: u64,
    /// Which it is.
    pub key: Key,
    /// To this member alone.
    pub is_direct: bool,
}

/// One session in one room.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// If there was one before: whether the history is said to hold everything since.
    pub gap: Option<bool>,
    /// The history at its beginning.
    pub past: Vec<Heard>,
    /// What was told live.
    pub heard: Vec<Heard>,
}

/// What a member was told of one room.
#[derive(Clone, Debug, Default)]
pub struct RoomTranscript {
    /// Its sessions, one after the other.
    pub sessions: Vec<Session>,
    /// Who is there.
    pub present: BTreeMap<SessionId, Person>,
    /// How often the session went on.
    pub resumes: usize,
}

/// All of one member.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// By number.
    pub sent: Vec<Sent>,
    /// By room.
    pub rooms: BTreeMap<usize, RoomTranscript>,
    /// What may not happen and did.
    pub faults: Vec<String>,
}
