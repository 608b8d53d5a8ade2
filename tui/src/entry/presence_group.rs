//! A group: people who arrived and left, folded into one line until somebody says something.

use std::time::{Duration, Instant};

use hullo::protocol::SessionId;

use super::Content;
use super::announce::{Announced, Announcement, list};
use super::presence::{PresenceChange, PresenceEvent};
use super::row_context::{RowContext, blank};
use crate::people::BACK_WITHIN;
use crate::text::row::{Role, Row, row_width, segment};
use crate::text::width;
use crate::time::{Now, clock};

/// After so long without an event, the next one begins a group of its own.
const QUIET: Duration = Duration::from_secs(60);

/// How many events a group holds before another begins.
const MAX_EVENTS: usize = 1000;

/// How many events are searched for the other half of a pair. In a rush, a longer search would cost
/// more than everything else.
const SEARCHED: usize = 256;

/// How soon after arriving somebody must leave to count as having come and gone.
const CAME_AND_WENT: Duration = Duration::from_secs(30);

/// A group is announced when it has been quiet for so long, and at the latest after so long.
const ANNOUNCED_AFTER: Duration = Duration::from_secs(2);
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(15);

/// How many names are announced of each kind of event.
const NAMES: usize = 5;

#[derive(Clone, Debug, Default)]
pub(crate) struct PresenceGroup {
    pub(crate) events: Vec<PresenceEvent>,
    /// Whether each event is shown in a row of its own.
    pub(crate) expanded: bool,
}

impl PresenceGroup {
    pub(crate) fn new(event: PresenceEvent) -> Self {
        Self { events: vec![event], expanded: false }
    }

    /// Whether an event at this time still belongs to it.
    pub(crate) fn is_open(&self, now: Now) -> bool {
        let newest = self.events.last().is_some_and(|event| within(event.at, now, QUIET));
        newest && self.events.len() < MAX_EVENTS
    }

    /// Adds an event. An arrival and a departure of one person become one event.
    pub(crate) fn add(&mut self, mut event: PresenceEvent) {
        let now = event.at;
        let is_same = |other: &PresenceEvent| other.name == event.name;
        match event.change {
            PresenceChange::Left => {
                self.take(|other| {
                    other.session == event.session && other.change == PresenceChange::HeloAgain
                });
                let came = self.take(|other| {
                    other.session == event.session
                        && other.change == PresenceChange::Arrived
                        && within(other.at, now, CAME_AND_WENT)
                });
                if came.is_some() {
                    event.change = PresenceChange::CameAndWent;
                }
            }
            PresenceChange::Arrived => {
                let left = self.take(|other| {
                    is_same(other)
                        && other.change == PresenceChange::Left
                        && within(other.at, now, BACK_WITHIN)
                });
                if left.is_some() {
                    event.change = PresenceChange::Reconnected;
                }
            }
            PresenceChange::Reconnected => {
                self.take(|other| is_same(other) && other.change == PresenceChange::Left);
            }
            PresenceChange::HeloAgain => {
                let ended = |change: &PresenceChange| {
                    matches!(change, PresenceChange::Left | PresenceChange::HeloAgain)
                };
                let came = |other: &PresenceEvent| {
                    is_same(other)
                        && other.change == PresenceChange::CameAndWent
                        && within(other.at, now, BACK_WITHIN)
                };
                if self.take(came).is_some() {
                    event.change = PresenceChange::Arrived;
                } else {
                    while self.take(|other| is_same(other) && ended(&other.change)).is_some() {}
                }
            }
            PresenceChange::CameAndWent | PresenceChange::Renamed { .. } => {}
        }
        self.events.push(event);
    }

    /// Takes somebody's arrival out, so that a card can show it instead. False if it is not here.
    pub(crate) fn take_arrival(&mut self, session: SessionId) -> bool {
        let is_theirs = |event: &PresenceEvent| {
            event.session == session && event.change == PresenceChange::Arrived
        };
        self.take(is_theirs).is_some()
    }

    fn take(&mut self, wanted: impl Fn(&PresenceEvent) -> bool) -> Option<PresenceEvent> {
        let from = self.events.len().saturating_sub(SEARCHED);
        let at = self.events[from..].iter().rposition(wanted)?;
        Some(self.events.remove(from + at))
    }

    fn words(&self, most: usize) -> String {
        let text = |(change, names): (PresenceChange, Vec<&str>)| match change {
            PresenceChange::Renamed { .. } => change.quoted(names[0]),
            change => change.sentence(&list(&names, most)),
        };
        self.summary().map(text).collect::<Vec<_>>().join("; ")
    }

    /// As the screen shows it: `+ ana, jo arrived · − li left`.
    fn signed(&self, most: usize) -> String {
        let text =
            |(change, names): (PresenceChange, Vec<&str>)| change.signed(&short_list(&names, most));
        self.summary().map(text).collect::<Vec<_>>().join(" · ")
    }

    /// Every kind of change with the names of whoever did that; a change of name has one.
    fn summary(&self) -> impl Iterator<Item = (PresenceChange, Vec<&str>)> {
        let kinds = [
            PresenceChange::Arrived,
            PresenceChange::Left,
            PresenceChange::Reconnected,
            PresenceChange::HeloAgain,
            PresenceChange::CameAndWent,
        ];
        let counted = kinds.into_iter().map(|change| {
            let names = self.names(&change);
            (change, names)
        });
        counted.filter(|(_, names)| !names.is_empty()).chain(self.renamed())
    }

