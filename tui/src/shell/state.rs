//! The state folder: logs, input history and drafts, accessible to their owner alone.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::files;

/// A log that is larger than this is rotated when it is opened.
const MAX_LOG_BYTES: u64 = 1024 * 1024;

/// The state folder.
#[derive(Clone, Debug)]
pub(crate) struct State {
    folder: PathBuf,
}

impl State {
    /// A state folder anywhere, for tests.
    #[cfg(test)]
    pub(crate) fn within(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// `$XDG_STATE_HOME/hullo`, which is created if need be.
    pub(crate) fn open() -> io::Result<Self> {
        let strategy = etcetera::choose_base_strategy().map_err(io::Error::other)?;
        let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        let state = Self { folder: base.join("hullo") };
        files::make_folder(&state.folder)?;
        // An earlier version made it accessible to all.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if state.folder.metadata()?.permissions().mode() & 0o077 != 0 {
                fs::set_permissions(&state.folder, fs::Permissions::from_mode(0o700))?;
            }
        }
        Ok(state)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Opens a log for appending; returns its path, too.
    pub(crate) fn open_log(&self, name: &str) -> io::Result<(File, PathBuf)> {
        let path = self.folder.join(name);
        if path.metadata().is_ok_and(|log| log.len() > MAX_LOG_BYTES) {
            fs::rename(&path, path.with_extension("log.1"))?;
        }
        Ok((files::append(&path)?, path))
    }
}
