//! What is said, as lines of a file: for those who want it kept. Nothing is written unless the user
//! asked for it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::chat::transcript::{Entry, EntryId, What};
use crate::time::Now;

use crate::chat::buffer::{Buffer, BufferId};
use crate::core::model::Model;

/// The longest name of a file in bytes: most systems take 255, and something is put behind it.
const MAX_NAME_BYTES: usize = 200;

/// When a file that could not be written is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// How far each buffer is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChatLog {
    /// The first entry that is not written; none while nothing is to be kept.
    next: Option<BTreeMap<BufferId, EntryId>>,
    /// Buffers that could not be written, and when they are tried again.
    late: BTreeMap<BufferId, Instant>,
}

/// What is to be added to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addition {
    buffer: BufferId,
    from: EntryId,
    /// The buffer's title, made fit for a file's name.
    pub(crate) file: String,
    /// Whole lines, the last one ended, too.
    pub(crate) text: String,
}

impl ChatLog {
    /// Whether what is said is kept.
    pub(crate) fn is_on(&self) -> bool {
        self.next.is_some()
    }

    /// What came since the last time. What was there before the user asked is not written. What is
    /// handed out counts as written unless it is said to have [failed](Self::failed).
    pub(crate) fn additions(&mut self, model: &Model) -> Vec<Addition> {
        let talks = || model.buffers.iter().filter(|buffer| buffer.by_way_of().is_some());
        if !model.settings.log {
            *self = Self::default();
            return Vec::new();
        }
        let Some(next) = &mut self.next else {
            self.next = Some(talks().map(|buffer| (buffer.id, behind(buffer))).collect());
            return Vec::new();
        };
        let late = &self.late;
        let is_due = |buffer: &&Buffer| late.get(&buffer.id).is_none_or(|at| *at <= model.now.at);
        talks().filter(is_due).filter_map(|buffer| addition(next, model, buffer)).collect()
    }

    /// What could not be written so far, whenever it would be tried again. It does not come once
    /// more.
    pub(crate) fn take_late(&mut self, model: &Model) -> Vec<Addition> {
        let late = std::mem::take(&mut self.late);
        let Some(next) = &mut self.next else { return Vec::new() };
        let buffers = model.buffers.iter().filter(|buffer| late.contains_key(&buffer.id));
        buffers.filter_map(|buffer| addition(next, model, buffer)).collect()
    }

    /// It could not be written: it comes once more, later. Says whether its buffer was fine before.
    pub(crate) fn failed(&mut self, addition: &Addition, now: Instant) -> bool {
        if let Some(next) = &mut self.next {
            next.insert(addition.buffer, addition.from);
        }
        self.late.insert(addition.buffer, now + AGAIN_AFTER).is_none()
    }

    /// It is written, whatever was the matter before.
    pub(crate) fn written(&mut self, addition: &Addition) {
        self.late.remove(&addition.buffer);
    }
}

fn addition(
    next: &mut BTreeMap<BufferId, EntryId>,
    model: &Model,
    buffer: &Buffer,
) -> Option<Addition> {
    let from = next.insert(buffer.id, behind(buffer)).unwrap_or_default();
    let first = from.max(buffer.log.first_id());
    let lines = (first..behind(buffer)).filter_map(|id| line(buffer, id));
    let text: String = missing(model, first - from).into_iter().chain(lines).collect();
    let file = || file_name(&buffer.title());
    (!text.is_empty()).then(|| Addition { buffer: buffer.id, from, file: file(), text })
}

fn behind(buffer: &Buffer) -> EntryId {
    buffer.log.last_id().map_or(buffer.log.first_id(), |last| last + 1)
}

/// What a file says instead of entries that were forgotten before they could be written.
fn missing(model: &Model, count: EntryId) -> Option<String> {
    let text = match count {
        0 => return None,
        1 => "one message is missing here".to_owned(),
        count => format!("{count} messages are missing here"),
    };
    Some(stamped(model.now, &text))
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
    Some(stamped(entry.at, &told(&entry.what)?))
}

