//! Writes to the terminal in its own thread: a terminal that stalls must not block the loop, or the
//! server would close the connection. A frame that is not written yet is replaced by the next.

use std::collections::VecDeque;
use std::io::{self, Write, stdout};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossterm::queue;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, SetTitle,
};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};

use super::terminal::Handle;

/// How many sequences such as bells and notifications may wait; further ones are dropped.
const MAX_SEQUENCES: usize = 64;

/// Reports of clicks and the wheel, in the form without a limit of columns. Unlike those of the
/// library, they leave out movements, which would wake us for nothing.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
pub(super) const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// Everything that the terminal is to show.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) cells: Buffer,
    pub(super) cursor: Option<Position>,
    /// The title of the window, if it is to be set.
    pub(super) title: Option<String>,
    /// Whether the terminal is to report clicks.
    pub(super) mouse: bool,
}

/// The queue of what is to be written.
pub(super) struct Writer {
    queue: Arc<Queue>,
    /// The latest frame. The thread is not woken for one that is the same.
    latest: Option<Arc<Frame>>,
}

#[derive(Default)]
struct Queue {
    pending: Mutex<Pending>,
    changed: Condvar,
}

#[derive(Default)]
struct Pending {
    sequences: VecDeque<String>,
    frame: Option<Arc<Frame>>,
    /// Whether every cell of the next frame is to be written.
    repaints: bool,
    is_closed: bool,
    /// Set when the thread has ended, with the error if it could not write.
    ended: Option<io::Result<()>>,
}

impl Writer {
    /// Starts the thread. A blocked write cannot be cancelled: then the thread ends with the process.
    pub(super) fn start(terminal: Handle) -> io::Result<Self> {
        let queue = Arc::<Queue>::default();
        let of_thread = Arc::clone(&queue);
        thread::Builder::new().spawn(move || {
            let outcome = of_thread.write_all(&terminal);
            of_thread.lock().ended = Some(outcome);
            of_thread.changed.notify_all();
        })?;
        Ok(Self { queue, latest: None })
    }

    /// Queues a frame; fails if the terminal cannot be written to any more.
    pub(super) fn show(&mut self, frame: Frame) -> io::Result<()> {
        if self.latest.as_ref().is_some_and(|latest| **latest == frame) {
            return Ok(());
        }
        let frame = Arc::new(frame);
        self.latest = Some(Arc::clone(&frame));
        let mut pending = self.queue.lock();
        if let Some(Err(error)) = &pending.ended {
            return Err(io::Error::new(error.kind(), error.to_string()));
        }
        pending.frame = Some(frame);
        self.queue.changed.notify_all();
        Ok(())
    }

    /// Has every cell of the next frame written, whatever the terminal shows by then.
    pub(super) fn repaint(&mut self) {
        self.latest = None;
        self.queue.lock().repaints = true;
    }

    /// Queues a sequence that does not change what is shown.
    pub(super) fn send(&self, sequence: String) {
        let mut pending = self.queue.lock();
        if pending.sequences.len() < MAX_SEQUENCES {
            pending.sequences.push_back(sequence);
            self.queue.changed.notify_all();
        } else {
            tracing::debug!("the terminal stalls, so a sequence is not written");
        }
    }

    /// Ends the thread when all sequences are written, and waits for that, but not longer than this.
    pub(super) fn finish(&self, within: Duration) {
        let mut pending = self.queue.lock();
        pending.is_closed = true;
        self.queue.changed.notify_all();
        let is_at_work = |pending: &mut Pending| pending.ended.is_none();
        let waited = self.queue.changed.wait_timeout_while(pending, within, is_at_work);
        drop(waited);
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        // No panic can leave the queue in an invalid state.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all(&self, terminal: &Handle) -> io::Result<()> {
        let mut shown: Option<Arc<Frame>> = None;
        loop {
            let mut pending = self.lock();
            while pending.sequences.is_empty() && pending.frame.is_none() && !pending.is_closed {
                pending = self.changed.wait(pending).unwrap_or_else(PoisonError::into_inner);
            }
            if let Some(sequence) = pending.sequences.pop_front() {
                drop(pending);
                let mut out = stdout();
                out.write_all(sequence.as_bytes()).and_then(|()| out.flush())?;
                continue;
            }
            let Some(frame) = pending.frame.take().filter(|_| !pending.is_closed) else {
                return Ok(());
            };
            if std::mem::take(&mut pending.repaints) {
                shown = None;
            }
            drop(pending);
            let bytes = encode(shown.as_deref(), &frame, size()?)?;
            // Nothing is written if the terminal is not ours; it is repainted when it is again.
            terminal.write(&bytes, frame.mouse)?;
            shown = Some(frame);
        }
    }
}

