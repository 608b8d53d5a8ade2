//! Where rooms have what happens kept: nothing is sent before it is safe there.
//!
//! A journal may answer later, and answers in the order in which it was told. Without one, whatever
//! happens is safe at once and none of this is used.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Instant;

use super::{Locked, SharedRoom, Woken};
use crate::metrics::Metrics;
use crate::store::{Batch, Change, Store, StoreError};
use crate::ticker::Ticker;

/// Is told whether a batch is safe.
pub(crate) type Report = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Keeps what happens in rooms.
pub(crate) trait Journal: fmt::Debug + Send + Sync {
    /// Takes a batch in, or says at once that it does not; then nothing is reported.
    fn append(&self, batch: Batch, report: Report) -> Result<(), StoreError>;
}

impl Journal for Store {
    fn append(&self, batch: Batch, report: Report) -> Result<(), StoreError> {
        Self::append(self, batch, report)
    }
}

/// A journal, and what follows its answers.
#[derive(Clone, Debug)]
pub(crate) struct Journaling {
    /// Whoever opened it closes it: its last answers may outlive everything else.
    pub(crate) journal: Weak<dyn Journal>,
    /// Flushes those for whom something has become safe.
    pub(crate) flushes: Arc<Ticker>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) now: fn() -> Instant,
}

impl Journaling {
    fn append(&self, batch: Batch, report: Report) -> Result<(), StoreError> {
        self.journal.upgrade().ok_or(StoreError::Closed)?.append(batch, report)
    }
}

impl Locked {
    /// Has kept what has changed.
    pub(super) fn journal_changes(&mut self, room: &Arc<SharedRoom>, woken: &mut Woken) {
        let Some(journaling) = &room.journaling else { return };
        let Some(batch) = self.room.take_changes() else { return };
        let (settled, after, since) =
            (Arc::downgrade(room), journaling.clone(), (journaling.now)());
        let report = move |result| {
            if let Some(room) = settled.upgrade() {
                room.settle(&after, since, &result);
            }
        };
        if let Err(error) = journaling.append(batch, Box::new(report)) {
            journaling.failed(&error);
            self.room.settle_changes(false, since);
            self.mark_woken(woken);
        }
    }

    /// Has forgotten all that was kept of the room.
    pub(super) fn journal_end(&self, room: &SharedRoom) {
        if let Some(journaling) = &room.journaling
            && self.room.was_stored()
        {
            let (topic, epoch) = (room.topic.clone(), self.room.epoch());
            let batch = Batch { topic, epoch, changes: vec![Change::RoomDropped] };
            let after = journaling.clone();
            let report = move |result: Result<(), StoreError>| {
                result.unwrap_or_else(|error| after.failed(&error));
            };
            let refused = journaling.append(batch, Box::new(report));
            refused.unwrap_or_else(|error| journaling.failed(&error));
        }
    }
}

impl SharedRoom {
    fn settle(
        self: &Arc<Self>,
        journaling: &Journaling,
        since: Instant,
        result: &Result<(), StoreError>,
    ) {
        let now = (journaling.now)();
        match result {
            Ok(()) => journaling.metrics.committed(now.saturating_duration_since(since)),
            Err(error) => journaling.failed(error),
        }
        let mut woken = Woken::new();
        let mut locked = self.lock();
        locked.room.settle_changes(result.is_ok(), now);
        locked.list(&self.listing);
        locked.mark_woken(&mut woken);
        let starts_ticking = locked.starts_ticking();
        drop(locked);
        journaling.flushes.add_woken(woken);
        if starts_ticking {
            journaling.flushes.add_room(Arc::clone(self));
        }
    }
}

impl Journaling {
    fn failed(&self, error: &StoreError) {
        self.metrics.not_stored();
        if *error != StoreError::Closed {
            tracing::warn!(%error, "what happened in a room could not be stored");
        }
    }
}
