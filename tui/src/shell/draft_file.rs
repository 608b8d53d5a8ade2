//! The file of drafts that were not sent when the program ended.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files;

const FILE: &str = "drafts.json";

/// Drafts by the title of their buffer.
pub(crate) type Drafts = BTreeMap<String, String>;

/// Several people, or one under several names, may share a machine, and nobody must find the drafts of
/// others.
type ByOwner = BTreeMap<String, Drafts>;

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Adds drafts to those that are stored. A file that cannot be read is renamed first, for it may still
/// be of use.
pub(super) fn save(folder: &Path, owner: &str, drafts: &Drafts) -> io::Result<()> {
    let mut all = match read(folder) {
        Ok(all) => all,
        Err(failure) => {
            let aside = files::put_aside(&path(folder))?;
            let aside = aside.display();
            tracing::warn!(%failure, %aside, "drafts cannot be read, and were put aside");
            ByOwner::new()
        }
    };
    all.entry(owner.to_owned()).or_default().extend(drafts.clone());
    files::write(&path(folder), &serde_json::to_string_pretty(&all)?)
}

/// Reads the drafts of `owner` and removes them from the file.
pub(super) fn take(folder: &Path, owner: &str) -> io::Result<Drafts> {
    let mut all = read(folder)?;
    let Some(drafts) = all.remove(owner) else { return Ok(Drafts::new()) };
    if all.is_empty() {
        fs::remove_file(path(folder))?;
    } else {
        files::write(&path(folder), &serde_json::to_string_pretty(&all)?)?;
    }
    Ok(drafts)
}

fn read(folder: &Path) -> io::Result<ByOwner> {
    match files::text(&path(folder))? {
        Some(text) => Ok(serde_json::from_str(&text)?),
        None => Ok(ByOwner::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafts(text: &str) -> Drafts {
        Drafts::from([("#lobby".to_owned(), text.to_owned())])
    }

    #[test]
    fn drafts_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        save(folder, "ada", &drafts("half a thought")).unwrap();
        save(folder, "bo", &drafts("another")).unwrap();
        assert_eq!(take(folder, "zoe").unwrap(), Drafts::new());
        assert_eq!(take(folder, "ada").unwrap(), drafts("half a thought"));
        assert_eq!(take(folder, "ada").unwrap(), Drafts::new());
        assert_eq!(take(folder, "bo").unwrap(), drafts("another"));
        assert!(!path(folder).exists());
    }

    #[test]
    fn drafts_that_cannot_be_read_are_put_aside_and_never_over_others() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let draft = drafts("half a thought");
        for broken in [&b"{\"bo\": {"[..], b"\xff", b"{\"bo\": \"of another form\"}"] {
            fs::write(path(folder), broken).unwrap();
            assert!(take(folder, "ada").is_err());
            save(folder, "ada", &draft).unwrap();
            assert_eq!(take(folder, "ada").unwrap(), draft);
        }
        let aside = ["unreadable", "unreadable.2", "unreadable.3"].map(|ending| {
            let path = folder.join(format!("{FILE}.{ending}"));
            String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
        });
        assert_eq!(aside, ["{\"bo\": {", "\u{fffd}", "{\"bo\": \"of another form\"}"]);
    }
}
