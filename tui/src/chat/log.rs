//! The log of one buffer: its entries, oldest first.

mod earlier;
mod layout;
mod scroll;

use std::collections::VecDeque;
use std::time::Instant;

use hullo::protocol::SessionId;

pub(crate) use self::earlier::Dated;
pub(crate) use self::layout::LogLayout;
pub(crate) use self::scroll::Scroll;
use crate::entry::divider::Divider;
use crate::entry::flood::{ArrivalRate, Flood};
use crate::entry::helo::{Answer, Helo};
use crate::entry::message::{Delivery, Message};
use crate::entry::newcomer::Newcomer;
use crate::entry::presence::PresenceEvent;
use crate::entry::presence_group::PresenceGroup;
use crate::entry::{Entry, Kind};
use crate::ids::{EntryId, Ticket};
use crate::time::Now;

/// The oldest entries go when there are more than these,
const MAX_ENTRIES: usize = 12_000;

/// or more bytes of text in them: a message may have 64 KiB, and some people send many.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// How many entries are searched for messages of ours that can be sent again.
const RECENT: usize = 50;

/// How many entries are searched for the card of a newcomer.
const NEWCOMERS_SEARCHED: usize = 50;

#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    first: EntryId,
    bytes: usize,
    /// Whether entries were forgotten: then there is a hole between the first one and anything
    /// earlier.
    is_cut: bool,
    /// How many of the first entries are from the chat log on disk, their rule included.
    from_disk: usize,
    /// The first unread entry.
    pub(crate) unread_from: Option<EntryId>,
    pub(crate) scroll: Scroll,
    /// The rate of arrivals and departures, and the entry that counts them during a flood.
    rate: ArrivalRate,
    flood: Option<EntryId>,
}

impl Log {
    /// Adds an entry at the end, behind a divider if a new day has begun.
    pub(crate) fn push(&mut self, now: Now, kind: Kind) -> EntryId {
        if self.begins_day(now) {
            self.append(now, Kind::Divider(Divider::Day(now.wall.date())));
        }
        self.append(now, kind)
    }

    /// The id that the next entry will have, if it comes now.
    pub(crate) fn next_id(&self, now: Now) -> EntryId {
        self.end() + EntryId::from(self.begins_day(now))
    }

    fn begins_day(&self, now: Now) -> bool {
        self.entries.back().is_some_and(|last| last.at.wall.date() != now.wall.date())
    }

    fn append(&mut self, at: Now, kind: Kind) -> EntryId {
        self.bytes += kind.content().bytes();
        self.entries.push_back(Entry { at, kind });
        self.forget_surplus();
        self.end() - 1
    }

    fn forget_surplus(&mut self) {
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES && self.entries.len() > 1 {
            self.forget(1);
        }
    }

    /// Forgets this many of the oldest entries.
    fn forget(&mut self, count: usize) {
        self.bytes -=
            self.entries.drain(..count).map(|entry| entry.kind.content().bytes()).sum::<usize>();
        self.first += length(count);
        self.from_disk = self.from_disk.saturating_sub(count);
        self.is_cut |= count > 0;
    }

    /// Changes the text of a rule about the connection, if the rule is still there.
    pub(crate) fn replace_connection(&mut self, id: EntryId, text: String) {
        if let Some(entry) = self.entry_mut(id) {
            entry.kind = Kind::connection(text);
        }
    }

    /// Forgets the oldest entries, as many as there are more than `most`.
    pub(crate) fn keep_newest(&mut self, most: usize) {
        self.forget(self.entries.len().saturating_sub(most));
    }

    /// Forgets everything up to what is still to be sent.
    pub(crate) fn clear(&mut self) {
        let is_pending =
            |entry: &Entry| matches!(&entry.kind, Kind::Message(message) if message.is_pending());
        let kept = self.entries.iter().position(is_pending);
        self.forget(kept.unwrap_or(self.entries.len()));
        self.unread_from = None;
        self.scroll = Scroll::Newest;
        self.flood = None;
    }

