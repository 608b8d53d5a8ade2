//! Who has joined a room, and what each of them has been sent.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hullo::protocol::payload::Mode;
use hullo::protocol::{Event, SessionId};

use super::log::{Dialect, Hears};
use super::person::Person;
use super::resume::Resumable;
use super::retry::Taken;

/// How long others wait for a member that is far behind, as long as it goes on reading.
const WAIT: Duration = Duration::from_secs(2);

/// A member that took nothing for so long does not go on reading.
const STANDSTILL: Duration = Duration::from_millis(500);

/// What a direct message takes beside its payload, in bytes, roughly.
const DIRECT_BYTES: usize = 64;

/// A member's place in the room. It is given to somebody else once the member has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MemberId(u32);

impl MemberId {
    /// No member.
    pub(crate) const NOBODY: Self = Self(u32::MAX);

    /// The place as an index.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
impl From<u32> for MemberId {
    fn from(place: u32) -> Self {
        Self(place)
    }
}

/// A member, and the connection that holds it: it does so no longer once another has resumed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) member: MemberId,
    pub(crate) attachment: u32,
}

/// What a join asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Joining {
    /// To be told places in the order, and to come back.
    pub(crate) is_resumable: bool,
    /// How many of the newest broadcasts.
    pub(crate) history: usize,
}

/// One joined channel.
#[derive(Debug)]
pub(crate) struct Member {
    /// Set by the first helo.
    pub(crate) person: Option<Box<Person>>,
    /// What it is sent beside what is for it alone.
    pub(crate) hears: Hears,
    /// Everything in the log before this has been sent, or was not for this member.
    pub(crate) position: u64,
    /// Where this is not safe yet, it is sent nothing that happened.
    pub(crate) welcome_safe_at: u64,
    /// Where others were announced who came before it.
    pub(crate) came_before: Box<[u64]>,
    /// The newest typing notice that has been sent.
    pub(crate) typing_position: u64,
    /// Messages for this member alone that have not been sent.
    pub(crate) directs: VecDeque<Direct>,
    /// How many bytes these take.
    pub(crate) direct_bytes: usize,
    /// It fell so far behind that something for it was lost; it will be closed.
    pub(crate) has_lost: bool,
    /// What was seen when somebody looked, if it was far behind then.
    pub(crate) behind: Option<Behind>,
    /// Which connection holds it: each that does has another number.
    pub(crate) attachment: u32,
    /// If it may come back after it lost its connection.
    pub(crate) resumable: Option<Box<Resumable>>,
    /// Which of its pushes would be repeated by another.
    pub(crate) taken: Taken,
    /// How much history it asked for.
    pub(crate) wanted_history: usize,
    /// Where it stands in the list of those to whom nothing is on its way.
    idle_at: Option<u32>,
}

/// How a member that is far behind catches up.
#[derive(Debug)]
pub(crate) struct Behind {
    since: Instant,
    /// When it was last seen to have moved, and its position then.
    moved_at: Instant,
    position: u64,
}

/// Something for one member alone.
#[derive(Debug)]
pub(crate) struct Direct {
    /// Its place in the room's order.
    pub(crate) seq: u64,
    /// What it is.
    pub(crate) content: Content,
}

/// What one member alone is sent.
#[derive(Debug)]
pub(crate) enum Content {
    /// A message, whose payload is JSON.
    Message { event: Event, payload: Box<[u8]> },
    /// Replies that wait for what they acknowledge to be safe.
    Replies { frames: Bytes, count: u64, safe_at: u64 },
}

impl Direct {
    /// The place up to which everything must be safe before it is sent.
    pub(crate) fn safe_at(&self) -> u64 {
        match &self.content {
            Content::Message { .. } => self.seq,
            Content::Replies { safe_at, .. } => *safe_at,
        }
    }

    /// Whether it answers a push.
    pub(crate) fn is_reply(&self) -> bool {
        matches!(self.content, Content::Replies { .. })
    }

