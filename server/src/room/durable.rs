//! What a room hands to a store, and what waits until that has it.
//!
//! Nobody is sent an entry, nor the reply to a push, before what happened is safe. What a push did
//! that could not be stored is taken back, and the push refused (see [`super::taking_back`]). Who is
//! gone is gone nevertheless; but then the store has a gap, which nobody may be taken back across
//! after a restart.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hullo::protocol::payload::RoomTopic;
use hullo::protocol::{Event, SessionId};
use uuid::Uuid;

use super::delivery::RETRY;
use super::log::Audience;
use super::members::{Content, Direct, Member, MemberId};
use super::taking_back::Undo;
use super::{Push, Room};
use crate::batch::Batch;
use crate::refusal::Refusal;
use crate::reply::ReplyTo;
use crate::store;

/// The event of an entry that says that the store misses something before it.
pub(super) const GAP: &str = "gap";

/// How long nothing is taken after something could not be stored.
const PAUSE: Duration = Duration::from_secs(1);

/// What of a room is safe, and what is on its way to be.
#[derive(Debug, Default)]
pub(crate) struct Durable {
    /// Everything up to this place is safe, or not to be stored.
    pub(super) committed: u64,
    /// What the store is to be told next.
    pub(super) changes: Vec<store::Change>,
    /// What takes back the push that they come from.
    undo: Option<Undo>,
    pub(super) in_flight: VecDeque<InFlight>,
    /// Where newcomers were announced that are not safe yet.
    announced: VecDeque<u64>,
    /// Who is woken once a place is safe; everybody if nobody is named.
    waking: VecDeque<(u64, Option<MemberId>)>,
    failed_at: Option<Instant>,
    has_gap: bool,
    /// Seconds since 1970, when something was last pushed.
    pub(super) unix_seconds: u64,
    /// The `msg_id` of the push that is being carried out.
    msg_id: Option<Uuid>,
}

/// Changes that the store was told together.
#[derive(Debug)]
pub(super) struct InFlight {
    last: u64,
    pub(super) undo: Option<Undo>,
    /// What was told of presence: arrivals, and diffs with their payloads.
    presence: Vec<(u64, Event, Bytes)>,
    /// What the room is about once they are safe, if they say so.
    topic: Option<NewTopic>,
}

#[derive(Debug)]
struct NewTopic(Option<RoomTopic>);

impl Room {
    /// Everything up to this place may be sent.
    pub(super) fn committed(&self) -> u64 {
        self.durable.as_ref().map_or(u64::MAX, |durable| durable.committed)
    }

    /// From now on a store keeps what happens.
    pub(crate) fn make_durable(&mut self) {
        let committed = self.log.next_seq() - 1;
        self.durable = Some(Box::new(Durable { committed, ..Durable::default() }));
    }

    /// Takes a push, and holds its answer back until what it changed is safe.
    pub(crate) fn take_safely(
        &mut self,
        push: &Push<'_>,
        batch: &mut Batch,
    ) -> Result<(), Refusal> {
        self.check_store(push)?;
        let Some(durable) = &mut self.durable else { return self.take(push, batch) };
        durable.unix_seconds = push.stamp.unix_seconds;
        durable.msg_id = push.msg_id()?;
        let mut answer = Batch::default();
        // An answer comes before what follows from its push.
        let place = self.log.next_seq() - 1;
        let is_new = self.members.get(push.member).is_some_and(|member| member.person.is_none());
        let before = self.before(push);
        self.take(push, &mut answer)?;
        let undo = self.undo_of(push, before);
        if let Some(durable) = self.durable.as_mut().filter(|durable| !durable.changes.is_empty()) {
            durable.undo = undo;
        }
        self.hold_back(push.member, place, answer, batch);
        if is_new && *push.event == Event::Helo {
            self.put_welcome_first(push.member, place);
        }
        Ok(())
    }

    /// A newcomer hears nothing before its welcome. After it comes what was said before and is in no
    /// history, as it is not safe yet; but not who came, for that is in the presence.
    fn put_welcome_first(&mut self, newcomer: MemberId, place: u64) {
        let safe_at = self.log.next_seq() - 1;
        let announced = self.durable.iter().flat_map(|durable| &durable.announced);
        let before = announced.copied().filter(|seq| *seq <= place).collect();
        let Some(newcomer) = self.members.get_mut(newcomer) else { return };
        newcomer.welcome_safe_at = safe_at;
        newcomer.came_before = before;
        for reply in &mut newcomer.directs {
            reply.seq = reply.seq.min(newcomer.position - 1);
        }
    }

    /// Refuses a push, after the answers that are held back.
    pub(crate) fn refuse(
        &mut self,
        member: Option<MemberId>,
        reply_to: ReplyTo<'_>,
        refusal: Refusal,
        batch: &mut Batch,
    ) {
        let Some(member) = member.filter(|_| self.durable.is_some()) else {
            return reply_to.refuse(refusal, batch);
        };
        let mut answer = Batch::default();
        reply_to.refuse(refusal, &mut answer);
        self.hold_back(member, self.log.next_seq() - 1, answer, batch);
    }