    pub(crate) fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(self.index(id)?)
    }

    pub(crate) fn entry_mut(&mut self, id: EntryId) -> Option<&mut Entry> {
        let index = self.index(id)?;
        self.entries.get_mut(index)
    }

    /// All entries, oldest first.
    pub(crate) fn entries_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }

    fn index(&self, id: EntryId) -> Option<usize> {
        usize::try_from(id.checked_sub(self.first)?).ok()
    }

    pub(crate) fn first_id(&self) -> EntryId {
        self.first
    }

    pub(crate) fn last_id(&self) -> Option<EntryId> {
        (!self.entries.is_empty()).then(|| self.end() - 1)
    }

    /// The id behind the last entry.
    pub(crate) fn end(&self) -> EntryId {
        self.first + length(self.entries.len())
    }

    /// Entries with their ids, newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (EntryId, &Entry)> {
        let end = self.end();
        self.entries.iter().rev().zip(1..).map(move |(entry, back)| (end - back, entry))
    }

    /// Messages with their ids, newest first.
    pub(crate) fn messages(&self) -> impl Iterator<Item = (EntryId, &Message)> {
        self.newest().filter_map(|(id, entry)| match &entry.kind {
            Kind::Message(message) => Some((id, message)),
            _ => None,
        })
    }

    /// Messages of ours among the newest entries, oldest first.
    pub(crate) fn recent_own(&self) -> impl DoubleEndedIterator<Item = (EntryId, &Message)> {
        let recent: Vec<_> = self.newest().take(RECENT).collect();
        recent.into_iter().rev().filter_map(|(id, entry)| match &entry.kind {
            Kind::Message(message) if message.own.is_some() => Some((id, message)),
            _ => None,
        })
    }

    /// Messages that can change, oldest first.
    pub(crate) fn messages_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Message> {
        self.entries.iter_mut().filter_map(|entry| match &mut entry.kind {
            Kind::Message(message) => Some(message),
            _ => None,
        })
    }

    /// Messages of ours that are not sent, or not known to be, oldest first.
    pub(crate) fn unsent(&self) -> impl Iterator<Item = &Message> {
        let messages = self.entries.iter().filter_map(|entry| match &entry.kind {
            Kind::Message(message) => Some(message),
            _ => None,
        });
        messages.filter(|message| message.is_pending())
    }

    /// The number of the oldest message that has one.
    pub(crate) fn oldest_seq(&self) -> Option<u64> {
        self.messages().filter_map(|(_, message)| message.seq).last()
    }

    /// How many messages of others came after `id`.
    pub(crate) fn said_after(&self, id: EntryId) -> usize {
        let later = self.newest().take_while(|(at, _)| *at > id);
        later.filter(|(_, entry)| entry.is_said_by_others()).count()
    }

    pub(crate) fn has_messages(&self) -> bool {
        self.messages().next().is_some()
    }

    /// Settles what was sent under `ticket`.
    pub(crate) fn settle(&mut self, ticket: Ticket, outcome: Delivery) {
        let is_sent =
            |own: &&mut Delivery| matches!(own, Delivery::Sending(sent, _) if *sent == ticket);
        let mut ours = self.messages_mut().rev().filter_map(|message| message.own.as_mut());
        if let Some(own) = ours.find(is_sent) {
            *own = outcome;
        }
    }

    /// Our newest helo.
    pub(crate) fn helo(&self) -> Option<&Helo> {
        self.newest().find_map(|(_, entry)| match &entry.kind {
            Kind::Helo(helo) => Some(&**helo),
            _ => None,
        })
    }

    /// Adds an answer to our newest helo. It counts as part of the log.
    pub(crate) fn add_answer(&mut self, answer: Answer) {
        let newest = self.entries.iter_mut().rev().find_map(|entry| match &mut entry.kind {
            Kind::Helo(helo) => Some(helo),
            _ => None,
        });
        if let Some(helo) = newest {
            self.bytes += answer.bytes();
            helo.answers.push(answer);
            self.forget_surplus();
        }
    }

    pub(crate) fn newest_newcomer(&self) -> Option<&Newcomer> {
        self.newest().find_map(|(_, entry)| match &entry.kind {
            Kind::Newcomer(newcomer) => Some(newcomer),
            _ => None,
        })
    }

    pub(crate) fn newcomer_mut(&mut self, session: SessionId) -> Option<&mut Newcomer> {
        let newest = self.entries.iter_mut().rev().take(NEWCOMERS_SEARCHED);
        newest
            .filter_map(|entry| match &mut entry.kind {
                Kind::Newcomer(newcomer) => Some(newcomer),
                _ => None,
            })
            .find(|newcomer| newcomer.session == session)
    }
}

