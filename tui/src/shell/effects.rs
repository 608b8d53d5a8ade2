//! Performs effects. What there is to report of them comes back as an event.

mod client;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hullo::client::{Client, JoinOptions, Notices};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

use super::draft_file::Drafts;
use super::log::Tap;
use super::store::{Noted, Store, StoreThread};
use super::{Options, child_processes, farewell, files, local_server, notification};
use crate::core::event::{Effect, Event};
use crate::core::line_mode::LineMode;
use crate::core::model::Model;
use crate::settings::{Notification, Settings};

/// Everything that effects act upon, except the display.
pub(super) struct Effects {
    client: Client,
    pub(super) notices: Notices,
    /// Connections that are being closed.
    partings: JoinSet<()>,
    local_server: Option<SocketAddr>,
    report: UnboundedSender<Event>,
    /// Reports of effects; bounded by the effects that were begun.
    pub(super) reports: UnboundedReceiver<Event>,
    /// Asynchronous effects that report their end.
    tasks: JoinSet<()>,
    /// Delayed greetings.
    greetings: JoinSet<()>,
    notifiers: Arc<Semaphore>,
    pub(super) store: Store,
    files: StoreThread,
    drafts: DraftUse,
    /// What was saved last.
    saved: Noted,
    /// Whether what was said before is shown: to people. A program would take it for new.
    shows_backlog: bool,
    /// Shows the program's own log.
    pub(super) tap: Option<Tap>,
    /// Whether the program is to end.
    pub(super) quits: bool,
}

/// What becomes of drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DraftUse {
    /// On the screen.
    RestoredAndKept,
    /// In line mode there is no input line to put them into, but what was not sent is kept.
    Kept,
    /// A program is told by the exit code what was not sent.
    None,
}

impl DraftUse {
    fn of(line_mode: Option<&LineMode>) -> Self {
        match line_mode {
            None => Self::RestoredAndKept,
            Some(lines) if lines.is_typed => Self::Kept,
            Some(_) => Self::None,
        }
    }
}

