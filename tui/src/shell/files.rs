//! The program's files: where they are, and how they are read and written.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::config::{self, Config};
use crate::core::update::COMMANDS;
use crate::failure::Failure;

/// The path of the configuration: the given one, or the default. `None` if the user has no home.
pub(crate) fn config_path(given: Option<&Path>) -> Option<PathBuf> {
    let in_home = || Some(config_folder()?.join("config.toml"));
    given.map(Path::to_owned).or_else(in_home)
}

/// The folder of the user's configuration. `None` if the user has no home.
pub(crate) fn config_folder() -> Option<PathBuf> {
    Some(etcetera::choose_base_strategy().ok()?.config_dir().join("hullo"))
}

/// Reads the configuration. It may be missing, unless its path was given.
pub(crate) fn config(given: Option<&Path>) -> Result<Config, Failure> {
    let Some(path) = config_path(given) else { return Ok(Config::default()) };
    let text = text(&path).map_err(|error| unreadable(&path, &error))?;
    match text {
        Some(text) => Ok(config::read(&text, COMMANDS)),
        None if given.is_some() => {
            Err(Failure::usage(format!("there is no configuration {}", path.display())))
        }
        None => Ok(Config::default()),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot read the configuration {}: {error}", path.display()))
}

/// Expands `~` at the beginning of a path, as a shell would.
pub(crate) fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest),
        (Some(_), Err(_)) | (None, _) => PathBuf::from(path),
    }
}

/// The text of a file; `None` if there is no such file.
pub(crate) fn text(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The end of a file, so many bytes at most.
pub(crate) fn end(path: &Path, most: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes a file atomically. A new one is readable by its owner alone.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    // A link stays, and the file behind it is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = path.metadata().ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        // A device or a pipe would be replaced by a file.
        return Err(io::Error::other("it is not a regular file"));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    make_folder(folder)?;
    let mut file = tempfile::Builder::new().prefix(".hullo-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

/// Writes a file that must not exist yet, with the default permissions.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    File::create_new(path)?.write_all(text.as_bytes())
}

/// Renames a file that cannot be read to a name that is free; returns that name.
pub(crate) fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let first = std::iter::once(format!("{name}.unreadable"));
    let mut names = first.chain((2_u32..).map(|n| format!("{name}.unreadable.{n}")));
    loop {
        let aside = path.with_file_name(names.next().unwrap_or_default());
        // The name is reserved first, in case two processes do this at once.
        match private().write(true).create_new(true).open(&aside) {
            Ok(_) => {
                let moved = fs::rename(path, &aside);
                if moved.is_err() {
                    fs::remove_file(&aside).ok();
                }
                return moved.map(|()| aside);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Opens a file for appending; a new one is readable by its owner alone.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    private().append(true).open(path)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a folder and its missing parents, accessible to their owner alone.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("config.toml");
        let _held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let why = write(&socket, "bell = false\n").unwrap_err();
        assert_eq!(why.to_string(), "it is not a regular file");
        assert!(!socket.metadata().unwrap().is_file());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }
}
