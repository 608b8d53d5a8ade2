//! The writing half of a WebSocket: what its socket has not taken yet.
//!
//! Batches belong to the thread; a connection keeps bytes only where its socket took less than all.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::time::Instant;

use bytes::Bytes;

use crate::batch::Batch;

/// How many parts are handed to the kernel at once.
const MAX_SLICES: usize = 64;

/// What the socket has not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Output {
    unsent: VecDeque<Bytes>,
    /// When the socket last took something, while there is more for it.
    blocked_since: Option<Instant>,
}

impl Output {
    /// Whether the socket is full: it did not take all it was given.
    pub(crate) fn is_blocked(&self) -> bool {
        self.blocked_since.is_some()
    }

    /// Whether something waits for the socket.
    pub(crate) fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Since when the socket has taken nothing, while something waits for it.
    pub(crate) fn blocked_since(&self) -> Option<Instant> {
        self.blocked_since
    }

    /// Counts the time in which the socket takes nothing from now on.
    pub(crate) fn restart_clock(&mut self, now: Instant) {
        if let Some(since) = &mut self.blocked_since {
            *since = now;
        }
    }

    /// Keeps a batch for the next write, and empties it.
    pub(crate) fn queue(&mut self, batch: &mut Batch) {
        self.unsent.extend(batch.rest(0));
        batch.clear();
    }

    /// Writes what waits and then the batch, as far as `write` takes it, and empties the batch.
    /// Returns how many bytes were written.
    pub(crate) fn write(
        &mut self,
        batch: &mut Batch,
        now: Instant,
        write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let waiting = self.unsent.len();
        let part = |at| if at < waiting { &self.unsent[at] } else { batch.part(at - waiting) };
        let written = write_all(waiting + batch.parts(), part, write);
        match written {
            Ok(written) => {
                let of_batch = self.forget(written);
                self.unsent.extend(batch.rest(of_batch));
            }
            Err(_) => self.unsent.clear(), // the socket is broken, and will never take it
        }
        batch.clear();
        if self.unsent.is_empty() {
            self.unsent = VecDeque::new(); // the memory goes back, too
            self.blocked_since = None;
        } else if self.blocked_since.is_none() || written.as_ref().is_ok_and(|count| *count > 0) {
            self.blocked_since = Some(now);
        }
        written
    }

    /// Forgets the first `written` bytes of what waits; returns how many of them were not among it.
    fn forget(&mut self, mut written: usize) -> usize {
        while let Some(first) = self.unsent.front_mut() {
            if written < first.len() {
                *first = first.slice(written..);
                return 0;
            }
            written -= first.len();
            self.unsent.pop_front();
        }
        written
    }
}

/// Writes parts, a few at a time, until all are written or `write` takes less than it was given.
fn write_all<'a>(
    count: usize,
    part: impl Fn(usize) -> &'a [u8],
    mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut total = 0;
    let mut next = 0;
    while next < count {
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let used = (count - next).min(MAX_SLICES);
        let mut offered = 0;
        for (slice, at) in slices.iter_mut().zip(next..next + used) {
            *slice = IoSlice::new(part(at));
            offered += slice.len();
        }
        let written = match write(&slices[..used]) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        total += written;
        if written < offered {
            break;
        }
        next += used;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::framed_text;

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn now() -> Instant {
        Instant::now()
    }

    fn batch() -> Batch {
        let mut batch = Batch::default();
        batch.text(|text| text.extend_from_slice(b"one"));
        batch.framed(&framed_text(|text| text.extend(vec![b'x'; 70_000])), 1);
        batch.spliced(
            |text| text.push(b'<'),
            &[Bytes::from(vec![b'y'; 600]), Bytes::from_static(b",")],
            b">",
        );
        batch.pong(b"?");
        batch.close(&[3, 232]);
        batch
    }

    fn expected() -> Vec<u8> {
        let mut bytes = b"\x81\x03one".to_vec();
        bytes.extend(b"\x81\x7f\x00\x00\x00\x00\x00\x01\x11\x70");
        bytes.extend(vec![b'x'; 70_000]);
        bytes.extend(b"\x81\x7e\x02\x5b<");
        bytes.extend([b'y'; 600]);
        bytes.extend(b",>\x8a\x01?\x88\x02\x03\xe8");
        bytes
    }

    /// A socket that takes so many bytes at a time, and nothing every other time.
    fn socket(taken: &mut Vec<u8>, most: usize) -> impl FnMut(&[IoSlice<'_>]) -> io::Result<usize> {
        let mut blocks = false;
        move |slices| {
            blocks = !blocks;
            if !blocks {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let mut left = most;
            for slice in slices {
                let count = slice.len().min(left);
                taken.extend_from_slice(&slice[..count]);
                left -= count;
            }
            Ok(most - left)
        }
    }

    #[test]
    fn a_socket_that_takes_all_gets_all_with_the_headers_of_their_lengths() {
        let (mut taken, mut batch, mut output) = (Vec::new(), batch(), Output::default());
        assert_eq!((batch.frames(), batch.bytes()), (5, expected().len()));
        output.write(&mut batch, now(), socket(&mut taken, usize::MAX)).unwrap();
        assert_eq!(taken, expected());
        assert!(!output.is_blocked() && !output.has_unsent());
    }

    #[test]
    fn what_a_socket_does_not_take_comes_later_and_nothing_is_lost_or_doubled() {
        for most in [7, 599, 1000, 69_000] {
            let (mut taken, mut output) = (Vec::new(), Output::default());
            let mut socket = socket(&mut taken, most);
            let mut next = batch();
            let mut turns = 0;
            loop {
                output.write(&mut next, now(), &mut socket).unwrap();
                turns += 1;
                if turns == 1 {
                    next = batch(); // more comes while the first is unsent
                }
                if !output.is_blocked() && turns > 1 {
                    break;
                }
            }
            drop(socket);
            assert!(taken == expected().repeat(2), "{most} bytes at a time");
        }
    }

    #[test]
    fn a_batch_for_a_broken_socket_is_not_left_for_the_next_one() {
        let (mut next, mut output) = (batch(), Output::default());
        let broken = |_: &[IoSlice<'_>]| Err(io::ErrorKind::BrokenPipe.into());
        assert!(output.write(&mut next, now(), broken).is_err());
        assert_eq!((next.bytes(), next.frames()), (0, 0));
    }

    #[test]
    fn a_broken_socket_is_not_waited_for() {
        let mut output = Output::default();
        output.write(&mut batch(), now(), |_| Ok(1)).unwrap();
        assert!(output.is_blocked());
        let broken = |_: &[IoSlice<'_>]| Err(io::ErrorKind::BrokenPipe.into());
        assert!(output.write(&mut Batch::default(), now(), broken).is_err());
        assert!(!output.is_blocked() && !output.has_unsent());
    }

    #[test]
    fn a_socket_that_takes_nothing_is_blocked_since_it_took_something() {
        let (mut output, start) = (Output::default(), now());
        let late = start + std::time::Duration::from_secs(1);
        output.write(&mut batch(), start, |_| Ok(1)).unwrap();
        output.write(&mut Batch::default(), late, |_| Ok(0)).unwrap();
        assert_eq!(output.blocked_since(), Some(start));
        output.write(&mut Batch::default(), late, |_| Ok(1)).unwrap();
        assert_eq!(output.blocked_since(), Some(late));
    }
}