    /// The names of whoever did this: people the user knows first, then the newest.
    fn names(&self, change: &PresenceChange) -> Vec<&str> {
        let mut found: Vec<&PresenceEvent> =
            self.events.iter().rev().filter(|event| event.change == *change).collect();
        found.sort_by_key(|event| std::cmp::Reverse(event.weight));
        found.into_iter().map(|event| &*event.name).collect()
    }

    /// Changes of name, from the first name of each person to the last.
    fn renamed(&self) -> impl Iterator<Item = (PresenceChange, Vec<&str>)> {
        let mut names: Vec<(SessionId, &str, &str)> = Vec::new();
        for event in &self.events {
            let PresenceChange::Renamed { to } = &event.change else { continue };
            match names.iter_mut().find(|(session, ..)| *session == event.session) {
                Some((_, _, last)) => *last = to,
                None => names.push((event.session, &event.name, to)),
            }
        }
        let renamed = |(_, first, last): (_, _, &str)| {
            (PresenceChange::Renamed { to: last.to_owned() }, vec![first])
        };
        names.into_iter().map(renamed)
    }

    /// The events that were not announced; they are in the order of time.
    fn fresh(&self, announced: &Announced) -> &[PresenceEvent] {
        let is_old = |event: &PresenceEvent| announced.until.is_some_and(|at| event.at.at <= at);
        &self.events[self.events.partition_point(is_old)..]
    }
}

impl Content for PresenceGroup {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let most = match context.columns.total {
            0..50 => 1,
            50..62 => 2,
            _ => 3,
        };
        let mut rows = context.block(context.margin(false), 2, &self.signed(most), Role::Dim);
        let hint = match () {
            // Enter is for the latest group, and for a line that is written.
            () if !context.is_latest || context.is_writing => "",
            () if self.expanded => "   Enter: hide",
            () if !context.columns.is_narrow() && self.events.len() > most => "   Enter: show",
            () => "",
        };
        // It comes and goes, so it never takes a row of its own.
        if let Some(last) = rows.last_mut()
            && row_width(last) + width(hint) < context.columns.total
        {
            last.push(segment(hint, Role::Dim));
        }
        if self.expanded {
            let time = |event: &PresenceEvent| clock(event.at.wall, context.settings.time);
            rows.extend(self.events.iter().map(|event| {
                let text = format!("│ {} {}", time(event), event.change.signed(&event.name));
                vec![blank(context.columns.margin()), segment(text, Role::Dim)]
            }));
        }
        rows
    }

    fn is_foldable(&self, _context: &RowContext<'_>) -> bool {
        true
    }

    fn text(&self) -> Option<String> {
        Some(self.words(usize::MAX))
    }

    fn next_announcement(&self, announced: &Announced) -> Option<Instant> {
        let fresh = self.fresh(announced);
        let (first, last) = (fresh.first()?, fresh.last()?);
        Some((last.at.at + ANNOUNCED_AFTER).min(first.at.at + ANNOUNCED_WITHIN))
    }

    /// Announces all that is new in one line, once it is time: a line for each arrival would keep a
    /// screen reader busy.
    fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        let is_due = |at| announcement.at_once || at <= announcement.now.at;
        if !self.next_announcement(announced).is_some_and(is_due) {
            return;
        }
        let mut events = self.fresh(announced).to_vec();
        if let Some(last) = events.last() {
            announced.until = Some(last.at.at);
            announcement.at = last.at;
        }
        for event in &mut events {
            // If the arrival was announced, only the departure is new.
            if event.change == PresenceChange::CameAndWent
                && announced.arrived.contains(&event.session)
            {
                event.change = PresenceChange::Left;
            }
            if event.change == PresenceChange::Arrived {
                announced.arrived.insert(event.session);
            }
        }
        announcement.here(Self { events, expanded: false }.words(NAMES));
    }
}

/// `ana, jo, li`, or `ana, jo and 12 more`.
fn short_list(names: &[&str], most: usize) -> String {
    if names.len() == 1 || most > 1 && names.len() <= most + 1 {
        return names.join(", ");
    }
    let (shown, more) = names.split_at(most.min(names.len()));
    format!("{} and {} more", shown.join(", "), more.len())
}

fn within(then: Now, now: Now, span: Duration) -> bool {
    now.at.saturating_duration_since(then.at) <= span
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{at, id};

    #[test]
    fn those_one_knows_are_named_first() {
        let mut group = PresenceGroup::default();
        for (who, weight) in [(1, 0), (2, 2), (3, 0), (4, 1)] {
            let (name, change) = (format!("p{who}"), PresenceChange::Arrived);
            group.add(PresenceEvent { session: id(who), name, change, at: at(1), weight });
        }
        assert_eq!(group.words(3), "p2, p4, p3 and p1 arrived");
        assert_eq!(group.signed(3), "+ p2, p4, p3, p1 arrived");
        assert_eq!(group.signed(2), "+ p2, p4 and 2 more arrived");
    }
}
