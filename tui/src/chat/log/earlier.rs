//! What was said before a room was joined, above everything else.

use std::time::Duration;

use jiff::civil::{Date, DateTime};

use super::{Log, MAX_BYTES, MAX_ENTRIES, length};
use crate::entry::divider::Divider;
use crate::entry::message::Message;
use crate::entry::{Content, Entry, Kind};
use crate::time::Now;

/// How much the clocks of two machines may differ when a message is recognized by its words.
const CLOCKS_DIFFER: Duration = Duration::from_secs(10);

/// A message, and when it was said.
pub(crate) type Dated = (Now, Message);

impl Log {
    /// Whether anything can stand above the first entry: nothing that belongs there was forgotten.
    pub(crate) fn is_whole(&self) -> bool {
        !self.is_cut
    }

    /// Adds messages from before the join above everything, oldest first, with a rule that divides
    /// them from what happens `now`.
    pub(crate) fn prepend_first(&mut self, messages: Vec<Dated>, now: Now) {
        let from_disk = self.lift(messages.first());
        let mut entries = with_days(messages, Some(now.wall.date()));
        entries.push(Entry { at: now, kind: Kind::Divider(Divider::Now) });
        self.prepend(entries);
        self.put_back(from_disk);
    }

    /// Adds lines of the chat log on disk above everything, but for those that the server has as
    /// well.
    pub(crate) fn prepend_from_disk(&mut self, lines: Vec<(DateTime, String)>, now: Now) {
        if lines.is_empty() || !self.is_whole() {
            return;
        }
        let mut known = Some(now.wall.date());
        let mut entries = Vec::with_capacity(lines.len() + 1);
        for (wall, text) in lines {
            let at = Now { wall, ..now };
            if known.replace(wall.date()) != Some(wall.date()) {
                entries.push(day(at));
            }
            entries.push(Entry { at, kind: Kind::info(text) });
        }
        entries.push(Entry { at: now, kind: Kind::Divider(Divider::FromChatLog) });
        let oldest = self.entries.iter().find_map(|entry| match &entry.kind {
            Kind::Message(message) if message.seq.is_some() => Some((entry.at, message.clone())),
            _ => None,
        });
        self.put_back(without_doubled(entries, oldest.as_ref()));
    }

    /// Takes off what is from disk, so that the server's history can go below it; without what that
    /// has from its `oldest` message on.
    fn lift(&mut self, oldest: Option<&Dated>) -> Vec<Entry> {
        let lifted: Vec<Entry> = self.entries.drain(..self.from_disk).collect();
        self.bytes -= lifted.iter().map(|entry| entry.kind.content().bytes()).sum::<usize>();
        self.first += length(lifted.len());
        self.from_disk = 0;
        without_doubled(lifted, oldest)
    }

    fn put_back(&mut self, from_disk: Vec<Entry>) {
        self.from_disk = from_disk.len();
        self.prepend(from_disk);
    }

    /// Adds still earlier messages. Returns whether there was room for them.
    pub(crate) fn prepend_more(&mut self, messages: Vec<Dated>) -> bool {
        let from_disk = self.lift(messages.first());
        let has_room = self.prepend_earlier(messages);
        self.put_back(from_disk);
        has_room
    }

    fn prepend_earlier(&mut self, messages: Vec<Dated>) -> bool {
        let bytes: usize = messages.iter().map(|(_, message)| message.bytes()).sum();
        let most = self.entries.len() + 2 * messages.len() + 1;
        let fits = self.is_whole() && most <= MAX_ENTRIES && self.bytes + bytes <= MAX_BYTES;
        let (Some((newest, _)), Some(first)) = (messages.last(), self.entries.front()) else {
            return false;
        };
        let (is_same_day, at) = (newest.wall.date() == first.at.wall.date(), first.at);
        let begins_day = matches!(first.kind, Kind::Divider(Divider::Day(_)));
        if !fits {
            return false;
        }
        if begins_day && is_same_day {
            // These messages begin the day.
            self.entries.pop_front();
            self.first += 1;
        }
        let mut entries = with_days(messages, None);
        entries.extend((!begins_day && !is_same_day).then(|| day(at)));
        self.prepend(entries);
        true
    }

    fn prepend(&mut self, entries: Vec<Entry>) {
        self.first -= length(entries.len());
        self.bytes += entries.iter().map(|entry| entry.kind.content().bytes()).sum::<usize>();
        for entry in entries.into_iter().rev() {
            self.entries.push_front(entry);
        }
    }
}

/// Lines of the chat log up to where the server's history begins. The clocks of two machines differ
/// a little, so its oldest message is looked for by its words first.
fn without_doubled(mut lines: Vec<Entry>, oldest: Option<&Dated>) -> Vec<Entry> {
    let Some((at, message)) = oldest else { return lines };
    let Some(rule) = lines.pop() else { return lines };
    let said = format!("{}: {}", message.name, message.text);
    let earliest = at.wall.saturating_sub(CLOCKS_DIFFER);
    let is_it = |line: &Entry| {
        line.at.wall >= earliest && line.kind.content().text().is_some_and(|text| text == said)
    };
    let is_later = |line: &Entry| line.at.wall >= at.wall;
    let found = lines.iter().position(is_it).or_else(|| lines.iter().position(is_later));
    lines.truncate(found.unwrap_or(lines.len()));
    while lines.last().is_some_and(|last| matches!(last.kind, Kind::Divider(_))) {
        lines.pop();
    }
    lines.extend((!lines.is_empty()).then_some(rule));
    lines
}

/// Messages as entries, with a rule before each new day; none before the first message if that was
/// said on the day `known`.
fn with_days(messages: Vec<Dated>, mut known: Option<Date>) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(messages.len());
    for (at, message) in messages {
        if known.replace(at.wall.date()) != Some(at.wall.date()) {
            entries.push(day(at));
        }
        entries.push(Entry { at, kind: Kind::Message(message) });
    }
    entries
}

fn day(at: Now) -> Entry {
    Entry { at, kind: Kind::Divider(Divider::Day(at.wall.date())) }
}
