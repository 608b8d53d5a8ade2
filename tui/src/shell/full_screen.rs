//! The screen as a front end: reads keys from the terminal and draws frames. Keys show their effect
//! at once, notices at most thirty times a second; nothing is drawn while nothing visible changes.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{Event as Input, EventStream};
use futures_util::StreamExt;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use tokio::time::sleep_until;

use super::editor::Editor;
use super::effects::Display;
use super::front_end::{Draw, FrontEnd};
use super::signals;
use super::terminal::{self, Background, Handle};
use super::terminal_reply::TerminalReply;
use super::terminal_writer::{Frame, Writer};
use super::themes::Themes;
use super::{Options, clock};
use crate::core::event::Event;
use crate::core::model::Model;
use crate::core::update;
use crate::failure::Failure;
use crate::screen;
use crate::screen::ascii::to_ascii;
use crate::text::emoji;

/// How long a frame waits for more from the network.
const FRAME: Duration = Duration::from_millis(33);

/// How long the terminal may take to read what was written last.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// In an orphaned process group, which no shell would continue, the system does not stop us either:
/// after this time the screen goes on.
const STOPPED_WITHIN: Duration = Duration::from_millis(100);

/// A terminal that shows the screen.
pub(super) struct FullScreen {
    terminal: Handle,
    writer: Writer,
    holder: Holder,
    /// The size after another program had the terminal.
    resized: Option<Event>,
    reply: TerminalReply,
    themes: Themes,
    ascii: bool,
    links: bool,
    drawn: Instant,
    due: Option<Instant>,
}

/// Which program has the terminal, and so reads its keys.
enum Holder {
    Us(Box<EventStream>),
    Editor(Box<Editor>),
    /// The shell that started us; it has it no longer than until then, unless we are stopped.
    Shell(Instant),
}

impl FullScreen {
    /// Uses a terminal that was taken over.
    pub(super) fn new(
        terminal: Handle,
        background: Background,
        options: &Options,
    ) -> io::Result<Self> {
        let (now, mut reply) = (clock().at, TerminalReply::default());
        if background == Background::Unknown {
            reply.expect(now);
        }
        Ok(Self {
            writer: Writer::start(terminal.clone())?,
            terminal,
            holder: Holder::Us(Box::default()),
            resized: None,
            reply,
            themes: Themes::new(options.colours, background),
            ascii: options.ascii,
            links: options.links,
            drawn: now,
            due: Some(now),
        })
    }

    /// The event of an input; `None` for part of a terminal's late reply.
    fn event(&mut self, input: Input) -> Option<Event> {
        Some(match input {
            Input::Key(key) if self.reply.contains(clock().at, key) => return None,
            Input::Key(key) => Event::Key(key),
            Input::Paste(text) => Event::Pasted(text),
            Input::Resize(width, height) => {
                // What is left on the terminal after a resize is unknown.
                self.writer.repaint();
                Event::Resized(Size { width, height })
            }
            Input::FocusGained => Event::Focused(true),
            Input::FocusLost => Event::Focused(false),
            Input::Mouse(mouse) => Event::Mouse(mouse),
        })
    }

    /// Takes the terminal over again.
    fn retake(&mut self) -> Result<(), Failure> {
        self.terminal.retake().map_err(|error| broken(&error))?;
        self.writer.repaint();
        self.holder = Holder::Us(Box::default());
        self.resized = Some(Event::Resized(size().map_err(|error| broken(&error))?));
        Ok(())
    }

    fn draw(&mut self, model: &Model) -> io::Result<()> {
        let mut cells = Buffer::empty(Rect::from((Position::ORIGIN, model.size)));
        let drawn = screen::draw(model, &mut cells);
        if self.ascii {
            to_ascii(&mut cells);
        }
        emoji::shape(model.settings.emoji, &mut cells);
        if self.links {
            screen::weave(&drawn.links, &mut cells);
        }
        let title = model.settings.title.then(|| screen::title(model));
        let mouse = model.settings.mouse;
        self.writer.show(Frame { cells, cursor: drawn.cursor, title, mouse })
    }
}

impl FrontEnd for FullScreen {
    const BATCH: usize = 256;

