//! Opens the store that outlives the server, if the operator wants one.

use std::sync::Arc;
use std::time::Instant;

use uuid::Uuid;

use crate::config::{Config, Durability};
use crate::metrics::Metrics;
use crate::rooms::journal::{Journal, Journaling};
use crate::store::{self, Loaded, LoadedRoom, Loading, OpenError, Options, Retention, Store};
use crate::ticker::Ticker;

/// How much of a room is read when the store is opened: more than anybody can come back across.
const LOADING: Loading = Loading { max_room_entries: 4096, max_room_bytes: 4 * 1024 * 1024 };

/// How many bytes of one room a store keeps.
const MAX_ROOM_BYTES: u64 = 64 * 1024 * 1024;

/// An open store, and what it held.
#[derive(Debug)]
pub(crate) struct OpenStore {
    store: Store,
    loaded: Loaded,
}

/// What rooms keep things with.
#[derive(Debug)]
pub(crate) struct Kept {
    /// What tokens are signed with.
    pub(crate) token_key: [u8; 32],
    /// Where rooms have kept what happens, if anywhere.
    pub(crate) journaling: Option<Journaling>,
}

impl OpenStore {
    /// Opens the store that the operator wants, if one is wanted.
    pub(crate) fn open(config: &Config) -> Result<Option<Self>, OpenError> {
        let Some(folder) = &config.data else { return Ok(None) };
        let options = Options {
            durability: match config.durability {
                Durability::Strict => store::Durability::Strict,
                Durability::Relaxed => store::Durability::Relaxed,
            },
            retention: Retention {
                max_age: config.data_max_age,
                max_room_entries: config.data_max_entries as u64,
                max_room_bytes: MAX_ROOM_BYTES,
                max_bytes: config.data_max_bytes as u64,
            },
            loading: LOADING,
            new_token_key: new_secret(),
        };
        let (store, loaded) = Store::open(folder, options)?;
        Ok(Some(Self { store, loaded }))
    }
}

impl Kept {
    /// What rooms keep things with; the store, which outlives them; and the rooms that it held.
    pub(crate) fn new(
        store: Option<OpenStore>,
        flushes: &Arc<Ticker>,
        metrics: &Arc<Metrics>,
        now: fn() -> Instant,
    ) -> (Self, Option<Arc<dyn Journal>>, Vec<LoadedRoom>) {
        let Some(OpenStore { store, loaded }) = store else {
            return (Self { token_key: new_secret(), journaling: None }, None, Vec::new());
        };
        let journal: Arc<dyn Journal> = Arc::new(store);
        let journaling = Journaling {
            journal: Arc::downgrade(&journal),
            flushes: Arc::clone(flushes),
            metrics: Arc::clone(metrics),
            now,
        };
        let kept = Self { token_key: loaded.token_key, journaling: Some(journaling) };
        (kept, Some(journal), loaded.rooms)
    }
}

#[expect(clippy::disallowed_methods, reason = "the key is random")]
fn new_secret() -> [u8; 32] {
    let halves = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
    std::array::from_fn(|at| halves[at / 16][at % 16])
}
