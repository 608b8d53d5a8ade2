//! The folder for what hullo keeps between two runs: its logs, what was sent, and drafts that were
//! left behind. All of it is for its owner alone.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::core::model::MAX_HISTORY;
use crate::shell::files;

/// A log that has grown beyond this is put aside when the next one is opened.
const MAX_LOG_BYTES: u64 = 1024 * 1024;

const HISTORY: &str = "history";
const DRAFTS: &str = "drafts.json";

/// Drafts by the title of their buffer.
pub(crate) type Drafts = BTreeMap<String, String>;

/// Whose drafts they are: several people, or one under several names, may share a machine, and
/// nobody's words shall turn up in another's line.
type ByOwner = BTreeMap<String, Drafts>;

/// The state folder.
#[derive(Clone, Debug)]
pub(crate) struct State {
    folder: PathBuf,
}

impl State {
    /// One in any folder, for tests.
    #[cfg(test)]
    pub(crate) fn within(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// `$XDG_STATE_HOME/hullo`, made if need be; the error says why there is none.
    pub(crate) fn open() -> io::Result<Self> {
        let strategy = etcetera::choose_base_strategy().map_err(io::Error::other)?;
        let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        let state = Self { folder: base.join("hullo") };
        files::make_folder(&state.folder)?;
        #[cfg(unix)]
        state.close_to_others()?;
        Ok(state)
    }

    /// An earlier version made it open to all.
    #[cfg(unix)]
    fn close_to_others(&self) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        if self.folder.metadata()?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o700))?;
        }
        Ok(())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Opens a log for appending. Says where it is.
    pub(crate) fn open_log(&self, name: &str) -> io::Result<(File, PathBuf)> {
        let path = self.folder.join(name);
        if path.metadata().is_ok_and(|log| log.len() > MAX_LOG_BYTES) {
            fs::rename(&path, path.with_extension("log.1"))?;
        }
        Ok((files::append(&path)?, path))
    }

    /// What was sent in earlier runs, oldest first. A file that has grown long is cut.
    pub(crate) fn history(&self) -> io::Result<Vec<String>> {
        let path = self.history_path();
        let text = files::text(&path)?.unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let kept = &lines[lines.len().saturating_sub(MAX_HISTORY)..];
        // Not at every start: another hullo may be adding to it at this moment.
        if lines.len() > 2 * MAX_HISTORY {
            files::write(&path, &(kept.join("\n") + "\n"))?;
        }
        Ok(kept.iter().map(|line| unescape(line)).collect())
    }

    /// Adds one that was sent.
    pub(crate) fn remember(&self, sent: &str) -> io::Result<()> {
        let mut file = files::append(&self.history_path())?;
        file.write_all((escape(sent) + "\n").as_bytes())
    }

    /// Where what was sent is kept.
    pub(crate) fn history_path(&self) -> PathBuf {
        self.folder.join(HISTORY)
    }

    /// Where drafts are kept.
    pub(crate) fn drafts_path(&self) -> PathBuf {
        self.folder.join(DRAFTS)
    }

    /// Keeps drafts for the next time that `owner` comes, beside those that another hullo left. If
    /// those cannot be read, their file is put aside: they may be dear to somebody.
    pub(crate) fn keep_drafts(&self, owner: &str, drafts: &Drafts) -> io::Result<()> {
        if drafts.is_empty() {
            return Ok(());
        }
        let mut all = match self.read_drafts() {
            Ok(all) => all,
            Err(failure) => {
                let aside = files::put_aside(&self.drafts_path())?;
                let aside = aside.display();
                tracing::warn!(%failure, %aside, "drafts cannot be read, and were put aside");
                ByOwner::new()
            }
        };
        all.entry(owner.to_owned()).or_default().extend(drafts.clone());
        files::write(&self.drafts_path(), &serde_json::to_string_pretty(&all)?)
    }

    /// Takes the drafts that were kept for `owner`: they are in no file afterwards.
    pub(crate) fn take_drafts(&self, owner: &str) -> io::Result<Drafts> {
        let mut all = self.read_drafts()?;
        let Some(drafts) = all.remove(owner) else { return Ok(Drafts::new()) };
        if all.is_empty() {
            fs::remove_file(self.drafts_path())?;
        } else {
            files::write(&self.drafts_path(), &serde_json::to_string_pretty(&all)?)?;
        }
        Ok(drafts)
    }

    fn read_drafts(&self) -> io::Result<ByOwner> {
        match files::text(&self.drafts_path())? {
            Some(text) => Ok(serde_json::from_str(&text)?),
            None => Ok(ByOwner::new()),
        }
    }
}

/// What was sent as one line of a file.
fn escape(sent: &str) -> String {
    sent.replace('\\', "\\\\").replace('\n', "\\n")
}

/// What [`escape`] was given. Somebody else may have written the file, so it is made harmless.
fn unescape(line: &str) -> String {
    let mut sent = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => sent.push('\n'),
                other => sent.push(other.unwrap_or('\\')),
            },
            letter => sent.push(letter),
        }
    }
    hullo::text::clean_text(&sent).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_are_their_owners_alone() {
        let name = format!("hullo-drafts-{}", std::process::id());
        let state = State::within(std::env::temp_dir().join(name));
        files::make_folder(&state.folder).unwrap();
        let draft = |text: &str| Drafts::from([("#lobby".to_owned(), text.to_owned())]);
        state.keep_drafts("ada", &draft("half a thought")).unwrap();
        state.keep_drafts("bo", &draft("another")).unwrap();
        assert_eq!(state.take_drafts("zoe").unwrap(), Drafts::new());
        assert_eq!(state.take_drafts("ada").unwrap(), draft("half a thought"));
        assert_eq!(state.take_drafts("ada").unwrap(), Drafts::new());
        assert_eq!(state.take_drafts("bo").unwrap(), draft("another"));
        assert!(!state.drafts_path().exists());
        fs::remove_dir_all(&state.folder).unwrap();
    }

    #[test]
    fn drafts_that_cannot_be_read_are_put_aside_and_never_over_others() {
        let name = format!("hullo-aside-{}", std::process::id());
        let state = State::within(std::env::temp_dir().join(name));
        files::make_folder(&state.folder).unwrap();
        let draft = Drafts::from([("#lobby".to_owned(), "half a thought".to_owned())]);
        for broken in [&b"{\"bo\": {"[..], b"\xff", b"{\"bo\": \"of another form\"}"] {
            fs::write(state.drafts_path(), broken).unwrap();
            assert!(state.take_drafts("ada").is_err());
            state.keep_drafts("ada", &draft).unwrap();
            assert_eq!(state.take_drafts("ada").unwrap(), draft);
        }
        let aside = ["unreadable", "unreadable.2", "unreadable.3"].map(|ending| {
            let path = state.folder.join(format!("{DRAFTS}.{ending}"));
            String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
        });
        assert_eq!(aside, ["{\"bo\": {", "\u{fffd}", "{\"bo\": \"of another form\"}"]);
        fs::remove_dir_all(&state.folder).unwrap();
    }

    #[test]
    fn what_was_sent_is_one_line_and_comes_back_whole() {
        for sent in ["", "hi", "one\ntwo\n", "C:\\new\\", "\\n", "\\", "日本\n\\\n"] {
            let line = escape(sent);
            assert!(!line.contains('\n'), "{sent:?}");
            assert_eq!(unescape(&line), sent);
        }
        assert_eq!(unescape("a\u{1b}[2J\\"), "a[2J\\");
    }
}
