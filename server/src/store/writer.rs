//! The one thread that owns the database.

use std::time::{Duration, Instant};

use super::database::Database;
use super::error::StoreError;
use super::queue::{Next, Queue, Queued};
use super::record::Batch;
use super::retention::{Progress, Retention};
use crate::clock::unix_seconds;

/// How often it is looked for what is too old or too much.
const RETENTION_INTERVAL: Duration = Duration::from_secs(1);

/// How long nothing is removed after that failed.
const RETENTION_PAUSE: Duration = Duration::from_secs(60);

/// How many entries are removed at once, at least; more if more than that were added.
const REMOVED_AT_ONCE: usize = 256;

/// Commits what is in the queue until that is closed and empty.
pub(super) fn run(database: Database, queue: &Queue, retention: &Retention) {
    let _guard = CloseOnExit(queue);
    let mut writer = Writer { database, is_failing: false, retention_due: now() };
    loop {
        let patience = writer.retention_due.saturating_duration_since(now());
        let added = match queue.next(patience) {
            Next::Group(group) => writer.commit(group, queue),
            Next::Idle => 0,
            Next::Closed => break,
        };
        if writer.retention_due <= now() {
            writer.remove_some(retention, (2 * added).max(REMOVED_AT_ONCE));
        }
    }
}

/// If the writer panics, whoever waits for it is told, and nobody waits from then on.
struct CloseOnExit<'a>(&'a Queue);

impl Drop for CloseOnExit<'_> {
    fn drop(&mut self) {
        self.0.close();
        drop(self.0.take_all());
    }
}

struct Writer {
    database: Database,
    /// The last group was not committed.
    is_failing: bool,
    retention_due: Instant,
}

impl Writer {
    /// Commits a group and reports each of its batches. Returns how many changes there were.
    fn commit(&mut self, group: Vec<Queued>, queue: &Queue) -> usize {
        let (batches, reports): (Vec<Batch>, Vec<_>) =
            group.into_iter().map(|queued| (queued.batch, queued.report)).unzip();
        let bytes = batches.iter().map(Batch::cost).sum();
        let changes = batches.iter().map(|batch| batch.changes.len()).sum();
        let results = match self.database.commit(&batches) {
            Ok(results) => {
                if std::mem::take(&mut self.is_failing) {
                    tracing::info!("the store can write again");
                }
                results
            }
            Err(error) => {
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(%error, "pushes are refused until the store can write again");
                }
                vec![Err(error); batches.len()]
            }
        };
        queue.done(bytes);
        for (report, result) in reports.into_iter().zip(results) {
            report.tell(result);
        }
        changes
    }

    fn remove_some(&mut self, retention: &Retention, at_most: usize) {
        let pause = match self.database.remove_some(retention, unix_seconds(), at_most) {
            Ok(Progress::MoreToDo) => Duration::ZERO,
            Ok(Progress::Done) | Err(StoreError::DiskFull) => RETENTION_INTERVAL,
            Err(error) => {
                tracing::warn!(%error, "old entries cannot be removed");
                RETENTION_PAUSE
            }
        };
        self.retention_due = now() + pause;
    }
}

#[allow(clippy::disallowed_methods, reason = "the writer is a part of the shell")]
fn now() -> Instant {
    Instant::now()
}
