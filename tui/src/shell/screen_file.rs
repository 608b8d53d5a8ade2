//! The file of what was on screen, one for each owner. Only the program that holds what the owner left
//! reads and writes it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::files;
use crate::chat::log_files::file_name;
use crate::core::kept_screen::KeptScreen;

pub(super) fn path(folder: &Path, owner: &str) -> PathBuf {
    folder.join("screens").join(format!("{}.json", file_name(owner)))
}

/// Reads what was on screen.
pub(super) fn read(path: &Path) -> io::Result<Option<KeptScreen>> {
    let Some(text) = files::text(path)? else { return Ok(None) };
    Ok(Some(serde_json::from_str(&text)?))
}

/// Replaces it; `None` removes it.
pub(super) fn write(path: &Path, screen: Option<&KeptScreen>) -> io::Result<()> {
    match screen {
        Some(screen) => files::write(path, &serde_json::to_string_pretty(screen)?),
        None => match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        },
    }
}
