//! The client's side of one room: who we are there, how far the join has come, who is here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::command::{Push, RequestId};
use super::pace::Pace;
use super::{JoinOptions, PastMessage};
use crate::presence::{Person, Presence};
use crate::protocol::payload::{self, Join, Mode, Resume, RoomTopic, Welcome};
use crate::protocol::{Event, Ref, RoomName, SessionId, Topic};

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

/// What it takes to resume a session.
#[derive(Debug)]
struct Session {
    id: SessionId,
    /// Its `seq` is that of the newest frame that was handled.
    resume: Resume,
}

/// What entering a room anew brings.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) me: Person,
    /// If we were there before: whether the history holds everything that was said since.
    pub(super) gap: Option<bool>,
    pub(super) history: Vec<PastMessage>,
    pub(super) topic: Option<RoomTopic>,
}

/// The client's side of one topic.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) room: RoomName,
    pub(super) topic: Topic,
    pub(super) options: JoinOptions,
    pub(super) phase: Phase,
    pub(super) presence: Presence,
    /// Pushes that wait to be sent, in the order of their requests.
    pub(super) backlog: VecDeque<Push>,
    /// Set while the server wants fewer pushes.
    pub(super) pace: Option<Pace>,
    /// The request to join, until it has an outcome.
    pub(super) join_request: Option<RequestId>,
    session: Option<Session>,
    /// Up to where the room was heard in a session that is over.
    heard: Option<Resume>,
    was_entered: bool,
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
            pace: None,
            join_request: Some(join_request),
            session: None,
            heard: None,
            was_entered: false,
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

    /// A new join begins, which resumes the session if there is one.
    pub(super) fn begin_join(&mut self, join_ref: u64) -> Join {
        self.phase = Phase::Joining { join_ref };
        if self.session.is_none() {
            self.presence = Presence::new();
        }
        Join {
            // A quiet session is told who is there no later than this.
            presence: self.options.mode == Some(Mode::Quiet),
            resumable: true,
            resume: self.session.as_ref().map(|session| session.resume.clone()),
            history: Some(self.options.history).filter(|messages| *messages > 0),
        }
    }

    /// The server took the session back. Returns who we are, or nothing if there is no session.
    pub(super) fn resume(&mut self, join_ref: u64) -> Option<Person> {
        let me = self.session.as_ref()?.id;
        self.phase = Phase::Entered { join_ref, me };
        self.failed_joins = 0;
        Some(self.rename(me, self.options.name.clone()))
    }

    /// Whether what was pushed on a connection that broke can be pushed again.
    pub(super) fn is_resumable(&self) -> bool {
        self.session.is_some()
    }

    /// The session cannot be resumed. Returns the pushes whose fate will never be known.
    pub(super) fn end_session(&mut self) -> VecDeque<Push> {
        if let Some(session) = self.session.take() {
            self.heard = Some(session.resume);
        }
        self.presence = Presence::new();
        let (repeated, unsent) =
            std::mem::take(&mut self.backlog).into_iter().partition(|push| push.is_repeated);
        self.backlog = unsent;
        repeated
    }

    /// Puts a push into the backlog, before those that were requested later.
    pub(super) fn enqueue(&mut self, push: Push) {
        let at = self.backlog.partition_point(|other| other.request < push.request);
        self.backlog.insert(at, push);
    }

    /// Takes note of a frame with this number. Returns whether it is to be told: whether it is new,
    /// and the session is not about to be resumed, after which it comes again.
    pub(super) fn accept(&mut self, seq: Option<u64>) -> bool {
        let is_entered = self.is_entered();
        let (Some(seq), Some(session)) = (seq, &mut self.session) else { return true };
        if !is_entered {
            return false;
        }
        let is_new = seq > session.resume.seq;
        session.resume.seq = session.resume.seq.max(seq);
        is_new
    }

    /// The server accepted the helo.
    pub(super) fn enter(&mut self, join_ref: u64, welcome: Welcome) -> Entry {
        let Welcome { id, name, topic, resume, history, history_after } = welcome;
        self.phase = Phase::Entered { join_ref, me: id };
        self.failed_joins = 0;
        let history: Vec<PastMessage> = past_messages(history.unwrap_or_default()).collect();
        // A history has everything since its oldest message, if nothing else is said of it.
        let complete_after = history_after.or(history.first().map(|oldest| oldest.seq));
        let is_filled = self.is_gap_filled(complete_after, resume.as_ref());
        let history = self.not_heard(history, resume.as_ref());
        // What is missed is replayed, so the state must be known.
        let resume = resume.filter(|_| self.presence.is_synced());
        self.session = resume.map(|resume| Session { id, resume });
        let gap = std::mem::replace(&mut self.was_entered, true).then_some(is_filled);
        Entry {
            me: self.rename(id, name),
            gap,
            history,
            topic: topic.as_ref().and_then(clean_topic),
        }
    }

    /// Whether a history, which has everything after a place in the order, reaches back to what an
    /// earlier session heard last.
    fn is_gap_filled(&self, complete_after: Option<u64>, now: Option<&Resume>) -> bool {
        let (Some(heard), Some(now)) = (&self.heard, now) else { return false };
        heard.epoch == now.epoch && complete_after.is_some_and(|after| after <= heard.seq)
    }

    /// The messages of a history, without those that an earlier session in the same life of the room
    /// has heard.
    fn not_heard(&self, history: Vec<PastMessage>, now: Option<&Resume>) -> Vec<PastMessage> {
        let heard =
            self.heard.as_ref().filter(|heard| now.is_some_and(|now| now.epoch == heard.epoch));
        let heard = heard.map_or(0, |heard| heard.seq);
        history.into_iter().filter(|past| past.seq > heard).collect()
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
            mode: self.options.mode,
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

/// A topic that is safe to show, if there is anything to see in it.
fn clean_topic(topic: &RoomTopic) -> Option<RoomTopic> {
    let text = crate::text::clean_label(&topic.text);
    let by = crate::text::clean_label(&topic.by);
    (!text.is_empty()).then_some(RoomTopic { text, by, at: topic.at })
}

/// The messages in a history; what a newer server may have added to it is skipped.
pub(super) fn past_messages(history: payload::History) -> impl Iterator<Item = PastMessage> {
    history.into_iter().filter_map(|(event, payload)| match Event::from(&*event) {
        Event::Broadcast => payload.decode::<payload::PastBroadcast>().ok().map(PastMessage::from),
        _ => None,
    })
}
