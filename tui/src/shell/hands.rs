//! What `update` decides is done with these, whether there is a screen or only lines.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hullo::client::{Client, Error, JoinOptions, Notice, Notices, Pending};
use hullo::protocol::{RoomName, SessionId};
use tokio::task::JoinSet;

use super::chats::Chats;
use super::keeper::Keeper;
use super::log::{self, Tap};
use super::own_server::OwnServer;
use super::programs::Programs;
use super::{desktop, farewell};
use crate::core::event::{Effect, Event, Ticket};
use crate::core::model::Model;
use crate::settings::Settings;
use crate::shell::state::Drafts;
use crate::time::Now;

type Settling = Pin<Box<dyn Future<Output = (Ticket, Result<(), Error>)>>>;

/// All that reaches the world, but for what shows the model.
pub(super) struct Hands {
    client: Client,
    /// What the server tells that was just gone to, until the loop listens there.
    fresh: Option<Notices>,
    /// Servers that are being left.
    partings: JoinSet<()>,
    /// Pushes whose outcome the model wants to know.
    pushed: FuturesUnordered<Settling>,
    own_server: OwnServer,
    /// Greetings that wait for their moment.
    answering: JoinSet<()>,
    programs: Programs,
    keeper: Keeper,
    /// The program's own log, for whoever wants to see it.
    tap: Option<Tap>,
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
    /// We are at another server: what was left there can be taken up. With what could not be kept
    /// of the one before, for the user.
    Moved(Vec<String>),
    /// It is done, and the model is to know what came of it.
    Event(Box<Event>),
}

impl Hands {
    pub(super) fn new(
        client: Client,
        own_server: Option<SocketAddr>,
        keeper: Keeper,
        tap: Option<Tap>,
    ) -> Self {
        Self {
            client,
            fresh: None,
            partings: JoinSet::new(),
            pushed: FuturesUnordered::new(),
            own_server: OwnServer::new(own_server),
            answering: JoinSet::new(),
            programs: Programs::default(),
            keeper,
            tap,
            remembers: true,
            chats: Chats::default(),
        }
    }

    /// Starts this machine's own server again if it is gone for good.
    pub(super) fn keep_server(&mut self, notice: &Notice) {
        self.own_server.keep(notice);
    }

    /// Answers a newcomer a moment later.
    fn answer_later(&mut self, room: RoomName, to: SessionId, text: String) {
        let client = self.client.clone();
        self.answering.spawn(async move {
            tokio::time::sleep(jitter()).await;
            drop(client.room(&room).auto_respond(to, text));
        });
        while self.answering.try_join_next().is_some() {}
    }

    /// Shows what is logged, or no more.
    fn debug(&mut self, on: bool) -> Option<Show> {
        let nobody = || Err("the log cannot be shown: somebody else has it".to_owned());
        warning(self.tap.as_mut().map_or_else(nobody, |tap| tap.turn(on)))
    }

