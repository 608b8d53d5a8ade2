//! What rooms keep for those who are not there: sessions that may be taken back, and history.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use hullo::protocol::Topic;
use hullo::protocol::payload::Resume;

use super::vacant::Evicted;
use super::{Locked, Recipient, Rooms, SharedRoom, Woken, lock, seed};
use crate::close::Close;
use crate::room::Room;
use crate::room::members::Held;
use crate::room::resume::Back;
use crate::store::LoadedRoom;
use crate::ticker::flush;

/// How soon it shows that a time is over.
const SWEEP: Duration = Duration::from_millis(500);

/// What the operator decided about what is kept, in all rooms together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// How many members may be away.
    pub(crate) max_away: usize,
    /// How many bytes of history, and of what was sent to those who may come back.
    pub(crate) max_bytes: usize,
    /// For how long a room that everybody has left keeps its history and its topic.
    pub(crate) retention: Duration,
}

/// Why a session was not taken back. The client is told none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotResumed {
    Forged,
    Epoch,
    Gone,
    Incomplete,
}

impl NotResumed {
    fn word(self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::Epoch => "epoch",
            Self::Gone => "gone",
            Self::Incomplete => "incomplete",
        }
    }
}

impl Rooms {
    /// Takes a session back for a connection. Another that holds it still is closed first. If not
    /// all that the client has missed can be had, the session leaves.
    pub(crate) fn resume(
        &self,
        topic: &Topic,
        resume: &Resume,
        (me, channel): (&Arc<dyn Recipient>, usize),
        now: Instant,
        woken: &mut Woken,
    ) -> Option<(Arc<SharedRoom>, Back)> {
        let resumed = self.try_resume(topic, resume, (me, channel), now, woken);
        match &resumed {
            Ok((_, back)) => self.metrics.resumed(back.replayed as u64),
            Err(why) => self.metrics.not_resumed(why.word()),
        }
        resumed.ok()
    }

    fn try_resume(
        &self,
        topic: &Topic,
        resume: &Resume,
        (me, channel): (&Arc<dyn Recipient>, usize),
        now: Instant,
        woken: &mut Woken,
    ) -> Result<(Arc<SharedRoom>, Back), NotResumed> {
        let Resume { token, epoch, seq } = resume;
        let session = self.token_key.verify(token, epoch, topic).ok_or(NotResumed::Forged)?;
        let room = lock(self.shard(topic)).get(topic).map(Arc::clone).ok_or(NotResumed::Gone)?;
        let mut replaced = None;
        let back = room.change(self, woken, now, |locked| {
            if locked.room.epoch().simple().to_string() != *epoch {
                return Err(NotResumed::Epoch);
            }
            let member = locked.room.member_of(session).ok_or(NotResumed::Gone)?;
            let recipient = &mut locked.recipients[member.index()];
            let before = recipient.take();
            replaced = before.map(|(before, _)| before).filter(|before| !Arc::ptr_eq(before, me));
            if let Some(replaced) = &replaced {
                replaced.order_close(Close::Replaced);
            }
            let back = locked.room.resume(member, *seq, now).ok_or(NotResumed::Incomplete)?;
            *recipient = Some((Arc::clone(me), channel));
            Ok(back)
        });
        woken.extend(replaced);
        Ok((room, back?))
    }

    /// A connection is gone without a leave: its session may be taken back for a while.
    pub(crate) fn detach(
        &self,
        room: &Arc<SharedRoom>,
        held: Held,
        now: Instant,
        woken: &mut Woken,
    ) {
        if self.is_closing.load(Ordering::Relaxed) {
            return;
        }
        let has_space = self.away.load(Ordering::Relaxed) < self.keep.max_away;
        room.change(self, woken, now, |locked| {
            let Some(member) = locked.room.held(held) else { return };
            locked.recipients[member.index()] = None;
            locked.room.detach(member, has_space, now);
        });
    }

    /// Ends whatever time has ended.
    pub(crate) fn sweep(&self, now: Instant, woken: &mut Woken) {
        if self.is_closing.load(Ordering::Relaxed) {
            return;
        }
        let sweeping = std::mem::take(&mut *lock(&self.sweeping));
        for room in sweeping {
            room.change(self, woken, now, |locked| {
                locked.is_sweeping = false;
                locked.room.sweep(now);
            });
        }
        self.evict_old(now);
    }

