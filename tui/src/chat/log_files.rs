//! Log files of what is said, one for each room and conversation. They are written only if the user
//! turned that on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::civil::DateTime;

use crate::chat::buffer::Buffer;
use crate::entry::{Entry, Kind};
use crate::ids::{BufferId, EntryId};
use crate::time::Now;

/// The longest name of a file in bytes: most systems take 255, and a suffix follows.
const MAX_NAME_BYTES: usize = 200;

/// How times are written, and such a time.
const FORM: &str = "%Y-%m-%d %H:%M:%S";
const STAMP: &str = "2026-11-24 09:40:10";

/// When a file that could not be written is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// How far the log of each buffer is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogFiles {
    /// The first entry that is not written yet, by buffer; `None` while logging is off.
    next: Option<BTreeMap<BufferId, EntryId>>,
    /// Buffers whose file could not be written, and when to try again.
    retry_at: BTreeMap<BufferId, Instant>,
}

/// What is to be added to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addition {
    buffer: BufferId,
    from: EntryId,
    /// The name of the file, made from the buffer's title.
    pub(crate) file: String,
    /// Whole lines, each with its line break.
    pub(crate) text: String,
}

impl LogFiles {
    /// Whether logging was on the last time.
    pub(crate) fn is_on(&self) -> bool {
        self.next.is_some()
    }

    /// What to add to the files if logging `is_on`. What was said before it was turned on is not
    /// written. Additions count as written unless they [failed](Self::failed).
    pub(crate) fn additions(&mut self, buffers: &[Buffer], is_on: bool, now: Now) -> Vec<Addition> {
        if !is_on {
            *self = Self::default();
            return Vec::new();
        }
        let talks = buffers.iter().filter(|buffer| buffer.by_way_of().is_some());
        let Some(next) = &mut self.next else {
            self.next = Some(talks.map(|buffer| (buffer.id, buffer.log.end())).collect());
            return Vec::new();
        };
        let is_due =
            |buffer: &&Buffer| self.retry_at.get(&buffer.id).is_none_or(|at| *at <= now.at);
        talks.filter(is_due).filter_map(|buffer| addition(next, buffer, now)).collect()
    }

    /// What could not be written so far, for a last attempt.
    pub(crate) fn take_failed(&mut self, buffers: &[Buffer], now: Now) -> Vec<Addition> {
        let failed = std::mem::take(&mut self.retry_at);
        let Some(next) = &mut self.next else { return Vec::new() };
        let buffers = buffers.iter().filter(|buffer| failed.contains_key(&buffer.id));
        buffers.filter_map(|buffer| addition(next, buffer, now)).collect()
    }

    /// The addition could not be written and will be handed out again later. Returns whether this is
    /// the first failure of its buffer.
    pub(crate) fn failed(&mut self, addition: &Addition, now: Instant) -> bool {
        if let Some(next) = &mut self.next {
            next.insert(addition.buffer, addition.from);
        }
        self.retry_at.insert(addition.buffer, now + RETRY_AFTER).is_none()
    }

    pub(crate) fn written(&mut self, addition: &Addition) {
        self.retry_at.remove(&addition.buffer);
    }
}

fn addition(next: &mut BTreeMap<BufferId, EntryId>, buffer: &Buffer, now: Now) -> Option<Addition> {
    let log = &buffer.log;
    let from = next.insert(buffer.id, log.end()).unwrap_or_default();
    let first = from.max(log.first_id());
    let lines = (first..log.end()).filter_map(|id| line(log.entry(id)?));
    let text: String = missing(first - from, now).into_iter().chain(lines).collect();
    let file = || file_name(&buffer.chat_log_title());
    (!text.is_empty()).then(|| Addition { buffer: buffer.id, from, file: file(), text })
}

/// The line that stands for entries which were forgotten before they could be written.
fn missing(count: EntryId, now: Now) -> Option<String> {
    let text = match count {
        0 => return None,
        1 => "one message is missing here".to_owned(),
        count => format!("{count} messages are missing here"),
    };
    Some(stamped(now, &text))
}

