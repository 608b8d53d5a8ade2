//! The terminal: taken over, handed back, whatever happens.
//!
//! Handing it back is one function, called on every way out: the end, an error, a panic anywhere,
//! a signal, and while the program is suspended.

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

/// How long a terminal may take to tell its background.
const BACKGROUND_WITHIN: Duration = Duration::from_millis(100);

/// How long a terminal that is to be handed back may take to read what is being written to it.
const STALLS_FOR: Duration = Duration::from_secs(5);

/// How long to wait until another thread is looked after again that writes to the terminal.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// What the letters of a terminal stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Background {
    Dark,
    Light,
    NotAsked,
    /// The terminal did not say, or not in time.
    Unknown,
}

/// Whether the terminal is ours at this moment: it is handed back once, whoever does it. A second
/// time would take keyboard flags and a title off the terminal that were there before us, and put
/// the cursor over what was printed since.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    state: Arc<State>,
    keyboard: bool,
}

#[derive(Debug, Default)]
struct State {
    is_ours: AtomicBool,
    mouse: AtomicBool,
    /// Held while something is written that belongs together.
    writing: Mutex<()>,
}

impl Handle {
    /// Takes the terminal over. Asks it what it can do, and if colours matter what it writes on. No
    /// key may be read at the same time, so this is the one moment to ask.
    pub(super) fn take(with_colours: bool) -> io::Result<(Self, Background)> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(io::Error::other("not a terminal"));
        }
        // Our own theme knows about NO_COLOR; the library would mix its resets with our styles.
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

    /// Takes the terminal over, if it is not ours.
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
        // The window's title is put aside by the terminal, and taken back at the end.
        out.write_all(b"\x1b[22;0t")?;
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
        // What turns out wider than we count it shall not flow into the next row.
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

    /// Writes a frame in one piece, unless the terminal is in other hands.
    pub(super) fn write(&self, frame: &[u8], mouse: bool) -> io::Result<()> {
        let _writing = self.state.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_ours() {
            return Ok(());
        }
        self.state.mouse.store(mouse, Ordering::Release);
        let mut out = stdout();
        out.write_all(frame).and_then(|()| out.flush())
    }

    /// Hands the terminal back as it was, if it is ours. Each step is tried whatever became of the
    /// others: a terminal that is half gone shall not stay in disorder.
    pub(super) fn release(&self) {
        if !self.state.is_ours.swap(false, Ordering::AcqRel) {
            return;
        }
        let Some(_writing) = self.lock_within(STALLS_FOR) else {
            // Nobody reads what it shows; what the system knows of it can be restored all the same.
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

    /// Waits until nobody writes, but not longer than this.
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

/// Asks the terminal for its background. One that does not know the question is found out by a
/// second one that all answer, so nothing is left over to be taken for keys.
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

/// How the terminal treats keys. Whoever had it for a while may have left it in disorder, and what
/// is found when it is taken over again would be taken for how it was.
#[cfg(unix)]
pub(super) struct Modes(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Modes {
    pub(super) fn current() -> Self {
        Self(rustix::termios::tcgetattr(stdin()).ok())
    }

    pub(super) fn restore(&self) {
        if let Some(modes) = &self.0 {
            // A terminal that is gone needs no order.
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

/// Clears up what a program may have left on that was ended: the alternate screen, a hidden cursor,
/// framed pastes. Where they are off, this changes nothing, the cursor's place included.
pub(super) fn clear_modes() {
    let mut out = stdout();
    out.write_all(b"\x1b[?47l\x1b[?25h\x1b[?2004l").and_then(|()| out.flush()).ok();
}
