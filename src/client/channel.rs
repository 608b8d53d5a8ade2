//! The client's side of one room: who we are there, how far the join has come, who is here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::JoinOptions;
use super::command::{Push, RequestId};
use crate::presence::{Person, Presence};
use crate::protocol::payload::Welcome;
use crate::protocol::{Ref, RoomName, SessionId, Topic};

/// Waits before a failed join is tried again; the last one is repeated.
const REJOIN_AFTER: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// How far the join has come.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    /// Not begun: there is no connection.
    Offline,
    /// `phx_join` was pushed.
    Joining { join_ref: u64 },
    /// Joined, and the helo was pushed.
    Greeting { join_ref: u64 },
    /// The server accepted the helo.
    Entered { join_ref: u64, me: SessionId },
    /// The join failed; it is tried again.
    Rejoining { at: Instant },
    /// `phx_leave` was pushed.
    Leaving { join_ref: u64 },
}

/// The client's side of one topic.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) room: RoomName,
    pub(super) topic: Topic,
    pub(super) options: JoinOptions,
    pub(super) phase: Phase,
    pub(super) presence: Presence,
    /// Pushes that wait until the room is entered.
    pub(super) backlog: VecDeque<Push>,
    /// The request to join, until it has an outcome.
    pub(super) join_request: Option<RequestId>,
    failed_joins: usize,
}

impl Channel {
    pub(super) fn new(room: RoomName, options: JoinOptions, join_request: RequestId) -> Self {
        Self {
            topic: Topic::from(&room),
            room,
            options,
            phase: Phase::Offline,
            presence: Presence::new(),
            backlog: VecDeque::new(),
            join_request: Some(join_request),
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
            Phase::Offline | Phase::Rejoining { .. } => None,
        }
    }

    /// Our session, if the room is entered.
    pub(super) fn me(&self) -> Option<SessionId> {
        match self.phase {
            Phase::Entered { me, .. } => Some(me),
            Phase::Offline
            | Phase::Joining { .. }
            | Phase::Greeting { .. }
            | Phase::Rejoining { .. }
            | Phase::Leaving { .. } => None,
        }
    }

    pub(super) fn is_entered(&self) -> bool {
        self.me().is_some()
    }

    pub(super) fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Leaving { .. })
    }

    /// Whether a frame with this `join_ref` belongs to the current join.
    pub(super) fn is_current(&self, join_ref: Option<&Ref>) -> bool {
        let Some(current) = self.join_ref() else { return false };
        join_ref.is_none_or(|join_ref| join_ref.as_number() == Some(current))
    }

    /// A new join begins, and with it a new presence.
    pub(super) fn begin_join(&mut self, join_ref: u64) {
        self.phase = Phase::Joining { join_ref };
        self.presence = Presence::new();
    }

    /// The server accepted the helo. Returns who we are.
    pub(super) fn enter(&mut self, join_ref: u64, Welcome { id, name, .. }: Welcome) -> Person {
        self.phase = Phase::Entered { join_ref, me: id };
        self.failed_joins = 0;
        self.rename(id, name)
    }

    /// The server accepted a name, which the next helo repeats. Returns who we are.
    pub(super) fn rename(&mut self, id: SessionId, name: String) -> Person {
        self.options.name.clone_from(&name);
        let known = self.presence.person(id).filter(|known| known.name == name);
        known.unwrap_or_else(|| self.not_yet_shown(id, name))
    }

    /// Ourselves, before the presence that holds us has come.
    fn not_yet_shown(&self, id: SessionId, name: String) -> Person {
        let JoinOptions { status, user, .. } = &self.options;
        Person {
            state: status.as_ref().map(|status| status.state),
            text: status.as_ref().and_then(|status| status.text.clone()),
            user: user.clone(),
            ..Person::new(id, name)
        }
    }

    /// Everybody who is here, ourselves included.
    pub(super) fn present(&self, me: &Person) -> Vec<Person> {
        let mut present: Vec<Person> = self.presence.people().collect();
        if present.iter().all(|person| person.id != me.id) {
            present.push(me.clone());
        }
        present
    }

    /// The join failed for now; it is tried again later.
    pub(super) fn postpone(&mut self, now: Instant) {
        let wait = REJOIN_AFTER[self.failed_joins.min(REJOIN_AFTER.len() - 1)];
        self.failed_joins += 1;
        self.phase = Phase::Rejoining { at: now + wait };
    }
}
