//! The terminal: taken over, handed back, whatever happens.
//!
//! Handing it back is one function, called on every way out: the end, an error, a panic anywhere,
//! a signal, and while the program is suspended.

use std::io::{self, IsTerminal, Stdout, Write, stdin, stdout};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
    supports_keyboard_enhancement,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};

/// A terminal that is ours until this is dropped.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    /// What is shown, so that nothing is written while nothing changes.
    shown: Option<(Buffer, Option<Position>)>,
    title: String,
    keyboard: bool,
}

impl Screen {
    /// Takes the terminal over. Asks it what it can do, so no key may be read at the same time.
    pub(crate) fn take() -> io::Result<Self> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(io::Error::other("not a terminal"));
        }
        // Our own theme knows about NO_COLOR; the library would mix its resets with our styles.
        crossterm::style::force_color_output(true);
        enable_raw_mode()?;
        let keyboard = supports_keyboard_enhancement().unwrap_or(false);
        let taken = enter(keyboard).and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match taken {
            Ok(terminal) => Ok(Self { terminal, shown: None, title: String::new(), keyboard }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// Takes it over again after it was handed back.
    pub(crate) fn retake(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        enter(self.keyboard)?;
        self.title.clear();
        self.repaint()
    }

    /// Forgets what is shown, so that the next drawing paints every cell.
    pub(crate) fn repaint(&mut self) -> io::Result<()> {
        self.shown = None;
        execute!(stdout(), Clear(ClearType::All))?;
        // Not `clear`: it asks for the cursor's place, and our own reader would eat the answer.
        let size = self.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    pub(crate) fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Shows a screen, in one piece; writes nothing if it is the one that is shown.
    pub(crate) fn show(&mut self, screen: Buffer, cursor: Option<Position>) -> io::Result<()> {
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
    pub(crate) fn name(&mut self, title: String) -> io::Result<()> {
        if title != self.title {
            execute!(stdout(), SetTitle(&title))?;
            self.title = title;
        }
        Ok(())
    }

    pub(crate) fn ring() -> io::Result<()> {
        let mut out = stdout();
        out.write_all(b"\x07")?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn enter(keyboard: bool) -> io::Result<()> {
    let mut out = stdout();
    // The window's title is put aside by the terminal, and taken back at the end.
    out.write_all(b"\x1b[22;0t")?;
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
    if keyboard {
        let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
        execute!(out, PushKeyboardEnhancementFlags(flags))?;
    }
    Ok(())
}

/// Hands the terminal back as it was. Each step is tried whatever became of the others: a terminal
/// that is gone is no reason to leave one that is not in disorder. Doing it twice does no harm.
pub(crate) fn restore() {
    let mut out = stdout();
    // All of it is ignored by a terminal that does not know it.
    let undone = [
        execute!(out, EndSynchronizedUpdate, PopKeyboardEnhancementFlags),
        execute!(out, DisableFocusChange, DisableBracketedPaste),
        execute!(out, LeaveAlternateScreen, cursor::Show),
        out.write_all(b"\x1b[23;0t").and_then(|()| out.flush()),
        disable_raw_mode(),
    ];
    for failure in undone.into_iter().filter_map(Result::err) {
        tracing::debug!(%failure, "the terminal is not wholly restored");
    }
}
