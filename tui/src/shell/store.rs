//! What outlives a run, in files: settings, input history, drafts and chat logs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use jiff::civil::DateTime;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::draft_file::{self, Drafts, Hold};
use super::screen_file;
use super::state::State;
use super::{files, history_file};
use crate::chat::log_files::{self, Addition};
use crate::config;
use crate::core::event::{AppendError, Configured, EarlierRuns, Event, Restored};
use crate::core::failing::Feature;
use crate::core::kept_screen::KeptScreen;
use crate::core::model::Model;
use crate::core::update::COMMANDS;

/// How long what is being written is waited for at the end.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// How much of a chat log is read at the start.
const MAX_BACKLOG_BYTES: u64 = 256 * 1024;

/// Where everything is stored.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    /// The path of the configuration, which need not exist.
    pub(crate) config: Option<PathBuf>,
    /// `None` if the folder cannot be made: then only the configuration can be saved, and the user is
    /// told as soon as something else is to be.
    pub(crate) state: Option<State>,
    /// The name with which this run began and the current server: they own the drafts.
    pub(crate) name: String,
    pub(crate) server: String,
    pub(crate) log_path: Option<PathBuf>,
    /// Whether there was no earlier run.
    pub(crate) is_first: bool,
    /// The current drafts. Shared with the panic hook, which cannot use the model: it may be what
    /// panicked.
    pub(crate) noted: Arc<Mutex<Noted>>,
    /// Whether what is on screen is kept and restored: not where a room was asked for.
    pub(crate) keeps_screen: bool,
    /// The right to restore and replace what the owner left, if no other program has it.
    pub(crate) hold: Arc<Mutex<Option<Hold>>>,
}

/// The drafts and what is on screen, and whose they are: a name at a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    owner: String,
    drafts: Drafts,
    screen: Option<KeptScreen>,
}

impl Store {
    /// Writes a setting into the configuration, or removes it. The error is for the user.
    pub(super) fn save_setting(&self, name: &str, value: Option<&str>) -> Result<(), String> {
        let Some(path) = &self.config else {
            return Err(format!("{name} counts until you quit: there is no folder to keep it in"));
        };
        let failed = |why: String| {
            format!("{name} counts until you quit: {} is not written: {why}", path.display())
        };
        let before = files::text(path).map_err(|error| failed(error.to_string()))?;
        let before = before.unwrap_or_default();
        let after = config::with_value(&before, name, value).map_err(failed)?;
        if after == before {
            return Ok(());
        }
        files::write(path, &after).map_err(|error| failed(error.to_string()))
    }

    /// Reads the configuration again; the error is for the user.
    pub(super) fn reload(&self) -> Result<Configured, String> {
        let path = self.config.as_ref().ok_or("there is no folder for a configuration")?;
        let text = files::text(path);
        let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let read = config::parse(&text.unwrap_or_default(), COMMANDS);
        let read = read.map_err(|why| format!("config.toml, {why}; all stays as it was"))?;
        Ok(Configured { again: true, ..configured(read) })
    }

    /// Adds a line to the input history.
    pub(super) fn append_history(&self, sent: &str) -> Option<Event> {
        let error = self.folder().and_then(|folder| history_file::append(folder, sent)).err()?;
        let why = format!("what you send is not kept: {error}");
        Some(Event::Failed { feature: Feature::History, what: String::new(), why })
    }

    /// Makes the folder of the chat logs at this server.
    pub(super) fn open_chat_log(&self, server: &str) -> Option<Event> {
        let error = self.chat_folder(server).err()?;
        Some(Event::ChatLogNotOpened(error.to_string()))
    }

    /// Appends to a chat log.
    pub(super) fn append_chat_log(&self, server: String, addition: Addition) -> Event {
        let append = |folder: PathBuf| {
            let path = folder.join(format!("{}.log", addition.file));
            let written =
                files::append(&path).and_then(|mut file| file.write_all(addition.text.as_bytes()));
            written.map_err(|error| AppendError::File(error.to_string()))
        };
        let folder = self.chat_folder(&server);
        let outcome =
            folder.map_err(|error| AppendError::Folder(error.to_string())).and_then(append);
        Event::ChatLogAppended { server, addition, outcome }
    }

    /// Reads the newest lines of a chat log, those since then. There need not be one.
    pub(super) fn read_chat_log(
        &self,
        file: &str,
        since: Option<DateTime>,
        most: usize,
    ) -> Option<Vec<(DateTime, String)>> {
        let folder = chat_path(self.state.as_ref()?.folder(), &self.server);
        let text = files::end(&folder.join(format!("{file}.log")), MAX_BACKLOG_BYTES).ok()?;
        let mut lines = log_files::newest_lines(&text, most);
        lines.retain(|(at, _)| since.is_none_or(|since| *at >= since));
        Some(lines)
    }

