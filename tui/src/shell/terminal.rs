//! Takes the terminal over and restores it.
//!
//! It is restored by one function, which is called on every way out: at the end, after an error, a
//! panic in any thread or a signal, and before the program is suspended.

use std::io::{self, IsTerminal, Write, stdin, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, supports_keyboard_enhancement,
};
use crossterm::{cursor, execute};
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

use super::terminal_writer::MOUSE_OFF;

/// How long a terminal may take to report its background.
const BACKGROUND_WITHIN: Duration = Duration::from_millis(100);

/// How long to wait for a terminal that stalls before it is given up.
const STALLS_FOR: Duration = Duration::from_secs(5);

/// How often to check whether another thread still writes to the terminal.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// The background of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Background {
    Dark,
    Light,
    NotAsked,
    /// The terminal did not report it, or not in time.
    Unknown,
}

/// Access to the terminal, shared by all threads. It knows whether the terminal is taken over, so that
/// it is restored only once: a second time would pop keyboard flags and a title that were there before
/// us, and move the cursor over what was printed since.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    state: Arc<State>,
    keyboard: bool,
}

#[derive(Debug, Default)]
struct State {
    is_ours: AtomicBool,
    mouse: AtomicBool,
    /// Held while a frame is written, or the terminal taken over or restored.
    writing: Mutex<()>,
}

impl Handle {
    /// Takes the terminal over, and queries its keyboard protocol and, if colours matter, its
    /// background. It can be queried only now, before anything else reads from it.
    pub(super) fn take(with_colours: bool) -> io::Result<(Self, Background)> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(io::Error::other("not a terminal"));
        }
        // Our themes respect NO_COLOR themselves; the library would mix its resets with our styles.
        crossterm::style::force_color_output(true);
        let background = if with_colours { background() } else { Background::NotAsked };
        enable_raw_mode()?;
        let keyboard = supports_keyboard_enhancement().unwrap_or(false);
        let handle = Self { state: Arc::default(), keyboard };
        match handle.retake() {
            Ok(()) => Ok((handle, background)),
            Err(error) => {
                handle.release();
                Err(error)
            }
        }
    }

    /// Takes the terminal over, unless it is ours already.
    pub(super) fn retake(&self) -> io::Result<()> {
        if self.is_ours() {
            return Ok(());
        }
        let Some(_writing) = self.lock_within(STALLS_FOR) else {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "it does not take what is written",
            ));
        };
        self.state.is_ours.store(true, Ordering::Release);
        enable_raw_mode()?;
        let mut out = stdout();
        // The terminal saves the title of its window, and restores it at the end.
        out.write_all(b"\x1b[22;0t")?;
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
        // A character that is wider than we count must not flow into the next row.
        execute!(out, DisableLineWrap)?;
        if self.keyboard {
            let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
            execute!(out, PushKeyboardEnhancementFlags(flags))?;
        }
        Ok(())
    }

    pub(super) fn is_ours(&self) -> bool {
        self.state.is_ours.load(Ordering::Acquire)
    }

    /// Writes a frame, unless the terminal is not ours at the moment.
    pub(super) fn write(&self, frame: &[u8], mouse: bool) -> io::Result<()> {
        let _writing = self.state.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_ours() {
            return Ok(());
        }
        self.state.mouse.store(mouse, Ordering::Release);
        let mut out = stdout();
        out.write_all(frame).and_then(|()| out.flush())
    }

    /// Restores the terminal, if it is ours. Each step is tried even if others fail.
    pub(super) fn release(&self) {
        if !self.state.is_ours.swap(false, Ordering::AcqRel) {
            return;
        }
        let Some(_writing) = self.lock_within(STALLS_FOR) else {
            // What is written would not be read. Raw mode is a matter of the system alone.
            disable_raw_mode().ok();
            tracing::warn!("the terminal stalls, so what it shows is not restored");
            return;
        };
        let mut out = stdout();
        let keyboard =
            if self.keyboard { execute!(out, PopKeyboardEnhancementFlags) } else { Ok(()) };
        let had_mouse = self.state.mouse.swap(false, Ordering::AcqRel);
        let steps = [
            if had_mouse { out.write_all(MOUSE_OFF) } else { Ok(()) },
            execute!(out, EndSynchronizedUpdate),
            keyboard,
            execute!(out, EnableLineWrap, DisableFocusChange, DisableBracketedPaste),
            execute!(out, LeaveAlternateScreen, cursor::Show),
            out.write_all(b"\x1b[23;0t").and_then(|()| out.flush()),
            disable_raw_mode(),
        ];
        for failure in steps.into_iter().filter_map(Result::err) {
            tracing::debug!(%failure, "the terminal is not wholly restored");
        }
    }

    /// Waits until no other thread writes, but not longer than this.
    fn lock_within(&self, within: Duration) -> Option<MutexGuard<'_, ()>> {
        let tries = within.as_millis() / POLL_EVERY.as_millis();
        for _ in 0..=tries {
            match self.state.writing.try_lock() {
                Ok(writing) => return Some(writing),
                Err(TryLockError::Poisoned(writing)) => return Some(writing.into_inner()),
                Err(TryLockError::WouldBlock) => thread::sleep(POLL_EVERY),
            }
        }
        None
    }
}

/// Queries the background of the terminal. A second query, which every terminal replies to, follows
/// it, so that a terminal that does not know the first is noticed and no reply is taken for keys.
fn background() -> Background {
    let mut options = QueryOptions::default();
    options.timeout = BACKGROUND_WITHIN;
    match theme_mode(options) {
        Ok(ThemeMode::Dark) => Background::Dark,
        Ok(ThemeMode::Light) => Background::Light,
        Err(error) => {
            tracing::debug!(%error, "the terminal does not tell its background");
            Background::Unknown
        }
    }
}

/// Whether the terminal was closed.
#[cfg(unix)]
pub(super) fn is_closed() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = stdin();
    let mut polled = [PollFd::new(&stdin, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut polled, Some(&at_once)).is_ok_and(|_| polled[0].revents().contains(PollFlags::HUP))
}

#[cfg(not(unix))]
pub(super) fn is_closed() -> bool {
    false
}

/// The terminal modes before another program had the terminal, which may have left others.
#[cfg(unix)]
pub(super) struct Modes(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Modes {
    pub(super) fn current() -> Self {
        Self(rustix::termios::tcgetattr(stdin()).ok())
    }

    pub(super) fn restore(&self) {
        if let Some(modes) = &self.0 {
            // This fails only if the terminal is gone.
            rustix::termios::tcsetattr(stdin(), rustix::termios::OptionalActions::Now, modes).ok();
        }
    }
}

#[cfg(not(unix))]
pub(super) struct Modes;

#[cfg(not(unix))]
impl Modes {
    pub(super) fn current() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "as where there is something to do")]
    pub(super) fn restore(&self) {}
}

/// Switches off what a killed program may have left on: the alternate screen, a hidden cursor,
/// bracketed paste. If they are off, nothing changes, not even the position of the cursor.
pub(super) fn clear_modes() {
    let mut out = stdout();
    out.write_all(b"\x1b[?47l\x1b[?25h\x1b[?2004l").and_then(|()| out.flush()).ok();
}
