//! The file of the input history, one line for each entry.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::files;
use crate::core::model::MAX_HISTORY;

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("history")
}

/// Reads the history, oldest first, and truncates a file that has grown long.
pub(super) fn read(folder: &Path) -> io::Result<Vec<String>> {
    let path = path(folder);
    let text = files::text(&path)?.unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let kept = &lines[lines.len().saturating_sub(MAX_HISTORY)..];
    // Rarely, for another process may be appending to it at this moment.
    if lines.len() > 2 * MAX_HISTORY {
        files::write(&path, &(kept.join("\n") + "\n"))?;
    }
    Ok(kept.iter().map(|line| unescape(line)).collect())
}

/// Appends an entry.
pub(super) fn append(folder: &Path, sent: &str) -> io::Result<()> {
    files::append(&path(folder))?.write_all((escape(sent) + "\n").as_bytes())
}

/// Makes one line of an entry.
fn escape(sent: &str) -> String {
    sent.replace('\\', "\\\\").replace('\n', "\\n")
}

/// The reverse of [`escape`]. Control characters are removed, for the file may have been edited.
fn unescape(line: &str) -> String {
    let mut sent = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => sent.push('\n'),
                other => sent.push(other.unwrap_or('\\')),
            },
            letter => sent.push(letter),
        }
    }
    hullo::text::clean_text(&sent).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_one_line_and_comes_back_whole() {
        for sent in ["", "hi", "one\ntwo\n", "C:\\new\\", "\\n", "\\", "日本\n\\\n"] {
            let line = escape(sent);
            assert!(!line.contains('\n'), "{sent:?}");
            assert_eq!(unescape(&line), sent);
        }
        assert_eq!(unescape("a\u{1b}[2J\\"), "a[2J\\");
    }
}
