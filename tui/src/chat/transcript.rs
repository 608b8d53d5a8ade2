//! What one buffer holds: everything that was said and that happened there, in order.
//!
//! Arrivals fold here, in the model, so that what is folded neither counts as unread nor can be
//! told twice. Scrolling is anchored to an entry, so that new lines never move what is being read.

mod card;
mod flood;
mod fold;
mod scroll;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hullo::protocol::SessionId;
use jiff::civil::Date;

pub(crate) use self::card::{ANSWERS_WITHIN, Answer, Card, Helo, Sort};
pub(crate) use self::flood::{Flood, Pulse};
pub(crate) use self::fold::{Folded, Group, Passing};
pub(crate) use self::scroll::Scroll;
use crate::chat::buffer::BufferId;
use crate::core::event::Ticket;
use crate::time::Now;

/// The oldest entries go when there are more than these,
const MAX_ENTRIES: usize = 12_000;

/// or more bytes of text in them: a message may have 64 KiB, and some people send many.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What a line that is quoted in a reply begins with.
pub(crate) const QUOTE: &str = "> ";

/// Names an entry of one transcript for as long as it is kept; later ones are greater.
pub(crate) type EntryId = u64;

/// Something that was said or that happened.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Now,
    pub(crate) what: What,
    /// How much text came in with it.
    bytes: usize,
}

/// What an entry tells. Most are messages, so what would be larger lies elsewhere: there are
/// thousands of them.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Somebody said something.
    Said(Said),
    /// Something happened that is worth a line.
    Told(Tone, String),
    /// The line broke, or came back: a rule across the log.
    Line(String),
    /// A new day.
    Day(Date),
    /// People came and went.
    Group(Group),
    /// More people came and went than can be told.
    Flood(Box<Flood>),
    /// Somebody came or went, in the room of this title.
    Passed(String, Box<Folded>),
    /// We were named, in the buffer and the entry that are meant.
    Named(Box<Origin>, Said),
    /// Somebody said helo.
    Card(Card),
    /// We said helo.
    Helo(Helo),
}

/// Where something was said first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) buffer: BufferId,
    pub(crate) entry: EntryId,
    pub(crate) title: String,
}

/// How a line that nobody said is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Warning,
    Bad,
}

/// Something a person said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) hue: u8,
    pub(crate) text: String,
    /// Names us, or is for us alone: worth ringing for.
    pub(crate) mention: bool,
    /// `Some` if we said it.
    pub(crate) own: Option<Delivery>,
}

/// What became of something we said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Kept until the room is joined again.
    Waiting,
    /// Handed out, not confirmed yet.
    Sending(Ticket, Instant),
    /// The server took it.
    Sent,
    /// It will not arrive, and why.
    Failed(String),
}

/// How long something may be on its way before its line says so: a mark that comes and goes with
/// every message would only flicker.
pub(crate) const SENDING_UNSEEN: Duration = Duration::from_millis(250);

/// The entries of one buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transcript {
    entries: VecDeque<Entry>,
    first: EntryId,
    bytes: usize,
    /// Where reading stopped: the first entry that came unseen.
    pub(crate) unread_from: Option<EntryId>,
    pub(crate) scroll: Scroll,
}

impl Transcript {
    /// Adds an entry at the end, after a rule if a new day has begun.
    pub(crate) fn push(&mut self, now: Now, what: What) -> EntryId {
        if self.begins_day(now) {
            self.append(now, What::Day(now.wall.date()));
        }
        self.append(now, what)
    }

    /// The id that the next entry will have, if it comes now.
    pub(crate) fn next_id(&self, now: Now) -> EntryId {
        let rule = self.begins_day(now);
        self.first + self.entries.len() as EntryId + EntryId::from(rule)
    }

    fn begins_day(&self, now: Now) -> bool {
        self.entries.back().is_some_and(|last| last.at.wall.date() != now.wall.date())
    }

    fn append(&mut self, at: Now, what: What) -> EntryId {
        let bytes = what.bytes();
        self.bytes += bytes;
        self.entries.push_back(Entry { at, what, bytes });
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES && self.entries.len() > 1 {
            let oldest = self.entries.pop_front();
            self.bytes -= oldest.map_or(0, |oldest| oldest.bytes);
            self.first += 1;
        }
        self.first + self.entries.len() as EntryId - 1
    }

