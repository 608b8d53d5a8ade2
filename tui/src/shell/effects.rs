//! What `update` decides is done here. What there is to report of it comes back as an event.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hullo::client::{Client, Error, Introduction, Notices, Pending};
use hullo::protocol::{RoomName, SessionId};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tracing::debug;

use super::draft_file::Drafts;
use super::log::{CONNECTION, Tap};
use super::store::{Store, StoreThread};
use super::{Options, child_processes, clock, farewell, files, local_server, notification};
use crate::core::event::{Effect, Event, Ticket};
use crate::settings::{Notification, Settings};

/// All that reaches the world, but for what people read and write on.
pub(super) struct Effects {
    client: Client,
    pub(super) notices: Notices,
    /// Servers that are being left.
    partings: JoinSet<()>,
    local_server: Option<SocketAddr>,
    report: UnboundedSender<Event>,
    /// What comes back. Bounded by what was begun.
    pub(super) reports: UnboundedReceiver<Event>,
    /// What was begun and reports its end.
    tasks: JoinSet<()>,
    /// Greetings that wait for their moment.
    greetings: JoinSet<()>,
    notifiers: Arc<Semaphore>,
    pub(super) store: Store,
    files: StoreThread,
    /// Whether drafts are taken up: in lines there is nowhere to go on with them.
    takes_drafts: bool,
    /// The program's own log, for whoever wants to see it.
    pub(super) tap: Option<Tap>,
    /// The program is to end.
    pub(super) quits: bool,
}

/// What people read and write on, as far as effects reach it. What it does not have is not done.
pub(super) trait Display {
    /// Writes a sequence that a terminal acts upon: a bell, a notification.
    fn send(&mut self, sequence: String);
    /// Puts a text into the clipboard, or where it can be taken from.
    fn copy(&mut self, text: &str);
    fn repaint(&mut self) {}
    /// Prints a line about the whole program.
    fn print(&mut self, _text: &str) {}
    fn load_theme(&self, _name: String) -> Option<Event> {
        None
    }
    /// Opens the user's editor on a draft.
    fn edit(&mut self, _draft: &str) -> Option<Event> {
        None
    }
    /// Hands the terminal to the shell that started us.
    fn suspend(&mut self) -> Option<Event> {
        None
    }
    fn abandon_input(&mut self) -> Option<Event> {
        None
    }
}

impl Effects {
    pub(super) fn new(
        (client, notices): (Client, Notices),
        options: &mut Options,
        takes_drafts: bool,
    ) -> Self {
        let (report, reports) = mpsc::unbounded_channel();
        Self {
            client,
            notices,
            partings: JoinSet::new(),
            local_server: options.local_server,
            files: StoreThread::start(report.clone()),
            report,
            reports,
            tasks: JoinSet::new(),
            greetings: JoinSet::new(),
            notifiers: Arc::new(Semaphore::new(child_processes::MAX_NOTIFIERS)),
            store: options.store.clone(),
            takes_drafts,
            tap: options.tap.take(),
            quits: false,
        }
    }

    /// Does what is to be done.
    pub(super) fn perform(
        &mut self,
        effect: Effect,
        settings: &Settings,
        display: &mut impl Display,
    ) {
        let store = self.store.clone();
        let report = match effect {
            Effect::Join { .. }
            | Effect::Leave(_)
            | Effect::Rename { .. }
            | Effect::Say { .. }
            | Effect::Tell { .. }
            | Effect::Answer { .. }
            | Effect::SetStatus { .. }
            | Effect::Typing { .. }
            | Effect::Reconnect => return self.push(effect),
            Effect::Connect { address, drafts } => self.connect(&address, drafts),
            Effect::StartServer => return self.start_server(),
            Effect::Debug(on) => self.debug(on),
            Effect::Ring => return display.send("\x07".into()),
            Effect::Notify { title, body } => return self.notify(settings, &title, &body, display),
            Effect::Keep { name, value } => {
                let save = move || store.save_setting(&name, value.as_deref()).map(|()| None);
                return self.files.run(move || Some(file_done(save())));
            }
            Effect::Remember(sent) => return self.files.run(move || store.append_history(&sent)),
            Effect::Reload => return self.files.run(move || reload(&store)),
            Effect::Export { path, text } => {
                return self.files.run(move || Some(file_done(export(&path, &text))));
            }
            Effect::OpenChatLog { server } => {
                return self.files.run(move || store.open_chat_log(&server));
            }
            Effect::AppendChatLog { server, addition } => {
                return self.files.run(move || Some(store.append_chat_log(server, addition)));
            }
            Effect::Open(address) => return self.spawn(child_processes::open(address)),
            Effect::Copy(text) => return display.copy(&text),
            Effect::LoadTheme(name) => display.load_theme(name),
            Effect::Print(text) => return display.print(&text),
            Effect::Repaint => return display.repaint(),
            Effect::Edit(draft) => display.edit(&draft),
            Effect::Suspend => display.suspend(),
            Effect::AbandonInput => display.abandon_input(),
            Effect::Quit => return self.quits = true,
        };
        self.report_back(report);
    }

