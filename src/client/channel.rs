//! The client's side of one joined room: who we are there, how far the join has come, who is here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::socket::Ticket;
use crate::presence::{Person, Presence};
use crate::protocol::payload::{Helo, Status, Welcome};
use crate::protocol::{Event, Payload, Ref, RoomName, SessionId, Topic};

/// Waits before a failed join is tried again; the last one for ever.
const REJOIN_AFTER: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// Who to say helo as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// The name to be known by.
    pub name: String,
    /// The status to arrive with.
    pub status: Option<Status>,
    /// Who this is beyond one session, if it should be known.
    pub user: Option<String>,
}

impl From<&str> for Introduction {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), status: None, user: None }
    }
}

impl From<&Introduction> for Helo {
    fn from(me: &Introduction) -> Self {
        Self { name: me.name.clone(), status: me.status.clone(), user: me.user.clone() }
    }
}

/// How far the join has come.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    /// Not begun: there is no line.
    Waiting,
    /// Begun; the server has not answered.
    Joining { join_ref: u64 },
    /// Joined, and helo pushed.
    Greeting { join_ref: u64 },
    /// Joined and known.
    Entered { join_ref: u64, me: SessionId },
    /// Failed for now.
    Rejoining { at: Instant },
    /// On the way out.
    Leaving { join_ref: u64 },
}

/// A push that waits until the room is entered.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) event: Event,
    pub(super) payload: Payload,
    pub(super) ticket: Ticket,
}

/// The client's side of one topic.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) room: RoomName,
    pub(super) topic: Topic,
    pub(super) introduction: Introduction,
    pub(super) phase: Phase,
    pub(super) presence: Presence,
    pub(super) held: VecDeque<Held>,
    /// Who asked for the join and has not been told how it went.
    pub(super) asked: Option<Ticket>,
    failed_joins: usize,
}

impl Channel {
    pub(super) fn new(room: RoomName, introduction: Introduction, asked: Ticket) -> Self {
        Self {
            topic: Topic::from(&room),
            room,
            introduction,
            phase: Phase::Waiting,
            presence: Presence::new(),
            held: VecDeque::new(),
            asked: Some(asked),
            failed_joins: 0,
        }
    }

    /// The number of the current join, if there is one.
    pub(super) fn join_ref(&self) -> Option<u64> {
        match self.phase {
            Phase::Joining { join_ref }
            | Phase::Greeting { join_ref }
            | Phase::Entered { join_ref, .. }
            | Phase::Leaving { join_ref } => Some(join_ref),
            Phase::Waiting | Phase::Rejoining { .. } => None,
        }
    }

    /// Our session, while it is known.
    pub(super) fn me(&self) -> Option<SessionId> {
        match self.phase {
            Phase::Entered { me, .. } => Some(me),
            Phase::Waiting
            | Phase::Joining { .. }
            | Phase::Greeting { .. }
            | Phase::Rejoining { .. }
            | Phase::Leaving { .. } => None,
        }
    }

    /// Whether we are on the way out.
    pub(super) fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Leaving { .. })
    }

    /// Whether a frame with this `join_ref` belongs to the current join.
    pub(super) fn is_current(&self, join_ref: Option<&Ref>) -> bool {
        let Some(current) = self.join_ref() else { return false };
        join_ref.is_none_or(|join_ref| join_ref.as_number() == Some(current))
    }

    /// A new join begins: everybody known so far is void.
    pub(super) fn begin(&mut self, join_ref: u64) {
        self.phase = Phase::Joining { join_ref };
        self.presence = Presence::new();
    }

    /// The server took the helo. Returns who we are.
    pub(super) fn enter(&mut self, join_ref: u64, Welcome { id, name, .. }: Welcome) -> Person {
        self.phase = Phase::Entered { join_ref, me: id };
        self.failed_joins = 0;
        self.renamed(id, name)
    }

    /// The server knows us by this name now.
    pub(super) fn renamed(&mut self, id: SessionId, name: String) -> Person {
        self.introduction.name.clone_from(&name);
        let known = self.presence.person(id).filter(|known| known.name == name);
        known.unwrap_or_else(|| self.unseen(id, name))
    }

    /// Ourselves, before the server has shown us to ourselves.
    fn unseen(&self, id: SessionId, name: String) -> Person {
        let Introduction { status, user, .. } = &self.introduction;
        Person {
            id,
            name,
            state: status.as_ref().map(|status| status.state),
            text: status.as_ref().and_then(|status| status.text.clone()),
            user: user.clone(),
            online_at: 0,
        }
    }

    /// The join failed for now; it is tried again later.
    pub(super) fn postpone(&mut self, now: Instant) {
        let wait = REJOIN_AFTER[self.failed_joins.min(REJOIN_AFTER.len() - 1)];
        self.failed_joins += 1;
        self.phase = Phase::Rejoining { at: now + wait };
    }
}
