//! One place to talk in: a room, or a conversation with one person.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use hullo::protocol::{RoomName, SessionId};

use crate::chat::log::Log;
use crate::entry::Kind;
use crate::entry::message::Message;
pub(crate) use crate::ids::BufferId;
use crate::ids::EntryId;
use crate::time::Now;

use crate::input::composer::Composer;
use crate::people::{People, hue};

/// What the list of who came and went is called.
pub(crate) const ARRIVALS: &str = "arrivals";

/// One place to talk in, with its own draft.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    pub(crate) id: BufferId,
    pub(crate) place: Place,
    pub(crate) log: Log,
    /// What others said unseen.
    pub(crate) unread: usize,
    /// How much of that named us, or was for us alone.
    pub(crate) mentions: usize,
    /// Who came unseen; never part of the unread.
    pub(crate) arrivals: usize,
    /// When somebody last wrote here to us alone.
    pub(crate) heard_at: Option<Instant>,
    pub(crate) composer: Composer,
    /// The entry that keys act on, if one is.
    pub(crate) selected: Option<EntryId>,
}

/// What kind of place it is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Room(Room),
    Direct(Direct),
    /// Everything in which we were named, wherever that was.
    Mentions,
    /// Everybody who came and went, in every room.
    Arrivals,
    /// The program's own log.
    Debug,
}

/// A room that we are in, or were.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) name: RoomName,
    pub(crate) membership: Membership,
    pub(crate) people: People,
    /// Whose arrival has been told already: it comes by two ways, in either order.
    pub(crate) announced: VecDeque<SessionId>,
    /// When the latest newcomers got cards of their own.
    pub(crate) cards: VecDeque<Instant>,
    /// Those whom a restarted server has lost, too: what we write waits for them.
    pub(crate) missing: Option<Missing>,
}

/// People who will be back in a moment.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    pub(crate) names: BTreeSet<String>,
    /// When they are waited for no longer.
    pub(crate) until: Instant,
}

/// How we stand to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// We have asked to be let in.
    Joining,
    /// We are in, as this session.
    Joined { me: SessionId },
    /// We were in when the line broke.
    Lost { me: SessionId, since: Now },
    /// We never got in, as under a name that will not do; under another one we ask again.
    Refused,
    /// We are out: we left, or were put out.
    Out,
}

/// A conversation with one person, which goes by way of a room.
#[derive(Clone, Debug)]
pub(crate) struct Direct {
    pub(crate) room: RoomName,
    pub(crate) peer: SessionId,
    pub(crate) name: String,
    /// The name with its number, as long as it needs one.
    pub(crate) label: String,
    pub(crate) user: Option<String>,
    pub(crate) present: bool,
    /// The server where it was held, if we have gone to another since: there, nobody is who is
    /// meant, whatever they are called.
    pub(crate) left_at: Option<String>,
    /// Until when they count as typing to us.
    pub(crate) typing: Option<Instant>,
}

impl Room {
    pub(crate) fn new(name: RoomName) -> Self {
        Self {
            name,
            membership: Membership::Joining,
            people: People::default(),
            announced: VecDeque::new(),
            cards: VecDeque::new(),
            missing: None,
        }
    }

    pub(crate) fn is_joined(&self) -> bool {
        self.me().is_some()
    }

    /// Whether we are out and on no way in.
    pub(crate) fn is_out(&self) -> bool {
        matches!(self.membership, Membership::Refused | Membership::Out)
    }

    /// Our own session, also while the line is broken: who we are in the list of then.
    pub(crate) fn own(&self) -> Option<SessionId> {
        match self.membership {
            Membership::Joined { me } | Membership::Lost { me, .. } => Some(me),
            Membership::Joining | Membership::Refused | Membership::Out => None,
        }
    }

    /// Our own session, while we are in.
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
    pub(crate) fn hue(&self) -> u8 {
        hue(self.user.as_deref().unwrap_or(&self.name))
    }
}

impl Buffer {
    pub(crate) fn new(id: BufferId, place: Place) -> Self {
        Self {
            id,
            place,
            log: Log::default(),
            unread: 0,
            mentions: 0,
            arrivals: 0,
            heard_at: None,
            composer: Composer::default(),
            selected: None,
        }
    }

    /// Goes on with the draft that was left here, if there is one.
    pub(crate) fn take_up(&mut self, drafts: &mut BTreeMap<String, String>) {
        if let Some(draft) =
            self.composer.is_empty().then(|| drafts.remove(&self.title())).flatten()
        {
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

    /// The room that this is, or by way of which it is held; none for a mere list.
    pub(crate) fn by_way_of(&self) -> Option<&RoomName> {
        match &self.place {
            Place::Room(room) => Some(&room.name),
            Place::Direct(direct) => Some(&direct.room),
            Place::Mentions | Place::Arrivals | Place::Debug => None,
        }
    }

    /// What it is called: `#lobby`, or the person's name.
    pub(crate) fn title(&self) -> String {
        match &self.place {
            Place::Room(room) => room_title(&room.name),
            Place::Direct(direct) => direct.label.clone(),
            Place::Mentions => "mentions".into(),
            Place::Arrivals => ARRIVALS.into(),
            Place::Debug => "debug".into(),
        }
    }

    /// Takes in what somebody else said; `seen` is whether it is being read right now.
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

    /// What came is known now; where it began stays marked.
    pub(crate) fn read(&mut self) {
        self.unread = 0;
        self.mentions = 0;
        self.arrivals = 0;
    }
}

/// A room as people write it.
pub(crate) fn room_title(name: &RoomName) -> String {
    format!("#{}", hullo::text::clean_line(name.as_str()))
}
