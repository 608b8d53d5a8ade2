//! What is said, as lines of a file: for those who want it kept. Nothing is written unless the user
//! asked for it.

use std::collections::BTreeMap;

use crate::model::{Buffer, BufferId, Model};
use crate::transcript::{Entry, EntryId, What};

/// How far each buffer is written.
#[derive(Debug, Default)]
pub(crate) struct ChatLog {
    /// The first entry that is not written; none while nothing is to be kept.
    next: Option<BTreeMap<BufferId, EntryId>>,
}

/// What is to be added to one file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Addition {
    /// The buffer's title, made fit for a file's name.
    pub(crate) file: String,
    /// Whole lines, the last one ended, too.
    pub(crate) text: String,
}

impl ChatLog {
    /// What came since the last time. What was there before the user asked is not written.
    pub(crate) fn additions(&mut self, model: &Model) -> Vec<Addition> {
        let talks = || model.buffers.iter().filter(|buffer| buffer.by_way_of().is_some());
        if !model.settings.log {
            self.next = None;
            return Vec::new();
        }
        let Some(next) = &mut self.next else {
            self.next = Some(talks().map(|buffer| (buffer.id, behind(buffer))).collect());
            return Vec::new();
        };
        let added = talks().filter_map(|buffer| {
            let from = next.insert(buffer.id, behind(buffer)).unwrap_or_default();
            let from = from.max(buffer.log.first_id());
            let lines: String = (from..behind(buffer)).filter_map(|id| line(buffer, id)).collect();
            (!lines.is_empty()).then(|| Addition { file: file_name(&buffer.title()), text: lines })
        });
        added.collect()
    }
}

fn behind(buffer: &Buffer) -> EntryId {
    buffer.log.last_id().map_or(buffer.log.first_id(), |last| last + 1)
}

/// An entry as a line, if it is worth one: what was said, who said helo, and where the line broke.
fn line(buffer: &Buffer, id: EntryId) -> Option<String> {
    let entry = buffer.log.entry(id)?;
    let counts = matches!(entry.what, What::Said(_) | What::Card(_) | What::Line(_));
    counts.then(|| dated(entry)).flatten()
}

/// An entry with its time, as a line that is ended. What it has more than one line of is indented:
/// nobody can write a line that looks like another's.
pub(crate) fn dated(entry: &Entry) -> Option<String> {
    let at = entry.at.wall.strftime("%Y-%m-%d %H:%M:%S");
    Some(format!("{at}  {}\n", told(&entry.what)?.replace('\n', "\n\t")))
}

/// An entry in words; a rule between two days is none.
fn told(what: &What) -> Option<String> {
    Some(match what {
        What::Said(said) => format!("{}: {}", said.name, said.text),
        What::Named(origin, said) => format!("{} {}: {}", origin.title, said.name, said.text),
        What::Told(_, text) | What::Line(text) => text.clone(),
        What::Card(card) => format!("{} arrived and said helo", card.name),
        What::Helo(helo) => format!("you said helo, {} answered", helo.answers.len()),
        What::Group(group) => crate::rows::told(group),
        What::Passed(title, folded) => format!("{title} {}", crate::rows::passed(folded)),
        What::Flood(flood) => {
            format!("{} arrived, {} left", flood.shown.arrived, flood.shown.left)
        }
        What::Day(_) => return None,
    })
}

/// A title as the name of a file: letters, digits and a few signs stay, all else is written as in
/// an address, so that no title leads out of the folder and no two share a file.
pub(crate) fn file_name(title: &str) -> String {
    let mut name = String::new();
    for (at, letter) in title.chars().enumerate() {
        let stays = letter.is_alphanumeric() || matches!(letter, '#' | '-' | '_' | '~' | '.');
        if stays && (at > 0 || letter != '.') {
            name.push(letter);
        } else {
            let mut bytes = [0; 4];
            name.extend(letter.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::play::Stage;

    #[test]
    fn what_is_said_after_the_user_asked_is_written_once() {
        let mut stage = Stage::among(80, 24, &["mira"]);
        let mut log = ChatLog::default();
        stage.said(2, "before");
        assert_eq!(log.additions(&stage.model), []);
        stage.line("/set log on");
        assert_eq!(log.additions(&stage.model), []);
        stage.wait(10_000);
        stage.said(2, "one\ntwo");
        stage.responded(2, "psst", false);
        let text = |text: &str| format!("2026-11-24 09:40:10  {text}\n");
        let added = |file: &str, text: String| Addition { file: file.into(), text };
        assert_eq!(
            log.additions(&stage.model),
            [added("#lobby", text("mira: one\n\ttwo")), added("mira", text("mira: psst"))]
        );
        assert_eq!(log.additions(&stage.model), []);
        stage.line("/set log off");
        stage.said(2, "after");
        assert_eq!(log.additions(&stage.model), []);
    }

    #[test]
    fn no_title_leads_out_of_the_folder() {
        for (title, expected) in [
            ("#lobby", "#lobby"),
            ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
            ("ada~2", "ada~2"),
            ("a b", "a%20b"),
            ("日本", "日本"),
            (".", "%2E"),
        ] {
            assert_eq!(file_name(title), expected);
        }
    }
}
