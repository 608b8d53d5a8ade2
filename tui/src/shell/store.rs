//! What outlives a run, in files: settings, what was sent, drafts, and what was said for those who
//! want that kept.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::draft_file::{self, Drafts};
use super::state::State;
use super::{files, history_file};
use crate::chat::log_files::{self, Addition};
use crate::core::event::{AppendError, Configured, EarlierRuns, Event, Restored};
use crate::core::failing::Feature;
use crate::core::model::Model;
use crate::settings::config;

/// How long what is being written is waited for at the end.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// Where everything is kept.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    /// Where the configuration is, or is to be.
    pub(crate) config: Option<PathBuf>,
    /// `None` where no folder can be made; then nothing outlives this run but the configuration,
    /// and that is told as soon as something is to be kept.
    pub(crate) state: Option<State>,
    /// The name with which this run began, and the server where it is now: whose drafts are kept.
    pub(crate) name: String,
    pub(crate) server: String,
    pub(crate) log_path: Option<PathBuf>,
    /// Whether nothing is left of an earlier run.
    pub(crate) is_first: bool,
    /// The drafts of this moment. Shared with the panic hook, which cannot ask the model: it may
    /// be the model that broke.
    pub(crate) noted: Arc<Mutex<NotedDrafts>>,
}

/// What is being written, and by whom: a name at a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct NotedDrafts {
    owner: String,
    drafts: Drafts,
}

impl Store {
    /// Writes a setting into the configuration, or takes it out; the error is for the user.
    pub(super) fn save_setting(&self, name: &str, value: Option<&str>) -> Result<(), String> {
        let Some(path) = &self.config else {
            return Err(format!("{name} counts until you quit: there is no folder to keep it in"));
        };
        let failed = |why: String| {
            format!("{name} counts until you quit: {} is not written: {why}", path.display())
        };
        let before = files::text(path).map_err(|error| failed(error.to_string()))?;
        let before = before.unwrap_or_default();
        let after = config::keep(&before, name, value).map_err(failed)?;
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
        let read = config::parse(&text.unwrap_or_default());
        let read = read.map_err(|why| format!("config.toml, {why}; all stays as it was"))?;
        Ok(Configured { again: true, ..configured(read) })
    }

    /// Keeps what was sent, to be recalled next time.
    pub(super) fn append_history(&self, sent: &str) -> Option<Event> {
        let error = self.folder().and_then(|folder| history_file::append(folder, sent)).err()?;
        let why = format!("what you send is not kept: {error}");
        Some(Event::Failed { feature: Feature::History, what: String::new(), why })
    }

    /// Makes the folder for what is said at this server.
    pub(super) fn open_chat_log(&self, server: &str) -> Option<Event> {
        let error = self.chat_folder(server).err()?;
        Some(Event::ChatLogNotOpened(error.to_string()))
    }

    /// Keeps what was said.
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

    fn chat_folder(&self, server: &str) -> io::Result<PathBuf> {
        let folder = chat_path(self.folder()?, server);
        files::make_folder(&folder)?;
        Ok(folder)
    }

    /// Where things are kept, and nothing of what is kept there.
    pub(super) fn places(&self) -> Restored {
        let shown = |path: PathBuf| path.display().to_string();
        let chats = self.state.as_ref().map(|state| chat_path(state.folder(), &self.server));
        Restored {
            log_path: self.log_path.clone().map(shown),
            chat_path: chats.map(shown),
            ..Restored::default()
        }
    }

    /// What earlier runs left behind: also what of it cannot be read.
    pub(super) fn restore(&self) -> Vec<Event> {
        let mut earlier = EarlierRuns { is_first: self.is_first, history: Vec::new() };
        let (left, mut complaints) = self.take_drafts();
        if let Some(state) = &self.state {
            let path = history_file::path(state.folder());
            match or_complain("what you sent", &path, history_file::read(state.folder())) {
                Ok(history) => earlier.history = history,
                Err(why) => complaints.push(why),
            }
        }
        events(Restored { earlier: Some(earlier), ..left }, complaints)
    }

    /// Another server is gone to: the drafts of the old one that found no buffer stay there, and
    /// those that were left at the new one come back, if they are to be taken up.
    pub(super) fn change_server(
        &self,
        old_owner: &str,
        drafts: &Drafts,
        takes_drafts: bool,
    ) -> Vec<Event> {
        let lost = self.save_drafts(old_owner, drafts).err();
        let none = || (self.places(), Vec::new());
        let (left, complaints) = if takes_drafts { self.take_drafts() } else { none() };
        events(left, lost.into_iter().chain(complaints).collect())
    }

