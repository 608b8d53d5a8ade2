//! One clock for all busy rooms: it runs only while there are any.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use crate::rooms::{SharedRoom, Woken};

/// How long a busy room gathers what it has to tell.
const TICK: Duration = Duration::from_millis(5);

/// How many recipients are flushed before other tasks get their turn.
const FLUSHES_PER_TURN: usize = 64;

/// Rooms that want to be told the time, and recipients that nobody else flushes.
#[derive(Debug, Default)]
pub(crate) struct Ticker {
    waiting: Mutex<Waiting>,
    added: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    rooms: Vec<Arc<SharedRoom>>,
    woken: Woken,
}

impl Ticker {
    /// The room is told of the next tick.
    pub(crate) fn add_room(&self, room: Arc<SharedRoom>) {
        self.lock().rooms.push(room);
        self.added.notify_one();
    }

    /// These are flushed soon.
    pub(crate) fn add_woken(&self, mut woken: Woken) {
        if !woken.is_empty() {
            self.lock().woken.append(&mut woken);
            self.added.notify_one();
        }
    }

    /// Ticks for as long as it is awaited.
    pub(crate) async fn run(&self) {
        let mut rooms: Vec<Arc<SharedRoom>> = Vec::new();
        loop {
            self.added.notified().await;
            let mut ticks = interval(TICK);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await; // the first one comes at once
            loop {
                let waiting = std::mem::take(&mut *self.lock());
                rooms.extend(waiting.rooms);
                let mut woken = waiting.woken;
                flush(&woken).await;
                if rooms.is_empty() {
                    break;
                }
                ticks.tick().await;
                woken.clear();
                rooms.retain(|room| room.tick(now(), &mut woken));
                flush(&woken).await;
            }
        }
    }

    /// One tick for all rooms that want one.
    #[cfg(test)]
    pub(crate) fn tick_once(&self, now: Instant) {
        let mut rooms = std::mem::take(&mut self.lock().rooms);
        rooms.retain(|room| room.tick(now, &mut Woken::new()));
        self.lock().rooms.extend(rooms);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends what there is to those who were woken, in turns, so that nobody else waits for all of them.
pub(crate) async fn flush(woken: &Woken) {
    for (at, some) in woken.chunks(FLUSHES_PER_TURN).enumerate() {
        if at > 0 {
            tokio::task::yield_now().await;
        }
        for recipient in some {
            recipient.flush();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the ticker brings the time to the rooms")]
fn now() -> Instant {
    Instant::now()
}