    /// What the client library does. Logged without whom and what it is about.
    fn push(&mut self, effect: Effect) {
        let client = &self.client;
        match effect {
            // Whether we got in comes as a notice.
            Effect::Join { room, name, status } => {
                debug!(target: CONNECTION, "joins a room");
                drop(client.join(&room, Introduction { name, status, user: None }));
            }
            Effect::Leave(room) => {
                debug!(target: CONNECTION, "leaves a room");
                drop(client.leave(&room));
            }
            Effect::Rename { ticket, room, name } => {
                debug!(target: CONNECTION, ticket = ticket.0, "says helo by another name");
                self.await_push(ticket, client.rename(&room, &name));
            }
            Effect::Say { ticket, room, text } => {
                debug!(target: CONNECTION, ticket = ticket.0, "says something to a room");
                self.await_push(ticket, client.say(&room, text));
            }
            Effect::Tell { ticket, room, to, text } => {
                debug!(target: CONNECTION, ticket = ticket.0, "says something to one person");
                self.await_push(ticket, client.tell(&room, to, text));
            }
            Effect::Answer { room, to, text, jitter } => {
                debug!(target: CONNECTION, jitter, "answers a newcomer");
                self.answer(room, to, text, if jitter { random_delay() } else { Duration::ZERO });
            }
            // Remembered by the client for the next helo, so it cannot be lost.
            Effect::SetStatus { room, status } => {
                debug!(target: CONNECTION, "tells a status");
                drop(client.set_status(&room, status));
            }
            Effect::Typing { room, to, typing } => {
                debug!(target: CONNECTION, typing, "tells that we type");
                client.typing(&room, to, typing);
            }
            Effect::Reconnect => {
                debug!(target: CONNECTION, "tries to connect again");
                client.reconnect();
            }
            _ => unreachable!("`perform` hands on the effects above alone"),
        }
    }

