//! All rooms, each behind a lock of its own: lock, decide, append, mark, unlock.
//!
//! Nothing awaits, writes or logs under a room's lock, and there is no lock that all rooms share on
//! the way of a message.

pub(crate) mod journal;
mod keeping;
mod vacant;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hullo::protocol::Topic;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::batch::Batch;
use crate::close::Close;
use crate::metrics::{Metrics, Snapshot};
use crate::refusal::Refusal;
use crate::reply::ReplyTo;
use crate::room::delivery::Delivered;
use crate::room::log::Lapped;
use crate::room::members::{Held, Joining};
use crate::room::{Push, Room, Rules};
use crate::ticker::Ticker;
use crate::token::TokenKey;
use journal::Journaling;
use vacant::Vacant;

pub(crate) use keeping::Keep;

/// Joins and leaves of rooms in different shards do not wait for each other.
const SHARDS: usize = 16;

/// A connection, as rooms know it.
pub(crate) trait Recipient: std::fmt::Debug + Send + Sync {
    /// Takes note that the room of one of its channels has something for it.
    fn mark(&self, channel: usize);
    /// Takes note that it is to be closed: a room has lost something that was for it, or another
    /// connection has taken its session over.
    fn order_close(&self, close: Close);
    /// Sends what there is, as far as the socket takes it now.
    fn flush(&self);
}

/// Recipients that were marked and are to be flushed, once no lock is held.
pub(crate) type Woken = Vec<Arc<dyn Recipient>>;

/// One room behind its lock.
#[derive(Debug)]
pub(crate) struct SharedRoom {
    topic: Topic,
    journaling: Option<Journaling>,
    locked: Mutex<Locked>,
}

#[derive(Debug)]
struct Locked {
    room: Room,
    /// Who takes what the room has for a member, and on which of its channels.
    recipients: Vec<Option<(Arc<dyn Recipient>, usize)>>,
    /// Everybody has left, and it is no longer among the rooms.
    is_closed: bool,
    is_ticking: bool,
    is_sweeping: bool,
    /// Everybody has left, and it is kept under this number.
    vacant: Option<u64>,
    /// How many of its members, and of its bytes, are counted in all rooms' numbers.
    away: usize,
    kept_bytes: usize,
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