    pub(crate) fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(self.index(id)?)
    }

    pub(crate) fn entry_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        let index = self.index(id)?;
        self.entries.get_mut(index)
    }

    pub(crate) fn first_id(&self) -> EntryId {
        self.first
    }

    pub(crate) fn last_id(&self) -> Option<EntryId> {
        Some(self.first + (self.entries.len() as EntryId).checked_sub(1)?)
    }

    /// Entries with their ids, newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (EntryId, &Entry)> {
        let behind = self.first + self.entries.len() as EntryId;
        self.entries.iter().rev().zip(1..).map(move |(entry, back)| (behind - back, entry))
    }

    /// Entries, newest first, to be changed.
    pub(crate) fn newest_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut().rev()
    }

    /// Entries, oldest first, to be changed.
    pub(crate) fn oldest_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }

    /// Forgets the oldest entries, as many as there are more than `most`.
    pub(crate) fn keep_newest(&mut self, most: usize) {
        let surplus = self.entries.len().saturating_sub(most);
        self.bytes -= self.entries.drain(..surplus).map(|entry| entry.bytes).sum::<usize>();
        self.first += surplus as EntryId;
    }

    /// Forgets everything up to what is still to be sent.
    pub(crate) fn clear(&mut self) {
        let on_its_way =
            |entry: &Entry| matches!(&entry.what, What::Said(said) if said.is_on_its_way());
        let kept = self.entries.iter().position(on_its_way);
        let gone = kept.unwrap_or(self.entries.len());
        self.bytes -= self.entries.drain(..gone).map(|entry| entry.bytes).sum::<usize>();
        self.first += gone as EntryId;
        self.unread_from = None;
        self.scroll = Scroll::Newest;
    }

    /// What others said after `id`, that one not included.
    pub(crate) fn said_after(&self, id: EntryId) -> usize {
        let news = self.newest().take_while(|(at, _)| *at > id);
        news.filter(|(_, entry)| entry.is_said_by_others()).count()
    }

    /// Whether anybody said anything.
    pub(crate) fn has_talk(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.what, What::Said(_)))
    }

    /// Settles what was sent under `ticket`; false if it is not here.
    pub(crate) fn settle(&mut self, ticket: Ticket, outcome: &Delivery) -> bool {
        for entry in self.newest_mut() {
            if let What::Said(Said { own: Some(own), .. }) = &mut entry.what
                && matches!(own, Delivery::Sending(sent, _) if *sent == ticket)
            {
                *own = outcome.clone();
                return true;
            }
        }
        false
    }

    /// The newest own helo.
    pub(crate) fn helo_mut(&mut self) -> Option<&mut Helo> {
        self.newest_mut().find_map(|entry| match &mut entry.what {
            What::Helo(helo) => Some(helo),
            _ => None,
        })
    }

    /// The newest newcomer's card.
    pub(crate) fn newest_card(&self) -> Option<(EntryId, &Card)> {
        self.newest().find_map(|(id, entry)| match &entry.what {
            What::Card(card) => Some((id, card)),
            _ => None,
        })
    }

    pub(crate) fn card_mut(&mut self, who: SessionId) -> Option<&mut Card> {
        self.newest_mut().take(50).find_map(|entry| match &mut entry.what {
            What::Card(card) if card.who == who => Some(card),
            _ => None,
        })
    }

    fn index(&self, id: EntryId) -> Option<usize> {
        usize::try_from(id.checked_sub(self.first)?).ok()
    }
}

impl What {
    /// How much text of others, or of ours, it brings along.
    fn bytes(&self) -> usize {
        match self {
            Self::Said(said) | Self::Named(_, said) => said.text.len() + said.name.len(),
            Self::Told(_, text) | Self::Line(text) => text.len(),
            Self::Passed(title, folded) => title.len() + folded.name.len(),
            // They grow afterwards, but not by what anybody writes.
            Self::Day(_) | Self::Group(_) | Self::Flood(_) | Self::Card(_) | Self::Helo(_) => 0,
        }
    }
}

impl Said {
    /// Whether it is ours, and it is not known yet what becomes of it.
    pub(crate) fn is_on_its_way(&self) -> bool {
        matches!(self.own, Some(Delivery::Waiting | Delivery::Sending(..)))
    }
}

impl Entry {
    /// Whether this is something that counts as unread.
    pub(crate) fn is_said_by_others(&self) -> bool {
        matches!(&self.what, What::Said(said) if said.own.is_none())
    }
}
