//! Presence: everybody as one `presence_state`, and changes merged into `presence_diff`s.
//!
//! The state is encoded in chunks of neighbouring places; a chunk is encoded when somebody asks and
//! shared by all who ask before anybody in it changes. So the states of a thousand newcomers are
//! mostly the same bytes, and one that nobody reads holds on to little.
//!
//! Changes collect until they are taken as one diff. A state that is sent in between shows them
//! already, so the diff repeats them, and says in `leaves` whatever any such state has shown that
//! is no more. Clients that know neither need not be told of it.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use hullo::protocol::payload::{Meta, Metas, Mode, PresenceDiff};
use hullo::protocol::{Event, SessionId, codec};

use super::log::Audience;
use super::members::{Member, MemberId, Members};
use super::person::Person;
use super::{CALM_PRESENCE, MERGE_PRESENCE, Room, append_json};
use crate::batch::Batch;

/// How many places are encoded together.
const CHUNK: usize = 32;

/// As a number of states that had been shown: somebody may have been shown it.
const SEEN: u64 = u64::MAX;

/// What the members of a room know and do not know of each other's presence.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    chunks: Vec<Option<Bytes>>,
    /// Who came or changed since the last diff, and how many states had been shown by then.
    joins: BTreeMap<SessionId, (Meta, u64)>,
    /// What has been shown and is no more.
    leaves: BTreeMap<SessionId, Vec<Meta>>,
    states_shown: u64,
}

impl Presence {
    /// Takes note of a change at a place: what was shown there before, and what is there now.
    pub(crate) fn change(
        &mut self,
        place: usize,
        id: SessionId,
        before: Option<Meta>,
        after: Option<Meta>,
    ) {
        if let Some(chunk) = self.chunks.get_mut(place / CHUNK) {
            *chunk = None;
        }
        if let Some(before) = before {
            match self.joins.remove(&id) {
                Some((_, shown)) if shown == self.states_shown => {} // nobody has seen it
                Some(_) | None => self.leaves.entry(id).or_default().push(before),
            }
        }
        if let Some(after) = after {
            self.joins.insert(id, (after, self.states_shown));
        }
    }

    /// Drops the encoded state of a small room: most rooms are small, and it is soon encoded again.
    pub(crate) fn drop_small_state(&mut self) {
        if self.chunks.len() == 1 {
            self.chunks = Vec::new();
        }
    }

    /// How many states have been shown.
    pub(super) fn states_shown(&self) -> u64 {
        self.states_shown
    }

    /// A diff was not told after all. What is so is told later, though some of it may be known.
    pub(super) fn give_back(&mut self, diff: PresenceDiff, members: &Members) {
        let meta_of = |id: SessionId| {
            let member = members.by_session(id).and_then(|member| members.get(member));
            member.and_then(|member| Some(member.person.as_ref()?.meta.clone()))
        };
        for (id, Metas { mut metas }) in diff.leaves {
            let here = meta_of(id);
            metas.retain(|meta| here.as_ref().is_none_or(|here| here.phx_ref != meta.phx_ref));
            if !metas.is_empty() {
                self.leaves.entry(id).or_default().splice(0..0, metas);
            }
        }
        for id in diff.joins.into_keys() {
            if let Some(meta) = meta_of(id) {
                self.joins.entry(id).or_insert((meta, SEEN));
            }
        }
    }

    /// What there is at a place never came; so many states had been shown right after it did, of
    /// which the last was for nobody.
    pub(super) fn take_back(
        &mut self,
        place: usize,
        id: SessionId,
        after: Meta,
        is_given_back: bool,
        states_shown: u64,
    ) {
        let waits = self.joins.get(&id).is_some_and(|(_, shown)| *shown != SEEN);
        let is_untold = (waits || is_given_back) && self.states_shown == states_shown;
        let phx_ref = after.phx_ref.clone();
        self.change(place, id, Some(after), None);
        if is_untold {
            self.does_not_leave(id, &phx_ref);
        }
    }

    /// What there was before is there still, though some may know.
    pub(super) fn stays(&mut self, id: SessionId, before: Meta) {
        self.does_not_leave(id, &before.phx_ref);
        self.joins.insert(id, (before, SEEN));
    }

    fn does_not_leave(&mut self, id: SessionId, phx_ref: &str) {
        let Some(leaves) = self.leaves.get_mut(&id) else { return };
        leaves.retain(|meta| meta.phx_ref != phx_ref);
        if leaves.is_empty() {
            self.leaves.remove(&id);
        }
    }

