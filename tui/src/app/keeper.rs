//! What is kept on disk while the screen is up: settings, what was sent, and the drafts.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::chatlog::Addition;
use crate::config;
use crate::event::{Configured, Left};
use crate::files;
use crate::model::Model;
use crate::state::{Drafts, State};

/// Everything that is kept, and where.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    /// Where the configuration is, or is to be.
    pub(crate) config: Option<PathBuf>,
    /// `None` where no folder can be made; then nothing outlives this run but the configuration.
    pub(crate) state: Option<State>,
    /// Whose drafts are kept: a name at a server.
    pub(crate) owner: String,
    pub(crate) log_path: Option<PathBuf>,
    /// Whether nothing is left of an earlier run.
    pub(crate) is_first: bool,
    /// Where what is said is kept, for those who want it.
    pub(crate) chats: Option<PathBuf>,
    /// The drafts of this moment. Shared with the panic hook, which cannot ask the model: it may
    /// be the model that broke.
    pub(crate) drafts: Arc<Mutex<Drafts>>,
}

impl Keeper {
    /// Writes a setting into the configuration, or takes it out; the error is for the user.
    pub(super) fn keep(&self, name: &str, value: Option<&str>) -> Result<(), String> {
        let Some(path) = &self.config else {
            return Err(format!("{name} counts until you quit: there is no folder to keep it in"));
        };
        let told = |why: String| {
            format!("{name} counts until you quit: {} is not written: {why}", path.display())
        };
        let before = files::text(path).map_err(|error| told(error.to_string()))?;
        let before = before.unwrap_or_default();
        let after = config::keep(&before, name, value).map_err(told)?;
        if after == before {
            return Ok(());
        }
        files::write(path, &after).map_err(|error| told(error.to_string()))
    }

    /// Reads the configuration again; the error is for the user.
    pub(super) fn reload(&self) -> Result<Configured, String> {
        let path = self.config.as_ref().ok_or("there is no folder for a configuration")?;
        let text = files::text(path);
        let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(configured(config::read(&text.unwrap_or_default())))
    }

    /// What earlier runs left behind, and what of it cannot be read, for the user.
    pub(super) fn left(&self) -> (Left, Vec<String>) {
        let log_path = self.log_path.as_ref().map(|path| path.display().to_string());
        let chat_path = self.chats.as_ref().map(|path| path.display().to_string());
        let mut left = Left { log_path, ..Left::default() };
        let Some(state) = &self.state else { return (left, Vec::new()) };
        left.is_first = self.is_first;
        left.chat_path = chat_path;
        let history = or_why("what you sent", &state.history_path(), state.history());
        let drafts = state.take_drafts(&self.owner);
        let drafts = or_why("your drafts", &state.drafts_path(), drafts);
        let mut complaints = Vec::new();
        history.map_or_else(|why| complaints.push(why), |history| left.history = history);
        drafts.map_or_else(|why| complaints.push(why), |drafts| left.drafts = drafts);
        (left, complaints)
    }

    /// Keeps what was sent, to be recalled next time.
    pub(super) fn remember(&self, sent: &str) -> io::Result<()> {
        self.state.as_ref().map_or(Ok(()), |state| state.remember(sent))
    }

    /// Adds to the files of what is said.
    pub(super) fn keep_chat(&self, additions: &[Addition]) -> io::Result<()> {
        let Some(folder) = &self.chats else { return Ok(()) };
        files::make_folder(folder)?;
        for addition in additions {
            let path = folder.join(format!("{}.log", addition.file));
            files::append(&path)?.write_all(addition.text.as_bytes())?;
        }
        Ok(())
    }

    /// Notes the drafts of this moment.
    pub(super) fn note(&self, model: &Model) {
        // Nobody but a panic holds it, and after one nothing is noted any more.
        if let Ok(mut noted) = self.drafts.try_lock() {
            *noted = drafts(model);
        }
    }

    /// Keeps the drafts that were noted last; tells where, if there are any.
    pub(super) fn keep_drafts(&self) -> Option<PathBuf> {
        let drafts = self.drafts.try_lock().ok()?.clone();
        let state = self.state.as_ref().filter(|_| !drafts.is_empty())?;
        match state.keep_drafts(&self.owner, &drafts) {
            Ok(()) => Some(state.drafts_path()),
            Err(failure) => {
                tracing::error!(%failure, "the drafts are not kept");
                None
            }
        }
    }
}

/// A configuration as the screen takes it, its complaints as lines of text.
pub(crate) fn configured(config: config::Config) -> Configured {
    let config::Config { place: _, settings, keymap, complaints } = config;
    let complaints = complaints.iter().map(|one| format!("config.toml, {one}")).collect();
    Configured { settings, keymap, complaints }
}

fn drafts(model: &Model) -> Drafts {
    let written = model.buffers.iter().filter(|buffer| !buffer.composer.text().trim().is_empty());
    let written = written.map(|buffer| (buffer.title(), buffer.composer.text().to_owned()));
    model.drafts.clone().into_iter().chain(written).collect()
}

fn or_why<T>(what: &str, path: &Path, read: io::Result<T>) -> Result<T, String> {
    read.map_err(|failure| {
        let path = path.display();
        tracing::warn!(%failure, %path, "what was kept cannot be read");
        format!("{what} cannot be read: {path}: {failure}")
    })
}