fn size() -> io::Result<Size> {
    let (width, height) = crossterm::terminal::size()?;
    Ok(Size { width, height })
}

/// The bytes that turn the shown frame into the next one. What lies beyond the current size of the
/// terminal is left out, or it would overwrite its last row and column.
fn encode(shown: Option<&Frame>, next: &Frame, size: Size) -> io::Result<Vec<u8>> {
    let shown = shown.filter(|shown| shown.cells.area == next.cells.area);
    let mut bytes = Vec::new();
    if let Some(title) = &next.title
        && shown.and_then(|shown| shown.title.as_ref()) != Some(title)
    {
        queue!(bytes, SetTitle(title))?;
    }
    if shown.is_some_and(|shown| shown.mouse) != next.mouse {
        bytes.extend_from_slice(if next.mouse { MOUSE_ON } else { MOUSE_OFF });
    }
    queue!(bytes, BeginSynchronizedUpdate)?;
    if shown.is_none() {
        queue!(bytes, Clear(ClearType::All))?;
    }
    let blank = Buffer::empty(if shown.is_some() { Rect::ZERO } else { next.cells.area });
    let before = shown.map_or(&blank, |shown| &shown.cells);
    let mut backend = CrosstermBackend::new(&mut bytes);
    let is_inside = |x: u16, y: u16| x < size.width && y < size.height;
    backend.draw(before.diff(&next.cells).into_iter().filter(|(x, y, _)| is_inside(*x, *y)))?;
    match next.cursor.filter(|at| is_inside(at.x, at.y)) {
        Some(at) => {
            backend.show_cursor()?;
            backend.set_cursor_position(at)?;
        }
        None => backend.hide_cursor()?,
    }
    queue!(bytes, EndSynchronizedUpdate)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(rows: &[&str], cursor: Option<Position>) -> Frame {
        Frame { cells: Buffer::with_lines(rows.to_vec()), cursor, title: None, mouse: false }
    }

    fn text(shown: Option<&Frame>, next: &Frame) -> String {
        let size = Size { width: 5, height: 2 };
        String::from_utf8(encode(shown, next, size).unwrap()).unwrap()
    }

    #[test]
    fn a_frame_is_what_changed_and_one_of_another_size_is_whole() {
        let first = frame(&["hello", "there"], None);
        let whole = text(None, &first);
        assert!(whole.contains("\x1b[2J") && whole.contains("hello") && whole.contains("there"));
        let next = Frame { title: Some("t".into()), ..frame(&["hallo", "there"], None) };
        let changed = text(Some(&first), &next);
        assert!(changed.starts_with("\x1b]0;t\x07\x1b[?2026h\x1b[1;2Ha"), "{changed:?}");
        assert!(!changed.contains("there") && !changed.contains("\x1b[2J"), "{changed:?}");
        let wider = text(Some(&first), &frame(&["hello, ada", "and", "below"], None));
        assert!(wider.contains("\x1b[2J") && wider.contains("hello"), "{wider:?}");
        assert!(!wider.contains("ada") && !wider.contains("below"), "beyond the terminal");
    }

    #[test]
    fn a_stalled_terminal_gets_the_newest_frame_and_every_waiting_sequence() {
        let mut writer = Writer { queue: Arc::default(), latest: None };
        for n in 0..1_000 {
            writer.show(frame(&[&format!("{n:5}")], None)).unwrap();
            writer.send(format!("{n}"));
        }
        let pending = writer.queue.lock();
        let newest = frame(&["  999"], None);
        assert_eq!(pending.frame.as_deref(), Some(&newest));
        assert_eq!(pending.sequences.len(), MAX_SEQUENCES);
    }
}
