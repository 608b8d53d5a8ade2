//! What is said, into files: one a room and person. One that cannot be written costs nothing but
//! itself, and is tried again.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::keeper::Keeper;
use crate::chat::log_files::{Addition, LogFiles};
use crate::core::model::Model;
use crate::shell::files;

/// How far it is kept, and what could not be.
#[derive(Debug, Default)]
pub(super) struct Chats {
    log: LogFiles,
    /// Whether it has been told that there is no folder.
    lacks_folder: bool,
    /// The folder of the server that was just left.
    left: Option<PathBuf>,
}

impl Chats {
    /// The server with this folder is left: what could not be written there is tried a last time.
    pub(super) fn leave(&mut self, folder: Option<PathBuf>) {
        self.left = folder;
    }

    /// Keeps what was said since the last time, if the user wants that. The error is for the user,
    /// and comes once for whatever is the matter.
    pub(super) fn keep(&mut self, keeper: &Keeper, model: &Model) -> Result<(), String> {
        let left = self.left.take().map_or(Ok(()), |folder| self.finish(&folder, model));
        let news = [left, self.add(keeper, model)].into_iter().filter_map(Result::err);
        let news: Vec<String> = news.collect();
        if news.is_empty() { Ok(()) } else { Err(news.join("\n")) }
    }

    /// Nothing of one server comes into the folder of another.
    fn finish(&mut self, folder: &Path, model: &Model) -> Result<(), String> {
        let mut lost = Vec::new();
        for addition in self.log.take_failed(&model.buffers, model.now) {
            if let Err(error) = append(folder, &addition) {
                lost.push(format!("the end of {}.log is lost: {error}", addition.file));
            }
        }
        if lost.is_empty() { Ok(()) } else { Err(lost.join("\n")) }
    }

    fn add(&mut self, keeper: &Keeper, model: &Model) -> Result<(), String> {
        // Who has just asked for it is told at once where it cannot be.
        let begins = model.settings.log && !self.log.is_on();
        let additions = self.log.additions(&model.buffers, model.settings.log, model.now);
        if additions.is_empty() && !begins {
            return Ok(());
        }
        let now = model.now.at;
        let folder = keeper.chat_folder();
        let lacked = std::mem::replace(&mut self.lacks_folder, folder.is_err());
        let folder = match folder {
            Ok(folder) => folder,
            Err(error) => {
                for addition in &additions {
                    self.log.failed(addition, now);
                }
                let is_told = lacked && !begins;
                let why = || Err(format!("what is said is not kept: {error}"));
                return if is_told { Ok(()) } else { why() };
            }
        };
        let mut news = Vec::new();
        for addition in &additions {
            match append(&folder, addition) {
                Ok(()) => self.log.written(addition),
                Err(error) if self.log.failed(addition, now) => {
                    news.push(format!("{}.log is not written: {error}", addition.file));
                }
                Err(_) => {}
            }
        }
        if news.is_empty() { Ok(()) } else { Err(news.join("\n")) }
    }
}

