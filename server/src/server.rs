//! What all connections share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio_util::sync::CancellationToken;

use crate::admission::Admission;
use crate::close::Close;
use crate::config::Config;
use crate::connection::Connection;
use crate::connection::meter::Limits;
use crate::metrics::Metrics;
use crate::origin::OriginPolicy;
use crate::persistence::Kept;
use crate::rate::Rate;
use crate::room::Rules;
use crate::rooms::{Keep, Rooms};
use crate::ticker::Ticker;
use crate::token::TokenKey;

/// How many bytes of what it has told already a room keeps for members that come back.
const MAX_KEPT_LOG_BYTES: usize = 4 * 1024 * 1024;

/// How many bytes of history a room keeps.
const MAX_HISTORY_BYTES: usize = 1024 * 1024;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Server {
    /// What the operator decided.
    pub(crate) config: Config,
    /// The same, as far as it limits a connection.
    pub(crate) limits: Arc<Limits>,
    /// All rooms.
    pub(crate) rooms: Rooms,
    /// How many connections there are, and how many there may be.
    pub(crate) admission: Arc<Admission>,
    /// Which web pages may connect.
    pub(crate) origins: OriginPolicy,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
    /// Cancelled when the server stops.
    pub(crate) stop: CancellationToken,
    open: Mutex<HashMap<u64, Weak<Connection>>>,
    next: AtomicU64,
}

impl Server {
    /// A server without connections.
    pub(crate) fn new(
        config: Config,
        admission: Arc<Admission>,
        origins: OriginPolicy,
        metrics: Arc<Metrics>,
        (ticker, kept): (Arc<Ticker>, Kept),
    ) -> Self {
        let pushes = config.max_pushes_per_second;
        let limits = Limits {
            max_channels: config.max_channels,
            session_pushes: Rate::per_second(pushes),
            connection_pushes: Rate::per_second(pushes.saturating_mul(2)),
            bytes: Rate::per_second(config.push_bytes_per_second()),
        };
        let rules = Rules {
            greeters: config.greeters,
            max_members: config.max_members,
            max_backlog_bytes: config.max_room_backlog_bytes,
            max_direct_bytes: config.max_queue_bytes,
            resume_window: config.resume_window,
            max_kept_log_bytes: MAX_KEPT_LOG_BYTES.min(config.max_room_backlog_bytes),
            history: config.history,
            max_history_bytes: MAX_HISTORY_BYTES,
        };
        let keep = Keep {
            max_away: config.max_away,
            max_bytes: config.max_kept_bytes,
            retention: match &kept.journaling {
                Some(_) => config.data_max_age,
                None => config.history_retention,
            },
        };
        let rooms = Rooms::new(
            (rules, keep),
            config.max_rooms,
            TokenKey::new(&kept.token_key),
            (ticker, kept.journaling),
            Arc::clone(&metrics),
        );
        Self {
            limits: Arc::new(limits),
            rooms,
            admission,
            origins,
            metrics,
            stop: CancellationToken::new(),
            open: Mutex::default(),
            next: AtomicU64::new(0),
            config,
        }
    }

    /// Takes note of a connection, for as long as the `Open` lives.
    pub(crate) fn register(self: &Arc<Self>, connection: &Arc<Connection>) -> Open {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, Arc::downgrade(connection));
        Open { server: Arc::clone(self), number }
    }

    /// Ends every connection; nobody is told that the others leave.
    pub(crate) fn close(&self, close: Close) {
        self.stop.cancel();
        self.admission.stop();
        self.rooms.close();
        let open: Vec<Arc<Connection>> = self.lock().values().filter_map(Weak::upgrade).collect();
        for connection in open {
            connection.close(close);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Weak<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open connection's place on the list of those that are closed with the server.
#[derive(Debug)]
pub(crate) struct Open {
    server: Arc<Server>,
    number: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.server.lock().remove(&self.number);
    }
}
