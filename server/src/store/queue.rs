//! Batches on their way to the disk. Whoever appends puts one in and goes on; the writer takes out
//! all there are.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::StoreError;
use super::record::Batch;

/// How many bytes of batches may wait.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// How many bytes are committed together: a group that is larger would only make its first wait.
const MAX_GROUP_BYTES: usize = 1024 * 1024;

/// Batches that wait to be committed, bounded.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Something waits, or nothing will come any more.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    batches: VecDeque<Queued>,
    bytes: usize,
    is_closed: bool,
}

/// How much waits to be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Batches.
    pub batches: usize,
    /// Their bytes, roughly.
    pub bytes: usize,
}

/// A batch, and who is told what became of it.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) batch: Batch,
    pub(super) report: Report,
}

/// What the writer is to do next.
#[derive(Debug)]
pub(super) enum Next {
    /// Commit these.
    Group(Vec<Queued>),
    /// Nothing waits.
    Idle,
    /// Nothing waits, and nothing will come.
    Closed,
}

impl Queue {
    /// Puts a batch in.
    pub(super) fn push(&self, batch: Batch, report: Report) -> Result<(), StoreError> {
        let mut state = self.lock();
        let refused = if state.is_closed {
            Some(StoreError::Closed)
        } else if state.bytes + batch.cost() > MAX_BYTES && state.bytes > 0 {
            Some(StoreError::Busy)
        } else {
            None
        };
        if let Some(error) = refused {
            drop(state);
            report.withdraw();
            return Err(error);
        }
        state.bytes += batch.cost();
        state.batches.push_back(Queued { batch, report });
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// What waits; if that is nothing, waits for it as long as `patience` says.
    pub(super) fn next(&self, patience: Duration) -> Next {
        let is_idle = |state: &mut State| state.batches.is_empty() && !state.is_closed;
        let waited = self.changed.wait_timeout_while(self.lock(), patience, is_idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        let mut bytes = 0;
        let fits = |queued: &&Queued| {
            bytes += queued.batch.cost();
            bytes <= MAX_GROUP_BYTES
        };
        let count = state.batches.iter().take_while(fits).count().max(1).min(state.batches.len());
        match (count, state.is_closed) {
            (0, true) => Next::Closed,
            (0, false) => Next::Idle,
            (_, _) => Next::Group(state.batches.drain(..count).collect()),
        }
    }

    /// A group that was taken is done: what it took may wait again.
    pub(super) fn done(&self, bytes: usize) {
        self.lock().bytes -= bytes;
    }

    /// Nothing more is taken in.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Takes out what will never be committed.
    pub(super) fn take_all(&self) -> VecDeque<Queued> {
        std::mem::take(&mut self.lock().batches)
    }

    /// How much waits, with what is being committed.
    pub(super) fn waiting(&self) -> Waiting {
        let state = self.lock();
        Waiting { batches: state.batches.len(), bytes: state.bytes }
    }

    /// Nothing panics under this lock but an allocation that fails; so its contents stay whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells somebody what became of a batch, once; also if its end is that it is dropped.
pub(super) struct Report(Option<Box<ReportFn>>);

type ReportFn = dyn FnOnce(Result<(), StoreError>) + Send;

impl Report {
    /// Calls `report`.
    pub(super) fn new(report: impl FnOnce(Result<(), StoreError>) + Send + 'static) -> Self {
        Self(Some(Box::new(report)))
    }

    /// Tells it.
    pub(super) fn tell(mut self, result: Result<(), StoreError>) {
        self.call(result);
    }

    /// Somebody was told in another way.
    fn withdraw(mut self) {
        self.0 = None;
    }

    /// A panic of whoever is told is none of the writer's, on whom everybody else depends.
    fn call(&mut self, result: Result<(), StoreError>) {
        if let Some(report) = self.0.take()
            && catch_unwind(AssertUnwindSafe(|| report(result))).is_err()
        {
            tracing::error!("what was to follow a commit panicked");
        }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.call(Err(StoreError::Closed));
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report")
    }
}