    /// Sweeps for as long as it is awaited.
    pub(crate) async fn run_sweeps(&self, now: fn() -> Instant) {
        loop {
            self.swept.notified().await;
            while !lock(&self.sweeping).is_empty() || !lock(&self.vacant).is_empty() {
                tokio::time::sleep(SWEEP).await;
                let mut woken = Woken::new();
                self.sweep(now(), &mut woken);
                flush(&woken).await;
            }
        }
    }

    /// Puts the rooms in place that a store has loaded.
    pub(crate) fn restore(&self, loaded: Vec<LoadedRoom>, now: Instant) {
        for loaded in loaded {
            let topic = loaded.topic.clone();
            let key = Arc::clone(&self.token_key);
            let room = Room::restore(self.rules, seed(&topic), key, loaded, now);
            let room = self.share(topic.clone(), room);
            self.count.fetch_add(1, Ordering::Relaxed);
            lock(self.shard(&topic)).insert(topic, Arc::clone(&room));
            room.change(self, &mut Woken::new(), now, |_| ());
        }
    }

    /// Forgets vacant rooms that are too many, or were left too long ago.
    pub(super) fn evict_old(&self, now: Instant) {
        let over = || lock(&self.vacant).pop_over(now, self.keep.retention);
        while let Some(evicted) = over() {
            self.evict(evicted);
        }
    }

    /// Forgets a vacant room, if there is one, so that there may be another.
    pub(super) fn make_space(&self) -> bool {
        let oldest = lock(&self.vacant).pop();
        oldest.map(|oldest| self.evict(oldest)).is_some()
    }

    fn evict(&self, (number, room): Evicted) {
        let mut locked = room.lock();
        if locked.vacant != Some(number) {
            return; // somebody has come in this moment
        }
        locked.close(self, &room);
        drop(locked);
        self.remove(&room);
    }
}

impl Locked {
    /// If everybody has left, the room is closed, or kept for its topic and its history, if only to
    /// say that there is none; whether it is closed.
    pub(super) fn close_if_empty(
        &mut self,
        rooms: &Rooms,
        room: &Arc<SharedRoom>,
        now: Instant,
    ) -> bool {
        if self.room.len() > 0 || self.is_closed || self.vacant.is_some() {
            return false;
        }
        let bytes = self.room.history_bytes() + self.room.topic_bytes();
        if bytes == 0 && !self.room.has_told_epoch() || rooms.keep.retention.is_zero() {
            self.close(rooms, room);
            return true;
        }
        self.vacant = Some(lock(&rooms.vacant).insert(now, Arc::clone(room), bytes));
        rooms.swept.notify_one();
        false
    }

    fn close(&mut self, rooms: &Rooms, room: &SharedRoom) {
        self.journal_end(room);
        self.is_closed = true;
        self.vacant = None;
        rooms.kept_bytes.fetch_sub(std::mem::take(&mut self.kept_bytes), Ordering::Relaxed);
    }

    /// Counts what the room keeps, and makes it keep less where all rooms together keep too much.
    pub(super) fn count_kept(&mut self, rooms: &Rooms) {
        let (away, kept) = (self.room.away(), self.room.kept_bytes());
        if away != self.away {
            rooms.away.fetch_add(away.wrapping_sub(self.away), Ordering::Relaxed);
            self.away = away;
        }
        if kept == self.kept_bytes {
            return;
        }
        let more = kept.wrapping_sub(self.kept_bytes);
        let all = rooms.kept_bytes.fetch_add(more, Ordering::Relaxed).wrapping_add(more);
        self.kept_bytes = kept;
        let over = all.saturating_sub(rooms.keep.max_bytes);
        if kept > 0 && over > 0 {
            self.room.keep_less(over);
            let less = kept - self.room.kept_bytes();
            rooms.kept_bytes.fetch_sub(less, Ordering::Relaxed);
            self.kept_bytes -= less;
        }
    }
}
