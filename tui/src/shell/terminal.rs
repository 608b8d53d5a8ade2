//! The terminal: taken over, handed back, whatever happens.
//!
//! Handing it back is one function, called on every way out: the end, an error, a panic anywhere,
//! a signal, and while the program is suspended.

use std::io::{self, IsTerminal, Stdout, Write, stdin, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, DisableLineWrap, EnableLineWrap,
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode,
    enable_raw_mode, supports_keyboard_enhancement,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

/// How long a terminal may take to tell its background.
const BACKGROUND_WITHIN: Duration = Duration::from_millis(100);

/// Clicks and the wheel, told in the form that has no limit of columns.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// A terminal that is ours until this is dropped.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    /// What is shown, so that nothing is written while nothing changes.
    shown: Option<(Buffer, Option<Position>)>,
    title: String,
    hold: Hold,
    background: Background,
}

/// What the letters of a terminal stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Background {
    Dark,
    Light,
    Unasked,
    /// The terminal did not say, or not in time.
    Untold,
}

/// Whether the terminal is ours at this moment: it is handed back once, whoever does it. A second
/// time would take keyboard flags and a title off the terminal that were there before us, and put
/// the cursor over what was printed since.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    held: Arc<AtomicBool>,
    mouse: Arc<AtomicBool>,
    keyboard: bool,
}

impl Screen {
    /// Takes the terminal over. Asks it what it can do, and if colours matter what it writes on. No
    /// key may be read at the same time, so this is the one moment to ask.
    pub(super) fn take(with_colours: bool) -> io::Result<Self> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(io::Error::other("not a terminal"));
        }
        // Our own theme knows about NO_COLOR; the library would mix its resets with our styles.
        crossterm::style::force_color_output(true);
        let background = if with_colours { background() } else { Background::Unasked };
        enable_raw_mode()?;
        let keyboard = supports_keyboard_enhancement().unwrap_or(false);
        let hold = Hold { held: Arc::default(), mouse: Arc::default(), keyboard };
        let taken = hold.take().and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match taken {
            Ok(terminal) => {
                Ok(Self { terminal, shown: None, title: String::new(), hold, background })
            }
            Err(error) => {
                hold.release();
                Err(error)
            }
        }
    }

    /// What hands the terminal back, for those who cannot wait until this is dropped.
    pub(super) fn hold(&self) -> Hold {
        self.hold.clone()
    }

    pub(super) fn background(&self) -> Background {
        self.background
    }

    /// Takes it over again after it was handed back.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        self.hold.take()?;
        self.title.clear();
        self.repaint()
    }

    /// Forgets what is shown, so that the next drawing paints every cell.
    pub(super) fn repaint(&mut self) -> io::Result<()> {
        self.shown = None;
        // Shown in one piece with what is drawn next.
        execute!(stdout(), BeginSynchronizedUpdate, Clear(ClearType::All))?;
        // Not `clear`: it asks for the cursor's place, and our own reader would eat the answer.
        let size = self.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    pub(super) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Shows a screen, in one piece; writes nothing if it is the one that is shown.
    pub(super) fn show(&mut self, screen: Buffer, cursor: Option<Position>) -> io::Result<()> {
        if self.shown.as_ref().is_some_and(|(shown, at)| *shown == screen && *at == cursor) {
            return Ok(());
        }
        queue!(stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(|frame| {
            let area = frame.area().intersection(screen.area);
            for y in area.top()..area.bottom() {
                for x in area.left()..area.right() {
                    frame.buffer_mut()[(x, y)] = screen[(x, y)].clone();
                }
            }
            if let Some(at) = cursor.filter(|at| area.contains(*at)) {
                frame.set_cursor_position(at);
            }
        });
        drawn?;
        execute!(stdout(), EndSynchronizedUpdate)?;
        self.shown = Some((screen, cursor));
        Ok(())
    }

    /// Names the window.
    pub(super) fn name(&mut self, title: String) -> io::Result<()> {
        if title != self.title {
            execute!(stdout(), SetTitle(&title))?;
            self.title = title;
        }
        Ok(())
    }

    /// Hands a text to the terminal's clipboard, by OSC 52: also over ssh.
    pub(super) fn copy(text: &str) -> io::Result<()> {
        execute!(stdout(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Asks the terminal to tell about clicks and the wheel, or no more. Not about every movement,
    /// as the library would: that would wake us for nothing.
    pub(super) fn listen_to_mouse(&self, listen: bool) -> io::Result<()> {
        if self.hold.mouse.swap(listen, Ordering::AcqRel) == listen {
            return Ok(());
        }
        let mut out = stdout();
        out.write_all(if listen { MOUSE_ON } else { MOUSE_OFF })?;
        out.flush()
    }

    pub(super) fn ring() -> io::Result<()> {
        let mut out = stdout();
        out.write_all(b"\x07")?;
        out.flush()
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
            Background::Untold
        }
    }
}

/// Whether the terminal was closed.
#[cfg(unix)]
pub(super) fn is_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = stdin();
    let mut asked = [PollFd::new(&stdin, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&at_once)).is_ok_and(|_| asked[0].revents().contains(PollFlags::HUP))
}

#[cfg(not(unix))]
pub(super) fn is_gone() -> bool {
    false
}

/// How the terminal treats keys. Whoever had it for a while may have left it in disorder, and what
/// is found when it is taken over again would be taken for how it was.
#[cfg(unix)]
pub(super) struct Modes(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Modes {
    pub(super) fn of_now() -> Self {
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
    pub(super) fn of_now() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "as where there is something to do")]
    pub(super) fn restore(&self) {}
}

/// Clears up what a program may have left on that was ended: the alternate screen, a hidden cursor,
/// framed pastes. Where they are off, this changes nothing, the cursor's place included.
pub(super) fn tidy() {
    let mut out = stdout();
    out.write_all(b"\x1b[?47l\x1b[?25h\x1b[?2004l").and_then(|()| out.flush()).ok();
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.hold.release();
    }
}

impl Hold {
    /// Takes the terminal over, if it is not ours.
    fn take(&self) -> io::Result<()> {
        if self.held.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
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

    /// Hands the terminal back as it was, if it is ours. Each step is tried whatever became of the
    /// others: a terminal that is half gone shall not stay in disorder.
    pub(super) fn release(&self) {
        if !self.held.swap(false, Ordering::AcqRel) {
            return;
        }
        let mut out = stdout();
        let keyboard =
            if self.keyboard { execute!(out, PopKeyboardEnhancementFlags) } else { Ok(()) };
        let mouse = if self.mouse.swap(false, Ordering::AcqRel) {
            out.write_all(MOUSE_OFF)
        } else {
            Ok(())
        };
        let undone = [
            mouse,
            execute!(out, EndSynchronizedUpdate),
            keyboard,
            execute!(out, EnableLineWrap, DisableFocusChange, DisableBracketedPaste),
            execute!(out, LeaveAlternateScreen, cursor::Show),
            out.write_all(b"\x1b[23;0t").and_then(|()| out.flush()),
            disable_raw_mode(),
        ];
        for failure in undone.into_iter().filter_map(Result::err) {
            tracing::debug!(%failure, "the terminal is not wholly restored");
        }
    }
}