fn length(count: usize) -> EntryId {
    EntryId::try_from(count).expect("far fewer entries are kept")
}

/// Groups and floods of people who arrive and leave.
impl Log {
    /// Counts an event in a flood, or else folds it into a group.
    pub(crate) fn add_presence(&mut self, event: PresenceEvent) {
        let now = event.at;
        self.rate.count(now.at);
        if self.flood.is_none() && self.rate.is_flood() {
            self.flood = Some(self.push(now, Kind::Flood(Box::new(Flood::new(now)))));
        }
        if self.flood.is_some() {
            self.change_flood(now.at, |flood| flood.add(&event));
        } else {
            self.fold(event);
        }
    }

    /// Folds an event into the group at the end, or begins one.
    pub(crate) fn fold(&mut self, event: PresenceEvent) {
        let now = event.at;
        let is_new_day = self.begins_day(now);
        match self.entries.back_mut().map(|last| &mut last.kind) {
            Some(Kind::PresenceGroup(group)) if !is_new_day && group.is_open(now) => {
                group.add(event);
            }
            _ => {
                self.push(now, Kind::PresenceGroup(PresenceGroup::new(event)));
            }
        }
    }

    /// Takes somebody's arrival out of the group at the end, so that a card can show it instead. False
    /// if it is not there; then it is shown further up and must not be shown again.
    pub(crate) fn unfold_arrival(&mut self, session: SessionId) -> bool {
        let last = self.entries.back_mut().map(|entry| &mut entry.kind);
        let Some(Kind::PresenceGroup(group)) = last else { return false };
        let is_taken = group.take_arrival(session);
        if group.events.is_empty() {
            self.entries.pop_back();
        }
        is_taken
    }

    /// The newest group.
    pub(crate) fn newest_group(&self) -> Option<EntryId> {
        let is_group = |entry: &Entry| matches!(entry.kind, Kind::PresenceGroup(_));
        self.newest().find(|(_, entry)| is_group(entry)).map(|(id, _)| id)
    }

    /// Expands or folds a group or a long message.
    pub(crate) fn toggle(&mut self, id: EntryId) {
        let expanded = match self.entry_mut(id).map(|entry| &mut entry.kind) {
            Some(Kind::PresenceGroup(group)) => &mut group.expanded,
            Some(Kind::Message(message)) => &mut message.expanded,
            _ => return,
        };
        *expanded = !*expanded;
    }

    /// The flood that is going on, if there is one.
    pub(crate) fn flood(&self) -> Option<&Flood> {
        match &self.entry(self.flood?)?.kind {
            Kind::Flood(flood) => Some(flood),
            _ => None,
        }
    }

    /// Updates the flood, if there is one, and ends it when it is over.
    pub(crate) fn update_flood(&mut self, now: Instant) {
        if self.flood.is_none() {
            return;
        }
        self.rate.advance(now);
        if self.rate.is_quiet() {
            self.end_flood(now);
        } else {
            self.change_flood(now, |_| ());
        }
    }

    pub(crate) fn end_flood(&mut self, now: Instant) {
        self.change_flood(now, |flood| flood.end(now));
        self.flood = None;
    }

    /// Starts afresh, with the people of another server.
    pub(crate) fn forget_rate(&mut self, now: Instant) {
        self.end_flood(now);
        self.rate = ArrivalRate::default();
    }