    fn take_drafts(&self) -> (Restored, Vec<String>) {
        let places = self.places();
        let Some(state) = &self.state else { return (places, Vec::new()) };
        let drafts = draft_file::take(state.folder(), &self.owner());
        match or_complain("your drafts", &draft_file::path(state.folder()), drafts) {
            Ok(drafts) => (Restored { drafts, ..places }, Vec::new()),
            Err(why) => (places, vec![why]),
        }
    }

    /// Notes the drafts of this moment.
    pub(super) fn note_drafts(&self, model: &Model) {
        // Nobody but a panic holds it, and after one nothing is noted any more.
        if let Ok(mut noted) = self.noted.try_lock() {
            *noted = NotedDrafts { owner: self.owner(), drafts: drafts_of(model) };
        }
    }

    /// Keeps the drafts that were noted last; tells where, if there are any. The error is for the
    /// user, and bears what is lost otherwise.
    pub(super) fn save_noted_drafts(&self) -> Result<Option<PathBuf>, String> {
        let Ok(noted) = self.noted.try_lock().map(|noted| noted.clone()) else { return Ok(None) };
        self.save_drafts(&noted.owner, &noted.drafts)
    }

    fn save_drafts(&self, owner: &str, drafts: &Drafts) -> Result<Option<PathBuf>, String> {
        if drafts.is_empty() {
            return Ok(None);
        }
        let save =
            |folder| draft_file::save(folder, owner, drafts).map(|()| draft_file::path(folder));
        self.folder().and_then(save).map(Some).map_err(|failure| {
            tracing::error!(%failure, "the drafts are not kept");
            let lost = drafts.iter().map(|(title, draft)| format!("\n{title}: {draft}"));
            format!("your draft is not kept: {failure}{}", lost.collect::<String>())
        })
    }

    /// Whose drafts are kept now.
    pub(super) fn owner(&self) -> String {
        format!("{} at {}", self.name, self.server)
    }

    fn folder(&self) -> io::Result<&Path> {
        let no_folder = || io::Error::other("no folder for it can be written · try hullo doctor");
        self.state.as_ref().map(State::folder).ok_or_else(no_folder)
    }
}

/// What is said is kept in a folder for each server.
fn chat_path(state: &Path, server: &str) -> PathBuf {
    let bare = server.split("//").last().unwrap_or_default();
    state.join("logs").join(log_files::file_name(bare))
}

fn events(left: Restored, complaints: Vec<String>) -> Vec<Event> {
    let restored = Event::Restored(Box::new(left));
    std::iter::once(restored).chain(complaints.into_iter().map(Event::Warned)).collect()
}

/// A configuration as the screen takes it, its complaints as lines of text.
pub(crate) fn configured(config: config::Config) -> Configured {
    let config::Config { place: _, settings, keymap, aliases, complaints } = config;
    let complaints = complaints.iter().map(|one| format!("config.toml, {one}")).collect();
    Configured { again: false, settings, keymap, aliases, complaints }
}

fn drafts_of(model: &Model) -> Drafts {
    let written = model.buffers.iter().filter(|buffer| !buffer.composer.text().trim().is_empty());
    let written = written.map(|buffer| (buffer.title(), buffer.composer.text().to_owned()));
    model.drafts.clone().into_iter().chain(written).collect()
}

fn or_complain<T>(what: &str, path: &Path, read: io::Result<T>) -> Result<T, String> {
    read.map_err(|failure| {
        let path = path.display();
        tracing::warn!(%failure, %path, "what was kept cannot be read");
        format!("{what} cannot be read: {path}: {failure}")
    })
}

type Job = Box<dyn FnOnce() -> Vec<Event> + Send>;

/// The thread that reads and writes files, one job after the other: a disk may take its time.
pub(super) struct StoreThread {
    jobs: mpsc::Sender<Job>,
    ended: oneshot::Receiver<()>,
}

impl StoreThread {
    /// Starts it; what its jobs have to report comes out as events.
    pub(super) fn start(events: UnboundedSender<Event>) -> Self {
        let (jobs, queued) = mpsc::channel::<Job>();
        let (end, ended) = oneshot::channel();
        thread::spawn(move || {
            for job in queued {
                for event in job() {
                    // At the end nobody listens any more.
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
        // It ends with this, or by a panic, which is told.
        self.jobs.send(Box::new(|| job().into_iter().collect())).ok();
    }

    /// Waits until everything is written; the error is for the user.
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
