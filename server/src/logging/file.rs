//! A log file that does not grow for ever: when it is full it is put aside, and a new one begins.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How large a file becomes. With the one put aside, a log takes twice of that.
const MAX_BYTES: u64 = 1024 * 1024;

/// A file at a path, and one more at the path with `.1` behind it.
#[derive(Debug)]
pub(super) struct RotatingFile {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl RotatingFile {
    /// Goes on with the file at this path; a new one is for its owner alone.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = append(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, bytes })
    }

    /// If that fails, the old file goes on, and the next attempt is as far away as ever: there is
    /// a log in any case.
    fn rotate(&mut self) -> io::Result<()> {
        self.bytes = 0;
        match fs::rename(&self.path, put_aside(&self.path)) {
            // Somebody else took it away, as tools that rotate logs do.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            renamed => renamed?,
        }
        self.file = append(&self.path)?;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes > 0
            && self.bytes + line.len() as u64 > MAX_BYTES
            && let Err(error) = self.rotate()
        {
            tracing::warn!(%error, "the log cannot be put aside; it grows on");
        }
        let written = self.file.write(line)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn put_aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_is_put_aside_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.log");
        fs::write(&path, "from an earlier run\n").unwrap();
        let mut log = RotatingFile::open(&path).unwrap();
        let line = vec![b'x'; 300_000];
        for _ in 0..3 {
            log.write_all(&line).unwrap();
        }
        assert_eq!(fs::metadata(&path).unwrap().len(), 900_020);
        log.write_all(&line).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 300_000);
        let aside = fs::read(folder.path().join("server.log.1")).unwrap();
        assert!(aside.starts_with(b"from an earlier run\n"));
        for _ in 0..20 {
            log.write_all(&line).unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
