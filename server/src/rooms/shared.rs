//! One room behind its lock: lock, decide, append, mark, unlock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hullo::protocol::Topic;

use super::directory::Listing;
use super::journal::Journaling;
use super::{Recipient, Rooms, Woken, lock};
use crate::batch::Batch;
use crate::close::Close;
use crate::refusal::Refusal;
use crate::reply::ReplyTo;
use crate::room::delivery::Delivered;
use crate::room::log::Lapped;
use crate::room::members::Held;
use crate::room::{Push, Room};

/// One room behind its lock.
#[derive(Debug)]
pub(crate) struct SharedRoom {
    pub(super) topic: Topic,
    pub(super) journaling: Option<Journaling>,
    pub(super) listing: Listing,
    pub(super) locked: Mutex<Locked>,
}

#[derive(Debug)]
pub(super) struct Locked {
    pub(super) room: Room,
    /// Who takes what the room has for a member, and on which of its channels.
    pub(super) recipients: Vec<Option<(Arc<dyn Recipient>, usize)>>,
    /// Everybody has left, and it is no longer among the rooms.
    pub(super) is_closed: bool,
    pub(super) is_ticking: bool,
    pub(super) is_sweeping: bool,
    /// Everybody has left, and it is kept under this number.
    pub(super) vacant: Option<u64>,
    /// How many of its members, and of its bytes, are counted in all rooms' numbers.
    pub(super) away: usize,
    pub(super) kept_bytes: usize,
    /// How many are listed as present.
    pub(super) listed: usize,
}

impl SharedRoom {
    /// Takes a push of a member, after whatever it is still to be sent.
    pub(crate) fn push(
        self: &Arc<Self>,
        rooms: &Rooms,
        held: Held,
        push: &Push<'_>,
        batch: &mut Batch,
        woken: &mut Woken,
    ) -> Result<Pressed, Refusal> {
        let now = push.stamp.now;
        self.change(rooms, woken, now, |Locked { room, .. }| {
            room.held(held).ok_or(Refusal::UnmatchedTopic)?;
            room.prepare(push);
            room.deliver(push.member, push.reply_to.join_ref, batch, usize::MAX)
                .unwrap_or_default();
            let taken = room.take_safely(push, batch);
            let pressed = Pressed(room.is_pressed(now));
            taken.map(|()| pressed)
        })
    }

    /// Refuses a push, after whatever its sender is still to be answered.
    pub(crate) fn refuse(
        &self,
        held: Held,
        reply_to: ReplyTo<'_>,
        refusal: Refusal,
        batch: &mut Batch,
    ) {
        let room = &mut self.lock().room;
        room.refuse(room.held(held), reply_to, refusal, batch);
    }

    /// Whether a member has yet to be sent replies that wait for the store.
    pub(crate) fn has_waiting_replies(&self, held: Held) -> bool {
        let room = &self.lock().room;
        room.held(held).is_some_and(|member| room.has_held_back(member))
    }

    /// Sends everybody who said helo to one member.
    pub(crate) fn send_presence(&self, join_ref: Option<&str>, batch: &mut Batch) {
        self.lock().room.send_presence(join_ref, batch);
    }

    /// Writes what a member is still to be sent, until the batch is full; nothing to a connection
    /// that holds it no longer.
    pub(crate) fn deliver(
        &self,
        held: Held,
        join_ref: Option<&str>,
        batch: &mut Batch,
        max_batch_bytes: usize,
    ) -> Result<Delivered, Lapped> {
        let room = &mut self.lock().room;
        let Some(member) = room.held(held) else { return Ok(Delivered::All) };
        room.deliver(member, join_ref, batch, max_batch_bytes)
    }

    /// How many have joined.
    pub(crate) fn len(&self) -> usize {
        self.lock().room.len()
    }

    /// Tells what was gathered for long enough; whether there will be more to tell at a tick.
    pub(crate) fn tick(self: &Arc<Self>, now: Instant, woken: &mut Woken) -> bool {
        let mut locked = self.lock();
        locked.room.tick(now);
        locked.journal_changes(self, woken);
        locked.mark_woken(woken);
        locked.is_ticking = locked.room.wants_tick() && !locked.is_closed;
        locked.is_ticking
    }

    pub(super) fn change<T>(
        self: &Arc<Self>,
        rooms: &Rooms,
        woken: &mut Woken,
        now: Instant,
        change: impl FnOnce(&mut Locked) -> T,
    ) -> T {
        let mut locked = self.lock();
        let outcome = change(&mut locked);
        locked.journal_changes(self, woken);
        locked.mark_woken(woken);
        locked.list(&self.listing);
        locked.count_kept(rooms);
        let is_closed = locked.close_if_empty(rooms, self, now);
        let starts_ticking = locked.starts_ticking();
        let starts_sweeping = !locked.is_sweeping && locked.room.wants_sweep() && !locked.is_closed;
        locked.is_sweeping |= starts_sweeping;
        let dropped = locked.room.take_typing_dropped();
        let deduplicated = locked.room.take_deduplicated();
        let is_vacant = locked.vacant.is_some();
        drop(locked);
        if is_closed {
            rooms.remove(self);
        }
        if is_vacant {
            rooms.evict_old(now);
        }
        if starts_sweeping {
            lock(&rooms.sweeping).push(Arc::clone(self));
            rooms.swept.notify_one();
        }
        if deduplicated > 0 {
            rooms.metrics.deduplicated(deduplicated);
        }
        if dropped > 0 {
            rooms.metrics.dropped("typing", dropped);
        }
        if starts_ticking {
            rooms.ticker.add_room(Arc::clone(self));
        }
        outcome
    }

    /// The room cannot fail; should it panic nevertheless, that ends the connection that made it,
    /// and the others go on with what there is.
    pub(super) fn lock(&self) -> MutexGuard<'_, Locked> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Locked {
    /// Whether the ticker is to be told of this room, since there is something to tell at a tick.
    pub(super) fn starts_ticking(&mut self) -> bool {
        let starts = !self.is_ticking && self.room.wants_tick() && !self.is_closed;
        self.is_ticking |= starts;
        starts
    }

    pub(super) fn mark_woken(&mut self, woken: &mut Woken) {
        for member in self.room.take_woken() {
            if let Some(Some((recipient, channel))) = self.recipients.get(member.index()) {
                recipient.mark(*channel);
                woken.push(Arc::clone(recipient));
            }
        }
        for member in self.room.take_lost() {
            if let Some(Some((recipient, _))) = self.recipients.get(member.index()) {
                recipient.order_close(Close::TooSlow);
                woken.push(Arc::clone(recipient));
            }
        }
    }
}

/// Whether a sender should be read more slowly: a member of its room is far behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pressed(pub(crate) bool);
