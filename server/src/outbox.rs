//! What waits for one socket, bounded. Full ends in a close, never in a wait: whoever fills an
//! outbox goes on at once, and only the socket that does not read pays for it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::close::Close;
use crate::delivery::Care;

/// What is taken out at once, to be written at once.
const BATCH_FRAMES: usize = 64;
const BATCH_BYTES: usize = 32 * 1024;

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// At most this many bytes, one large frame (see `Queue::fits`) not counted.
    pub(crate) bytes: usize,
    /// At most this many frames.
    pub(crate) frames: usize,
}

/// What waits for one socket: the hub puts in, the socket's task takes out.
#[derive(Debug)]
pub(crate) struct Outbox {
    bounds: Bounds,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    large_waits: bool,
    close: Option<Close>,
    reader: Option<Waker>,
}

impl Outbox {
    /// Nothing waits.
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, queue: Mutex::default() }
    }

    /// Puts a frame in. Too much closes the outbox; into a closed one nothing goes.
    pub(crate) fn push(&self, frame: &Utf8Bytes, care: Care) {
        let reader = self.lock().push(frame, care, self.bounds);
        wake(reader);
    }

    /// Ends the socket, after what waits already. Only the first reason counts.
    pub(crate) fn close(&self, close: Close) {
        let mut queue = self.lock();
        queue.close.get_or_insert(close);
        let reader = queue.reader.take();
        drop(queue);
        wake(reader);
    }

    /// The reason to end the socket, if there is one. The waker is woken by whatever happens next.
    pub(crate) fn watch(&self, reader: &Waker) -> Option<Close> {
        let mut queue = self.lock();
        if !queue.reader.as_ref().is_some_and(|known| known.will_wake(reader)) {
            queue.reader = Some(reader.clone());
        }
        queue.close
    }

    /// Takes out as much as should be written at once; nothing if nothing waits.
    pub(crate) fn take_batch(&self) -> Vec<Utf8Bytes> {
        self.lock().take_batch(self.bounds)
    }

    /// Takes out all that still waits.
    pub(crate) fn take_rest(&self) -> Vec<Utf8Bytes> {
        std::mem::take(&mut self.lock().frames).into()
    }

    /// No code that may panic runs under this lock but allocation; so its contents stay whole.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push(&mut self, frame: &Utf8Bytes, care: Care, bounds: Bounds) -> Option<Waker> {
        if self.close.is_some() || (care == Care::MayDrop && self.is_half_full(bounds)) {
            return None;
        }
        if !self.fits(frame.len(), bounds) {
            self.frames = VecDeque::new();
            self.close = Some(Close::TooSlow);
            return self.reader.take();
        }
        if is_large(frame.len(), bounds) {
            self.large_waits = true;
        } else {
            self.bytes += frame.len();
        }
        self.frames.push_back(frame.clone());
        self.reader.take()
    }

    /// The state of a room with many members is larger than all else together may be; yet it must
    /// be possible to join that room. So one such frame at a time is let in without being counted.
    fn fits(&self, bytes: usize, bounds: Bounds) -> bool {
        let fits = if is_large(bytes, bounds) {
            !self.large_waits
        } else {
            self.bytes + bytes <= bounds.bytes
        };
        fits && self.frames.len() < bounds.frames
    }

    fn is_half_full(&self, bounds: Bounds) -> bool {
        self.bytes > bounds.bytes / 2 || self.frames.len() > bounds.frames / 2
    }

    fn take_batch(&mut self, bounds: Bounds) -> Vec<Utf8Bytes> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH_FRAMES && bytes < BATCH_BYTES {
            let Some(frame) = self.frames.pop_front() else { break };
            bytes += frame.len();
            if is_large(frame.len(), bounds) {
                self.large_waits = false;
            } else {
                self.bytes -= frame.len();
            }
            batch.push(frame);
        }
        if self.frames.is_empty() && self.frames.capacity() > BATCH_FRAMES {
            self.frames = VecDeque::new(); // a burst is over: give the memory back
        }
        batch
    }
}

fn is_large(bytes: usize, bounds: Bounds) -> bool {
    bytes > bounds.bytes / 4
}

fn wake(reader: Option<Waker>) {
    if let Some(reader) = reader {
        reader.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { bytes: 1000, frames: 10 };

    fn filled(sizes: &[usize]) -> Outbox {
        let outbox = Outbox::new(BOUNDS);
        for size in sizes {
            outbox.push(&"x".repeat(*size).into(), Care::Must);
        }
        outbox
    }

    fn close(outbox: &Outbox) -> Option<Close> {
        outbox.watch(Waker::noop())
    }

    fn sizes(frames: &[Utf8Bytes]) -> Vec<usize> {
        frames.iter().map(|frame| frame.len()).collect()
    }

    #[test]
    fn what_went_in_comes_out_in_order() {
        let outbox = filled(&[1, 2, 3]);
        assert_eq!(sizes(&outbox.take_batch()), [1, 2, 3]);
        assert!(outbox.take_batch().is_empty());
        assert_eq!(close(&outbox), None);
    }

    #[test]
    fn too_many_bytes_are_too_slow_and_nothing_is_kept() {
        let outbox = filled(&[200, 200, 200, 200, 200]);
        assert_eq!(close(&outbox), None);
        outbox.push(&"x".into(), Care::Must);
        assert_eq!(close(&outbox), Some(Close::TooSlow));
        assert!(outbox.take_rest().is_empty());
    }

    #[test]
    fn too_many_frames_are_too_slow() {
        assert_eq!(close(&filled(&[1; 10])), None);
        assert_eq!(close(&filled(&[1; 11])), Some(Close::TooSlow));
    }

    #[test]
    fn one_frame_may_be_larger_than_all() {
        let outbox = filled(&[1, 5000, 1]);
        assert_eq!(close(&outbox), None);
        assert_eq!(sizes(&outbox.take_batch()), [1, 5000, 1]);
        assert_eq!(close(&filled(&[5000, 300])), Some(Close::TooSlow));
        assert_eq!(outbox.lock().bytes, 0);
    }

    #[test]
    fn what_may_be_dropped_is_dropped_beyond_the_half() {
        let outbox = filled(&[200, 200, 200]);
        outbox.push(&"typing".into(), Care::MayDrop);
        assert_eq!(sizes(&outbox.take_batch()), [200, 200, 200]);
        outbox.push(&"typing".into(), Care::MayDrop);
        assert_eq!(sizes(&outbox.take_batch()), [6]);
    }

    #[test]
    fn batches_are_small() {
        let outbox = Outbox::new(Bounds { bytes: 1 << 20, frames: 4096 });
        (0..100).for_each(|_| outbox.push(&"x".into(), Care::Must));
        assert_eq!(outbox.take_batch().len(), BATCH_FRAMES);
        assert_eq!(outbox.take_batch().len(), 36);
        (0..10).for_each(|_| outbox.push(&"x".repeat(20_000).into(), Care::Must));
        assert_eq!(outbox.take_batch().len(), 2);
    }

    #[test]
    fn the_first_reason_to_close_counts_and_nothing_goes_in_after_it() {
        let outbox = filled(&[1]);
        outbox.close(Close::RateLimited);
        outbox.close(Close::Restart);
        outbox.push(&"late".into(), Care::Must);
        assert_eq!(close(&outbox), Some(Close::RateLimited));
        assert_eq!(sizes(&outbox.take_rest()), [1]);
    }
}
