//! A flood: so many people arrive and leave that one line only counts them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Content;
use super::announce::{Announced, Announcement};
use super::presence::{PresenceChange, PresenceEvent};
use super::row_context::RowContext;
use crate::text::row::{Role, Row, segment};
use crate::time::{Now, span};

/// A flood begins after so many seconds with more than so many events each,
const BEGINS_AFTER: usize = 2;
const BEGINS_ABOVE: u32 = 5;

/// and ends after so many seconds with fewer than so many.
const ENDS_AFTER: usize = 5;
const ENDS_BELOW: u32 = 2;

/// How many seconds the bars show.
const SECONDS_SHOWN: usize = 12;

/// How often the line changes at most.
const UPDATED_EVERY: Duration = Duration::from_millis(250);

/// How often it is announced while it lasts.
const ANNOUNCED_EVERY: Duration = Duration::from_secs(60);

const MAX_KNOWN: usize = 5;

const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// How many people arrived and left in each of the last seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct ArrivalRate {
    /// When the latest second began.
    second: Option<Instant>,
    counts: VecDeque<u32>,
}

impl ArrivalRate {
    /// Counts one more.
    pub(crate) fn count(&mut self, now: Instant) {
        self.advance(now);
        if let Some(count) = self.counts.back_mut() {
            *count += 1;
        }
    }

    /// Begins new seconds up to now.
    pub(crate) fn advance(&mut self, now: Instant) {
        let second = self.second.get_or_insert(now);
        if self.counts.is_empty() {
            self.counts.push_back(0);
        }
        let passed = now.saturating_duration_since(*second).as_secs();
        *second += Duration::from_secs(passed);
        self.counts.extend((0..passed.min(SECONDS_SHOWN as u64)).map(|_| 0));
        let surplus = self.counts.len().saturating_sub(SECONDS_SHOWN);
        self.counts.drain(..surplus);
    }

    /// Whether this is the beginning of a flood.
    pub(crate) fn is_flood(&self) -> bool {
        self.counts.len() >= BEGINS_AFTER
            && self.counts.iter().rev().take(BEGINS_AFTER).all(|count| *count > BEGINS_ABOVE)
    }

    /// Whether this is the end of a flood. The current second does not count yet.
    pub(crate) fn is_quiet(&self) -> bool {
        self.counts.len() > ENDS_AFTER
            && self.counts.iter().rev().take(ENDS_AFTER + 1).all(|count| *count < ENDS_BELOW)
    }

    /// The count of the last second, or of the current one if that is greater.
    fn per_second(&self) -> u32 {
        self.counts.iter().rev().take(2).copied().max().unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Flood {
    began: Now,
    arrived: usize,
    left: usize,
    /// The names of a few whom the user knows.
    known: Vec<String>,
    pub(crate) shown: Snapshot,
    shown_at: Instant,
    /// How long it took, once it is over.
    lasted: Option<Duration>,
}

/// The numbers on screen, which are updated less often than people arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) arrived: usize,
    pub(crate) left: usize,
    pub(crate) per_second: u32,
    seconds: Vec<u32>,
    lasting: Duration,
}

impl Flood {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            began: now,
            arrived: 0,
            left: 0,
            known: Vec::new(),
            shown: Snapshot::default(),
            shown_at: now.at,
            lasted: None,
        }
    }

    /// Counts an event, and keeps the name of somebody the user knows.
    pub(crate) fn add(&mut self, event: &PresenceEvent) {
        match event.change {
            PresenceChange::Left | PresenceChange::CameAndWent => self.left += 1,
            PresenceChange::Arrived
            | PresenceChange::Reconnected
            | PresenceChange::HeloAgain
            | PresenceChange::Renamed { .. } => self.arrived += 1,
        }
        let is_known = event.weight > 0 && !self.known.contains(&event.name);
        if is_known && self.known.len() < MAX_KNOWN {
            self.known.push(event.name.clone());
        }
    }

    /// Updates the numbers on screen if it is time, and always when the flood is over.
    pub(crate) fn update(&mut self, now: Instant, rate: &ArrivalRate) {
        let is_new = self.shown == Snapshot::default();
        if now < self.next_update() && self.lasted.is_none() && !is_new {
            return;
        }
        self.shown_at = now;
        self.shown = Snapshot {
            arrived: self.arrived,
            left: self.left,
            per_second: rate.per_second(),
            seconds: rate.counts.iter().copied().collect(),
            lasting: now.saturating_duration_since(self.began.at),
        };
    }

    /// When the numbers may be updated again.
    pub(crate) fn next_update(&self) -> Instant {
        self.shown_at + UPDATED_EVERY
    }

    /// Ends the flood. The quiet seconds before count as after its end.
    pub(crate) fn end(&mut self, now: Instant) {
        let all = now.saturating_duration_since(self.began.at);
        self.lasted = Some(all.saturating_sub(Duration::from_secs(ENDS_AFTER as u64)));
    }

    /// Known people; and while the flood lasts, how fast we answer and how to see the list.
    fn notes(&self, context: &RowContext<'_>) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.known.is_empty() {
            notes.push(format!("people you know: {}", self.known.join(", ")));
        }
        if self.lasted.is_none() && !context.columns.is_narrow() {
            let answers = if context.settings.greet { "5/s at most" } else { "off" };
            notes.push(format!("answers: {answers}"));
            notes.extend((!context.is_writing).then(|| "Enter: list".to_owned()));
        }
        notes
    }

    fn counts(&self) -> String {
        let counts = format!("{} arrived and {} left", self.shown.arrived, self.shown.left);
        match self.lasted {
            Some(lasted) => format!("{counts} within {}", span(lasted)),
            None => format!("{counts} within {} so far", span(self.shown.lasting)),
        }
    }
}

