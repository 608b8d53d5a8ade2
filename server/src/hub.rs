//! The registry behind its lock, with the outboxes: lock, decide, enqueue, unlock.
//!
//! Nothing awaits in between, so one lock gives every room its one order. A frame is encoded once
//! per delivery, whoever gets it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use hullo::protocol::{Frame, codec};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use crate::close::Close;
use crate::config::Config;
use crate::delivery::{Delivery, SocketId};
use crate::metrics::Snapshot;
use crate::outbox::{Bounds, Outbox};
use crate::rate::Pace;
use crate::registry::{Registry, Rules, Stamp};

/// The one place where sockets meet.
#[derive(Debug)]
pub(crate) struct Hub {
    bounds: Bounds,
    core: Mutex<Core>,
}

#[derive(Debug)]
struct Core {
    registry: Registry,
    outboxes: HashMap<SocketId, Arc<Outbox>>,
    next: SocketId,
    door: Door,
}

/// Whether sockets may come.
#[derive(Clone, Copy, Debug)]
enum Door {
    /// They may.
    Open,
    /// Nobody comes in any more.
    Closed,
}

/// A socket's place in the hub. However its task ends, dropping the seat is the one way out.
#[derive(Debug)]
pub(crate) struct Seat {
    hub: Arc<Hub>,
    /// The socket.
    pub(crate) socket: SocketId,
    /// What waits for it.
    pub(crate) outbox: Arc<Outbox>,
}

impl Hub {
    /// A hub without anybody.
    pub(crate) fn new(config: &Config) -> Self {
        let rules = Rules {
            greeters: config.greeters,
            max_channels: config.max_channels,
            pace: Pace::per_second(config.max_pushes_per_second),
        };
        let seed = new_id().as_fields().0;
        let core = Core {
            registry: Registry::new(rules, seed),
            outboxes: HashMap::new(),
            next: SocketId(0),
            door: Door::Open,
        };
        let bounds = Bounds { bytes: config.max_queue_bytes, frames: config.max_queue_frames };
        Self { bounds, core: Mutex::new(core) }
    }

    /// A socket comes in, unless the door is closed.
    pub(crate) fn connect(self: &Arc<Self>) -> Option<Seat> {
        let mut core = self.lock();
        if let Door::Closed = core.door {
            return None;
        }
        let socket = core.next;
        core.next = SocketId(socket.0 + 1);
        let outbox = Arc::new(Outbox::new(self.bounds));
        core.outboxes.insert(socket, Arc::clone(&outbox));
        core.registry.connect(socket);
        tracing::debug!(connections = core.registry.population(), "connection opened");
        Some(Seat { hub: Arc::clone(self), socket, outbox })
    }

    /// Ends every socket and lets nobody in any more.
    pub(crate) fn close(&self, close: Close) {
        let mut core = self.lock();
        core.door = Door::Closed;
        core.outboxes.values().for_each(|outbox| outbox.close(close));
    }

    /// Who is here now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let (members, rooms) = self.lock().registry.counts();
        Snapshot { members, rooms, backlog_bytes: 0 }
    }

    fn disconnect(&self, socket: SocketId) {
        let mut core = self.lock();
        core.outboxes.remove(&socket);
        let deliveries = core.registry.disconnect(socket);
        match core.door {
            // All are told to come back in a moment; each other's leaves are no news to them.
            Door::Closed => {}
            Door::Open => core.deliver(deliveries),
        }
        tracing::debug!(connections = core.registry.population(), "connection closed");
    }

    /// The core cannot fail; should it panic nevertheless, that ends the connection which made it,
    /// and the others go on with what there is.
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Takes a frame from this socket.
    pub(crate) fn handle(&self, frame: Frame) {
        let stamp = Stamp { now: now(), unix_seconds: unix_seconds(), id: new_id() };
        let mut core = self.hub.lock();
        let deliveries = core.registry.handle(&stamp, self.socket, frame);
        core.deliver(deliveries);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.disconnect(self.socket);
    }
}

impl Core {
    fn deliver(&self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            match delivery {
                Delivery::Send { to, frame, care } => {
                    let text = Utf8Bytes::from(codec::encode(&frame));
                    self.registry.reach(&to, |socket| {
                        if let Some(outbox) = self.outboxes.get(&socket) {
                            outbox.push(&text, care);
                        }
                    });
                }
                Delivery::Close(socket, close) => {
                    if let Some(outbox) = self.outboxes.get(&socket) {
                        outbox.close(close);
                    }
                }
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the hub brings the time to the core")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the hub brings the time to the core")]
fn unix_seconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[expect(clippy::disallowed_methods, reason = "the hub brings ids to the core")]
fn new_id() -> Uuid {
    Uuid::new_v4()
}

#[cfg(test)]
mod tests {
    use hullo::protocol::codec;

    use super::*;

    fn enter(seat: &Seat) {
        for text in [
            r#"["1","1","room:r","phx_join",{}]"#,
            r#"["1","2","room:r","client_helo",{"name":"x"}]"#,
        ] {
            seat.handle(codec::decode(text).unwrap());
        }
    }

    #[test]
    fn a_task_that_panics_leaves_all_the_same() {
        let hub = Arc::new(Hub::new(&Config::default()));
        let (ada, bob) = (hub.connect().unwrap(), hub.connect().unwrap());
        enter(&ada);
        enter(&bob);
        ada.outbox.take_batch();
        let task = std::thread::spawn(move || {
            let _core = bob.hub.core.lock();
            panic!("under the lock, even");
        });
        assert!(task.join().is_err());
        let told = ada.outbox.take_batch();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with(r#"[null,null,"room:r","presence_diff",{"joins":{},"leaves":{""#)
        );
    }

    #[test]
    fn a_closed_hub_lets_nobody_in() {
        let hub = Arc::new(Hub::new(&Config::default()));
        let seat = hub.connect().unwrap();
        hub.close(Close::Restart);
        assert_eq!(seat.outbox.watch(std::task::Waker::noop()), Some(Close::Restart));
        assert!(hub.connect().is_none());
    }
}
