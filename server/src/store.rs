//! What outlives the process: the entries of rooms, who was in them, and the key of resume tokens.
//!
//! ```text
//! Store::append   puts a batch in the queue, or says at once that it is full; never waits
//!   queue         what waits for the writer, bounded in bytes
//!   writer        one thread; takes all that waits, commits it as one group, reports each batch
//!     database    SQLite with a checksum in every row, and sums of them: what is lost is noticed
//!     retention   removes what is too old or too much, in small steps between groups
//!     promise     the newest commit that was reported: the lock, and the proof that none is lost
//! ```

mod database;
mod encoding;
mod error;
mod loading;
mod opening;
mod promise;
mod queue;
mod record;
mod retention;
mod rooms;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

pub use error::{OpenError, StoreError};
pub use loading::Loading;
pub use queue::Waiting;
pub use record::{Audience, Batch, Change, Entry, Loaded, LoadedRoom, Session};
pub use retention::Retention;

use queue::{Queue, Report};

/// When a batch counts as committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When it is on the disk: it survives a loss of power.
    Strict,
    /// When the system has it: it survives the end of the process, but a loss of power may take
    /// the newest batches. The store is whole then, too.
    Relaxed,
}

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// When a batch counts as committed.
    pub durability: Durability,
    /// What is removed.
    pub retention: Retention,
    /// What is read when it is opened.
    pub loading: Loading,
    /// The key of resume tokens, if this store is new: random bytes.
    pub new_token_key: [u8; 32],
}

/// An open store. Dropping it commits what still waits, and closes it.
#[derive(Debug)]
pub struct Store {
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
}

impl Store {
    /// Opens the store in a folder, or makes one if there is none. A store that cannot be used is
    /// left as it is.
    pub fn open(folder: &Path, options: Options) -> Result<(Self, Loaded), OpenError> {
        let (database, loaded) = opening::open(folder, &options)?;
        let queue = Arc::new(Queue::default());
        let thread = thread::Builder::new().name("store".to_owned());
        let for_writer = Arc::clone(&queue);
        let writer = thread
            .spawn(move || writer::run(database, &for_writer, &options.retention))
            .map_err(|error| OpenError::Folder(folder.to_owned(), error))?;
        Ok((Self { queue, writer: Some(writer) }, loaded))
    }

    /// Puts a batch behind those that wait. Whether it was committed is reported by a call of
    /// `report` on the store's thread, which must not take long; batches are reported in the order
    /// in which they were appended. If the queue is full that is said at once, and nothing is
    /// reported.
    pub fn append(
        &self,
        batch: Batch,
        report: impl FnOnce(Result<(), StoreError>) + Send + 'static,
    ) -> Result<(), StoreError> {
        self.queue.push(batch, Report::new(report))
    }

    /// How much waits to be committed.
    pub fn waiting(&self) -> Waiting {
        self.queue.waiting()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the thread of the store panicked; what it had not committed is lost");
        }
    }
}
