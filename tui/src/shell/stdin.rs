//! Reads lines from stdin in its own thread. Input from a pipe is read ahead within a bound, so that
//! its end is known while no line can be processed.

use std::io::{self, BufRead, BufReader, Read, stdin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::time::sleep_until;

/// The longest line in bytes: no longer than a draft on the screen may be.
const MAX_BYTES: usize = crate::input::composer::MAX_DRAFT_BYTES;

/// How many bytes of a pipe are read ahead. Of a terminal it is one line: what is typed after `/quit`
/// is for the shell.
const AHEAD: usize = 1024 * 1024;
const AHEAD_TYPED: usize = 1;

/// A line that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InputLine {
    Line(String),
    TooLong,
}

/// How much of the input is not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// The input has ended.
    None,
    /// More may be written to it.
    Unknown,
    /// There is more than is read ahead.
    TooMuch,
}

/// The lines that were read ahead.
#[derive(Debug)]
pub(super) struct Input {
    /// Bounded by `ahead`. Closed at the end of the input.
    lines: mpsc::UnboundedReceiver<InputLine>,
    waiting: Arc<AtomicUsize>,
    ahead: usize,
    reader: Thread,
}

impl Input {
    /// Starts reading stdin, where somebody types or a program writes.
    pub(super) fn of(typed: bool) -> Self {
        Self::start(stdin(), if typed { AHEAD_TYPED } else { AHEAD })
    }

    /// Starts reading, and pauses while `ahead` bytes wait. A read of a terminal or a pipe cannot be
    /// cancelled: the thread ends with the process at the latest.
    fn start(from: impl Read + Send + 'static, ahead: usize) -> Self {
        let (told, lines) = mpsc::unbounded_channel();
        let waiting = Arc::<AtomicUsize>::default();
        let unread = Arc::clone(&waiting);
        let reading = thread::spawn(move || {
            let mut from = BufReader::new(from);
            // An error is treated as the end of the input.
            while let Ok(Some(line)) = next(&mut from) {
                unread.fetch_add(bytes(&line), Ordering::AcqRel);
                if told.send(line).is_err() {
                    return;
                }
                while unread.load(Ordering::Acquire) >= ahead {
                    thread::park();
                }
            }
        });
        Self { lines, waiting, ahead, reader: reading.thread().clone() }
    }

    /// The next line, not before its time; `None` at the end of the input. Safe to cancel.
    pub(super) async fn next(&mut self, from: Instant) -> Option<InputLine> {
        sleep_until(from.into()).await;
        let line = self.lines.recv().await?;
        self.waiting.fetch_sub(bytes(&line), Ordering::AcqRel);
        self.reader.unpark();
        Some(line)
    }

    pub(super) fn rest(&self) -> Rest {
        if self.lines.is_closed() {
            Rest::None
        } else if self.waiting.load(Ordering::Acquire) >= self.ahead {
            Rest::TooMuch
        } else {
            Rest::Unknown
        }
    }

    /// Drops what was read ahead; returns how many lines that were, empty ones not counted.
    pub(super) fn give_up(&mut self) -> usize {
        let mut count = 0;
        while let Ok(line) = self.lines.try_recv() {
            count += usize::from(match line {
                InputLine::Line(text) => !text.trim().is_empty(),
                InputLine::TooLong => true,
            });
        }
        count
    }
}

/// The memory that a waiting line takes.
fn bytes(line: &InputLine) -> usize {
    let text = match line {
        InputLine::Line(text) => text.len(),
        InputLine::TooLong => 0,
    };
    size_of::<InputLine>() + text
}

/// The next line, without its end; `None` at the end of the input.
fn next(input: &mut impl BufRead) -> io::Result<Option<InputLine>> {
    let mut line = Vec::new();
    if chunk(input, &mut line)? == 0 {
        return Ok(None);
    }
    let is_whole = |line: &[u8]| line.ends_with(b"\n");
    if is_whole(&line) || line.len() <= MAX_BYTES {
        let text = String::from_utf8_lossy(&line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        return Ok(Some(InputLine::Line(text.to_owned())));
    }
    while !is_whole(&line) {
        line.clear();
        if chunk(input, &mut line)? == 0 {
            break;
        }
    }
    Ok(Some(InputLine::TooLong))
}

/// Reads to the end of the line, but not more than a line may have.
fn chunk(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let most = u64::try_from(MAX_BYTES + 2).unwrap_or(u64::MAX);
    input.take(most).read_until(b'\n', line)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;
    use crate::shell::clock;
    use crate::tests::block_on;

    async fn until(input: &Input, rest: Rest) {
        while input.rest() != rest {
            sleep(Duration::from_millis(1)).await;
        }
    }

    #[test]
    fn the_end_is_seen_before_anything_is_taken() {
        block_on(async {
            let (reader, mut writer) = io::pipe().unwrap();
            let mut input = Input::start(reader, 1024);
            writer.write_all(b"one\ntwo\n\n /who\n").unwrap();
            assert_eq!(input.next(clock().at).await, Some(InputLine::Line("one".into())));
            assert_eq!(input.rest(), Rest::Unknown);
            drop(writer);
            until(&input, Rest::None).await;
            assert_eq!(input.give_up(), 2);
            assert_eq!(input.next(clock().at).await, None);
        });
    }

    #[test]
    fn no_more_is_read_ahead_than_may_be_and_nothing_is_lost() {
        block_on(async {
            let line = "x".repeat(1000);
            let text = format!("{line}\n").repeat(100);
            let mut input = Input::start(io::Cursor::new(text), 10_000);
            until(&input, Rest::TooMuch).await;
            assert_eq!(input.lines.len(), 10);
            for _ in 0..95 {
                assert_eq!(input.next(clock().at).await, Some(InputLine::Line(line.clone())));
            }
            until(&input, Rest::None).await;
            assert_eq!(input.give_up(), 5);
        });
    }

    #[test]
    fn lines_are_read_whatever_they_end_with() {
        let long = "x".repeat(MAX_BYTES);
        let text = format!("one\r\n\ntwo\n{long}\n{long}xxx\n{long}{long}{long}\nlast");
        let mut input = text.as_bytes();
        let mut lines = Vec::new();
        while let Some(line) = next(&mut input).unwrap() {
            lines.push(line);
        }
        let line = |text: &str| InputLine::Line(text.to_owned());
        let expected = [
            line("one"),
            line(""),
            line("two"),
            line(&long),
            InputLine::TooLong,
            InputLine::TooLong,
            line("last"),
        ];
        assert_eq!(lines, expected);
    }
}