fn append(folder: &Path, addition: &Addition) -> io::Result<()> {
    let path = folder.join(format!("{}.log", addition.file));
    files::append(&path)?.write_all(addition.text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::shell::state::State;
    use crate::tests::play::Stage;

    fn keeper(name: &str) -> Keeper {
        let name = format!("hullo-chats-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        Keeper {
            config: None,
            state: Some(State::within(folder)),
            name: "ada".into(),
            server: "ws://lan.example:4856".into(),
            log_path: None,
            is_first: false,
            noted: std::sync::Arc::default(),
        }
    }

    #[test]
    fn what_cannot_be_written_costs_itself_alone_and_is_tried_again() {
        let keeper = keeper("alone");
        let folder = keeper.chats().unwrap();
        let long = "é".repeat(32) + &"🙂".repeat(32);
        let mut stage = Stage::among(80, 24, &["mira", &long]);
        stage.wait(10_000);
        let mut chats = Chats::default();
        stage.line("/set log on");
        assert_eq!(chats.keep(&keeper, &stage.model), Ok(()));
        let blocked = folder.join("mira.log");
        fs::create_dir_all(&blocked).unwrap();
        stage.responded(2, "one", false);
        stage.responded(3, "two", false);
        stage.said(2, "three");
        let told = chats.keep(&keeper, &stage.model).unwrap_err();
        assert!(told.starts_with("mira.log is not written: "), "{told}");
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert!(read("#lobby.log").ends_with("mira: three\n"));
        let file = crate::chat::log_files::file_name(&long) + ".log";
        assert!(read(&file).ends_with(": two\n"));
        stage.wait(29_000);
        stage.responded(2, "four", false);
        assert_eq!(chats.keep(&keeper, &stage.model), Ok(()));
        stage.wait(2_000);
        assert_eq!(chats.keep(&keeper, &stage.model), Ok(()), "told once");
        fs::remove_dir(&blocked).unwrap();
        stage.wait(31_000);
        assert_eq!(chats.keep(&keeper, &stage.model), Ok(()));
        let kept = read("mira.log");
        let said: Vec<&str> = kept.lines().map(|line| &line[21..]).collect();
        assert_eq!(said, ["mira: one", "mira: four"]);
        fs::remove_dir_all(keeper.state.unwrap().folder()).unwrap();
    }

    #[test]
    fn what_is_late_when_a_server_is_left_does_not_come_into_the_folder_of_the_next() {
        for is_mended in [true, false] {
            let mut keeper = keeper(if is_mended { "mended" } else { "lost" });
            let old = keeper.chats().unwrap();
            let mut stage = Stage::among(80, 24, &["mira"]);
            let mut chats = Chats::default();
            stage.line("/set log on");
            assert_eq!(chats.keep(&keeper, &stage.model), Ok(()));
            let blocked = old.join("#lobby.log");
            fs::create_dir_all(&blocked).unwrap();
            stage.said(2, "one");
            assert!(chats.keep(&keeper, &stage.model).is_err());
            if is_mended {
                fs::remove_dir(&blocked).unwrap();
            }
            chats.leave(keeper.chats());
            keeper.go_to("ws://other.example:4856", &crate::shell::state::Drafts::new()).unwrap();
            let told = chats.keep(&keeper, &stage.model).err().unwrap_or_default();
            assert_eq!(told.starts_with("the end of #lobby.log is lost: "), !is_mended, "{told}");
            stage.said(2, "two");
            assert_eq!(chats.keep(&keeper, &stage.model), Ok(()));
            let new = fs::read_to_string(keeper.chats().unwrap().join("#lobby.log")).unwrap();
            assert!(new.ends_with("mira: two\n") && new.lines().count() == 1, "{new}");
            if is_mended {
                assert!(fs::read_to_string(&blocked).unwrap().contains("mira: one"));
            }
            fs::remove_dir_all(keeper.state.unwrap().folder()).unwrap();
        }
    }

    #[test]
    fn who_asks_for_it_is_told_at_once_where_nothing_can_be_kept() {
        let keeper = Keeper { state: None, ..keeper("nowhere") };
        let mut stage = Stage::among(80, 24, &["mira"]);
        let mut chats = Chats::default();
        assert_eq!(chats.keep(&keeper, &stage.model), Ok(()));
        for _ in 0..2 {
            stage.line("/log on");
            let told = chats.keep(&keeper, &stage.model).unwrap_err();
            assert!(told.starts_with("what is said is not kept: no folder"), "{told}");
            stage.said(2, "one");
            assert_eq!(chats.keep(&keeper, &stage.model), Ok(()), "told once");
            stage.line("/log off");
            assert_eq!(chats.keep(&keeper, &stage.model), Ok(()));
        }
    }
}
