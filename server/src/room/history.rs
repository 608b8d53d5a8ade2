//! What was broadcast in a room, for those who come later.

use std::collections::VecDeque;

use bytes::Bytes;
use hullo::protocol::Event;

use super::delivery::Told;
use super::members::MemberId;
use super::{Room, append_json};
use crate::batch::append_seq;

/// What a broadcast takes beside its payload, in bytes, roughly.
const BROADCAST_BYTES: usize = 96;

/// One answer holds about so many bytes at most, but one broadcast at least.
const MAX_PAGE_BYTES: usize = 256 * 1024;

/// One broadcast.
#[derive(Debug)]
pub(crate) struct Past {
    /// Its place in the room's order.
    pub(crate) seq: u64,
    /// Seconds since 1970.
    pub(crate) at: u64,
    /// The name of who said it.
    pub(crate) name: Box<str>,
    /// What the members were sent, as JSON.
    pub(crate) payload: Bytes,
}

impl Past {
    fn cost(&self) -> usize {
        self.payload.len() + BROADCAST_BYTES
    }

    /// `[event, payload]`
    fn write(&self, json: &mut Vec<u8>) {
        json.push(b'[');
        append_json(json, &Event::Broadcast.as_str());
        json.push(b',');
        json.extend_from_slice(&self.payload[..self.payload.len() - 1]);
        append_seq(json, self.seq);
        json.pop(); // more follows
        json.extend_from_slice(br#","name":"#);
        append_json(json, &self.name);
        json.extend_from_slice(format!(r#","at":{}}}]"#, self.at).as_bytes());
    }
}

/// The newest broadcasts of a room.
#[derive(Debug, Default)]
pub(crate) struct History {
    broadcasts: VecDeque<Past>,
    bytes: usize,
    /// It has everything that was said after this place in the order.
    complete_after: u64,
}

/// Some of them, successive ones.
#[derive(Debug)]
pub(super) struct Page {
    /// A JSON array, oldest first.
    pub(super) json: Vec<u8>,
    /// It has everything that was said after this place in the order, and before its end.
    pub(super) after: u64,
}

impl History {
    /// Adds a broadcast; the oldest give way where there are more than so many, or more bytes.
    pub(crate) fn add(&mut self, past: Past, max: usize, max_bytes: usize) {
        self.bytes += past.cost();
        self.broadcasts.push_back(past);
        while self.broadcasts.len() > max {
            self.pop();
        }
        self.trim(max_bytes);
    }

    /// The oldest give way until there are at most `max_bytes`.
    pub(crate) fn trim(&mut self, max_bytes: usize) {
        while self.bytes > max_bytes {
            self.pop();
        }
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What was said up to this place in the order is missing.
    pub(super) fn skip_to(&mut self, seq: u64) {
        self.complete_after = seq;
    }

    /// The newest `count` broadcasts before a place in the order.
    pub(super) fn page(&self, count: usize, before: u64) -> Page {
        let end = self.broadcasts.partition_point(|past| past.seq < before);
        let mut bytes = 0;
        let newest = self.broadcasts.range(..end).rev().take(count).take_while(|past| {
            let fits = bytes == 0 || bytes + past.cost() <= MAX_PAGE_BYTES;
            bytes += past.cost();
            fits
        });
        let start = end - newest.count();
        let mut json = vec![b'['];
        for past in self.broadcasts.range(start..end) {
            if json.len() > 1 {
                json.push(b',');
            }
            past.write(&mut json);
        }
        json.push(b']');
        let omitted = start.checked_sub(1).and_then(|before| self.broadcasts.get(before));
        Page { json, after: omitted.map_or(self.complete_after, |past| past.seq) }
    }

    /// Takes a broadcast out.
    pub(crate) fn remove(&mut self, seq: u64) {
        if let Ok(at) = self.broadcasts.binary_search_by_key(&seq, |past| past.seq)
            && let Some(removed) = self.broadcasts.remove(at)
        {
            self.bytes -= removed.cost();
        }
    }

    fn pop(&mut self) {
        if let Some(oldest) = self.broadcasts.pop_front() {
            self.bytes -= oldest.cost();
            self.complete_after = oldest.seq;
        }
    }
}

impl Room {
    /// Keeps a broadcast for those who come later.
    pub(super) fn remember(&mut self, from: MemberId, told: Told, at: u64) {
        let person = self.members.get(from).and_then(|member| member.person.as_ref());
        let Some(person) = person.filter(|_| self.rules.history > 0) else {
            return self.history.skip_to(told.seq);
        };
        let name = person.meta.name.as_str().into();
        let past = Past { seq: told.seq, at, name, payload: told.payload };
        self.history.add(past, self.rules.history, self.rules.max_history_bytes);
    }

    /// The newest broadcasts before a place in the order.
    pub(super) fn history_page(&self, count: usize, before: u64) -> Page {
        self.history.page(count, before.min(self.committed().saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(seq: u64, bytes: usize) -> Past {
        let payload = format!(r#"{{"message":"{}"}}"#, "x".repeat(bytes));
        Past { seq, at: 7, name: "a\"da".into(), payload: payload.into() }
    }

    #[test]
    fn a_page_is_the_newest_before_a_place_oldest_first() {
        let mut history = History::default();
        for seq in [2, 3, 5, 7] {
            history.add(past(seq, 1), 3, usize::MAX);
        }
        let page = |count, before| {
            let Page { json, after } = history.page(count, before);
            (String::from_utf8(json).unwrap(), after)
        };
        let one = |seq| {
            format!(r#"["client_broadcast",{{"message":"x","seq":{seq},"name":"a\"da","at":7}}]"#)
        };
        assert_eq!(page(2, u64::MAX), (format!("[{},{}]", one(5), one(7)), 3));
        assert_eq!(page(9, 6), (format!("[{},{}]", one(3), one(5)), 2));
        assert_eq!(page(9, 3), ("[]".to_owned(), 2));
        assert_eq!(page(0, 9), ("[]".to_owned(), 7));
    }

    #[test]
    fn it_is_bounded_by_bytes_and_so_is_a_page() {
        let mut history = History::default();
        for seq in 0..100 {
            history.add(past(seq, 10_000), 1000, 500_000);
        }
        assert!((490_000..=500_000).contains(&history.bytes()));
        assert!((240_000..260_000).contains(&history.page(100, u64::MAX).json.len()));
        history.trim(0);
        assert_eq!((history.bytes(), &*history.page(9, 9).json), (0, &b"[]"[..]));
        history.add(past(0, 400_000), 1000, 500_000);
        assert!(history.page(1, 9).json.len() > 400_000);
    }
}
