//! Stores that cannot be used are refused, with what to do, and left as they are.

use super::*;

/// Everything in a folder, but for the empty file that says whose it is.
fn files(folder: &Folder) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(&folder.0)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .filter(|(_, content)| !content.is_empty())
        .collect();
    files.sort();
    files
}

#[track_caller]
fn refused(folder: &Folder) -> String {
    let before = files(folder);
    let error = Store::open(&folder.0, RELAXED).unwrap_err();
    assert_eq!(files(folder), before, "it was changed");
    let place = folder.0.canonicalize().unwrap().display().to_string();
    error.to_string().replace(&place, "DIR")
}

fn closed_store() -> Folder {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    commit(&store, entries("room:a", 1..=20)).unwrap();
    drop(store);
    folder
}

fn patch(path: &Path, at: usize, bytes: &[u8]) {
    let mut content = fs::read(path).unwrap();
    content[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(path, content).unwrap();
}

#[test]
fn what_is_no_store() {
    let foreign = "DIR/store.db is not a store of hullo, or its beginning is damaged. It was left \
                   as it is: choose another folder, or put the file back from a copy";
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    for content in [&b""[..], b"shopping list", &[b'x'; 10_000]] {
        fs::write(folder.file("store.db"), content).unwrap();
        assert_eq!(refused(&folder), foreign);
        assert_eq!(fs::read(folder.file("store.db")).unwrap(), content);
    }
    fs::remove_file(folder.file("store.db")).unwrap();
    let other = rusqlite::Connection::open(folder.file("store.db")).unwrap();
    other.execute_batch("CREATE TABLE room (key INTEGER PRIMARY KEY, row BLOB)").unwrap();
    drop(other);
    assert_eq!(refused(&folder), foreign);
}

#[test]
fn a_newer_store() {
    let folder = closed_store();
    patch(&folder.file("store.db"), 60, &2_u32.to_be_bytes());
    let newer = "the store in DIR/store.db has the format 2, and this program knows formats up to \
                 1. It was left as it is: use a newer version of hullo, or choose another folder";
    assert_eq!(refused(&folder), newer);
}

#[test]
fn a_store_without_its_main_file() {
    let folder = closed_store();
    fs::remove_file(folder.file("store.db")).unwrap();
    let missing = "the store in DIR is damaged: its file store.db is missing. It was left as it \
                   is: put the whole folder back from a copy, or move it away to begin with an \
                   empty store";
    assert_eq!(refused(&folder), missing);
}

#[test]
fn a_store_whose_end_is_missing() {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    commit(&store, entries("room:a", [1])).unwrap();
    let before = folder.copy();
    commit(&store, entries("room:a", [2])).unwrap();
    let killed = folder.copy();
    fs::copy(before.file("store.db-wal"), killed.file("store.db-wal")).unwrap();
    let lost = "the store in DIR is damaged: its end is missing, which was confirmed to people. It \
                was left as it is: put the whole folder back from a copy, or move it away to begin \
                with an empty store";
    assert_eq!(refused(&killed), lost);
}

#[test]
fn a_changed_row() {
    let folder = closed_store();
    let content = fs::read(folder.file("store.db")).unwrap();
    for at in 0..content.len() {
        if content[at..].starts_with(br#""number":9"#) {
            patch(&folder.file("store.db"), at + 9, b"8"); // with what is left of former pages
        }
    }
    let changed = "the store in DIR is damaged: something in it is not as it was written. It was \
                   left as it is: put the whole folder back from a copy, or move it away to begin \
                   with an empty store";
    assert_eq!(refused(&folder), changed);
}

#[test]
fn a_store_that_somebody_else_has() {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    commit(&store, entries("room:a", [1])).unwrap();
    let used = "is in use by another server. Stop that one, or choose another folder";
    assert!(Store::open(&folder.0, STRICT).unwrap_err().to_string().ends_with(used));
    let other = run_child("refused::child_opens", &folder.0).output().unwrap();
    let said = String::from_utf8_lossy(&other.stdout).into_owned();
    assert!(other.status.success() && said.contains(used), "{said}");
    assert_eq!(commit(&store, entries("room:a", [2])), Ok(()));
    drop(store);
    assert_eq!(folder.content(), [room("room:a", [1, 2])]);
}

#[test]
#[ignore = "a process that another test starts"]
fn child_opens() {
    if let Some(folder) = given_folder() {
        println!("{}", Store::open(&folder, STRICT).unwrap_err());
    }
}

#[test]
fn a_folder_that_cannot_be_made() {
    let folder = Folder::new();
    fs::write(&folder.0, "a file").unwrap();
    let error = Store::open(&folder.0, STRICT).unwrap_err().to_string();
    fs::remove_file(&folder.0).unwrap();
    assert!(error.starts_with("cannot use the folder "), "{error}");
    assert!(error.ends_with(". Allow it, or choose another folder"), "{error}");
}

#[test]
fn a_store_that_was_being_made_when_its_process_was_killed_is_made_again() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    fs::write(folder.file("store.new"), "half of it").unwrap();
    assert_eq!(folder.content(), []);
}