    fn chat_folder(&self, server: &str) -> io::Result<PathBuf> {
        let folder = chat_path(self.folder()?, server);
        files::make_folder(&folder)?;
        Ok(folder)
    }

    /// The paths alone, without what is stored there.
    pub(super) fn places(&self) -> Restored {
        let shown = |path: PathBuf| path.display().to_string();
        let chats = self.state.as_ref().map(|state| chat_path(state.folder(), &self.server));
        Restored {
            log_path: self.log_path.clone().map(shown),
            chat_path: chats.map(shown),
            ..Restored::default()
        }
    }

    /// What earlier runs left, and warnings of what cannot be read. A program beside another one of
    /// the same owner starts afresh.
    pub(super) fn restore(&self) -> Vec<Event> {
        let mut earlier = EarlierRuns { is_first: self.is_first, history: Vec::new() };
        let (mut left, mut complaints) = self.take_drafts();
        if let Some(state) = &self.state {
            let path = history_file::path(state.folder());
            match or_complain("what you sent", &path, history_file::read(state.folder())) {
                Ok(history) => earlier.history = history,
                Err(why) => complaints.push(why),
            }
            if self.keeps_screen && self.is_holding(&self.owner()) {
                let path = screen_file::path(state.folder(), &self.owner());
                match or_complain("what was on screen", &path, screen_file::read(&path)) {
                    Ok(screen) => left.screen = screen,
                    Err(why) => complaints.push(why),
                }
            }
        }
        events(Restored { earlier: Some(earlier), ..left }, complaints)
    }

    /// Saves the drafts of the server that was left, and restores those of the current one, if they
    /// are to be restored.
    pub(super) fn change_server(
        &self,
        old_owner: &str,
        drafts: &Drafts,
        takes_drafts: bool,
    ) -> Vec<Event> {
        let lost = self.save_drafts(old_owner, drafts).err();
        if let Ok(mut hold) = self.hold.lock() {
            *hold = None;
        }
        let none = || (self.places(), Vec::new());
        let (left, complaints) = if takes_drafts { self.take_drafts() } else { none() };
        events(left, lost.into_iter().chain(complaints).collect())
    }

    fn take_drafts(&self) -> (Restored, Vec<String>) {
        let places = self.places();
        let Some(state) = &self.state else { return (places, Vec::new()) };
        let folder = state.folder();
        let taken = Hold::take(folder, &self.owner());
        let drafts = taken.and_then(|taken| {
            let drafts = taken.as_ref().map(|taken| taken.read(folder));
            if let Ok(mut hold) = self.hold.lock() {
                *hold = taken;
            }
            drafts.unwrap_or_else(|| Ok(Drafts::new()))
        });
        match or_complain("your drafts", &draft_file::path(folder), drafts) {
            Ok(drafts) => (Restored { drafts, ..places }, Vec::new()),
            Err(why) => (places, vec![why]),
        }
    }

    /// Notes the current drafts and what is on screen; returns them.
    pub(super) fn note(&self, model: &Model) -> Noted {
        let keeps = self.keeps_screen && model.settings.restore;
        let screen = keeps.then(|| KeptScreen::of(model));
        let now = Noted { owner: self.owner(), drafts: drafts_of(model), screen };
        // Only the panic hook may hold the lock, and after a panic nothing needs to be noted.
        if let Ok(mut noted) = self.noted.try_lock() {
            noted.clone_from(&now);
        }
        now
    }

    /// Whether no other program of this owner restores and replaces what is kept.
    fn is_holding(&self, owner: &str) -> bool {
        self.hold.lock().is_ok_and(|hold| hold.as_ref().is_some_and(|hold| hold.owner == owner))
    }

    /// Saves what was noted while the program goes on, if it is the one that replaces it. A failure
    /// is told at the end, when it counts.
    pub(super) fn save_meanwhile(&self) {
        let owner = self.noted.lock().map(|noted| noted.owner.clone()).unwrap_or_default();
        if self.is_holding(&owner) {
            self.save_noted().ok();
        }
    }

    /// Saves what was noted last; returns the path of the drafts, if there are any. The error is for
    /// the user, and contains the drafts.
    pub(super) fn save_noted(&self) -> Result<Option<PathBuf>, String> {
        let Ok(noted) = self.noted.try_lock().map(|noted| noted.clone()) else { return Ok(None) };
        if let (Some(state), true) =
            (&self.state, self.keeps_screen && self.is_holding(&noted.owner))
        {
            let path = screen_file::path(state.folder(), &noted.owner);
            if let Err(failure) = screen_file::write(&path, noted.screen.as_ref()) {
                tracing::warn!(%failure, "what is on screen is not kept");
            }
        }
        self.save_drafts(&noted.owner, &noted.drafts)
    }

