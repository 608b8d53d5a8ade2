//! How far what is said is written to files.

use crate::chat::log_files::LogFiles;

#[derive(Clone, Debug, Default)]
pub(crate) struct ChatFiles {
    pub(crate) log: LogFiles,
    /// The server whose files are written.
    pub(crate) server: String,
    /// How many additions are being written.
    pub(crate) pending: usize,
}
