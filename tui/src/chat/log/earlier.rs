//! What was said before a room was joined, above everything else.

use jiff::civil::Date;

use super::{Log, MAX_BYTES, MAX_ENTRIES, length};
use crate::entry::divider::Divider;
use crate::entry::message::Message;
use crate::entry::{Content, Entry, Kind};
use crate::time::Now;

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
        let mut entries = with_days(messages, Some(now.wall.date()));
        entries.push(Entry { at: now, kind: Kind::Divider(Divider::Now) });
        self.prepend(entries);
    }

    /// Adds still earlier messages. Returns whether there was room for them.
    pub(crate) fn prepend_more(&mut self, messages: Vec<Dated>) -> bool {
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
