//! How records are written as bytes: numbers as LEB128, texts with their length before them, and a
//! checksum of all of it in front. Version 1 of the format; a change of it is another version.

use bytes::Bytes;
use hullo::protocol::payload::{Meta, RoomTopic};
use hullo::protocol::{Event, SessionId, Topic};
use uuid::Uuid;

use super::record::{Audience, Entry, Session};

/// The checksum stands before each row.
const CHECKSUM_BYTES: usize = 8;

/// Events are stored as their place in this list, counted from 1; all others with their name.
const EVENTS: [Event; 4] = [Event::Broadcast, Event::Response, Event::NewUser, Event::PresenceDiff];

/// The bytes are not what this program wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// What is in the whole store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoreRow {
    /// How many commits there were.
    pub(super) commits: u64,
    /// The key of the next room.
    pub(super) next_room: u64,
    /// The sum of the checksums of all rooms: none of them is missing or old.
    pub(super) rooms_digest: u64,
    /// The key that resume tokens are signed with.
    pub(super) token_key: [u8; 32],
}

/// What is known of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoomRow {
    /// Nothing once the room is dropped; then its entries are removed little by little.
    pub(super) topic: Option<Topic>,
    /// This life of it.
    pub(super) epoch: Uuid,
    /// The greatest `seq` that was stored; 0 if none was.
    pub(super) newest: u64,
    /// When the oldest of its entries happened, if it has any.
    pub(super) oldest_seconds: u64,
    /// Entries up to this one were removed.
    pub(super) removed_up_to: u64,
    /// How many entries there are.
    pub(super) entries: u64,
    /// How many bytes they take.
    pub(super) bytes: u64,
    /// The sum of the checksums of its sessions: none of them is missing or old.
    pub(super) sessions_digest: u64,
    /// What it is about, if somebody said so. Rows of rooms without it end before it.
    pub(super) room_topic: Option<RoomTopic>,
}

/// An entry and the one before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntryRow {
    /// The entry.
    pub(super) entry: Entry,
    /// The `seq` of the entry that was stored before it in its room; 0 if it was the first. So a
    /// missing entry is noticed.
    pub(super) previous: u64,
}

/// A row as it is stored, with its checksum in front.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) checksum: u64,
    pub(super) bytes: Vec<u8>,
}

/// FNV-1a. A change of one byte always changes it; it is no protection against intent.
pub(super) fn checksum(parts: &[&[u8]]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    parts.iter().copied().flatten().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// The checksum in front of a row.
pub(super) fn checksum_of(row: &[u8]) -> Result<u64, Damaged> {
    row.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).ok_or(Damaged)
}

impl StoreRow {
    /// As bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Output::default();
        out.number(self.commits);
        out.number(self.next_room);
        out.fixed(&self.rooms_digest.to_le_bytes());
        out.fixed(&self.token_key);
        out.sealed(&[]).bytes
    }

    /// From bytes.
    pub(super) fn decode(row: &[u8]) -> Result<Self, Damaged> {
        let mut from = Input::checked(row, &[])?;
        let (commits, next_room) = (from.number()?, from.number()?);
        let rooms_digest = u64::from_le_bytes(from.fixed()?);
        let token_key = from.fixed()?;
        from.end(Self { commits, next_room, rooms_digest, token_key })
    }
}

impl RoomRow {
    /// As bytes, for the room with this key.
    pub(super) fn encode(&self, key: u64) -> Row {
        let mut out = Output::default();
        out.text(self.topic.as_ref().map_or("", Topic::as_str));
        out.fixed(self.epoch.as_bytes());
        out.number(self.newest);
        out.number(self.oldest_seconds);
        out.number(self.removed_up_to);
        out.number(self.entries);
        out.number(self.bytes);
        out.fixed(&self.sessions_digest.to_le_bytes());
        if let Some(RoomTopic { text, by, at }) = &self.room_topic {
            out.text(text);
            out.text(by);
            out.number(*at);
        }
        out.sealed(&[&key.to_le_bytes()])
    }

    /// From bytes, for the room with this key.
    pub(super) fn decode(key: u64, row: &[u8]) -> Result<Self, Damaged> {
        let mut from = Input::checked(row, &[&key.to_le_bytes()])?;
        let topic = from.text()?;
        let room = Self {
            topic: (!topic.is_empty()).then(|| topic.into()),
            epoch: Uuid::from_bytes(from.fixed()?),
            newest: from.number()?,
            oldest_seconds: from.number()?,
            removed_up_to: from.number()?,
            entries: from.number()?,
            bytes: from.number()?,
            sessions_digest: u64::from_le_bytes(from.fixed()?),
            room_topic: if from.0.is_empty() { None } else { Some(from.room_topic()?) },
        };
        from.end(room)
    }
}

