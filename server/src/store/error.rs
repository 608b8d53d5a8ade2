//! What can go wrong with a store, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ErrorCode;

use super::encoding::Damaged;

/// Why a store was not opened. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or a file in it.
    #[error("cannot use the folder {0} for the store: {1}. Allow it, or choose another folder")]
    Folder(PathBuf, io::Error),
    /// Somebody else has it.
    #[error(
        "the store in {0} is in use by another server. Stop that one, or choose another folder"
    )]
    InUse(PathBuf),
    /// Not a store.
    #[error(
        "{0} is not a store of hullo, or its beginning is damaged. It was left as it is: choose \
         another folder, or put the file back from a copy"
    )]
    Foreign(PathBuf),
    /// A store of a newer program.
    #[error(
        "the store in {0} has the format {1}, and this program knows formats up to {2}. It was \
         left as it is: use a newer version of hullo, or choose another folder"
    )]
    Newer(PathBuf, u32, u32),
    /// Something in it is not as it was written.
    #[error(
        "the store in {0} is damaged: {1}. It was left as it is: put the whole folder back from a \
         copy, or move it away to begin with an empty store"
    )]
    Damaged(PathBuf, String),
    /// The database says so.
    #[error("cannot open the store in {0}: {1}")]
    Database(PathBuf, String),
}

/// Why a batch was not committed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too much waits already.
    #[error("the store does not keep up")]
    Busy,
    /// There is no space left.
    #[error("the disk is full")]
    DiskFull,
    /// A `seq` that is not greater than the one before it.
    #[error("an entry is out of order")]
    OutOfOrder,
    /// What was stored before is not as it was written.
    #[error("the store is damaged")]
    Damaged,
    /// The system or the database says so.
    #[error("the store cannot write: {0}")]
    Failed(Arc<str>),
    /// It is no longer open.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            // The database's list of codes is not closed.
            Some(_) | None => Self::Failed(error.to_string().into()),
        }
    }
}

impl From<Damaged> for StoreError {
    fn from(Damaged: Damaged) -> Self {
        Self::Damaged
    }
}
