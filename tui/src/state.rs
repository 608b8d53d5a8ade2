//! The folder for what hullo keeps between two runs: the log of the server it started.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;

use etcetera::BaseStrategy;

/// A log that has grown beyond this is put aside when the next one is opened.
const MAX_LOG_BYTES: u64 = 1024 * 1024;

/// `$XDG_STATE_HOME/hullo`, made if need be; `None` if this user has no home.
fn folder() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("hullo");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder)
}

/// Opens a log in the state folder for appending, readable by its owner alone. Says where it is.
pub(crate) fn open_log(name: &str) -> io::Result<(File, PathBuf)> {
    let folder = folder().ok_or_else(|| io::Error::other("this user has no state folder"))?;
    let path = folder.join(name);
    if path.metadata().is_ok_and(|log| log.len() > MAX_LOG_BYTES) {
        std::fs::rename(&path, path.with_extension("log.1"))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok((options.open(&path)?, path))
}