    /// What it takes, roughly.
    pub(crate) fn bytes(&self) -> usize {
        DIRECT_BYTES
            + match &self.content {
                Content::Message { payload, .. } => payload.len(),
                Content::Replies { frames, .. } => frames.len(),
            }
    }
}

impl Member {
    /// Whether it has been sent everything it was told of.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle_at.is_some()
    }

    /// Whether others should wait for it, who is far behind: only for a while and while it goes on
    /// reading, or one who hardly reads could hold up a room.
    pub(crate) fn is_waited_for(&mut self, now: Instant) -> bool {
        let position = self.position;
        let behind = self.behind.get_or_insert(Behind { since: now, moved_at: now, position });
        if behind.position != position {
            (behind.position, behind.moved_at) = (position, now);
        }
        now.saturating_duration_since(behind.since) < WAIT
            && now.saturating_duration_since(behind.moved_at) < STANDSTILL
    }

    /// In which form it is sent what happened.
    pub(crate) fn dialect(&self) -> Dialect {
        if self.resumable.is_some() { Dialect::Numbered } else { Dialect::Plain }
    }

    /// Whether it has lost its connection and may come back.
    pub(crate) fn is_away(&self) -> bool {
        self.resumable.as_ref().is_some_and(|resumable| resumable.away_until.is_some())
    }

    /// The id of the session, once it said helo.
    pub(crate) fn session(&self) -> Option<SessionId> {
        self.person.as_ref().map(|person| person.id)
    }
}

/// Everybody who has joined, and who of them is idle: has been sent everything there is.
#[derive(Debug, Default)]
pub(crate) struct Members {
    places: Vec<Option<Member>>,
    free: Vec<MemberId>,
    pub(super) by_session: HashMap<SessionId, MemberId>,
    idle: Vec<MemberId>,
    resumable: usize,
    away: usize,
    /// How many take part in these ways.
    pub(super) observers: usize,
    pub(super) quiet: usize,
    attachments: u32,
}

impl Members {
    /// How many have joined.
    pub(crate) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Lets a member in, who will be sent what comes from `position` on. It is idle.
    pub(crate) fn insert(&mut self, position: u64, typing_position: u64, joining: Joining) -> Held {
        let attachment = self.next_attachment();
        let resumable = joining.is_resumable.then(Box::default);
        self.resumable += usize::from(joining.is_resumable);
        let member = Member {
            person: None,
            hears: Hears::Presence,
            position,
            welcome_safe_at: 0,
            came_before: Box::default(),
            typing_position,
            directs: VecDeque::new(),
            direct_bytes: 0,
            has_lost: false,
            behind: None,
            attachment,
            resumable,
            taken: Taken::default(),
            wanted_history: joining.history,
            idle_at: None,
        };
        let id = if let Some(id) = self.free.pop() {
            self.places[id.index()] = Some(member);
            id
        } else {
            let id = MemberId(u32::try_from(self.places.len()).expect("rooms are limited"));
            if self.places.len() == self.places.capacity() {
                // Most rooms are small and stay so: room for twice as many would never be used.
                self.places.reserve_exact(self.places.len() / 4 + 1);
            }
            self.places.push(Some(member));
            id
        };
        self.set_idle(id);
        Held { member: id, attachment }
    }

    /// Lets a member out.
    pub(crate) fn remove(&mut self, id: MemberId) -> Option<Member> {
        self.set_busy(id);
        let member = self.places.get_mut(id.index())?.take()?;
        self.free.push(id);
        if let Some(person) = &member.person {
            self.forget_session(person);
        }
        self.resumable -= usize::from(member.resumable.is_some());
        self.away -= usize::from(member.is_away());
        Some(member)
    }

    /// A number that no connection has held a member of this room under.
    pub(crate) fn next_attachment(&mut self) -> u32 {
        self.attachments = self.attachments.wrapping_add(1);
        self.attachments
    }

    /// The member, if this connection holds it still.
    pub(crate) fn held(&self, held: Held) -> Option<MemberId> {
        self.get(held.member)
            .is_some_and(|member| member.attachment == held.attachment)
            .then_some(held.member)
    }