/// The part of a front end that effects act upon. Where it lacks a feature, nothing is done.
pub(super) trait Display {
    /// Writes a sequence that a terminal acts upon: a bell, a notification.
    fn send(&mut self, sequence: String);
    /// Copies a text to the clipboard, or prints it.
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
    /// Stops the program, as Ctrl+Z does in a shell.
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
        line_mode: Option<&LineMode>,
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
            drafts: DraftUse::of(line_mode),
            saved: Noted::default(),
            shows_backlog: line_mode.is_none_or(|lines| lines.is_typed),
            tap: options.tap.take(),
            quits: false,
        }
    }

    /// Performs an effect; what there is to report of it comes out of `reports`.
    pub(super) fn perform(
        &mut self,
        effect: Effect,
        settings: &Settings,
        display: &mut impl Display,
    ) {
        let store = self.store.clone();
        let report = match effect {
            Effect::Join { room, name, status } => {
                return self.join(&room, JoinOptions::new(name).status(status), settings.backlog);
            }
            Effect::Leave(room) => return self.leave(&room),
            Effect::Rename { ticket, room, name } => return self.rename(ticket, &room, &name),
            Effect::Say { ticket, room, text } => return self.say(ticket, &room, text),
            Effect::SayTo { ticket, room, to, text } => return self.tell(ticket, &room, to, text),
            Effect::Answer { room, to, text, jitter } => {
                return self.answer(room, to, text, jitter);
            }
            Effect::SetStatus { room, status } => return self.set_status(&room, status),
            Effect::Typing { room, to, typing } => return self.set_typing(&room, to, typing),
            Effect::ReadHistory { room, before } => return self.read_history(room, before),
            Effect::SetTopic { ticket, room, topic } => {
                return self.set_topic(ticket, &room, &topic);
            }
            Effect::ListRooms { ticket, matching } => return self.list_rooms(ticket, &matching),
            Effect::Reconnect => return self.reconnect(),
            Effect::Connect { address, drafts } => self.connect(&address, drafts),
            Effect::StartServer => return self.start_server(),
            Effect::Debug(on) => self.debug(on),
            Effect::Ring => return display.send("\x07".into()),
            Effect::Notify { title, body } => return self.notify(settings, &title, &body, display),
            Effect::SaveSetting { name, value } => {
                let save = move || store.save_setting(&name, value.as_deref()).map(|()| None);
                return self.files.run(move || Some(file_done(save())));
            }
            Effect::AppendHistory(sent) => {
                return self.files.run(move || store.append_history(&sent));
            }
            Effect::Reload => return self.files.run(move || reload(&store)),
            Effect::Export { path, text } => {
                return self.files.run(move || Some(file_done(export(&path, &text))));
            }
            Effect::OpenChatLog { server } => {
                return self.files.run(move || store.open_chat_log(&server));
            }
            Effect::ReadChatLog { buffer, file, since, most } => {
                let read = move || store.read_chat_log(&file, since, most);
                return self
                    .files
                    .run(move || read().map(|lines| Event::ChatLogRead { buffer, lines }));
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

    /// Connects to another server and disconnects from the one before.
    fn connect(&mut self, server: &str, drafts: Drafts) -> Option<Event> {
        let (client, notices) = match Client::start(server) {
            Ok(connection) => connection,
            Err(why) => return Some(Event::Warned(why.to_string())),
        };
        tracing::info!("going to another server");
        self.greetings = JoinSet::new();
        self.partings.spawn(farewell(std::mem::replace(&mut self.client, client)));
        self.notices = notices;
        while self.partings.try_join_next().is_some() {}
        let owner = self.store.owner();
        server.clone_into(&mut self.store.server);
        // What was on screen belongs to the server with which this run began.
        self.store.keeps_screen = false;
        let (store, drafts_too) = (self.store.clone(), self.drafts == DraftUse::RestoredAndKept);
        self.files.run(move || store.change_server(&owner, &drafts, drafts_too));
        None
    }

    fn start_server(&mut self) {
        let (Some(address), report) = (self.local_server, self.report.clone()) else { return };
        self.tasks.spawn_blocking(move || {
            let started = local_server::ensure(address).map(drop).map_err(|why| why.to_string());
            if let Err(why) = &started {
                tracing::warn!(why, "the server of this machine was not started again");
            }
            report.send(Event::ServerStarted(started)).ok();
        });
    }

    /// Starts or stops showing the log.
    fn debug(&mut self, on: bool) -> Option<Event> {
        let nobody = || Err("the log cannot be shown: the process logs elsewhere".to_owned());
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

    /// Starts an asynchronous effect.
    fn spawn(&mut self, work: impl Future<Output = Option<Event>> + Send + 'static) {
        let report = self.report.clone();
        self.tasks.spawn(async move {
            if let Some(event) = work.await {
                // At the end of the program nobody listens.
                report.send(event).ok();
            }
        });
        while self.tasks.try_join_next().is_some() {}
    }

    pub(super) fn report_back(&self, event: Option<Event>) {
        if let Some(event) = event {
            // The receiver is a field of ours.
            self.report.send(event).ok();
        }
    }

    /// For a test that has a task panic.
    #[cfg(feature = "test-hooks")]
    pub(super) fn tasks(&mut self) -> &mut JoinSet<()> {
        &mut self.tasks
    }

    /// What to tell about lines that were not sent and are saved as drafts.
    pub(super) fn keeps_unsent(&self, model: &Model) -> Option<String> {
        let unsent = model.buffers.iter().map(|buffer| buffer.log.unsent().count());
        match unsent.sum::<usize>() {
            _ if self.drafts == DraftUse::None => None,
            0 => None,
            1 => Some("one line was not sent; it is a draft the next time".to_owned()),
            count => Some(format!("{count} lines were not sent; they are drafts the next time")),
        }
    }

    /// Saves what changed since the last time, if it did.
    pub(super) fn save_meanwhile(&mut self, model: &Model) {
        let now = self.store.note(model);
        if self.drafts == DraftUse::RestoredAndKept && now != self.saved {
            self.saved = now;
            let store = self.store.clone();
            self.files.run(move || {
                store.save_meanwhile();
                None
            });
        }
    }

    /// Waits until all files are written, and saves the drafts. The errors are for the user.
    pub(super) async fn save(self) -> (Farewell, Vec<String>) {
        let slow = self.files.finish().await.err();
        let drafts =
            if self.drafts == DraftUse::None { None } else { self.store.save_noted().err() };
        let farewell = Farewell { client: self.client, partings: self.partings };
        (farewell, slow.into_iter().chain(drafts).collect())
    }
}

/// The connections that are still to be closed, so that others see us leave at once.
pub(super) struct Farewell {
    client: Client,
    partings: JoinSet<()>,
}

impl Farewell {
    pub(super) async fn finish(self) {
        farewell(self.client).await;
        self.partings.join_all().await;
    }
}

fn file_done(outcome: Result<Option<String>, String>) -> Event {
    if outcome.is_err() {
        // The reason may contain a name, and so is not logged.
        tracing::warn!("a file could not be read or written; the user was told why");
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
        Ok(()) => Ok(Some(format!("the log was written to {path}"))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{path} already exists; give another name"))
        }
        Err(error) => Err(format!("{path} cannot be written: {error}")),
    }
}