    fn change_flood(&mut self, now: Instant, change: impl FnOnce(&mut Flood)) {
        let Some(entry) = self.flood.and_then(|id| self.index(id)) else { return };
        if let Some(Kind::Flood(flood)) = self.entries.get_mut(entry).map(|entry| &mut entry.kind) {
            change(flood);
            flood.update(now, &self.rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entry::presence::PresenceChange;
    use crate::tests::{at, id};

    fn folded(millis: u64, who: u128, name: &str, change: PresenceChange) -> PresenceEvent {
        PresenceEvent { session: id(who), name: name.into(), change, at: at(millis), weight: 0 }
    }

    /// `+1`: person 1 arrives. `-1`: they leave. `talk`: somebody says something.
    /// Each step is a second after the one before; `wait` takes a minute and a half.
    fn play(script: &str) -> Log {
        let mut log = Log::default();
        let mut millis = 0;
        for step in script.split_whitespace() {
            millis += 1000;
            match step {
                "talk" => drop(log.push(at(millis), Kind::info("x"))),
                "wait" => millis += 90_000,
                _ => {
                    let change = if step.starts_with('+') {
                        PresenceChange::Arrived
                    } else {
                        PresenceChange::Left
                    };
                    let who = step[1..].parse().unwrap();
                    log.fold(folded(millis, who, &format!("p{who}"), change));
                }
            }
        }
        log
    }

    fn told(log: &Log) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (_, entry) in log.newest() {
            let Kind::PresenceGroup(group) = &entry.kind else {
                lines.insert(0, "talk".into());
                continue;
            };
            let event = |event: &PresenceEvent| match event.change {
                PresenceChange::Arrived => format!("+{}", event.name),
                PresenceChange::Left => format!("-{}", event.name),
                PresenceChange::Reconnected | PresenceChange::HeloAgain => {
                    format!("~{}", event.name)
                }
                PresenceChange::CameAndWent => format!("±{}", event.name),
                PresenceChange::Renamed { .. } => format!("!{}", event.name),
            };
            lines.insert(0, group.events.iter().map(event).collect::<Vec<_>>().join(" "));
        }
        lines.join(" | ")
    }

    #[track_caller]
    fn check(script: &str, expected: &str) {
        assert_eq!(told(&play(script)), expected, "{script}");
    }

    #[test]
    fn arrivals_fold_until_somebody_speaks() {
        check("+1 +2 -3", "+p1 +p2 -p3");
        check("+1 talk +2 +3", "+p1 | talk | +p2 +p3");
        check("+1 wait +2", "+p1 | +p2");
    }

    #[test]
    fn who_comes_and_goes_is_told_once() {
        check("+1 +2 -1", "+p2 ±p1");
        check("-1 +2 +1", "+p2 ~p1");
        check("-1 +1 -1 +1", "~p1 ~p1");
        check("+1 talk -1", "+p1 | talk | -p1");
    }

    proptest! {
        /// Whatever comes and goes, each step is told in exactly one way: an arrival or a leave
        /// counts one, a pair that became one event counts two.
        #[test]
        fn nothing_is_lost_and_nothing_told_twice(
            steps in proptest::collection::vec((1..6_u128, any::<bool>(), 0..40_000_u64, 0..8_u8), 0..60)
        ) {
            let mut log = Log::default();
            let mut here = std::collections::BTreeSet::new();
            let (mut millis, mut count) = (0, 0);
            for (who, arrives, later, talk) in steps {
                millis += later;
                if talk == 0 {
                    log.push(at(millis), Kind::info("x"));
                }
                let happens = if arrives { here.insert(who) } else { here.remove(&who) };
                if happens {
                    count += 1;
                    let change = if arrives { PresenceChange::Arrived } else { PresenceChange::Left };
                    log.fold(folded(millis, who, &format!("p{who}"), change));
                }
            }
            let told: usize = log.newest().map(|(_, entry)| match &entry.kind {
                Kind::PresenceGroup(group) => group.events.iter().map(|event| match event.change {
                    PresenceChange::CameAndWent
                    | PresenceChange::Reconnected
                    | PresenceChange::HeloAgain => 2,
                    PresenceChange::Arrived | PresenceChange::Left | PresenceChange::Renamed { .. } => 1,
                }).sum(),
                _ => 0,
            }).sum();
            prop_assert_eq!(told, count);
            prop_assert_eq!(log.unread_from, None);
        }
    }
}