    fn check_store(&self, push: &Push<'_>) -> Result<(), Refusal> {
        let Some(durable) = &self.durable else { return Ok(()) };
        if matches!(push.event, Event::Typing | Event::History) {
            return Ok(());
        }
        let waits_until = durable.failed_at.map(|failed_at| failed_at + PAUSE);
        if waits_until.is_some_and(|until| push.stamp.now < until) {
            return Err(Refusal::Unavailable);
        }
        let unsafe_bytes = self.log.bytes_since(durable.committed + 1);
        if unsafe_bytes > self.rules.max_backlog_bytes as u64 / 4 {
            return Err(Refusal::RateLimited(RETRY));
        }
        Ok(())
    }

    /// Refuses to repeat the answer to a push that may yet turn out not to be safe.
    pub(super) fn check_settled(&self, msg_id: Uuid) -> Result<(), Refusal> {
        let in_flight = self.durable.iter().flat_map(|durable| &durable.in_flight);
        let mut pushes = in_flight.filter_map(|changes| changes.undo.as_ref());
        if pushes.any(|push| push.msg_id == Some(msg_id)) {
            return Err(Refusal::RateLimited(RETRY));
        }
        Ok(())
    }

    /// Whether answers to a member's pushes are held back.
    pub(crate) fn has_held_back(&self, member: MemberId) -> bool {
        self.members.get(member).is_some_and(|member| member.directs.iter().any(Direct::is_reply))
    }

    fn hold_back(&mut self, member: MemberId, seq: u64, answer: Batch, batch: &mut Batch) {
        if answer.frames() == 0 {
            return;
        }
        let has_changes = self.durable.as_ref().is_some_and(|it| !it.changes.is_empty());
        if has_changes {
            self.close_changes();
        }
        let last = self.log.next_seq() - 1;
        let (frames, count) = answer.into_frames();
        let Some(durable) = self.durable.as_mut().filter(|durable| last > durable.committed) else {
            return batch.framed(&frames, count);
        };
        durable.waking.push_back((last, Some(member)));
        let Some(member) = self.members.get_mut(member) else { return };
        let content = Content::Replies { frames, count, safe_at: last };
        let direct = Direct { seq, content };
        member.direct_bytes += direct.bytes();
        member.directs.push_back(direct);
    }

    /// Changes have a last place of their own, so that an answer can wait for it.
    fn close_changes(&mut self) {
        let newest = self.log.next_seq() - 1;
        let Some(durable) = &self.durable else { return };
        let is_newest = |change: &store::Change| match change {
            store::Change::Entry(entry) => entry.seq == newest,
            store::Change::Topic(_)
            | store::Change::Session(_)
            | store::Change::SessionEnded(_)
            | store::Change::RoomDropped => false,
        };
        if !durable.changes.iter().any(is_newest) {
            self.log.take_seq();
        }
    }

    pub(super) fn wake_when_safe(&mut self, member: MemberId) {
        match &mut self.durable {
            None => self.wake(member),
            Some(durable) => durable.waking.push_back((self.log.next_seq() - 1, Some(member))),
        }
    }

    /// Takes note of an entry for the store; whether there is one.
    pub(super) fn record_entry(
        &mut self,
        seq: u64,
        event: &Event,
        audience: &Audience,
        payload: &Bytes,
    ) -> bool {
        if self.durable.is_none() {
            return false;
        }
        let session = |id: &MemberId| self.members.get(*id).and_then(Member::session);
        let sessions = |ids: &[MemberId]| ids.iter().filter_map(session).collect();
        let (audience, sender) = match audience {
            Audience::Joined => (store::Audience::Joined, None),
            Audience::Others(but) => (store::Audience::Others, Some(*but)),
            Audience::Chosen(these) => (store::Audience::Chosen(sessions(these)), None),
            Audience::NotChosen(but) => (store::Audience::NotChosen(sessions(but)), None),
        };
        self.record(seq, event, audience, sender, payload.clone());
        if let Some(durable) = &mut self.durable {
            durable.waking.push_back((seq, None));
            if *event == Event::NewUser {
                durable.announced.push_back(seq);
            }
        }
        true
    }

    /// Takes note of a message to one member for the store.
    pub(super) fn record_direct(&mut self, seq: u64, from: MemberId, to: MemberId, payload: &[u8]) {
        if self.durable.is_none() {
            return;
        }
        let to = self.members.get(to).and_then(Member::session);
        let audience = store::Audience::Chosen(to.into_iter().collect());
        let payload = Bytes::copy_from_slice(payload);
        self.record(seq, &Event::Response, audience, Some(from), payload);
    }