    /// Waits for what comes of a push. Until then its connection stays up, also if another server
    /// is gone to meanwhile.
    fn await_push<T: Send + 'static>(&mut self, ticket: Ticket, pending: Pending<T>) {
        let client = self.client.clone();
        self.spawn(async move {
            let outcome: Result<(), Error> = pending.await.map(drop);
            drop(client);
            debug!(target: CONNECTION, ticket = ticket.0, ok = outcome.is_ok(), "a push is settled");
            Some(Event::Settled(ticket, outcome))
        });
    }

    /// Answers a newcomer. An answer that does not arrive is not worth a word.
    fn answer(&mut self, room: RoomName, to: SessionId, text: String, after: Duration) {
        let client = self.client.clone();
        if after.is_zero() {
            drop(client.answer(&room, to, text));
            return;
        }
        self.greetings.spawn(async move {
            tokio::time::sleep(after).await;
            drop(client.answer(&room, to, text));
        });
        while self.greetings.try_join_next().is_some() {}
    }

    /// Goes to another server; the one before is left in good order.
    fn connect(&mut self, server: &str, drafts: Drafts) -> Option<Event> {
        let (client, notices) = match Client::start(server) {
            Ok(connection) => connection,
            Err(why) => return Some(Event::Warned(why.to_string())),
        };
        tracing::info!("going to another server");
        // Greetings that wait hold the connection that is to be closed.
        self.greetings = JoinSet::new();
        self.client = client;
        self.partings.spawn(farewell(std::mem::replace(&mut self.notices, notices)));
        while self.partings.try_join_next().is_some() {}
        let owner = self.store.owner();
        server.clone_into(&mut self.store.server);
        let (store, takes_drafts) = (self.store.clone(), self.takes_drafts);
        self.files.run(move || store.change_server(&owner, &drafts, takes_drafts));
        None
    }

    fn start_server(&mut self) {
        let (Some(address), report) = (self.local_server, self.report.clone()) else { return };
        self.tasks.spawn_blocking(move || {
            let started = local_server::ensure(address).map_err(|why| why.to_string());
            if let Err(why) = &started {
                tracing::warn!(why, "the server of this machine was not started again");
            }
            report.send(Event::ServerStarted(started)).ok();
        });
    }

    /// Shows what is logged, or no more.
    fn debug(&mut self, on: bool) -> Option<Event> {
        let nobody = || Err("the log cannot be shown: somebody else has it".to_owned());
        self.tap.as_mut().map_or_else(nobody, |tap| tap.turn(on)).err().map(Event::Warned)
    }

    fn notify(&mut self, settings: &Settings, title: &str, body: &str, to: &mut impl Display) {
        let (title, body) = (notification::harmless(title), notification::harmless(body));
        match settings.notification {
            Notification::Off => {}
            Notification::Osc9 | Notification::Osc777 => {
                to.send(notification::sequence(settings.notification, &title, &body));
            }
            Notification::Command => {
                let (command, running) = (settings.command.clone(), Arc::clone(&self.notifiers));
                let notify = child_processes::notify(command, [title, body], running);
                self.spawn(async { Some(notify.await) });
            }
        }
    }

    /// Begins something that may have something to report in the end.
    fn spawn(&mut self, work: impl Future<Output = Option<Event>> + Send + 'static) {
        let report = self.report.clone();
        self.tasks.spawn(async move {
            if let Some(event) = work.await {
                // At the end nobody listens any more.
                report.send(event).ok();
            }
        });
        while self.tasks.try_join_next().is_some() {}
    }

    pub(super) fn report_back(&self, event: Option<Event>) {
        if let Some(event) = event {
            // The other half is ours.
            self.report.send(event).ok();
        }
    }

    /// Where a test has a task of ours break down.
    #[cfg(feature = "test-hooks")]
    pub(super) fn tasks(&mut self) -> &mut JoinSet<()> {
        &mut self.tasks
    }

    /// Waits until all files are written, and keeps the drafts; the errors are for the user.
    pub(super) async fn save(self) -> (Farewell, Vec<String>) {
        let slow = self.files.finish().await.err();
        let drafts = if self.takes_drafts { self.store.save_noted_drafts().err() } else { None };
        let farewell = Farewell { notices: self.notices, partings: self.partings };
        (farewell, slow.into_iter().chain(drafts).collect())
    }
}

/// The servers that are to be left in good order, so that others need not wait for the silence to
/// tell them.
pub(super) struct Farewell {
    notices: Notices,
    partings: JoinSet<()>,
}

impl Farewell {
    pub(super) async fn say(self) {
        farewell(self.notices).await;
        self.partings.join_all().await;
    }
}

fn file_done(outcome: Result<Option<String>, String>) -> Event {
    if outcome.is_err() {
        // Why may bear a name, which the log does not.
        tracing::warn!("something could not be kept, which was told on screen");
    }
    Event::FileDone(outcome)
}

fn reload(store: &Store) -> Vec<Event> {
    match store.reload() {
        Ok(configured) => vec![Event::Configured(Box::new(configured)), file_done(Ok(None))],
        Err(why) => vec![file_done(Err(why))],
    }
}

/// Writes a log to a file; never over another.
fn export(path: &str, text: &str) -> Result<Option<String>, String> {
    match files::create(&files::at_home(path), text) {
        Ok(()) => Ok(Some(format!("this log is in {path} now"))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{path} is there already; give another name"))
        }
        Err(error) => Err(format!("{path} cannot be written: {error}")),
    }
}

/// A moment between 50 and 800 ms, another for each: where a hash map puts things is random enough.
fn random_delay() -> Duration {
    let random = RandomState::new().hash_one(clock().at);
    Duration::from_millis(50 + random % 750)
}
