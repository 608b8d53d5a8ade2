//! What is kept on disk while the screen is up: settings, what was sent, and the drafts.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::chat::log_files;
use crate::core::event::{Configured, Earlier, Left};
use crate::core::model::Model;
use crate::core::update::COMMANDS;
use crate::settings::config;
use crate::shell::files;
use crate::shell::state::{Drafts, State};

/// Everything that is kept, and where.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
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
    pub(crate) noted: Arc<Mutex<Noted>>,
}

/// What is being written, and by whom: a name at a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    owner: String,
    drafts: Drafts,
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
        let after = config::with_value(&before, name, value).map_err(told)?;
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
        let read = config::parse(&text.unwrap_or_default(), COMMANDS);
        let read = read.map_err(|why| format!("config.toml, {why}; all stays as it was"))?;
        Ok(Configured { again: true, ..configured(read) })
    }

    fn owner(&self) -> String {
        format!("{} at {}", self.name, self.server)
    }

    /// Where what is said is kept, for those who want it: a folder for each server.
    pub(super) fn chats(&self) -> Option<PathBuf> {
        let bare = self.server.split("//").last().unwrap_or_default();
        Some(self.state.as_ref()?.folder().join("logs").join(log_files::file_name(bare)))
    }

    /// From now on all is kept for another server. Drafts that found no buffer stay with this one;
    /// the error is for the user, and bears what is lost otherwise.
    pub(super) fn go_to(&mut self, server: &str, drafts: &Drafts) -> Result<(), String> {
        let owner = self.owner();
        server.clone_into(&mut self.server);
        self.keep_for(&owner, drafts).map(drop)
    }

    /// Where things are kept, and nothing of what is kept there.
    pub(super) fn places(&self) -> Left {
        let shown = |path: PathBuf| path.display().to_string();
        Left {
            log_path: self.log_path.clone().map(shown),
            chat_path: self.chats().map(shown),
            ..Left::default()
        }
    }

    /// What earlier runs left behind, and what of it cannot be read, for the user.
    pub(super) fn left(&self) -> (Left, Vec<String>) {
        let mut earlier = Earlier { is_first: self.is_first, history: Vec::new() };
        let (left, mut complaints) = self.left_here();
        if let Some(state) = &self.state {
            let history = or_why("what you sent", &state.history_path(), state.history());
            history.map_or_else(|why| complaints.push(why), |history| earlier.history = history);
        }
        (Left { earlier: Some(earlier), ..left }, complaints)
    }

    /// What was left at the server where it is now, and what of it cannot be read, for the user.
    pub(super) fn left_here(&self) -> (Left, Vec<String>) {
        let places = self.places();
        let Some(state) = &self.state else { return (places, Vec::new()) };
        let drafts = state.take_drafts(&self.owner());
        match or_why("your drafts", &state.drafts_path(), drafts) {
            Ok(drafts) => (Left { drafts, ..places }, Vec::new()),
            Err(why) => (places, vec![why]),
        }
    }

    /// Keeps what was sent, to be recalled next time.
    pub(super) fn remember(&self, sent: &str) -> io::Result<()> {
        self.state.as_ref().ok_or_else(no_folder)?.remember(sent)
    }

    /// The folder of what is said, made if need be.
    pub(super) fn chat_folder(&self) -> io::Result<PathBuf> {
        let folder = self.chats().ok_or_else(no_folder)?;
        files::make_folder(&folder)?;
        Ok(folder)
    }

    /// Notes the drafts of this moment.
    pub(super) fn note(&self, model: &Model) {
        // Nobody but a panic holds it, and after one nothing is noted any more.
        if let Ok(mut noted) = self.noted.try_lock() {
            *noted = Noted { owner: self.owner(), drafts: drafts(model) };
        }
    }

    /// Keeps the drafts that were noted last; tells where, if there are any. The error is for the
    /// user, and bears what is lost otherwise.
    pub(super) fn keep_drafts(&self) -> Result<Option<PathBuf>, String> {
        let Ok(noted) = self.noted.try_lock().map(|noted| noted.clone()) else { return Ok(None) };
        let Noted { owner, drafts } = noted;
        self.keep_for(&owner, &drafts)
    }

    fn keep_for(&self, owner: &str, drafts: &Drafts) -> Result<Option<PathBuf>, String> {
        if drafts.is_empty() {
            return Ok(None);
        }
        let state = self.state.as_ref().ok_or_else(no_folder);
        let kept = state
            .and_then(|state| state.keep_drafts(owner, drafts).map(|()| Some(state.drafts_path())));
        kept.map_err(|failure| {
            tracing::error!(%failure, "the drafts are not kept");
            let lost = drafts.iter().map(|(title, draft)| format!("\n{title}: {draft}"));
            format!("your draft is not kept: {failure}{}", lost.collect::<String>())
        })
    }
}

/// Why nothing can be kept where [`State::open`] found no place for it.
fn no_folder() -> io::Error {
    io::Error::other("no folder for it can be written · try hullo doctor")
}

/// A configuration as the screen takes it, its complaints as lines of text.
pub(crate) fn configured(config: config::Config) -> Configured {
    let config::Config { settings, keymap, aliases, mistakes, .. } = config;
    let complaints = mistakes.iter().map(|one| format!("config.toml, {one}")).collect();
    Configured { again: false, settings, keymap, aliases, complaints }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_that_cannot_be_kept_at_a_move_are_told() {
        let mut keeper = Keeper {
            config: None,
            state: None,
            name: "ada".into(),
            server: "ws://one.example".into(),
            log_path: None,
            is_first: false,
            noted: Arc::default(),
        };
        assert_eq!(keeper.go_to("ws://two.example", &Drafts::new()), Ok(()));
        let drafts = Drafts::from([("#ops".to_owned(), "half a thought".to_owned())]);
        let told = keeper.go_to("ws://three.example", &drafts).unwrap_err();
        assert!(told.starts_with("your draft is not kept: no folder"), "{told}");
        assert!(told.ends_with("\n#ops: half a thought"), "{told}");
        assert_eq!(keeper.server, "ws://three.example");
    }
}