    fn change<T>(
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
        locked.count_kept(rooms);
        let is_closed = locked.close_if_empty(rooms, self, now);
        let starts_ticking = !locked.is_ticking && locked.room.wants_tick() && !locked.is_closed;
        locked.is_ticking |= starts_ticking;
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
    fn lock(&self) -> MutexGuard<'_, Locked> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Locked {
    fn mark_woken(&mut self, woken: &mut Woken) {
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

/// All rooms.
#[derive(Debug)]
pub(crate) struct Rooms {
    rules: Rules,
    pub(crate) limit: usize,
    shards: [Mutex<HashMap<Topic, Arc<SharedRoom>>>; SHARDS],
    count: AtomicUsize,
    hasher: RandomState,
    /// Everybody is leaving: it is no news to anybody who has left.
    is_closing: AtomicBool,
    ticker: Arc<Ticker>,
    metrics: Arc<Metrics>,
    token_key: Arc<TokenKey>,
    pub(crate) keep: Keep,
    journaling: Option<Journaling>,
    vacant: Mutex<Vacant>,
    /// Rooms in which time makes something end.
    sweeping: Mutex<Vec<Arc<SharedRoom>>>,
    /// There is something to sweep.
    swept: Notify,
    /// How many members are away, in all rooms.
    away: AtomicUsize,
    /// How many bytes all rooms keep for those who are not there.
    kept_bytes: AtomicUsize,
}

impl Rooms {
    /// No rooms yet.
    pub(crate) fn new(
        (rules, keep): (Rules, Keep),
        limit: usize,
        token_key: TokenKey,
        (ticker, journaling): (Arc<Ticker>, Option<Journaling>),
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            journaling,
            token_key: Arc::new(token_key),
            keep,
            vacant: Mutex::default(),
            sweeping: Mutex::default(),
            swept: Notify::new(),
            away: AtomicUsize::new(0),
            kept_bytes: AtomicUsize::new(0),
            rules,
            limit,
            shards: Default::default(),
            count: AtomicUsize::new(0),
            hasher: RandomState::new(),
            is_closing: AtomicBool::new(false),
            ticker,
            metrics,
        }
    }

    /// Joins a room, which is made if there is none.
    pub(crate) fn join(
        &self,
        topic: &Topic,
        joining: Joining,
        recipient: &Arc<dyn Recipient>,
        channel: usize,
    ) -> Result<(Arc<SharedRoom>, Held), Refusal> {
        loop {
            let room = self.find_or_make(topic)?;
            let mut locked = room.lock();
            if locked.is_closed {
                continue; // its last member has left in this moment
            }
            let held = locked.room.join(joining)?;
            if let Some(number) = locked.vacant.take() {
                lock(&self.vacant).remove(number);
            }
            let place = held.member.index();
            if locked.recipients.len() <= place {
                locked.recipients.resize(place + 1, None);
            }
            locked.recipients[place] = Some((Arc::clone(recipient), channel));
            drop(locked);
            return Ok((room, held));
        }
    }

    /// Lets a session out. A connection that holds it no longer lets out nobody.
    pub(crate) fn leave(
        &self,
        room: &Arc<SharedRoom>,
        held: Held,
        now: Instant,
        woken: &mut Woken,
    ) {
        if self.is_closing.load(Ordering::Relaxed) {
            return;
        }
        room.change(self, woken, now, |locked| {
            let Some(member) = locked.room.held(held) else { return };
            locked.room.leave(member, now);
            locked.recipients[member.index()] = None; // before its place is somebody else's
        });
    }

    /// From now on nobody hears of leaves.
    pub(crate) fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// Recipients that cannot be flushed where they were woken.
    pub(crate) fn flush_later(&self, woken: Woken) {
        self.ticker.add_woken(woken);
    }

    /// Counts everything.
    pub(crate) fn census(&self) -> Snapshot {
        let mut census = Snapshot {
            away: self.away.load(Ordering::Relaxed),
            kept_bytes: self.kept_bytes.load(Ordering::Relaxed),
            ..Snapshot::default()
        };
        for shard in &self.shards {
            let rooms: Vec<Arc<SharedRoom>> = lock(shard).values().map(Arc::clone).collect();
            for room in rooms {
                let locked = room.lock();
                census.rooms += usize::from(locked.room.len() > 0);
                census.history_bytes += locked.room.history_bytes();
                census.members += locked.room.len();
                census.backlog_bytes += locked.room.backlog_bytes();
            }
        }
        census
    }

    fn find_or_make(&self, topic: &Topic) -> Result<Arc<SharedRoom>, Refusal> {
        let mut shard = lock(self.shard(topic));
        if let Some(room) = shard.get(topic) {
            return Ok(Arc::clone(room));
        }
        if self.count.fetch_add(1, Ordering::Relaxed) >= self.limit {
            self.count.fetch_sub(1, Ordering::Relaxed);
            drop(shard);
            return if self.make_space() { self.find_or_make(topic) } else { Err(Refusal::Full) };
        }
        let names = (seed(topic), Uuid::from_u64_pair(seed(topic), seed(topic)));
        let mut room = Room::new(topic.clone(), self.rules, names, Arc::clone(&self.token_key));
        if self.journaling.is_some() {
            room.make_durable();
        }
        let room = self.share(topic.clone(), room);
        shard.insert(topic.clone(), Arc::clone(&room));
        Ok(room)
    }

    fn share(&self, topic: Topic, room: Room) -> Arc<SharedRoom> {
        let locked = Locked {
            room,
            recipients: Vec::new(),
            is_closed: false,
            is_ticking: false,
            is_sweeping: false,
            vacant: None,
            away: 0,
            kept_bytes: 0,
        };
        let journaling = self.journaling.clone();
        Arc::new(SharedRoom { topic, journaling, locked: Mutex::new(locked) })
    }

    fn remove(&self, room: &Arc<SharedRoom>) {
        let mut shard = lock(self.shard(&room.topic));
        if shard.get(&room.topic).is_some_and(|known| Arc::ptr_eq(known, room)) {
            shard.remove(&room.topic);
            self.count.fetch_sub(1, Ordering::Relaxed);
            if shard.is_empty() {
                *shard = HashMap::new();
            }
        }
    }

    fn shard(&self, topic: &Topic) -> &Mutex<HashMap<Topic, Arc<SharedRoom>>> {
        let hash = usize::try_from(self.hasher.hash_one(topic) % SHARDS as u64);
        &self.shards[hash.unwrap_or_default()]
    }
}

/// Any number will do that other rooms of this name do not have.
fn seed(topic: &Topic) -> u64 {
    RandomState::new().hash_one(topic)
}

/// Nothing that may panic runs under these locks but allocation; so what they hold stays whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Nobody;

    impl Recipient for Nobody {
        fn mark(&self, _channel: usize) {}
        fn order_close(&self, _close: Close) {}
        fn flush(&self) {}
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn a_place_that_is_left_and_taken_at_the_same_time_is_the_newcomers() {
        let rules = (crate::tests::script::rules(), crate::tests::script::keep());
        let key = TokenKey::new(&[0; 32]);
        let rooms = Rooms::new(rules, 10, key, (Arc::default(), None), Arc::new(Metrics::new()));
        let (topic, now) = (Topic::from("room:r"), Instant::now());
        let come_and_go = || {
            let me: Arc<dyn Recipient> = Arc::new(Nobody);
            for _ in 0..20_000 {
                let (room, member) = rooms.join(&topic, Joining::default(), &me, 0).unwrap();
                let known = room.lock().recipients[member.member.index()].clone();
                assert!(known.is_some_and(|(recipient, _)| Arc::ptr_eq(&recipient, &me)));
                rooms.leave(&room, member, now, &mut Woken::new());
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(come_and_go)).collect();
            for thread in threads {
                thread.join().unwrap();
            }
        });
        assert_eq!(rooms.census().rooms, 0);
    }
}