    /// Marks a member as away until then, or as back. Who is away is not told what there is.
    pub(crate) fn set_away(&mut self, id: MemberId, until: Option<Instant>) {
        self.set_busy(id);
        let attachment = self.next_attachment();
        let Some(member) = self.get_mut(id) else { return };
        member.attachment = attachment;
        let Some(resumable) = &mut member.resumable else { return };
        let before = std::mem::replace(&mut resumable.away_until, until);
        self.away += usize::from(until.is_some());
        self.away -= usize::from(before.is_some());
    }

    /// How many are told their places in the order.
    pub(crate) fn resumable(&self) -> usize {
        self.resumable
    }

    /// How many are away.
    pub(crate) fn away(&self) -> usize {
        self.away
    }

    /// One of them.
    pub(crate) fn get(&self, id: MemberId) -> Option<&Member> {
        self.places.get(id.index())?.as_ref()
    }

    /// One of them, to be changed.
    pub(crate) fn get_mut(&mut self, id: MemberId) -> Option<&mut Member> {
        self.places.get_mut(id.index())?.as_mut()
    }

    /// The member with this session.
    pub(crate) fn by_session(&self, session: SessionId) -> Option<MemberId> {
        self.by_session.get(&session).copied()
    }

    /// Says who a member is.
    pub(crate) fn introduce(&mut self, id: MemberId, person: Person) {
        self.by_session.insert(person.id, id);
        self.observers += usize::from(person.meta.mode == Some(Mode::Observer));
        self.quiet += usize::from(person.is_quiet());
        if let Some(member) = self.get_mut(id) {
            member.hears = person.hears();
            member.person = Some(Box::new(person));
            if let Some(resumable) = &mut member.resumable {
                resumable.begin(member.position);
            }
        }
    }

    /// How many said helo.
    pub(crate) fn people(&self) -> usize {
        self.by_session.len()
    }

    /// All places in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (MemberId, &Member)> {
        let ids = (0..).map(MemberId);
        ids.zip(&self.places).filter_map(|(id, place)| Some((id, place.as_ref()?)))
    }

    /// All places in their order, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (MemberId, &mut Member)> {
        let ids = (0..).map(MemberId);
        ids.zip(&mut self.places).filter_map(|(id, place)| Some((id, place.as_mut()?)))
    }

    /// The people in a range of places.
    pub(crate) fn people_at(
        &self,
        places: std::ops::Range<usize>,
    ) -> impl Iterator<Item = &Person> {
        let places = self.places.get(places.start..places.end.min(self.places.len()));
        let members = places.into_iter().flatten().flatten();
        members.filter_map(|member| member.person.as_deref())
    }

    /// How many places there are, taken or not.
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    /// Whether all who are connected have been sent everything.
    pub(crate) fn all_idle(&self) -> bool {
        self.idle.len() + self.away == self.len()
    }

    /// Puts a member on the list of the idle.
    pub(crate) fn set_idle(&mut self, id: MemberId) {
        let at = u32::try_from(self.idle.len()).ok();
        if let Some(member) = self.get_mut(id)
            && member.idle_at.is_none()
        {
            member.idle_at = at;
            self.idle.push(id);
        }
    }

    /// Takes a member off the list of the idle; whether it was on it.
    pub(crate) fn set_busy(&mut self, id: MemberId) -> bool {
        let Some(at) = self.get_mut(id).and_then(|member| member.idle_at.take()) else {
            return false;
        };
        self.idle.swap_remove(at as usize);
        if let Some(moved) = self.idle.get(at as usize).copied()
            && let Some(moved) = self.get_mut(moved)
        {
            moved.idle_at = Some(at);
        }
        true
    }

    /// Takes everybody off the list of the idle and appends them to `woken`.
    pub(crate) fn set_all_busy(&mut self, woken: &mut Vec<MemberId>) {
        for id in std::mem::take(&mut self.idle) {
            if let Some(member) = self.get_mut(id) {
                member.idle_at = None;
            }
            woken.push(id);
        }
    }
}