    /// Whether a diff is due at some time.
    pub(crate) fn has_changes(&self) -> bool {
        !self.joins.is_empty() || !self.leaves.is_empty()
    }

    /// Whether the others have not been told yet of how somebody is present.
    pub(crate) fn has_changed(&self, id: SessionId) -> bool {
        self.joins.contains_key(&id)
    }

    /// All changes since the last diff.
    pub(crate) fn take_diff(&mut self) -> PresenceDiff {
        let joins = std::mem::take(&mut self.joins).into_iter();
        let leaves = std::mem::take(&mut self.leaves).into_iter();
        PresenceDiff {
            joins: joins.map(|(id, (meta, _))| (id, Metas { metas: vec![meta] })).collect(),
            leaves: leaves.map(|(id, metas)| (id, Metas { metas })).collect(),
        }
    }

    /// Everybody who said helo: the inside of a JSON object, in parts that are shared.
    pub(crate) fn state(&mut self, members: &Members) -> Vec<Bytes> {
        self.states_shown += 1;
        self.chunks.resize(members.places().div_ceil(CHUNK), None);
        let mut parts = Vec::with_capacity(2 * self.chunks.len());
        for (at, chunk) in self.chunks.iter_mut().enumerate() {
            let chunk = chunk.get_or_insert_with(|| encode(members, at));
            if !chunk.is_empty() {
                if !parts.is_empty() {
                    parts.push(Bytes::from_static(b","));
                }
                parts.push(chunk.clone());
            }
        }
        parts
    }
}

fn encode(members: &Members, chunk: usize) -> Bytes {
    let mut json = Vec::new();
    let people = members.people_at(chunk * CHUNK..(chunk + 1) * CHUNK);
    for Person { id, meta } in people.filter(|person| !person.is_quiet()) {
        if !json.is_empty() {
            json.push(b',');
        }
        append_json(&mut json, id);
        json.extend_from_slice(br#":{"metas":["#);
        append_json(&mut json, meta);
        json.extend_from_slice(b"]}");
    }
    json.shrink_to_fit(); // it may be kept for long
    json.into()
}

impl Room {
    /// Sends everybody who said helo to one member.
    pub(crate) fn send_presence(&mut self, join_ref: Option<&str>, batch: &mut Batch) {
        let parts = self.presence.state(&self.members);
        let topic = self.topic.as_str();
        let event = Event::PresenceState.as_str();
        let open = |text: &mut Vec<u8>| {
            codec::write_frame(text, join_ref, None, topic, event, |payload| payload.push(b'{'));
            text.pop(); // the frame's end comes behind the parts
        };
        batch.spliced(open, &parts, b"}]");
    }

    /// Takes note of how somebody is present now, and was before. Who is quiet never is.
    pub(super) fn change_presence(
        &mut self,
        member: MemberId,
        id: SessionId,
        before: Option<Meta>,
        after: Option<Meta>,
        now: Instant,
    ) {
        let is_quiet = |meta: &Meta| meta.mode == Some(Mode::Quiet);
        if !before.iter().chain(&after).any(is_quiet) {
            self.presence.change(member.index(), id, before, after);
            self.presence_changed(now);
        }
    }

    /// Tells of a change of presence: now, or with others at a tick.
    pub(super) fn presence_changed(&mut self, now: Instant) {
        if !self.presence.has_changes() || self.presence_due.is_some() {
            return;
        }
        if self.presence_rate.try_charge(CALM_PRESENCE, 1, now) {
            self.tell_presence(now);
        } else {
            self.presence_due = Some(now + MERGE_PRESENCE);
        }
    }

    /// Nobody hears from somebody before they hear of them.
    pub(super) fn tell_presence_of(&mut self, member: MemberId, now: Instant) {
        let session = self.members.get(member).and_then(Member::session);
        if session.is_some_and(|id| self.presence.has_changed(id)) {
            self.tell_presence(now);
        }
    }

    pub(super) fn tell_presence(&mut self, now: Instant) {
        self.presence_due = None;
        if !self.presence.has_changes() {
            return;
        }
        let diff: PresenceDiff = self.presence.take_diff();
        let mut payload = Vec::new();
        append_json(&mut payload, &diff);
        self.tell(Audience::Joined, &Event::PresenceDiff, &payload, now);
    }
}
