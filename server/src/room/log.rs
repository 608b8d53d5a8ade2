//! What happened in a room, in its one order, for members that have not been sent it yet.
//!
//! The log is shared: an entry costs the same whether one member has yet to read it or a thousand
//! have, and a member is no more than a position in it. It is bounded; whoever falls off its end
//! has lost something and must be told so.

use std::collections::VecDeque;

use bytes::Bytes;

use super::members::MemberId;
use crate::batch::framed_with_seq;

/// What an entry takes beside its frame, in bytes, roughly.
const ENTRY_BYTES: usize = 96;

/// A burst is over: room for more entries than this is given back.
const KEPT_CAPACITY: usize = 4;

/// One thing that happened, framed for everybody.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its place in the room's order.
    pub(crate) seq: u64,
    /// Who is sent it.
    pub(crate) audience: Audience,
    /// The text frame with its WebSocket header.
    frame: Bytes,
    /// The same with `seq`, if somebody who is told it had joined.
    numbered: Option<Bytes>,
    /// How many bytes were appended before it.
    offset: u64,
}

/// In which form a member is sent what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// As every Phoenix client knows it.
    Plain,
    /// With its place in the room's order.
    Numbered,
}

impl Entry {
    /// The frame that members of a dialect are sent.
    pub(crate) fn frame(&self, dialect: Dialect) -> &Bytes {
        match (dialect, &self.numbered) {
            (Dialect::Numbered, Some(numbered)) => numbered,
            (Dialect::Plain, _) | (Dialect::Numbered, None) => &self.frame,
        }
    }

    fn cost(&self) -> usize {
        self.frame.len() + self.numbered.as_ref().map_or(0, Bytes::len) + ENTRY_BYTES
    }
}

/// Who is sent an entry.
#[derive(Debug)]
pub(crate) enum Audience {
    /// Everybody who has joined.
    Joined,
    /// Everybody who has said helo, but this one.
    Others(MemberId),
    /// These; sorted.
    Chosen(Box<[MemberId]>),
    /// Everybody who has said helo, but these; sorted.
    NotChosen(Box<[MemberId]>),
}

/// What a member is sent beside what is for it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hears {
    /// Who comes and goes: it has not said helo.
    Presence,
    /// Everything.
    Everything,
    /// Nothing: it is quiet.
    Nothing,
}

impl Audience {
    /// Whether a member is among them.
    pub(crate) fn includes(&self, member: MemberId, hears: Hears) -> bool {
        match self {
            Self::Joined => hears != Hears::Nothing,
            Self::Others(but) => hears == Hears::Everything && member != *but,
            Self::Chosen(these) => these.binary_search(&member).is_ok(),
            Self::NotChosen(but) => {
                hears == Hears::Everything && but.binary_search(&member).is_err()
            }
        }
    }
}

/// A member's position is older than the oldest entry kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lapped;

/// The entries that somebody may still have to be sent.
#[derive(Debug)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    next_seq: u64,
    /// Positions below this one have lost entries.
    first_kept: u64,
    bytes: usize,
    appended_bytes: u64,
}

impl Log {
    /// An empty log.
    pub(crate) fn new() -> Self {
        Self { entries: VecDeque::new(), next_seq: 1, first_kept: 1, bytes: 0, appended_bytes: 0 }
    }

    /// The place that whatever happens next will have.
    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Positions below this one have lost entries.
    pub(crate) fn first_kept(&self) -> u64 {
        self.first_kept
    }

    /// Takes the next place for something that is kept elsewhere.
    pub(crate) fn take_seq(&mut self) -> u64 {
        self.next_seq += 1;
        self.next_seq - 1
    }

    /// Appends an entry, with `seq` for those who are told it if there are any; the oldest give way
    /// where there are more than `max_bytes`.
    pub(crate) fn append(
        &mut self,
        audience: Audience,
        frame: Bytes,
        is_numbered: bool,
        max_bytes: usize,
    ) {
        let (seq, offset) = (self.take_seq(), self.appended_bytes);
        let numbered = is_numbered.then(|| framed_with_seq(&frame, seq));
        let entry = Entry { seq, audience, frame, numbered, offset };
        self.bytes += entry.cost();
        self.appended_bytes += entry.cost() as u64;
        self.entries.push_back(entry);
        self.trim(max_bytes);
    }

    /// What happened before this place happened before the log began.
    pub(crate) fn begin_at(&mut self, seq: u64) {
        self.trim(0);
        (self.next_seq, self.first_kept) = (seq, seq);
    }

    /// The next place is this one, if it is not behind it already.
    pub(crate) fn skip_to(&mut self, seq: u64) {
        self.next_seq = self.next_seq.max(seq);
    }