    /// Waits for what comes of a push.
    fn await_push<T: 'static>(&self, ticket: Ticket, pending: Pending<T>) {
        self.pushed.push(Box::pin(async move { (ticket, pending.await.map(drop)) }));
    }

    /// Goes to another server. This machine's own is not started for one that was named.
    fn go_to(&mut self, server: &str, drafts: &Drafts) -> Option<Show> {
        let (client, notices) = match Client::start(server) {
            Ok(line) => line,
            Err(why) => return warning(Err(why.to_string())),
        };
        tracing::info!("going to another server");
        self.own_server = OwnServer::new(None);
        self.answering = JoinSet::new();
        // In good order: what is under way there is waited for.
        self.partings.spawn(farewell(std::mem::replace(&mut self.client, client)));
        self.fresh = Some(notices);
        self.chats.leave(self.keeper.chats());
        let kept = self.keeper.go_to(server, drafts);
        Some(Show::Moved(kept.err().into_iter().collect()))
    }

    /// Listens to the server that was gone to, if one was.
    pub(super) fn follow(&mut self, notices: &mut Notices) {
        if let Some(fresh) = self.fresh.take() {
            *notices = fresh;
        }
        while self.partings.try_join_next().is_some() {}
    }

    /// What holds the connection, for whoever ends the program.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// The servers that are still being left, for whoever ends the program.
    pub(super) fn partings(&mut self) -> JoinSet<()> {
        std::mem::take(&mut self.partings)
    }

    /// Waits until something that was begun has come to an end that matters, or something is logged
    /// that is to be shown; for ever if there is nothing to wait for. Safe to cancel.
    pub(super) async fn told(&mut self) -> Event {
        tokio::select! {
            settled = settled(&mut self.pushed) => settled,
            logged = logged(&mut self.tap) => logged,
            why = self.own_server.failed() => Event::Warned(why),
            why = self.programs.failed() => Event::Warned(why),
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

    /// Tasks beside the loop; only the tests of a debug build ask.
    #[cfg(debug_assertions)]
    pub(super) fn tasks(&mut self) -> &mut JoinSet<Result<(), String>> {
        self.programs.tasks()
    }

    /// Does what does not depend on how the model is shown; hands back what does.
    pub(super) fn act(&mut self, effect: Effect, settings: &Settings) -> Option<Show> {
        log::pushed(&effect);
        let client = &self.client;
        match effect {
            // Whether we got in comes as a notice.
            Effect::Join { room, name, status } => {
                drop(client.room(&room).join(JoinOptions::new(name).status(status)));
            }
            Effect::Leave(room) => drop(client.room(&room).leave()),
            Effect::Rename { ticket, room, name } => {
                self.await_push(ticket, client.room(&room).rename(&name));
            }
            Effect::Say { ticket, room, text } => {
                self.await_push(ticket, client.room(&room).say(text));
            }
            Effect::Tell { ticket, room, to, text } => {
                self.await_push(ticket, client.room(&room).respond(to, text));
            }
            // A greeting that does not arrive is not worth a word.
            Effect::Answer { room, to, text, jitter: false } => {
                drop(client.room(&room).auto_respond(to, text));
            }
            Effect::Answer { room, to, text, jitter: true } => self.answer_later(room, to, text),
            // Remembered by the client for the next helo, so it cannot be lost.
            Effect::SetStatus { room, status } => drop(client.room(&room).set_status(status)),
            Effect::Typing { room, to, typing } => client.room(&room).set_typing(to, typing),
            Effect::Reconnect => client.reconnect(),
            Effect::Debug(on) => return self.debug(on),
            Effect::Connect { address, drafts } => return self.go_to(&address, &drafts),
            Effect::Notify { title, body } => {
                note(desktop::tell(settings, &title, &body, &mut self.programs));
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
            Effect::Open(link) => desktop::open(&link, &mut self.programs),
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

/// Waits for the next end of a task; for ever if there is none.
pub(super) async fn finished<T: 'static>(tasks: &mut JoinSet<T>) -> T {
    loop {
        match tasks.join_next().await {
            Some(Ok(done)) => return done,
            // One that panicked has been told where all panics are.
            Some(Err(_)) => {}
            None => return std::future::pending().await,
        }
    }
}

async fn settled(pushed: &mut FuturesUnordered<Settling>) -> Event {
    let Some((ticket, outcome)) = pushed.next().await else { return std::future::pending().await };
    log::settled(ticket, outcome.is_ok());
    Event::Settled(ticket, outcome)
}

async fn logged(tap: &mut Option<Tap>) -> Event {
    match tap {
        Some(tap) => tap.next().await,
        None => std::future::pending().await,
    }
}

/// What the user is told of something that could not be done.
fn warning(done: Result<(), String>) -> Option<Show> {
    let why = done.err()?;
    // It may bear a name, which the log does not.
    tracing::warn!("something could not be kept, which was told on screen");
    Some(Show::Event(Box::new(Event::Warned(why))))
}

/// Writes a log to a file; never over another.
fn export(path: &str, text: &str) -> Event {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    let written = options
        .open(crate::shell::files::at_home(path))
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