impl EntryRow {
    /// As bytes, for the room with this key.
    pub(super) fn encode(entry: &Entry, previous: u64, key: u64) -> Vec<u8> {
        let mut out = Output(Vec::with_capacity(entry.payload.len() + entry.name.len() + 64));
        out.number(previous);
        out.number(entry.unix_seconds);
        out.event(&entry.event);
        out.optional(entry.sender.map(|sender| sender.0));
        out.optional(entry.msg_id);
        out.audience(&entry.audience);
        out.text(&entry.name);
        out.fixed(&entry.payload);
        out.sealed(&[&key.to_le_bytes(), &entry.seq.to_le_bytes()]).bytes
    }

    /// From bytes, for the room with this key.
    pub(super) fn decode(key: u64, seq: u64, row: &[u8]) -> Result<Self, Damaged> {
        let mut from = Input::checked(row, &[&key.to_le_bytes(), &seq.to_le_bytes()])?;
        let (previous, unix_seconds) = (from.number()?, from.number()?);
        let entry = Entry {
            seq,
            unix_seconds,
            event: from.event()?,
            sender: from.optional()?.map(SessionId),
            msg_id: from.optional()?,
            audience: from.audience()?,
            name: from.text()?.into(),
            payload: Bytes::copy_from_slice(from.0),
        };
        Ok(Self { entry, previous })
    }
}

impl Session {
    /// As bytes, for the room with this key.
    pub(super) fn encode(&self, key: u64) -> Row {
        let mut out = Output::default();
        out.number(u64::from(self.is_resumable));
        out.number(self.since);
        let meta = serde_json::to_vec(&self.meta);
        out.fixed(&meta.expect("a meta has text keys and no failing Serialize"));
        out.sealed(&[&key.to_le_bytes(), self.id.0.as_bytes()])
    }

    /// From bytes, for the room with this key.
    pub(super) fn decode(key: u64, id: SessionId, row: &[u8]) -> Result<Self, Damaged> {
        let mut from = Input::checked(row, &[&key.to_le_bytes(), id.0.as_bytes()])?;
        let (is_resumable, since) = (from.number()? != 0, from.number()?);
        let meta: Meta = serde_json::from_slice(from.0).map_err(|_| Damaged)?;
        Ok(Self { id, is_resumable, since, meta })
    }
}

/// A row that is being written, without its checksum.
#[derive(Default)]
struct Output(Vec<u8>);

impl Output {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.fixed(text.as_bytes());
    }

    fn event(&mut self, event: &Event) {
        if let Some(at) = EVENTS.iter().position(|known| known == event) {
            self.number(at as u64 + 1);
        } else {
            self.number(0);
            self.text(event.as_str());
        }
    }

    fn optional(&mut self, id: Option<Uuid>) {
        self.number(u64::from(id.is_some()));
        self.fixed(id.as_ref().map_or(&[], |id| id.as_bytes()));
    }

    fn audience(&mut self, audience: &Audience) {
        let (kind, sessions) = match audience {
            Audience::Joined => (0, None),
            Audience::Others => (1, None),
            Audience::Chosen(sessions) => (2, Some(sessions)),
            Audience::NotChosen(sessions) => (3, Some(sessions)),
        };
        self.number(kind);
        if let Some(sessions) = sessions {
            self.number(sessions.len() as u64);
            sessions.iter().for_each(|session| self.fixed(session.0.as_bytes()));
        }
    }

    /// The row: its checksum, which holds for its key too, and what was written.
    fn sealed(self, key: &[&[u8]]) -> Row {
        let checksum = checksum(&[&key.concat(), &self.0]);
        Row { checksum, bytes: [&checksum.to_le_bytes()[..], &self.0].concat() }
    }
}

