//! The file of drafts that are not sent yet. It always holds what the running program shows, so that
//! nothing is lost however that ends.
//!
//! Several programs use it at once. The first of an owner holds the owner's drafts, and the file has
//! what it shows. Others beside it show none of them, and leave theirs at their end for the next
//! start.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::files;
use crate::chat::log_files::file_name;

const FILE: &str = "drafts.json";

/// Follows the owner of drafts that a program left which did not hold them.
const BESIDE: &str = " (beside)";

/// Drafts by what they are for: the title of a room, or room, session and name.
pub(crate) type Drafts = BTreeMap<String, String>;

/// Several people, or one under several names, may share a machine, and nobody must find the drafts of
/// others.
type ByOwner = BTreeMap<String, Drafts>;

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// The right to restore and replace what an owner left; it ends with the program at the latest.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(super) owner: String,
    _lock: File,
}

impl Hold {
    /// `None` if another program has it.
    pub(super) fn take(folder: &Path, owner: &str) -> io::Result<Option<Self>> {
        let locks = folder.join("screens");
        files::make_folder(&locks)?;
        let lock = files::append(&locks.join(format!("{}.lock", file_name(owner))))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { owner: owner.to_owned(), _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// All drafts of the owner. They stay in the file.
    pub(super) fn read(&self, folder: &Path) -> io::Result<Drafts> {
        edit(folder, |all| {
            let beside = all.remove(&format!("{}{BESIDE}", self.owner)).unwrap_or_default();
            let drafts = all.entry(self.owner.clone()).or_default();
            add(drafts, beside);
            Ok(drafts.clone())
        })
    }

    /// Replaces the drafts of the owner.
    pub(super) fn write(&self, folder: &Path, drafts: &Drafts) -> io::Result<()> {
        edit_or_put_aside(folder, |all| {
            all.insert(self.owner.clone(), drafts.clone());
        })
    }
}

/// Leaves drafts for the next program that holds those of this owner.
pub(super) fn leave(folder: &Path, owner: &str, drafts: &Drafts) -> io::Result<()> {
    edit_or_put_aside(folder, |all| {
        add(all.entry(format!("{owner}{BESIDE}")).or_default(), drafts.clone());
    })
}

/// Adds drafts, below those that are for the same room or person.
pub(super) fn add(to: &mut Drafts, more: Drafts) {
    for (key, draft) in more {
        let text = to.entry(key).or_default();
        match &**text {
            "" => *text = draft,
            before if before == draft => {}
            before => *text = format!("{before}\n{draft}"),
        }
    }
}

/// A file that cannot be read is renamed first, for it may still be of use.
fn edit_or_put_aside(folder: &Path, change: impl Fn(&mut ByOwner)) -> io::Result<()> {
    let changed = |all: &mut ByOwner| {
        change(all);
        Ok(())
    };
    let Err(failure) = read(folder) else { return edit(folder, changed) };
    let aside = files::put_aside(&path(folder))?;
    let aside = aside.display();
    tracing::warn!(%failure, %aside, "drafts cannot be read, and were put aside");
    edit(folder, changed)
}

/// Changes the file while no other program does.
fn edit<T>(folder: &Path, change: impl FnOnce(&mut ByOwner) -> io::Result<T>) -> io::Result<T> {
    let lock = files::append(&folder.join("drafts.lock"))?;
    lock.lock()?;
    let before = read(folder)?;
    let mut all = before.clone();
    let outcome = change(&mut all)?;
    all.retain(|_, drafts| !drafts.is_empty());
    if all != before {
        if all.is_empty() {
            std::fs::remove_file(path(folder))?;
        } else {
            files::write(&path(folder), &serde_json::to_string_pretty(&all)?)?;
        }
    }
    Ok(outcome)
}

fn read(folder: &Path) -> io::Result<ByOwner> {
    match files::text(&path(folder))? {
        Some(text) => Ok(serde_json::from_str(&text)?),
        None => Ok(ByOwner::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn drafts(text: &str) -> Drafts {
        Drafts::from([("#lobby".to_owned(), text.to_owned())])
    }

    fn hold(folder: &Path, owner: &str) -> Hold {
        Hold::take(folder, owner).unwrap().unwrap()
    }

    #[test]
    fn drafts_are_their_owners_alone_and_stay_until_they_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (ada, bo) = (hold(folder, "ada"), hold(folder, "bo"));
        ada.write(folder, &drafts("half a thought")).unwrap();
        bo.write(folder, &drafts("another")).unwrap();
        assert_eq!(hold(folder, "zoe").read(folder).unwrap(), Drafts::new());
        for _ in 0..2 {
            assert_eq!(ada.read(folder).unwrap(), drafts("half a thought"));
        }
        ada.write(folder, &Drafts::new()).unwrap();
        assert_eq!(ada.read(folder).unwrap(), Drafts::new());
        assert_eq!(bo.read(folder).unwrap(), drafts("another"));
        bo.write(folder, &Drafts::new()).unwrap();
        assert!(!path(folder).exists());
    }

    #[test]
    fn one_program_holds_the_drafts_and_what_others_leave_comes_with_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let first = hold(folder, "ada");
        first.write(folder, &drafts("one")).unwrap();
        assert!(Hold::take(folder, "ada").unwrap().is_none());
        leave(folder, "ada", &drafts("two")).unwrap();
        leave(folder, "ada", &drafts("two")).unwrap();
        first.write(folder, &drafts("one more")).unwrap();
        drop(first);
        assert_eq!(hold(folder, "ada").read(folder).unwrap(), drafts("one more\ntwo"));
    }

    #[test]
    fn programs_that_write_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..8).map(|n| format!("ada{n}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                scope.spawn(|| leave(folder.path(), name, &drafts(name)).unwrap());
            }
        });
        for name in &names {
            assert_eq!(hold(folder.path(), name).read(folder.path()).unwrap(), drafts(name));
        }
    }

    #[test]
    fn drafts_that_cannot_be_read_are_put_aside_and_never_over_others() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let (draft, ada) = (drafts("half a thought"), hold(folder, "ada"));
        for broken in [&b"{\"bo\": {"[..], b"\xff", b"{\"bo\": \"of another form\"}"] {
            fs::write(path(folder), broken).unwrap();
            assert!(ada.read(folder).is_err());
            ada.write(folder, &draft).unwrap();
            assert_eq!(ada.read(folder).unwrap(), draft);
        }
        let aside = ["unreadable", "unreadable.2", "unreadable.3"].map(|ending| {
            let path = folder.join(format!("{FILE}.{ending}"));
            String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
        });
        assert_eq!(aside, ["{\"bo\": {", "\u{fffd}", "{\"bo\": \"of another form\"}"]);
    }
}
