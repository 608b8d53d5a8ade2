//! So many come and go that even a folded line would never rest: then one line counts them.

use crate::time::Now;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many a second, for how many seconds, are a flood; and when it is over.
const BEGINS_ABOVE: u32 = 5;
const BEGINS_AFTER: usize = 2;
const ENDS_BELOW: u32 = 2;
const ENDS_AFTER: usize = 5;

/// How many seconds the little picture of it shows.
const SECONDS_SHOWN: usize = 12;

/// How often its line changes at most.
const SHOWN_EVERY: Duration = Duration::from_millis(250);

const MAX_KNOWN: usize = 5;

/// How many came and went in each of the last seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pulse {
    /// When the last of the seconds began.
    second: Option<Instant>,
    counts: VecDeque<u32>,
}

impl Pulse {
    /// One more came or went.
    pub(crate) fn note(&mut self, now: Instant) {
        self.advance(now);
        if let Some(count) = self.counts.back_mut() {
            *count += 1;
        }
    }

    /// Lets the seconds pass.
    pub(crate) fn advance(&mut self, now: Instant) {
        let second = self.second.get_or_insert(now);
        if self.counts.is_empty() {
            self.counts.push_back(0);
        }
        let passed = now.saturating_duration_since(*second).as_secs();
        *second += Duration::from_secs(passed);
        for _ in 0..passed.min(SECONDS_SHOWN as u64) {
            self.counts.push_back(0);
        }
        while self.counts.len() > SECONDS_SHOWN {
            self.counts.pop_front();
        }
    }

    /// Whether this is too much to be told one by one.
    pub(crate) fn is_flood(&self) -> bool {
        self.counts.len() >= BEGINS_AFTER
            && self.counts.iter().rev().take(BEGINS_AFTER).all(|count| *count > BEGINS_ABOVE)
    }

    /// Whether it has been quiet for long enough; the second that runs does not count yet.
    pub(crate) fn is_quiet(&self) -> bool {
        self.counts.len() > ENDS_AFTER
            && self.counts.iter().rev().take(ENDS_AFTER + 1).all(|count| *count < ENDS_BELOW)
    }

    /// The last second that is over, or the one that runs if more came in it.
    fn rate(&self) -> u32 {
        self.counts.iter().rev().take(2).copied().max().unwrap_or_default()
    }
}

/// The line that counts.
#[derive(Clone, Debug)]
pub(crate) struct Flood {
    pub(crate) began: Now,
    arrived: usize,
    left: usize,
    /// Those of them whom one knows, the first ones.
    pub(crate) known: Vec<String>,
    pub(crate) shown: Shown,
    shown_at: Instant,
    /// How long it took, once it is over.
    pub(crate) lasted: Option<Duration>,
}

/// What the line shows at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) arrived: usize,
    pub(crate) left: usize,
    pub(crate) rate: u32,
    pub(crate) seconds: Vec<u32>,
    /// For how long it has been going on.
    pub(crate) since: Duration,
}

impl Flood {
    pub(crate) fn new(now: Now) -> Self {
        Self {
            began: now,
            arrived: 0,
            left: 0,
            known: Vec::new(),
            shown: Shown::default(),
            shown_at: now.at,
            lasted: None,
        }
    }

    /// One more came or went; `known` if one should be told the name.
    pub(crate) fn note(&mut self, arrived: bool, known: Option<&str>) {
        if arrived {
            self.arrived += 1;
        } else {
            self.left += 1;
        }
        if let Some(name) = known.filter(|name| !self.known.iter().any(|other| other == name))
            && self.known.len() < MAX_KNOWN
        {
            self.known.push(name.to_owned());
        }
    }

    /// Brings the line up to date, if it is time; always when it is over.
    pub(crate) fn show(&mut self, now: Instant, pulse: &Pulse) {
        if now < self.next_show() && self.lasted.is_none() && self.shown != Shown::default() {
            return;
        }
        self.shown_at = now;
        self.shown = Shown {
            arrived: self.arrived,
            left: self.left,
            rate: pulse.rate(),
            seconds: pulse.counts.iter().copied().collect(),
            since: now.saturating_duration_since(self.began.at),
        };
    }

    /// When the line may change next.
    pub(crate) fn next_show(&self) -> Instant {
        self.shown_at + SHOWN_EVERY
    }

    /// It is over. The quiet seconds that told so are not part of it.
    pub(crate) fn end(&mut self, now: Instant) {
        let all = now.saturating_duration_since(self.began.at);
        self.lasted = Some(all.saturating_sub(Duration::from_secs(ENDS_AFTER as u64)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::at;

    #[test]
    fn a_flood_takes_two_seconds_to_be_one_and_five_to_be_over() {
        let mut pulse = Pulse::default();
        for n in 0..20 {
            pulse.note(at(n * 50).at);
        }
        assert!(!pulse.is_flood(), "one busy second is none");
        for n in 0..6 {
            pulse.note(at(1000 + n * 50).at);
        }
        assert!(pulse.is_flood());
        pulse.advance(at(6000).at);
        assert!(!pulse.is_quiet());
        pulse.advance(at(7000).at);
        assert!(pulse.is_quiet());
    }

    #[test]
    fn the_line_changes_four_times_a_second() {
        let (mut pulse, mut flood) = (Pulse::default(), Flood::new(at(0)));
        let mut changes = 0;
        for n in 0..1000_u64 {
            pulse.note(at(n * 2).at);
            flood.note(n % 4 != 0, (n == 7).then_some("ana"));
            let before = flood.shown.clone();
            flood.show(at(n * 2).at, &pulse);
            changes += usize::from(before != flood.shown);
        }
        assert!((7..=9).contains(&changes), "{changes}");
        assert_eq!(flood.known, ["ana"]);
        flood.end(at(10_000).at);
        flood.show(at(10_000).at, &pulse);
        assert_eq!((flood.shown.arrived, flood.shown.left), (750, 250));
        assert_eq!(flood.lasted, Some(Duration::from_secs(5)));
    }
}