    fn save_drafts(&self, owner: &str, drafts: &Drafts) -> Result<Option<PathBuf>, String> {
        let is_holding = self.is_holding(owner);
        if drafts.is_empty() && !is_holding {
            return Ok(None);
        }
        let save = |folder: &Path| {
            let hold = self.hold.lock().ok();
            match hold.as_ref().and_then(|hold| hold.as_ref()).filter(|_| is_holding) {
                Some(hold) => hold.write(folder, drafts)?,
                None => draft_file::leave(folder, owner, drafts)?,
            }
            Ok((!drafts.is_empty()).then(|| draft_file::path(folder)))
        };
        self.folder().and_then(save).map_err(|failure| {
            tracing::error!(%failure, "the drafts are not kept");
            let lost = drafts.iter().map(|(title, draft)| format!("\n{title}: {draft}"));
            format!("your draft is not kept: {failure}{}", lost.collect::<String>())
        })
    }

    /// The owner of the current drafts.
    pub(super) fn owner(&self) -> String {
        format!("{} at {}", self.name, self.server)
    }

    fn folder(&self) -> io::Result<&Path> {
        let no_folder = || io::Error::other("no folder for it can be written · try hullo doctor");
        self.state.as_ref().map(State::folder).ok_or_else(no_folder)
    }
}

/// The folder of the chat logs at a server.
fn chat_path(state: &Path, server: &str) -> PathBuf {
    let bare = server.split("//").last().unwrap_or_default();
    state.join("logs").join(log_files::file_name(bare))
}

fn events(left: Restored, complaints: Vec<String>) -> Vec<Event> {
    let restored = Event::Restored(Box::new(left));
    std::iter::once(restored).chain(complaints.into_iter().map(Event::Warned)).collect()
}

/// A configuration as an event has it, its mistakes as text.
pub(crate) fn configured(config: config::Config) -> Configured {
    let config::Config { settings, keymap, aliases, mistakes, .. } = config;
    let complaints = mistakes.iter().map(|one| format!("config.toml, {one}")).collect();
    Configured { again: false, settings, keymap, aliases, complaints }
}

/// The drafts, and what was not sent.
fn drafts_of(model: &Model) -> Drafts {
    let has_unsent = model.has_unsent();
    let written = model.buffers.iter().filter_map(|buffer| {
        let unsent = has_unsent.then(|| buffer.log.unsent()).into_iter().flatten();
        let draft = Some(buffer.composer.text()).filter(|draft| !draft.trim().is_empty());
        let lines: Vec<&str> = unsent.map(|message| &*message.text).chain(draft).collect();
        (!lines.is_empty()).then(|| (buffer.draft_key(), lines.join("\n")))
    });
    let mut drafts = model.drafts.clone();
    // One that waits for its line to be free is not replaced by what is on the line.
    draft_file::add(&mut drafts, written.collect());
    drafts
}

fn or_complain<T>(what: &str, path: &Path, read: io::Result<T>) -> Result<T, String> {
    read.map_err(|failure| {
        let path = path.display();
        tracing::warn!(%failure, %path, "what was kept cannot be read");
        format!("{what} cannot be read: {path}: {failure}")
    })
}

type Job = Box<dyn FnOnce() -> Vec<Event> + Send>;

/// A thread that reads and writes files, one job after the other, since a disk may be slow.
pub(super) struct StoreThread {
    jobs: mpsc::Sender<Job>,
    ended: oneshot::Receiver<()>,
}

impl StoreThread {
    /// Starts the thread, which sends the events that its jobs return.
    pub(super) fn start(events: UnboundedSender<Event>) -> Self {
        let (jobs, queued) = mpsc::channel::<Job>();
        let (end, ended) = oneshot::channel();
        thread::spawn(move || {
            for job in queued {
                for event in job() {
                    // At the end of the program nobody listens.
                    events.send(event).ok();
                }
            }
            end.send(()).ok();
        });
        Self { jobs, ended }
    }

    pub(super) fn run<E: IntoIterator<Item = Event>>(
        &self,
        job: impl FnOnce() -> E + Send + 'static,
    ) {
        // The thread ends with this, or by a panic, which the hook reports.
        self.jobs.send(Box::new(|| job().into_iter().collect())).ok();
    }

    /// Waits until all jobs are done. The error is for the user.
    pub(super) async fn finish(self) -> Result<(), String> {
        drop(self.jobs);
        match timeout(WRITTEN_WITHIN, self.ended).await {
            Ok(_) => Ok(()),
            Err(_) => Err("the disk is too slow: what was to be kept last may be lost".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