impl Content for Flood {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let is_narrow = context.columns.is_narrow();
        let mut first = context.headed("▸ ", Role::Warning);
        let counts = match (grouped(self.shown.arrived), grouped(self.shown.left)) {
            (arrived, _) if self.shown.left == 0 => format!("{arrived} arrived"),
            (arrived, left) if is_narrow => format!("+{arrived} −{left}"),
            (arrived, left) => format!("{arrived} arrived · {left} left"),
        };
        first.push(segment(counts, Role::Text));
        let rate = segment(format!("  {}/s", self.shown.per_second), Role::Warning);
        match self.lasted {
            Some(lasted) => first.push(segment(format!(" in {}", span(lasted)), Role::Dim)),
            None if is_narrow => first.push(rate),
            None => first.extend([
                segment(format!("  {}", bars(&self.shown.seconds)), Role::Dim),
                rate,
                segment(format!(" · {}", span(self.shown.lasting)), Role::Dim),
            ]),
        }
        let mut rows = vec![first];
        let notes = self.notes(context);
        if !notes.is_empty() {
            rows.extend(context.block(context.inner("╰ "), 2, &notes.join(" · "), Role::Dim));
        }
        rows
    }

    fn text(&self) -> Option<String> {
        Some(self.counts())
    }

    fn next_announcement(&self, announced: &Announced) -> Option<Instant> {
        Some(announced.until.unwrap_or(self.began.at) + ANNOUNCED_EVERY)
    }

    /// A flood is announced when it begins, now and then while it lasts, and when it is over.
    fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        if announced.begin() {
            announcement.here("many people arrive at once: from now on they are only counted");
        } else if self.lasted.is_some()
            || self.next_announcement(announced).is_some_and(|at| at <= announcement.now.at)
        {
            announced.is_final = self.lasted.is_some();
            announced.until = Some(announcement.now.at);
            announcement.here(self.counts());
        }
    }
}

/// A bar for each second; the tallest is the busiest.
fn bars(seconds: &[u32]) -> String {
    let most = seconds.iter().copied().max().unwrap_or_default().max(1);
    let bar = |count: &u32| {
        let height = (u64::from(*count) * (BARS.len() as u64 - 1)).div_ceil(u64::from(most));
        BARS[usize::try_from(height).unwrap_or_default().min(BARS.len() - 1)]
    };
    seconds.iter().map(bar).collect()
}

/// A number with its digits in groups: `2 418`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at(if first == 0 { 3.min(digits.len()) } else { first });
    let threes = tail.as_bytes().chunks(3).map(String::from_utf8_lossy);
    std::iter::once(head.into()).chain(threes).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{at, id};

    #[test]
    fn a_flood_takes_two_seconds_to_be_one_and_five_to_be_over() {
        let mut rate = ArrivalRate::default();
        for n in 0..20 {
            rate.count(at(n * 50).at);
        }
        assert!(!rate.is_flood(), "one busy second is none");
        for n in 0..6 {
            rate.count(at(1000 + n * 50).at);
        }
        assert!(rate.is_flood());
        rate.advance(at(6000).at);
        assert!(!rate.is_quiet());
        rate.advance(at(7000).at);
        assert!(rate.is_quiet());
    }

    #[test]
    fn the_line_changes_four_times_a_second() {
        let (mut rate, mut flood) = (ArrivalRate::default(), Flood::new(at(0)));
        let mut changes = 0;
        for n in 0..1000_u64 {
            rate.count(at(n * 2).at);
            let change = if n % 4 == 0 { PresenceChange::Left } else { PresenceChange::Arrived };
            let (name, weight) = ("ana".to_owned(), u8::from(n == 7));
            flood.add(&PresenceEvent { session: id(1), name, change, at: at(n * 2), weight });
            let before = flood.shown.clone();
            flood.update(at(n * 2).at, &rate);
            changes += usize::from(before != flood.shown);
        }
        assert!((7..=9).contains(&changes), "{changes}");
        assert_eq!(flood.known, ["ana"]);
        flood.end(at(10_000).at);
        flood.update(at(10_000).at, &rate);
        assert_eq!((flood.shown.arrived, flood.shown.left), (750, 250));
        assert_eq!(flood.lasted, Some(Duration::from_secs(5)));
    }

    #[test]
    fn numbers_and_bars_are_read_at_a_glance() {
        assert_eq!(grouped(12), "12");
        assert_eq!(grouped(2418), "2 418");
        assert_eq!(grouped(1_234_567), "1 234 567");
        assert_eq!(bars(&[0, 1, 50, 100]), "▁▂▅█");
        assert_eq!(bars(&[]), "");
    }
}