    /// Takes an entry out that nobody was sent.
    pub(crate) fn remove(&mut self, seq: u64) {
        if let Ok(at) = self.entries.binary_search_by_key(&seq, |entry| entry.seq)
            && let Some(removed) = self.entries.remove(at)
        {
            self.bytes -= removed.cost();
        }
    }

    /// The oldest entries give way until there are at most `max_bytes`.
    pub(crate) fn trim(&mut self, max_bytes: usize) {
        while self.bytes > max_bytes && self.pop().is_some() {}
    }

    /// Forgets the entries before a place in the order.
    pub(crate) fn forget_before(&mut self, seq: u64) {
        while self.entries.front().is_some_and(|oldest| oldest.seq < seq) && self.pop().is_some() {}
        self.entries.shrink_to(KEPT_CAPACITY);
    }

    fn pop(&mut self) -> Option<Entry> {
        let oldest = self.entries.pop_front()?;
        self.bytes -= oldest.cost();
        self.first_kept = oldest.seq + 1;
        Some(oldest)
    }

    /// The entries from a position on.
    pub(crate) fn since(&self, position: u64) -> Result<impl Iterator<Item = &Entry>, Lapped> {
        if position < self.first_kept {
            return Err(Lapped);
        }
        let start = match self.entries.front() {
            Some(oldest) if oldest.seq < position => {
                self.entries.partition_point(|entry| entry.seq < position)
            }
            Some(_) | None => 0,
        };
        Ok(self.entries.range(start..))
    }

    /// How many bytes of entries stand behind a position.
    pub(crate) fn bytes_since(&self, position: u64) -> u64 {
        let at = self.entries.partition_point(|entry| entry.seq < position);
        self.entries.get(at).map_or(0, |entry| self.appended_bytes - entry.offset)
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many bytes were ever appended.
    pub(crate) fn appended_bytes(&self) -> u64 {
        self.appended_bytes
    }

    /// Everybody has been sent everything.
    pub(crate) fn clear(&mut self) {
        if let Some(newest) = self.entries.back() {
            self.first_kept = newest.seq + 1;
            self.entries.clear();
            self.entries.shrink_to(KEPT_CAPACITY);
            self.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seqs(log: &Log, position: u64) -> Result<Vec<u64>, Lapped> {
        log.since(position).map(|entries| entries.map(|entry| entry.seq).collect())
    }

    const MAX_BYTES: usize = 2000;

    fn append(log: &mut Log, bytes: usize) {
        log.append(Audience::Joined, vec![0; bytes].into(), false, MAX_BYTES);
    }

    #[test]
    fn entries_are_read_from_a_position_on() {
        let mut log = Log::new();
        append(&mut log, 1);
        assert_eq!(log.take_seq(), 2);
        append(&mut log, 1);
        assert_eq!(seqs(&log, 1), Ok(vec![1, 3]));
        assert_eq!(seqs(&log, 2), Ok(vec![3]));
        assert_eq!(seqs(&log, 4), Ok(vec![]));
        assert_eq!(log.bytes_since(1), 2 * log.bytes_since(3));
        assert_eq!(log.bytes_since(4), 0);
    }

    #[test]
    fn a_position_that_fell_off_the_end_is_told() {
        let mut log = Log::new();
        (0..5).for_each(|_| append(&mut log, MAX_BYTES / 3 - ENTRY_BYTES));
        assert_eq!(seqs(&log, 2), Err(Lapped));
        assert_eq!(seqs(&log, 3), Ok(vec![3, 4, 5]));
    }

    #[test]
    fn what_was_cleared_was_sent_to_everybody() {
        let mut log = Log::new();
        append(&mut log, 1);
        log.take_seq();
        log.clear();
        assert_eq!(seqs(&log, 2), Ok(vec![])); // who had read the first, but not been told of the second
        assert_eq!(seqs(&log, 1), Err(Lapped));
        append(&mut log, 1);
        assert_eq!(seqs(&log, 2), Ok(vec![3]));
    }

    proptest! {
        #[test]
        fn it_is_bounded_and_says_what_it_lost(sizes in proptest::collection::vec(0..400_usize, 1..60)) {
            let mut log = Log::new();
            for size in &sizes {
                append(&mut log, *size);
                prop_assert!(log.bytes() <= MAX_BYTES);
            }
            let kept: Vec<u64> = (1..log.next_seq()).filter(|seq| log.since(*seq).is_ok()).collect();
            if let Some(first) = kept.first() {
                prop_assert_eq!(seqs(&log, *first).unwrap(), kept);
            }
        }
    }
}
