//! A buffer: a room, a conversation with one person, or a list.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use hullo::protocol::{RoomName, SessionId};
use jiff::civil::DateTime;

use crate::chat::log::Log;
use crate::chat::topic::Topic;
use crate::entry::Kind;
use crate::entry::message::Message;
pub(crate) use crate::ids::BufferId;
use crate::ids::EntryId;
use crate::time::Now;

use crate::input::composer::Composer;
use crate::people::{People, hue};

/// The title of the list of arrivals.
pub(crate) const ARRIVALS: &str = "arrivals";

/// How many of our sessions in a room are remembered.
const MAX_SESSIONS: usize = 64;

/// A room, a conversation or a list, with its log and its draft.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    pub(crate) id: BufferId,
    /// Under which a key or `/buffer` finds it until it is closed; lists have none.
    pub(crate) number: Option<usize>,
    pub(crate) place: Place,
    pub(crate) log: Log,
    /// Unread messages of others.
    pub(crate) unread: usize,
    /// How many of them mention us, or are for us alone.
    pub(crate) mentions: usize,
    /// Arrivals that were not seen yet; they do not count as unread.
    pub(crate) arrivals: usize,
    /// When somebody last wrote to us alone in this buffer.
    pub(crate) heard_at: Option<Instant>,
    pub(crate) composer: Composer,
    /// Whether something long was pasted into the draft: then Enter asks once.
    pub(crate) asks_before_sending: bool,
    /// The selected entry, which keys act on.
    pub(crate) selected: Option<EntryId>,
}

/// The kind of a buffer.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are few buffers, and each has a log anyway")]
pub(crate) enum Place {
    Room(Room),
    Direct(Direct),
    /// The list of all mentions of us.
    Mentions,
    /// The list of who came and went, in every room.
    Arrivals,
    /// The program's own log.
    Debug,
}

/// A room that we are or were in.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) name: RoomName,
    pub(crate) membership: Membership,
    pub(crate) people: People,
    /// What it is about, while we are in or were last.
    pub(crate) topic: Option<Topic>,
    /// Sessions whose arrival is shown already: `new_user` and presence both tell of it, in either
    /// order.
    pub(crate) announced: VecDeque<SessionId>,
    /// When the latest newcomer cards were shown, to limit them.
    pub(crate) cards: VecDeque<Instant>,
    /// People who are expected back after a restart of the server: what we write waits for them.
    pub(crate) missing: Option<Missing>,
    /// Our sessions in this run, the newest last.
    pub(crate) sessions: Vec<SessionId>,
    /// What may be missing, after a reconnect, until it is told.
    pub(crate) gap: Option<Gap>,
    pub(crate) earlier: Earlier,
}

/// The time from the loss of the connection to a join in which the session was not resumed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) since: Now,
    /// Whether the server still has everything that was said meanwhile.
    pub(crate) is_filled: bool,
    /// The entry that says what may be missing.
    pub(crate) told_in: Option<EntryId>,
}

/// What was said before the first entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// The room was not joined yet.
    Unknown,
    /// There may be more.
    Available,
    /// The user scrolled up to the first entry, and wants more.
    Wanted,
    Asked,
    /// There is no more, or no room for it.
    Complete,
}

/// People who are expected to reconnect in a moment.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    pub(crate) names: BTreeSet<String>,
    /// Until when they are waited for.
    pub(crate) until: Instant,
}

/// Our membership of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// A join is under way.
    Joining,
    /// We are in, with this session.
    Joined { me: SessionId },
    /// We were in when the connection was lost; the rule in the log says so.
    Lost { me: SessionId, since: Now, rule: EntryId },
    /// The join was refused, for example because of our name; a new name tries again.
    Refused,
    /// We left, or the server closed the room for us.
    Out,
}

/// A conversation with one session. Its messages go through a room in which both are.
#[derive(Clone, Debug)]
pub(crate) struct Direct {
    pub(crate) room: RoomName,
    pub(crate) peer: SessionId,
    pub(crate) name: String,
    /// The name as shown: with a number while somebody else has the same name.
    pub(crate) label: String,
    pub(crate) user: Option<String>,
    pub(crate) partner: Partner,
    /// Until when they are shown as typing to us.
    pub(crate) typing: Option<Instant>,
    /// When it began, if that was in an earlier run.
    pub(crate) since: Option<DateTime>,
}

/// Whether the person of a conversation can be reached. A conversation belongs to one session: it
/// is never handed to somebody else of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Partner {
    Present,
    Left,
    /// We have connected to another server since; this is the one where it was held.
    Elsewhere(String),
}

impl Room {
    pub(crate) fn new(name: RoomName) -> Self {
        Self {
            name,
            membership: Membership::Joining,
            people: People::default(),
            topic: None,
            announced: VecDeque::new(),
            cards: VecDeque::new(),
            missing: None,
            sessions: Vec::new(),
            gap: None,
            earlier: Earlier::Unknown,
        }
    }

    pub(crate) fn is_joined(&self) -> bool {
        self.me().is_some()
    }

    /// Whether we are out, and no join is under way.
    pub(crate) fn is_out(&self) -> bool {
        matches!(self.membership, Membership::Refused | Membership::Out)
    }

    /// Our session, also while the connection is lost: then it is the one in the last list of people.
    pub(crate) fn own(&self) -> Option<SessionId> {
        match self.membership {
            Membership::Joined { me } | Membership::Lost { me, .. } => Some(me),
            Membership::Joining | Membership::Refused | Membership::Out => None,
        }
    }

    /// Notes a new session of ours.
    pub(crate) fn add_session(&mut self, me: SessionId) {
        if self.sessions.len() == MAX_SESSIONS {
            self.sessions.remove(0);
        }
        self.sessions.push(me);
    }

