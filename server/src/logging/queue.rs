//! Lines of the log on their way to whoever reads it. Whoever logs puts a line in and goes on; one
//! thread takes them out and writes. A reader who does not read costs lines, never time.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::metrics::Metrics;

/// How many bytes of lines may wait.
const MAX_BYTES: usize = 1024 * 1024;

/// Lines that wait to be written, bounded.
#[derive(Debug)]
pub(super) struct Queue {
    metrics: Arc<Metrics>,
    state: Mutex<State>,
    /// Something waits.
    filled: Condvar,
    /// Nothing waits, and nothing is being written.
    idle: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    is_writing: bool,
    /// Lines that were not written, and have not been told of yet.
    lost: u64,
}

impl Queue {
    /// Nothing waits.
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, state: Mutex::default(), filled: Condvar::new(), idle: Condvar::new() }
    }

    /// Puts a line in, or counts it as lost.
    fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.bytes + line.len() > MAX_BYTES {
            return self.lose_line(&mut state);
        }
        state.bytes += line.len();
        state.lines.push_back(line.to_vec());
        drop(state);
        self.filled.notify_one();
    }

    fn lose_line(&self, state: &mut State) {
        state.lost += 1;
        self.metrics.log_lines_lost(1);
    }

    /// Writes one line, and waits for it for as long as `patience` says. Returns how many lines
    /// were lost before this one got through; `None` if no line came.
    pub(super) fn write_next(&self, to: &mut impl Write, patience: Duration) -> Option<u64> {
        let line = self.next(patience)?;
        let written = to.write_all(&line).and_then(|()| to.flush());
        let mut state = self.lock();
        state.is_writing = false;
        state.bytes -= line.len();
        if state.lines.is_empty() {
            self.idle.notify_all();
        }
        if written.is_err() {
            self.lose_line(&mut state);
            return Some(0);
        }
        Some(std::mem::take(&mut state.lost))
    }

    fn next(&self, patience: Duration) -> Option<Vec<u8>> {
        let waited = self
            .filled
            .wait_timeout_while(self.lock(), patience, |state| state.lines.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let mut state = waited.0;
        let line = state.lines.pop_front();
        state.is_writing = line.is_some();
        line
    }

    /// Waits until all that waits is written, but never longer than `patience` says.
    pub(super) fn drain(&self, patience: Duration) {
        let unwritten = |state: &mut State| state.is_writing || !state.lines.is_empty();
        drop(self.idle.wait_timeout_while(self.lock(), patience, unwritten));
    }

    /// Nothing panics under this lock but an allocation that fails; so its contents stay whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes one line a call, as `tracing-subscriber` hands them over.
impl Write for &Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Snapshot;

    const NO_TIME: Duration = Duration::ZERO;

    fn queue() -> Queue {
        Queue::new(Arc::new(Metrics::new()))
    }

    /// Writes as long as it is told to.
    struct Disk {
        has_room: bool,
        written: String,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !self.has_room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.written.push_str(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_come_out_as_they_went_in() {
        let queue = queue();
        let mut to = Vec::new();
        queue.push(b"a\n");
        queue.push(b"b\n");
        for expected in [Some(0), Some(0), None] {
            assert_eq!(queue.write_next(&mut to, NO_TIME), expected);
        }
        assert_eq!(to, b"a\nb\n");
    }

    #[test]
    fn what_has_no_room_is_counted_and_told_with_the_next_line_that_is_written() {
        let queue = queue();
        queue.push(&vec![b'x'; MAX_BYTES]);
        queue.push(b"lost");
        queue.push(b"lost");
        assert_eq!(queue.write_next(&mut io::sink(), NO_TIME), Some(2));
        assert!(queue.metrics.render(0, &Snapshot::default()).contains("lost_total 2\n"));
        queue.push(b"in again");
        assert_eq!(queue.write_next(&mut io::sink(), NO_TIME), Some(0));
    }

    #[test]
    fn a_full_disk_costs_lines_and_is_told_when_it_has_room_again() {
        let queue = queue();
        let mut disk = Disk { has_room: false, written: String::new() };
        queue.push(b"a\n");
        queue.push(b"b\n");
        assert_eq!(queue.write_next(&mut disk, NO_TIME), Some(0));
        disk.has_room = true;
        assert_eq!(queue.write_next(&mut disk, NO_TIME), Some(1));
        assert_eq!(disk.written, "b\n");
    }

    #[test]
    fn the_end_waits_for_what_is_being_written_but_not_for_ever() {
        let queue = queue();
        queue.drain(Duration::from_secs(60)); // nothing waits
        queue.push(b"stuck\n");
        queue.drain(Duration::from_millis(1));
        std::thread::scope(|threads| {
            threads.spawn(|| queue.drain(Duration::from_secs(60)));
            queue.write_next(&mut io::sink(), NO_TIME);
        });
    }
}