/// The line for an entry. Only messages, newcomers and breaks in the connection are logged.
fn line(entry: &Entry) -> Option<String> {
    let is_kept = matches!(entry.kind, Kind::Message(_) | Kind::Newcomer(_) | Kind::Divider(_));
    is_kept.then(|| dated(entry)).flatten()
}

/// The text of an entry with its date and a line break. Further lines of it are indented, so that
/// they cannot imitate another entry.
pub(crate) fn dated(entry: &Entry) -> Option<String> {
    Some(stamped(entry.at, &entry.kind.content().text()?))
}

/// The newest lines of a file, with their times; `most` of them at most. What is not of this form, such
/// as a line whose beginning was cut off, is left out.
pub(crate) fn newest_lines(text: &str, most: usize) -> Vec<(DateTime, String)> {
    let mut lines: Vec<(DateTime, String)> = Vec::new();
    for line in text.lines() {
        if let (Some(more), Some((_, before))) = (line.strip_prefix('\t'), lines.last_mut()) {
            before.push('\n');
            before.push_str(&hullo::text::clean_text(more));
            continue;
        }
        let Some((at, said)) = line.split_at_checked(STAMP.len()) else { continue };
        if let (Ok(at), Some(said)) = (DateTime::strptime(FORM, at), said.strip_prefix("  ")) {
            lines.push((at, hullo::text::clean_text(said).into_owned()));
        }
    }
    // Two programs of one person write the same twice.
    lines.dedup();
    lines.split_off(lines.len().saturating_sub(most))
}

fn stamped(at: Now, text: &str) -> String {
    let at = at.wall.strftime(FORM);
    format!("{at}  {}\n", text.replace('\n', "\n\t"))
}

/// The file name for a title. All but letters, digits and a few signs is percent-encoded, so that no
/// title leads out of the folder and no two share a file. A long one is cut and ends in its hash,
/// behind a `+`, which no other name contains.
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

/// FNV-1a, which is the same in every version and on every machine.
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

    fn additions(log: &mut LogFiles, stage: &Stage) -> Vec<Addition> {
        let model = &stage.model;
        log.additions(&model.buffers, model.settings.log, model.now)
    }

    #[test]
    fn what_is_said_after_the_user_asked_is_written_once() {
        let mut stage = Stage::among(80, 24, &["mira"]);
        let mut log = LogFiles::default();
        stage.said(2, "before");
        assert_eq!(additions(&mut log, &stage), []);
        stage.line("/set log on");
        assert_eq!(additions(&mut log, &stage), []);
        stage.wait(10_000);
        stage.said(2, "one\ntwo");
        stage.responded(2, "psst", false);
        let text = |text: &str| format!("2026-11-24 09:40:10  {text}\n");
        let added = |added: Addition| (added.file, added.text);
        assert_eq!(
            additions(&mut log, &stage).into_iter().map(added).collect::<Vec<_>>(),
            [("#lobby".into(), text("mira: one\n\ttwo")), ("mira".into(), text("mira: psst"))]
        );
        assert_eq!(additions(&mut log, &stage), []);
        stage.line("/set log off");
        stage.said(2, "after");
        assert_eq!(additions(&mut log, &stage), []);
    }

    #[test]
    fn what_was_forgotten_before_it_was_written_is_told() {
        let mut stage = Stage::among(80, 24, &["mira"]);
        let mut log = LogFiles::default();
        stage.line("/set log on");
        additions(&mut log, &stage);
        stage.said(2, "one");
        additions(&mut log, &stage);
        let text = "x".repeat(60_000);
        for _ in 0..100 {
            stage.said(2, &text);
        }
        let added = additions(&mut log, &stage);
        let said = added[0].text.lines().filter(|line| line.ends_with(&text)).count();
        let told = format!("  {} messages are missing here\n", 100 - said);
        assert!((1..100).contains(&said) && added[0].text[19..].starts_with(&told), "{said}");
        assert_eq!(added[0].text.lines().count(), said + 1);
        assert_eq!(additions(&mut log, &stage), []);
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