    /// Our session, while we are in.
    pub(crate) fn me(&self) -> Option<SessionId> {
        match self.membership {
            Membership::Joined { me } => Some(me),
            Membership::Joining
            | Membership::Lost { .. }
            | Membership::Refused
            | Membership::Out => None,
        }
    }
}

impl Direct {
    pub(crate) fn is_present(&self) -> bool {
        self.partner == Partner::Present
    }

    /// The person's name, and why they cannot be reached.
    pub(crate) fn title(&self) -> String {
        match self.partner {
            Partner::Present => self.label.clone(),
            Partner::Left => format!("{} (left)", self.label),
            Partner::Elsewhere(_) => format!("{} (elsewhere)", self.label),
        }
    }

    pub(crate) fn hue(&self) -> u8 {
        hue(self.user.as_deref().unwrap_or(&self.name))
    }
}

impl Buffer {
    pub(crate) fn new(id: BufferId, number: Option<usize>, place: Place) -> Self {
        Self {
            id,
            number,
            place,
            log: Log::default(),
            unread: 0,
            mentions: 0,
            arrivals: 0,
            heard_at: None,
            composer: Composer::default(),
            asks_before_sending: false,
            selected: None,
        }
    }

    /// What its draft is kept under: the title, but for a conversation its room and session, so that
    /// nobody else of the same name gets it.
    pub(crate) fn draft_key(&self) -> String {
        match &self.place {
            Place::Direct(direct) => {
                format!("{} {} {}", room_title(&direct.room), direct.peer, direct.name)
            }
            Place::Room(_) | Place::Mentions | Place::Arrivals | Place::Debug => self.title(),
        }
    }

    /// Restores the draft that an earlier run left for this buffer, if there is one.
    pub(crate) fn take_up(&mut self, drafts: &mut BTreeMap<String, String>) {
        if !self.composer.is_empty() {
            return;
        }
        let key = self.draft_key();
        let is_ours = |other: &&String| match &self.place {
            // The name may have changed since.
            Place::Direct(direct) => read_draft_key(&direct.room, other)
                .is_some_and(|(session, _)| session == direct.peer),
            Place::Room(_) | Place::Mentions | Place::Arrivals | Place::Debug => **other == key,
        };
        let key = drafts.keys().find(is_ours).cloned();
        if let Some(draft) = key.and_then(|key| drafts.remove(&key)) {
            self.composer.set(&draft);
        }
    }

    pub(crate) fn room(&self) -> Option<&Room> {
        match &self.place {
            Place::Room(room) => Some(room),
            Place::Direct(_) | Place::Mentions | Place::Arrivals | Place::Debug => None,
        }
    }

    pub(crate) fn room_mut(&mut self) -> Option<&mut Room> {
        match &mut self.place {
            Place::Room(room) => Some(room),
            Place::Direct(_) | Place::Mentions | Place::Arrivals | Place::Debug => None,
        }
    }

    pub(crate) fn direct(&self) -> Option<&Direct> {
        match &self.place {
            Place::Direct(direct) => Some(direct),
            Place::Room(_) | Place::Mentions | Place::Arrivals | Place::Debug => None,
        }
    }

    pub(crate) fn direct_mut(&mut self) -> Option<&mut Direct> {
        match &mut self.place {
            Place::Direct(direct) => Some(direct),
            Place::Room(_) | Place::Mentions | Place::Arrivals | Place::Debug => None,
        }
    }

    /// The room itself, or the room of a conversation; `None` for a list.
    pub(crate) fn by_way_of(&self) -> Option<&RoomName> {
        match &self.place {
            Place::Room(room) => Some(&room.name),
            Place::Direct(direct) => Some(&direct.room),
            Place::Mentions | Place::Arrivals | Place::Debug => None,
        }
    }

    /// The number with a space behind it; nothing if there is none.
    pub(crate) fn number_prefix(&self) -> String {
        self.number.map(|number| format!("{number} ")).unwrap_or_default()
    }

    /// The title: `#lobby`, or the person's name.
    pub(crate) fn title(&self) -> String {
        match &self.place {
            Place::Room(room) => room_title(&room.name),
            Place::Direct(direct) => direct.title(),
            Place::Mentions => "mentions".into(),
            Place::Arrivals => ARRIVALS.into(),
            Place::Debug => "debug".into(),
        }
    }

    /// The title of its chat log: whether the partner of a conversation is there is no part of it.
    pub(crate) fn chat_log_title(&self) -> String {
        self.direct().map_or_else(|| self.title(), |direct| direct.label.clone())
    }

    /// Adds a message of somebody else; `seen` says whether the user is looking at the end of the log.
    pub(crate) fn hear(&mut self, now: Now, message: Message, seen: bool) {
        let mention = message.mention || self.direct().is_some();
        let entry = self.log.push(now, Kind::Message(message));
        if seen {
            return;
        }
        self.unread += 1;
        self.mentions += usize::from(mention);
        self.log.unread_from.get_or_insert(entry);
    }

    /// Marks everything as read. The line above the first unread message stays.
    pub(crate) fn read(&mut self) {
        self.unread = 0;
        self.mentions = 0;
        self.arrivals = 0;
    }
}

/// A room as it is shown: `#lobby`.
pub(crate) fn room_title(name: &RoomName) -> String {
    format!("#{}", hullo::text::clean_line(name.as_str()))
}

/// Whose draft this is, if it is for a conversation in this room: the session, and the name of then.
pub(crate) fn read_draft_key<'a>(room: &RoomName, key: &'a str) -> Option<(SessionId, &'a str)> {
    let (session, name) =
        key.strip_prefix(&room_title(room))?.strip_prefix(' ')?.split_once(' ')?;
    Some((session.parse().ok()?, name))
}
