//! Sending to one connection: by its own task, and by whoever has something for it.

use std::io;
use std::sync::TryLockError;
use std::sync::atomic::{Ordering, fence};
use std::time::Instant;

use super::channels::mark;
use super::{Connection, Ending, Scratch, State, now, with_scratch};
use crate::batch::Batch;
use crate::close::Close;
use crate::rooms::{Recipient, Woken};

/// How many batches are written before others get their turn.
const BATCHES_PER_FLUSH: usize = 4;

/// How far a connection caught up with its rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// It has all there is.
    Done,
    /// Its socket is full.
    Blocked,
    /// There is more, and others shall have their turn first.
    More,
}

impl Connection {
    /// Sends what there is; for its own task.
    pub(super) fn send(&self) {
        let mut state = self.lock();
        self.send_locked(&mut state);
    }

    pub(super) fn send_locked(&self, state: &mut State) {
        let progress = with_scratch(|scratch| {
            let batch = &mut scratch.batch;
            if state.output.is_blocked() {
                self.write(state, batch, now());
            }
            self.catch_up(state, batch)
        });
        if progress == Progress::More {
            self.wake_task();
        }
    }

    /// Writes batch by batch what the rooms have for it.
    fn catch_up(&self, state: &mut State, batch: &mut Batch) -> Progress {
        for _ in 0..BATCHES_PER_FLUSH {
            if state.ending.is_some() {
                return Progress::Done;
            }
            if state.output.is_blocked() {
                return Progress::Blocked;
            }
            let mut marks = self.marks.swap(0, Ordering::AcqRel);
            if marks == 0 && state.ping.is_none() && !state.output.has_unsent() {
                return Progress::Done;
            }
            let delivered = state.channels.deliver(&mut marks, batch);
            self.marks.fetch_or(marks, Ordering::AcqRel);
            if let Err(close) = delivered {
                state.end(Ending::Closed(close));
            }
            if state.channels.is_leaving() {
                let (rooms, mut woken) = (&self.server.rooms, Woken::new());
                state.channels.finish_leaves(rooms, now(), batch, &mut woken);
                rooms.flush_later(woken);
            }
            self.write(state, batch, now());
        }
        Progress::More
    }

    /// Whether a room has something for it. Between this and whatever came before on either side
    /// there is a fence: one of two, the one that marked and the one that held the lock, sees what
    /// the other did.
    pub(super) fn is_marked(&self) -> bool {
        fence(Ordering::SeqCst);
        self.marks.load(Ordering::Acquire) != 0
    }

    /// Sends what there is, as far as the socket takes it; for whoever holds the lock. Whether the
    /// socket is still one.
    pub(super) fn write(&self, state: &mut State, batch: &mut Batch, now: Instant) -> bool {
        if let Some(payload) = state.ping.take_if(|_| !state.output.is_blocked()) {
            batch.pong(&payload);
        }
        let (frames, stream) = (batch.frames(), &self.writing);
        let write = |slices: &[io::IoSlice<'_>]| match slices {
            [slice] => stream.try_write(slice),
            slices => stream.try_write_vectored(slices),
        };
        let written = state.output.write(batch, now, write);
        match written {
            Ok(bytes) => self.server.metrics.sent(frames, bytes as u64),
            Err(_) => state.end(Ending::Lost),
        }
        written.is_ok()
    }
}

impl Recipient for Connection {
    fn mark(&self, channel: usize) {
        self.marks.fetch_or(mark(channel), Ordering::AcqRel);
    }

    fn order_close(&self, close: Close) {
        self.ordered_close.get_or_init(|| close); // only the first reason counts
    }

    /// Whoever finds the lock taken leaves it to the one who has it, who looks again afterwards.
    fn flush(&self) {
        if self.ordered_close.get().is_some() {
            return self.wake_task();
        }
        while self.is_marked() {
            let mut state = match self.state.try_lock() {
                Ok(state) => state,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            let batch = |scratch: &mut Scratch| self.catch_up(&mut state, &mut scratch.batch);
            let progress = with_scratch(batch);
            if progress != Progress::Done || state.ending.is_some() {
                drop(state);
                return self.wake_task();
            }
        }
    }
}
