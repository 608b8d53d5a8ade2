//! Opens a store, or makes a new one. What cannot be used is refused, and nothing of it is changed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::database::{Database, PUT_STORE, TABLES};
use super::encoding::StoreRow;
use super::error::{OpenError, StoreError};
use super::loading::{load, load_store};
use super::promise::{Found, Promise};
use super::record::Loaded;
use super::{Durability, Options};

/// What every file of the database begins with, and where the format and the program are named.
const DATABASE_MARK: &[u8] = b"SQLite format 3\0";
const WRITE_AHEAD_AT: usize = 18;
const FORMAT_AT: usize = 60;
const PROGRAM_AT: usize = 68;
const HEADER_BYTES: usize = 100;

/// Names this program in the header of the database: "hulo".
const PROGRAM: i32 = i32::from_be_bytes(*b"hulo");

/// The format that this program writes.
const FORMAT: u32 = 1;

/// After how many pages (of 4 KiB) in the write-ahead log they are moved to where they belong.
const CHECKPOINT_PAGES: i32 = 4000;

/// How much memory the database may use to keep pages, in KiB.
const CACHE_KIB: i32 = 16 * 1024;

/// Opens the store in a folder.
pub(super) fn open(folder: &Path, options: &Options) -> Result<(Database, Loaded), OpenError> {
    let failed = |error| OpenError::Folder(folder.to_owned(), error);
    create_folder(folder).map_err(failed)?;
    // The database would take a path that begins with `file:` for something else.
    let folder = &fs::canonicalize(folder).map_err(failed)?;
    let promise = Promise::lock(&folder.join("store.reported")).map_err(|error| match error {
        TryLockError::Error(error) => failed(error),
        TryLockError::WouldBlock => OpenError::InUse(folder.to_owned()),
    })?;
    let file = folder.join("store.db");
    if !file.try_exists().map_err(failed)? {
        create(folder, &file, promise.found, options.new_token_key)?;
    }
    check_header(&file)?;
    let refused = |error| refusal(folder, error);
    let connection = connect(&file).map_err(|error| refused(error.into()))?;
    let store = load_store(&connection).map_err(refused)?;
    check_promise(folder, promise.found, &store, options.durability)?;
    let (rooms, loaded) = load(&connection, store, &options.loading).map_err(refused)?;
    let durability = options.durability;
    let database = Database { connection, durability, promise, rooms };
    let database = begin(database).map_err(refused)?;
    Ok((database, loaded))
}

/// For its owner alone: what is said in rooms is nobody else's business.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes an empty store under another name, and renames it when it is whole.
fn create(
    folder: &Path,
    file: &Path,
    promised: Found,
    token_key: [u8; 32],
) -> Result<(), OpenError> {
    let is_part_of_a_store = match promised {
        Found::Nothing | Found::Commits(0) => log_of(file).exists(),
        Found::Commits(_) | Found::Damaged => true,
    };
    if is_part_of_a_store {
        let problem = "its file store.db is missing".to_owned();
        return Err(OpenError::Damaged(folder.to_owned(), problem));
    }
    let failed = |error| OpenError::Folder(folder.to_owned(), error);
    let unfinished = folder.join("store.new");
    create_file(&unfinished).map_err(failed)?;
    fill(&unfinished, token_key).map_err(|error| refusal(folder, error.into()))?;
    fs::rename(&unfinished, file).map_err(failed)?;
    flush_folder(folder).map_err(failed)
}

fn create_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn fill(path: &Path, token_key: [u8; 32]) -> rusqlite::Result<()> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "application_id", PROGRAM)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    connection.execute_batch(TABLES)?;
    let store = StoreRow { commits: 0, next_room: 1, rooms_digest: 0, token_key };
    connection.execute(PUT_STORE, [store.encode()])?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)
}

/// A renamed file is there after a loss of power only if its folder was flushed.
#[cfg(unix)]
fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Here a folder cannot be flushed.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where there is something to do")]
fn flush_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Looks at the file before the database does, which would change it.
fn check_header(file: &Path) -> Result<(), OpenError> {
    let mut header = [0; HEADER_BYTES];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut header));
    read.map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => OpenError::Foreign(file.to_owned()),
        _ => OpenError::Folder(file.to_owned(), error),
    })?;
    let number =
        |at: usize| header[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    if !header.starts_with(DATABASE_MARK) || number(PROGRAM_AT) != PROGRAM.cast_unsigned() {
        return Err(OpenError::Foreign(file.to_owned()));
    }
    let format = number(FORMAT_AT);
    if format > FORMAT {
        return Err(OpenError::Newer(file.to_owned(), format, FORMAT));
    }
    // Otherwise the database would not look at its write-ahead log.
    if format != FORMAT || header[WRITE_AHEAD_AT..WRITE_AHEAD_AT + 2] != [2, 2] {
        let problem = "its header is not as it was written".to_owned();
        return Err(OpenError::Damaged(file.to_owned(), problem));
    }
    Ok(())
}

/// Until it is known to be whole, nothing of it is moved or deleted, not even when it is closed.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

/// Whether everything that was reported is there.
fn check_promise(
    folder: &Path,
    promised: Found,
    store: &StoreRow,
    durability: Durability,
) -> Result<(), OpenError> {
    let problem = match (promised, durability) {
        (Found::Damaged, _) => "its file store.reported is not as it was written",
        (Found::Commits(commits), _) if commits > store.commits => {
            "its end is missing, which was confirmed to people"
        }
        (Found::Commits(_) | Found::Nothing, _) => return Ok(()),
    };
    Err(OpenError::Damaged(folder.to_owned(), problem.to_owned()))
}

/// The store is whole: from here on it is written to.
fn begin(mut database: Database) -> Result<Database, StoreError> {
    database.set_durability()?;
    database.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    let promised = match database.durability {
        Durability::Strict => database.rooms.store.commits,
        Durability::Relaxed => 0, // a loss of power may take what was reported
    };
    let noted = database.promise.write(promised).and_then(|()| database.promise.flush());
    noted.map_err(|error| StoreError::Failed(error.to_string().into()))?;
    Ok(database)
}

fn refusal(folder: &Path, error: StoreError) -> OpenError {
    let folder = folder.to_owned();
    match error {
        StoreError::Damaged => {
            OpenError::Damaged(folder, "something in it is not as it was written".to_owned())
        }
        error => OpenError::Database(folder, error.to_string()),
    }
}
