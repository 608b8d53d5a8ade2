//! The state of the chat logs.

use crate::chat::log_files::LogFiles;

#[derive(Clone, Debug, Default)]
pub(crate) struct ChatFiles {
    pub(crate) log: LogFiles,
    /// The server whose chat logs are written.
    pub(crate) server: String,
    /// How many additions are not confirmed yet.
    pub(crate) pending: usize,
}