    fn record(
        &mut self,
        seq: u64,
        event: &Event,
        audience: store::Audience,
        sender: Option<MemberId>,
        payload: Bytes,
    ) {
        let Some(durable) = &mut self.durable else { return };
        let person = sender.and_then(|sender| self.members.get(sender)?.person.as_deref());
        durable.changes.push(store::Change::Entry(store::Entry {
            seq,
            event: event.clone(),
            audience,
            sender: person.map(|person| person.id),
            name: person.map_or("", |person| &*person.meta.name).into(),
            msg_id: durable.msg_id,
            unix_seconds: durable.unix_seconds,
            payload,
        }));
    }

    /// Takes note for the store of what the room is about; whether there is one. It belongs to the
    /// entry that follows.
    pub(super) fn record_topic(&mut self, topic: Option<&RoomTopic>) -> bool {
        if let Some(durable) = &mut self.durable {
            durable.changes.push(store::Change::Topic(topic.cloned()));
        }
        self.durable.is_some()
    }

    /// Takes note for the store of who a member is.
    pub(super) fn record_session(&mut self, member: MemberId) {
        let Some(durable) = &mut self.durable else { return };
        let Some(member) = self.members.get(member) else { return };
        let Some(person) = member.person.as_deref() else { return };
        durable.changes.push(store::Change::Session(store::Session {
            id: person.id,
            is_resumable: member.resumable.is_some(),
            since: member.resumable.as_ref().map_or(0, |resumable| resumable.since()),
            meta: person.meta.clone(),
        }));
    }

    /// Takes note for the store that somebody is gone.
    pub(super) fn record_end(&mut self, session: SessionId) {
        if let Some(durable) = &mut self.durable {
            durable.changes.push(store::Change::SessionEnded(session));
        }
    }

    /// Whether the store may know this room.
    pub(crate) fn was_stored(&self) -> bool {
        self.durable
            .as_ref()
            .is_some_and(|durable| durable.committed > 0 || !durable.in_flight.is_empty())
    }

    /// What the store is to be told now, if there is something.
    pub(crate) fn take_changes(&mut self) -> Option<store::Batch> {
        if self.durable.as_ref()?.changes.is_empty() {
            return None;
        }
        self.close_changes();
        let durable = self.durable.as_mut()?;
        if std::mem::take(&mut durable.has_gap) {
            durable.changes.push(store::Change::Entry(store::Entry {
                seq: self.log.take_seq(),
                event: Event::from(GAP),
                audience: store::Audience::Chosen([].into()),
                sender: None,
                name: "".into(),
                msg_id: None,
                unix_seconds: durable.unix_seconds,
                payload: Bytes::from_static(b"{}"),
            }));
        }
        let changes = std::mem::take(&mut durable.changes);
        let undo = durable.undo.take();
        let last = self.log.next_seq() - 1;
        let presence = changes.iter().filter_map(of_presence).collect();
        let topic = changes.iter().rev().find_map(of_topic);
        durable.in_flight.push_back(InFlight { last, undo, presence, topic });
        durable.msg_id = None;
        Some(store::Batch { topic: self.topic.clone(), epoch: self.epoch, changes })
    }

    /// The store has the oldest of the changes that it was told, or it could not store them.
    pub(crate) fn settle_changes(&mut self, is_safe: bool, now: Instant) {
        let Some(durable) = &mut self.durable else { return };
        let Some(InFlight { last, undo, presence, topic }) = durable.in_flight.pop_front() else {
            return;
        };
        durable.committed = last;
        while durable.announced.front().is_some_and(|seq| *seq <= last) {
            durable.announced.pop_front();
        }
        durable.failed_at = (!is_safe).then_some(now);
        durable.has_gap |= !is_safe && undo.is_none();
        if let Some(NewTopic(topic)) = topic.filter(|_| is_safe) {
            self.put_topic(topic);
        }
        if let Some(undo) = undo.filter(|_| !is_safe) {
            self.take_back(undo, presence, now);
        }
        let mut wakes_all = false;
        while let Some(durable) = &mut self.durable
            && let Some((_, member)) = durable.waking.front().copied().filter(|it| it.0 <= last)
        {
            durable.waking.pop_front();
            match member {
                Some(member) => self.wake(member),
                None => wakes_all = true,
            }
        }
        if wakes_all {
            self.members.set_all_busy(&mut self.woken);
        }
        self.clear_if_all_idle();
    }
}

fn of_presence(change: &store::Change) -> Option<(u64, Event, Bytes)> {
    match change {
        store::Change::Entry(entry)
            if matches!(entry.event, Event::NewUser | Event::PresenceDiff) =>
        {
            Some((entry.seq, entry.event.clone(), entry.payload.clone()))
        }
        store::Change::Entry(_)
        | store::Change::Topic(_)
        | store::Change::Session(_)
        | store::Change::SessionEnded(_)
        | store::Change::RoomDropped => None,
    }
}

fn of_topic(change: &store::Change) -> Option<NewTopic> {
    match change {
        store::Change::Topic(topic) => Some(NewTopic(topic.clone())),
        store::Change::Entry(_)
        | store::Change::Session(_)
        | store::Change::SessionEnded(_)
        | store::Change::RoomDropped => None,
    }
}