/// What is left to be read of a row.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn checked(row: &'a [u8], key: &[&[u8]]) -> Result<Self, Damaged> {
        let sum = checksum_of(row)?;
        let content = &row[CHECKSUM_BYTES..];
        if checksum(&[&key.concat(), content]) == sum { Ok(Self(content)) } else { Err(Damaged) }
    }

    fn end<T>(self, value: T) -> Result<T, Damaged> {
        if self.0.is_empty() { Ok(value) } else { Err(Damaged) }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = self.fixed()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Damaged)
    }

    fn text(&mut self) -> Result<&'a str, Damaged> {
        let length = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| Damaged)
    }

    fn room_topic(&mut self) -> Result<RoomTopic, Damaged> {
        Ok(RoomTopic { text: self.text()?.into(), by: self.text()?.into(), at: self.number()? })
    }

    fn event(&mut self) -> Result<Event, Damaged> {
        match usize::try_from(self.number()?).map_err(|_| Damaged)? {
            0 => Ok(self.text()?.into()),
            place => EVENTS.get(place - 1).cloned().ok_or(Damaged),
        }
    }

    fn optional(&mut self) -> Result<Option<Uuid>, Damaged> {
        match self.number()? {
            0 => Ok(None),
            1 => Ok(Some(Uuid::from_bytes(self.fixed()?))),
            2.. => Err(Damaged),
        }
    }

    fn audience(&mut self) -> Result<Audience, Damaged> {
        match self.number()? {
            0 => Ok(Audience::Joined),
            1 => Ok(Audience::Others),
            2 => self.sessions().map(Audience::Chosen),
            3 => self.sessions().map(Audience::NotChosen),
            4.. => Err(Damaged),
        }
    }

    fn sessions(&mut self) -> Result<Box<[SessionId]>, Damaged> {
        let count = self.number()?;
        (0..count).map(|_| self.fixed().map(Uuid::from_bytes).map(SessionId)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn session() -> impl Strategy<Value = SessionId> {
        any::<u128>().prop_map(|id| SessionId(Uuid::from_u128(id)))
    }

    fn audience() -> impl Strategy<Value = Audience> {
        let sessions = || proptest::collection::vec(session(), 0..4).prop_map(Vec::into);
        prop_oneof![
            Just(Audience::Joined),
            Just(Audience::Others),
            sessions().prop_map(Audience::Chosen),
            sessions().prop_map(Audience::NotChosen),
        ]
    }

    prop_compose! {
        fn entry()(
            (seq, unix_seconds) in any::<(u64, u64)>(),
            event in prop_oneof![Just(Event::Broadcast), Just(Event::PresenceDiff), ".{0,9}".prop_map(|name| Event::from(&*name))],
            audience in audience(),
            sender in proptest::option::of(session()),
            msg_id in proptest::option::of(session()),
            name in ".{0,40}",
            payload in proptest::collection::vec(any::<u8>(), 0..300),
        ) -> Entry {
            let msg_id = msg_id.map(|id| id.0);
            Entry { seq, event, audience, sender, name: name.into(), msg_id, unix_seconds, payload: payload.into() }
        }
    }

    proptest! {
        #[test]
        fn entries_are_read_as_they_were_written_and_only_under_their_key(
            entry in entry(), previous: u64, key: u64, at: proptest::sample::Index, bit in 0..8_u8,
        ) {
            let mut row = EntryRow::encode(&entry, previous, key);
            let seq = entry.seq;
            prop_assert_eq!(EntryRow::decode(key, seq, &row), Ok(EntryRow { entry, previous }));
            prop_assert_eq!(EntryRow::decode(key, seq ^ 1, &row), Err(Damaged));
            prop_assert_eq!(EntryRow::decode(key ^ 1, seq, &row), Err(Damaged));
            let at = at.index(row.len());
            row[at] ^= 1 << bit;
            prop_assert_eq!(EntryRow::decode(key, seq, &row), Err(Damaged));
        }

        #[test]
        fn what_nobody_wrote_is_refused_and_nothing_else_happens(content: Vec<u8>) {
            let row = Output(content).sealed(&[&7_u64.to_le_bytes()]).bytes;
            drop(RoomRow::decode(7, &row));
            drop(StoreRow::decode(&row));
            drop(Session::decode(7, SessionId(Uuid::nil()), &row));
        }
    }

    #[test]
    fn rooms_sessions_and_the_store_are_read_as_they_were_written() {
        let room = RoomRow {
            topic: Some("room:lobby".into()),
            epoch: Uuid::from_u128(5),
            newest: u64::MAX,
            oldest_seconds: 3,
            removed_up_to: 1,
            entries: 4,
            bytes: 300,
            sessions_digest: 7,
            room_topic: None,
        };
        assert_eq!(RoomRow::decode(1, &room.encode(1).bytes), Ok(room.clone()));
        let topic = RoomTopic { text: "tea".into(), by: "ada".into(), at: 1_795_485_576 };
        let room = RoomRow { room_topic: Some(topic), ..room };
        assert_eq!(RoomRow::decode(1, &room.encode(1).bytes), Ok(room));
        let store = StoreRow { commits: 1, next_room: 2, rooms_digest: 3, token_key: [4; 32] };
        assert_eq!(StoreRow::decode(&store.encode()), Ok(store));
        let meta = r#"{"name":"ada","phx_ref":"F5k","online_at":"1795485576","text":"away"}"#;
        let meta = serde_json::from_str(meta).unwrap();
        let session = Session { id: SessionId(Uuid::nil()), is_resumable: true, since: 9, meta };
        assert_eq!(Session::decode(1, session.id, &session.encode(1).bytes), Ok(session.clone()));
        assert_eq!(Session::decode(2, session.id, &session.encode(1).bytes), Err(Damaged));
    }
}
