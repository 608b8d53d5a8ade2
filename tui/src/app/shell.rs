//! The hands of the screen: does what `update` decides, and shows the model.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hullo::client::{Client, Error, Introduction, Notice, Pending};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event as Input;
use ratatui::layout::{Position, Rect, Size};

use tokio::task::JoinSet;

use super::desktop;
use super::late::Late;
use super::terminal::{Background, Hold, Screen};
use super::themes::Themes;
use super::{Draw, Ended, Next, Options};
use crate::emoji;
use crate::event::{Effect, Event, Now, Ticket};
use crate::failure::Failure;
use crate::glyphs::to_ascii;
use crate::host;
use crate::model::Model;
use crate::update::{self, update};
use crate::view;

/// So many losses in a row, and a server of this machine is not coming back by itself: the line
/// that broke, and two attempts, which give one that is being restarted the time to.
const LOSSES: usize = 3;

type Settling = Pin<Box<dyn Future<Output = (Ticket, Result<(), Error>)>>>;

/// The model, and everything it reaches the world with.
pub(super) struct Shell {
    model: Model,
    screen: Screen,
    client: Client,
    themes: Themes,
    late: Late,
    ascii: bool,
    links: bool,
    /// Pushes whose outcome the model wants to know.
    pushed: FuturesUnordered<Settling>,
    drawn: Instant,
    /// Where this machine's own server is to be, if it is ours to start.
    own_server: Option<SocketAddr>,
    losses: usize,
    starting: JoinSet<Result<(), Failure>>,
    /// Programs that tell the desktop.
    telling: JoinSet<io::Result<()>>,
}

impl Shell {
    pub(super) fn new(screen: Screen, client: Client, options: &Options) -> io::Result<Self> {
        let (now, size) = (clock(), screen.size()?);
        let (address, name) = (options.address.clone(), options.name.clone());
        let mut model = Model::new(now, size, address, name, &options.room);
        model.settings.theme.clone_from(&options.theme);
        let (background, mut late) = (screen.background(), Late::default());
        if background == Background::Untold {
            late.expect(now.at);
        }
        Ok(Self {
            model,
            screen,
            client,
            themes: Themes::new(options.colours, background),
            late,
            ascii: options.ascii,
            links: options.links,
            pushed: FuturesUnordered::new(),
            drawn: now.at,
            own_server: options.own_server,
            losses: 0,
            starting: JoinSet::new(),
            telling: JoinSet::new(),
        })
    }

    /// Does what is to be done first; tells when to draw.
    pub(super) fn begin(&mut self) -> Instant {
        for effect in update::start(&self.model) {
            self.push(effect);
        }
        self.drawn
    }

    /// What hands the terminal back.
    pub(super) fn hold(&self) -> Hold {
        self.screen.hold()
    }

    /// When the latest frame was drawn.
    pub(super) fn drawn(&self) -> Instant {
        self.drawn
    }

    /// When something on screen changes by itself.
    pub(super) fn deadline(&self) -> Option<Instant> {
        update::deadline(&self.model)
    }

    /// Takes in what the terminal tells.
    pub(super) fn press(&mut self, input: Input) -> Next {
        let event = match input {
            Input::Key(key) if self.late.takes(clock().at, key) => return Next::Draw(Draw::Soon),
            Input::Key(key) => Event::Key(key),
            Input::Paste(text) => Event::Pasted(text),
            Input::Resize(width, height) => Event::Resized(Size { width, height }),
            Input::FocusGained => Event::Focused(true),
            Input::FocusLost => Event::Focused(false),
            Input::Mouse(_) => return Next::Draw(Draw::Soon),
        };
        self.take(event, Draw::Now)
    }

    /// Takes in what the network tells.
    pub(super) fn listen(&mut self, notices: &mut Vec<Notice>) -> Next {
        let now = clock();
        for notice in notices.drain(..) {
            self.keep_server(&notice);
            for effect in update(&mut self.model, now, Event::Received(notice)) {
                self.push(effect);
            }
        }
        Next::Draw(Draw::Soon)
    }

