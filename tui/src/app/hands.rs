//! What `update` decides is done with these, whether there is a screen or only lines.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hullo::client::{Client, Error, Introduction, Notice, Pending};
use tokio::task::JoinSet;

use super::chats::Chats;
use super::desktop;
use super::keeper::Keeper;
use crate::event::{Effect, Event, Now, Ticket};
use crate::failure::Failure;
use crate::host;
use crate::model::Model;
use crate::settings::Settings;

/// So many losses in a row, and a server of this machine is not coming back by itself: the line
/// that broke, and two attempts, which give one that is being restarted the time to.
const LOSSES: usize = 3;

type Settling = Pin<Box<dyn Future<Output = (Ticket, Result<(), Error>)>>>;

/// All that reaches the world, but for what shows the model.
pub(super) struct Hands {
    client: Client,
    /// Pushes whose outcome the model wants to know.
    pushed: FuturesUnordered<Settling>,
    /// Where this machine's own server is to be, if it is ours to start.
    own_server: Option<SocketAddr>,
    losses: usize,
    starting: JoinSet<Result<(), Failure>>,
    /// Greetings that wait for their moment.
    answering: JoinSet<()>,
    /// Programs that tell the desktop.
    telling: JoinSet<io::Result<()>>,
    keeper: Keeper,
    /// Whether what is sent can be kept: where not, that is told once.
    remembers: bool,
    chats: Chats,
}

/// What only those can do who show the model.
#[derive(Debug)]
pub(super) enum Show {
    Ring,
    Repaint,
    /// Into the clipboard of the terminal.
    Copy(String),
    /// The theme of this name.
    Theme(String),
    /// It is done, and the model is to know what came of it.
    Event(Box<Event>),
}

impl Hands {
    pub(super) fn new(client: Client, own_server: Option<SocketAddr>, keeper: Keeper) -> Self {
        Self {
            client,
            pushed: FuturesUnordered::new(),
            own_server,
            losses: 0,
            starting: JoinSet::new(),
            answering: JoinSet::new(),
            telling: JoinSet::new(),
            keeper,
            remembers: true,
            chats: Chats::default(),
        }
    }

    /// Starts this machine's own server again if it is gone for good. Several clients may do so at
    /// once: one server gets the address, and all find it.
    pub(super) fn keep_server(&mut self, notice: &Notice) {
        match notice {
            Notice::Online => {
                tracing::info!("online");
                self.losses = 0;
            }
            Notice::Offline { reason, .. } => {
                tracing::info!(reason = %hullo::text::clean_line(reason), "offline");
                self.losses += 1;
            }
            _ => return,
        }
        if let Some(address) =
            self.own_server.filter(|_| self.losses > 0 && self.losses.is_multiple_of(LOSSES))
        {
            self.starting.spawn_blocking(move || host::ensure(address));
        }
    }

    /// Waits until the outcome of a push is known; for ever if there is none to wait for.
    pub(super) async fn settled(&mut self) -> Event {
        match self.pushed.next().await {
            Some((ticket, outcome)) => Event::Settled(ticket, outcome),
            None => std::future::pending().await,
        }
    }

    /// How many outcomes are not known yet.
    pub(super) fn unsettled(&self) -> usize {
        self.pushed.len()
    }

    /// What is kept, and where.
    pub(super) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Keeps what was said since the last time, if the user wants that.
    pub(super) fn keep_chats(&mut self, model: &Model) -> Option<Show> {
        warning(self.chats.keep(&self.keeper, model))
    }

    fn remember(&mut self, sent: &str) -> Option<Show> {
        if !self.remembers {
            return None;
        }
        let kept = self.keeper.remember(sent);
        self.remembers = kept.is_ok();
        warning(kept.map_err(|error| format!("what you send is not kept: {error}")))
    }

    /// Programs that run beside us; only the tests of a debug build ask.
    #[cfg(debug_assertions)]
    pub(super) fn running(&mut self) -> &mut JoinSet<io::Result<()>> {
        &mut self.telling
    }

    /// Does what does not depend on how the model is shown; hands back what does.
    pub(super) fn act(&mut self, effect: Effect, settings: &Settings) -> Option<Show> {
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
            Effect::Answer { room, to, text, jitter: false } => {
                drop(client.answer(&room, to, text));
            }
            Effect::Answer { room, to, text, jitter: true } => {
                let client = client.clone();
                self.answering.spawn(async move {
                    tokio::time::sleep(jitter()).await;
                    drop(client.answer(&room, to, text));
                });
                while self.answering.try_join_next().is_some() {}
            }
            // Remembered by the client for the next helo, so it cannot be lost.
            Effect::SetStatus { room, status } => drop(client.set_status(&room, status)),
            Effect::Typing { room, to, typing } => client.typing(&room, to, typing),
            Effect::Reconnect => client.reconnect(),
            Effect::Notify { title, body } => {
                note(desktop::tell(settings, &title, &body, &mut self.telling));
            }
            Effect::Keep { name, value } => {
                return warning(self.keeper.keep(&name, value.as_deref()));
            }
            Effect::Remember(sent) => return self.remember(&sent),
            Effect::Reload => {
                let told = match self.keeper.reload() {
                    Ok(configured) => Event::Configured(Box::new(configured)),
                    Err(why) => Event::Warned(why),
                };
                return Some(Show::Event(Box::new(told)));
            }
            Effect::Open(link) => desktop::open(&link, &mut self.telling),
            Effect::Export { path, text } => {
                return Some(Show::Event(Box::new(export(&path, &text))));
            }
            Effect::Copy(text) => return Some(Show::Copy(text)),
            Effect::LoadTheme(name) => return Some(Show::Theme(name)),
            Effect::Ring => return Some(Show::Ring),
            Effect::Repaint => return Some(Show::Repaint),
            // The loop's business; from the network nothing of the kind can come.
            Effect::Quit | Effect::Suspend | Effect::Edit(_) => {}
        }
        None
    }
}

/// What the user is told of something that could not be done.
fn warning(done: Result<(), String>) -> Option<Show> {
    let why = done.err()?;
    // It may bear a name, which the log does not.
    tracing::warn!("something could not be kept, which was told on screen");
    Some(Show::Event(Box::new(Event::Warned(why))))
}

fn await_push<T: 'static>(
    pushed: &FuturesUnordered<Settling>,
    ticket: Ticket,
    pending: Pending<T>,
) {
    pushed.push(Box::pin(async move { (ticket, pending.await.map(drop)) }));
}

/// Writes a log to a file; never over another.
fn export(path: &str, text: &str) -> Event {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    let written = options
        .open(crate::files::at_home(path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => Event::Told(format!("this log is in {path} now")),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Event::Warned(format!("{path} is there already; give another name"))
        }
        Err(error) => Event::Warned(format!("{path} cannot be written: {error}")),
    }
}

/// A moment between 50 and 800 ms, another for each: where a hash map puts things is random enough.
fn jitter() -> Duration {
    let random = RandomState::new().hash_one(clock().at);
    Duration::from_millis(50 + random % 750)
}

/// A bell that does not ring is no reason to end.
pub(super) fn note(done: io::Result<()>) {
    if let Err(failure) = done {
        tracing::debug!(%failure, "the terminal did not take it");
    }
}

#[expect(clippy::disallowed_methods, reason = "the shell brings the time into the core")]
pub(super) fn clock() -> Now {
    Now { at: Instant::now(), wall: jiff::ZonedDateTime::now().datetime() }
}
