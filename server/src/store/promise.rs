//! The number of the newest commit that was reported, kept beside the database.
//!
//! A database that finds the end of its write-ahead log damaged goes on from the last whole commit
//! before the damage, and cannot know whether what follows was ever reported to anybody. This file
//! knows. It is not flushed to the disk, so after a loss of power it may be older than the
//! database, but never newer. It is also what keeps a second process out.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::encoding::checksum;

const MARK: &[u8; 8] = b"hullolog";
const BYTES: usize = 24;

/// The file, locked for as long as this lives.
#[derive(Debug)]
pub(super) struct Promise {
    file: File,
    /// What was in it.
    pub(super) found: Found,
}

/// What was in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There was no file, or it was empty.
    Nothing,
    /// Commits up to this one were reported.
    Commits(u64),
    /// Something that this program did not write.
    Damaged,
}

impl Promise {
    /// Opens the file, or makes it.
    pub(super) fn lock(path: &Path) -> Result<Self, TryLockError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(TryLockError::Error)?;
        file.try_lock()?;
        let mut bytes = Vec::new();
        let read = (&mut file).take(BYTES as u64 + 1).read_to_end(&mut bytes);
        read.map_err(TryLockError::Error)?;
        Ok(Self { file, found: Found::of(&bytes) })
    }

    /// Takes note that commits up to this one are reported.
    pub(super) fn write(&mut self, commits: u64) -> io::Result<()> {
        let content = [&MARK[..], &commits.to_le_bytes()].concat();
        let sum = checksum(&[&content]).to_le_bytes();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&[&content[..], &sum].concat())
    }

    /// Waits until the file is on the disk with its size: later it is only overwritten.
    pub(super) fn flush(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

impl Drop for Promise {
    /// A process that is being started may still have the file for a moment.
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}

impl Found {
    fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Nothing;
        }
        let Some((content, sum)) = bytes.split_at_checked(BYTES - 8) else { return Self::Damaged };
        let commits = content.last_chunk().map(|commits| u64::from_le_bytes(*commits));
        match commits {
            Some(commits)
                if content.starts_with(MARK) && *sum == checksum(&[content]).to_le_bytes() =>
            {
                Self::Commits(commits)
            }
            Some(_) | None => Self::Damaged,
        }
    }
}
