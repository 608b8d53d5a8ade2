//! All rooms, each behind a lock of its own: lock, decide, append, mark, unlock.
//!
//! Nothing awaits, writes or logs under a room's lock, and there is no lock that all rooms share on
//! the way of a message.

mod directory;
pub(crate) mod journal;
mod keeping;
mod shared;
mod vacant;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hullo::protocol::Topic;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::close::Close;
use crate::metrics::{Metrics, Snapshot};
use crate::refusal::Refusal;
use crate::room::members::{Held, Joining};
use crate::room::{Room, Rules};
use crate::ticker::Ticker;
use crate::token::TokenKey;
use directory::Listing;
use journal::Journaling;
use vacant::Vacant;

pub(crate) use keeping::Keep;
use shared::Locked;
pub(crate) use shared::{Pressed, SharedRoom};

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
            recipients: vec![None; room.places()],
            room,
            is_closed: false,
            is_ticking: false,
            is_sweeping: false,
            vacant: None,
            away: 0,
            kept_bytes: 0,
            listed: 0,
        };
        let journaling = self.journaling.clone();
        let listing = Listing::default();
        Arc::new(SharedRoom { topic, journaling, listing, locked: Mutex::new(locked) })
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