    async fn next(&mut self, _: &Model) -> Result<Event, Failure> {
        loop {
            if let Some(event) = self.resized.take() {
                return Ok(event);
            }
            match &mut self.holder {
                Holder::Us(keys) => match next_key(keys).await {
                    Some(input) => {
                        let input = input.map_err(|error| broken(&error))?;
                        if let Some(event) = self.event(input) {
                            return Ok(event);
                        }
                    }
                    None => return Ok(Event::Terminated),
                },
                Holder::Editor(editor) => {
                    let event = editor.finished().await;
                    self.retake()?;
                    return Ok(event);
                }
                Holder::Shell(until) => {
                    sleep_until((*until).into()).await;
                    self.retake()?;
                }
            }
        }
    }

    fn deadline(&self, model: &Model) -> Option<Instant> {
        self.due.into_iter().chain(update::deadline(model)).min()
    }

    fn updated(&mut self, _: &Model, draw: Draw) {
        self.due = Some(match draw {
            Draw::Now => clock().at,
            Draw::Soon => self.due.unwrap_or(self.drawn + FRAME),
        });
    }

    fn show(&mut self, model: &Model) -> Result<(), Failure> {
        let now = clock().at;
        if self.due.is_some_and(|due| due <= now) {
            self.due = None;
            if self.terminal.is_ours() {
                self.draw(model).map_err(|error| broken(&error))?;
                self.drawn = now;
            }
        }
        Ok(())
    }

    fn is_lent(&self) -> bool {
        matches!(self.holder, Holder::Editor(_))
    }

    fn continued(&mut self) -> Result<(), Failure> {
        // After a SIGSTOP we did not release the terminal before others used it.
        self.terminal.release();
        self.retake()
    }

    async fn terminate(&mut self) -> Option<Event> {
        let holder = std::mem::replace(&mut self.holder, Holder::Shell(clock().at));
        match holder {
            Holder::Editor(editor) => editor.terminate().await,
            Holder::Us(_) | Holder::Shell(_) => None,
        }
    }

    fn close(&mut self, _: &Model) {
        self.writer.finish(WRITTEN_WITHIN);
        self.terminal.release();
    }
}

impl Display for FullScreen {
    fn send(&mut self, sequence: String) {
        self.writer.send(sequence);
    }

    fn copy(&mut self, text: &str) {
        // OSC 52, which also works over ssh.
        let mut sequence = String::new();
        CopyToClipboard::to_clipboard_from(text)
            .write_ansi(&mut sequence)
            .expect("a text takes whatever is written into it");
        self.writer.send(sequence);
    }

    fn repaint(&mut self) {
        self.writer.repaint();
    }

    fn load_theme(&self, name: String) -> Option<Event> {
        let (theme, names) = (self.themes.load(&name), self.themes.names());
        Some(Event::Themed { name, theme, names })
    }

    fn edit(&mut self, draft: &str) -> Option<Event> {
        // We must not read keys while the editor does.
        self.holder = Holder::Shell(clock().at);
        self.terminal.release();
        match Editor::start(draft) {
            Ok(editor) => {
                self.holder = Holder::Editor(Box::new(editor));
                None
            }
            Err(why) => Some(Event::Warned(why)),
        }
    }

    fn suspend(&mut self) -> Option<Event> {
        self.holder = Holder::Shell(clock().at + STOPPED_WITHIN);
        self.terminal.release();
        signals::stop().err().map(|error| Event::Warned(format!("cannot be stopped: {error}")))
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        self.terminal.release();
    }
}

/// The next input; `None` once the terminal is closed, which the library does not report.
async fn next_key(keys: &mut EventStream) -> Option<io::Result<Input>> {
    let next = |context: &mut Context<'_>| {
        if terminal::is_closed() { Poll::Ready(None) } else { keys.poll_next_unpin(context) }
    };
    poll_fn(next).await
}

pub(super) fn size() -> io::Result<Size> {
    let (width, height) = crossterm::terminal::size()?;
    Ok(Size { width, height })
}

pub(super) fn broken(error: &io::Error) -> Failure {
    Failure::failed(format!("the terminal cannot be used: {error}"))
}