fn stamped(at: Now, text: &str) -> String {
    let at = at.wall.strftime("%Y-%m-%d %H:%M:%S");
    format!("{at}  {}\n", text.replace('\n', "\n\t"))
}

/// An entry in words; a rule between two days is none.
fn told(what: &What) -> Option<String> {
    Some(match what {
        What::Said(said) => format!("{}: {}", said.name, said.text),
        What::Named(origin, said) => format!("{} {}: {}", origin.title, said.name, said.text),
        What::Told(_, text) | What::Line(text) => text.clone(),
        What::Card(card) => format!("{} arrived and said helo", card.name),
        What::Helo(helo) => format!("you said helo, {} answered", helo.answers.len()),
        What::Group(group) => crate::entry::rows::told(group),
        What::Passed(title, folded) => format!("{title} {}", crate::entry::rows::passed(folded)),
        What::Flood(flood) => {
            format!("{} arrived, {} left", flood.shown.arrived, flood.shown.left)
        }
        What::Day(_) => return None,
    })
}

/// A title as the name of a file: letters, digits and a few signs stay, all else is written as in
/// an address, so that no title leads out of the folder and no two share a file. A long one is cut,
/// behind a sign that is in no other name.
pub(crate) fn file_name(title: &str) -> String {
    let whole = escaped(title);
    if whole.len() <= MAX_NAME_BYTES {
        return whole;
    }
    let hash = format!("+{:032x}", hash(title));
    let room = MAX_NAME_BYTES - hash.len();
    let fits = |(at, letter): &(usize, char)| at + letter.len_utf8() <= room;
    let cut = whole.char_indices().take_while(fits).map(|(_, letter)| letter);
    cut.collect::<String>() + &hash
}

/// FNV-1a: the same wherever and whenever it is asked for.
fn hash(text: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

fn escaped(title: &str) -> String {
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
        let added = |added: Addition| (added.file, added.text);
        assert_eq!(
            log.additions(&stage.model).into_iter().map(added).collect::<Vec<_>>(),
            [("#lobby".into(), text("mira: one\n\ttwo")), ("mira".into(), text("mira: psst"))]
        );
        assert_eq!(log.additions(&stage.model), []);
        stage.line("/set log off");
        stage.said(2, "after");
        assert_eq!(log.additions(&stage.model), []);
    }

    #[test]
    fn what_was_forgotten_before_it_was_written_is_told() {
        let mut stage = Stage::among(80, 24, &["mira"]);
        let mut log = ChatLog::default();
        stage.line("/set log on");
        log.additions(&stage.model);
        stage.said(2, "one");
        log.additions(&stage.model);
        let text = "x".repeat(60_000);
        for _ in 0..100 {
            stage.said(2, &text);
        }
        let added = log.additions(&stage.model);
        let said = added[0].text.lines().filter(|line| line.ends_with(&text)).count();
        let told = format!("  {} messages are missing here\n", 100 - said);
        assert!((1..100).contains(&said) && added[0].text[19..].starts_with(&told), "{said}");
        assert_eq!(added[0].text.lines().count(), said + 1);
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

    #[test]
    fn a_long_title_is_cut_and_still_has_a_file_of_its_own() {
        let long = |last: &str| format!("{}{last}", "é ".repeat(60));
        let names = [file_name(&long("a")), file_name(&long("b")), file_name(&"日".repeat(90))];
        for name in &names {
            assert!((190..=MAX_NAME_BYTES).contains(&name.len()), "{name}");
        }
        assert!(names[0] != names[1] && names[0][..160] == names[1][..160], "{names:?}");
        assert_eq!(file_name(&"x".repeat(MAX_NAME_BYTES)), "x".repeat(MAX_NAME_BYTES));
        let cut = file_name(&"x".repeat(MAX_NAME_BYTES + 1));
        assert_ne!(file_name(&cut), cut, "no other title has that name");
        assert_eq!(hash("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964, "as it is published");
    }
}