    /// Starts this machine's own server again if it is gone for good. Several clients may do so at
    /// once: one server gets the address, and all find it.
    fn keep_server(&mut self, notice: &Notice) {
        match notice {
            Notice::Online => self.losses = 0,
            Notice::Offline { .. } => self.losses += 1,
            _ => return,
        }
        if let Some(address) =
            self.own_server.filter(|_| self.losses > 0 && self.losses.is_multiple_of(LOSSES))
        {
            self.starting.spawn_blocking(move || host::ensure(address));
        }
    }

    /// Takes in one event and does what follows from it.
    pub(super) fn take(&mut self, event: Event, draw: Draw) -> Next {
        let signalled = matches!(event, Event::Terminated);
        let mut next = Next::Draw(draw);
        for effect in update(&mut self.model, clock(), event) {
            match effect {
                Effect::Quit if signalled => next = Next::End(Ended::Terminated),
                Effect::Quit => next = Next::End(Ended::Quit),
                Effect::Suspend => next = Next::Suspend,
                other => self.push(other),
            }
        }
        next
    }

    /// Waits until the outcome of a push is known; for ever if there is none to wait for.
    pub(super) async fn settled(&mut self) -> Event {
        match self.pushed.next().await {
            Some((ticket, outcome)) => Event::Settled(ticket, outcome),
            None => std::future::pending().await,
        }
    }

    /// The terminal is ours again.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        self.screen.retake()?;
        self.model.size = self.screen.size()?;
        self.draw()
    }

    /// Shows the model.
    pub(super) fn draw(&mut self) -> io::Result<()> {
        let mut screen = Buffer::empty(Rect::from((Position::ORIGIN, self.model.size)));
        let drawn = view::draw(&self.model, &mut screen);
        if self.ascii {
            to_ascii(&mut screen);
        }
        emoji::shape(self.model.settings.emoji, &mut screen);
        if self.links {
            view::weave(&drawn.links, &mut screen);
        }
        self.screen.name(view::title(&self.model))?;
        self.screen.show(screen, drawn.cursor)?;
        self.drawn = clock().at;
        Ok(())
    }

    fn push(&mut self, effect: Effect) {
        let client = &self.client;
        match effect {
            // Whether we got in comes as a notice.
            Effect::Join { room, name, status } => {
                drop(client.join(&room, Introduction { name, status, user: None }));
            }
            Effect::Leave(room) => drop(client.leave(&room)),
            Effect::Rename { ticket, room, name } => {
                await_push(&self.pushed, ticket, client.rename(&room, &name));
            }
            Effect::Say { ticket, room, text } => {
                await_push(&self.pushed, ticket, client.say(&room, text));
            }
            Effect::Tell { ticket, room, to, text } => {
                await_push(&self.pushed, ticket, client.tell(&room, to, text));
            }
            // A greeting that does not arrive is not worth a word.
            Effect::Answer { room, to, text } => drop(client.answer(&room, to, text)),
            // Remembered by the client for the next helo, so it cannot be lost.
            Effect::SetStatus { room, status } => drop(client.set_status(&room, status)),
            Effect::Typing { room, to, typing } => client.typing(&room, to, typing),
            Effect::Reconnect => client.reconnect(),
            Effect::Ring => note(Screen::ring()),
            Effect::Notify { title, body } => {
                note(desktop::tell(&self.model.settings, &title, &body, &mut self.telling));
            }
            Effect::Keep { name, value } => tracing::debug!(name, value, "kept"),
            Effect::LoadTheme(name) => {
                let (theme, names) = (self.themes.load(&name), self.themes.names());
                let event = Event::Themed { name, theme, names };
                for effect in update(&mut self.model, clock(), event) {
                    self.push(effect);
                }
            }
            Effect::Repaint => note(self.screen.repaint()),
            // The loop's business; from the network nothing of the kind can come.
            Effect::Quit | Effect::Suspend => {}
        }
    }
}

fn await_push<T: 'static>(
    pushed: &FuturesUnordered<Settling>,
    ticket: Ticket,
    pending: Pending<T>,
) {
    pushed.push(Box::pin(async move { (ticket, pending.await.map(drop)) }));
}

/// A bell that does not ring is no reason to end.
fn note(done: io::Result<()>) {
    if let Err(failure) = done {
        tracing::debug!(%failure, "the terminal did not take it");
    }
}

#[expect(clippy::disallowed_methods, reason = "the shell brings the time into the core")]
pub(super) fn clock() -> Now {
    Now { at: Instant::now(), wall: jiff::ZonedDateTime::now().datetime() }
}
