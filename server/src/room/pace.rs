//! Whether a room tells its members of an entry at once, or gathers several first.
//!
//! A write to a socket costs the same for one entry or for ten, so a busy room waits for the next
//! tick and each member is written to once. A calm room never waits. Neither does one whose members
//! wait for each other's answers before they go on: gathering would only slow them down, which shows
//! in that fewer entries come than before.

use std::time::{Duration, Instant};

use crate::rate::{Bucket, Rate};

/// Up to this rate, with bursts of ten, a room is calm.
const CALM: Rate = Rate::per_second(200).with_burst(Duration::from_millis(50));

/// A room that has gathered so many entries does not wait for the tick.
const MOST: u32 = 16;

/// After so many ticks a room looks whether gathering gains anything.
const TRIAL: u32 = 8;

/// How long a room that gained nothing by gathering does not gather.
const REST: Duration = Duration::from_secs(1);

/// A pause as long as this ends a run of entries, and one of so many is long.
const PAUSE: Duration = Duration::from_millis(25);
const LONG_RUN: u32 = 64;

/// How fast entries come, and what was gathered.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    calm: Bucket,
    gathering: Option<Gathering>,
    run: Option<Run>,
    rests_until: Option<Instant>,
}

/// Entries that came close behind each other.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: Instant,
    last: Instant,
    entries: u32,
}

#[derive(Debug)]
struct Gathering {
    /// Entries that the members have not been told of.
    untold: u32,
    /// Ticks and entries since then.
    since: Instant,
    ticks: u32,
    entries: u32,
    /// How far apart entries were before the room began to gather.
    apart: Duration,
}

impl Run {
    /// The run that goes on with an entry now, or begins with it after a pause.
    fn with(run: Option<Self>, now: Instant) -> Self {
        match run.filter(|run| now.saturating_duration_since(run.last) < PAUSE) {
            None => Self { start: now, last: now, entries: 0 },
            Some(run) if run.entries >= LONG_RUN => {
                // The first half of a long run is forgotten.
                let half = now.saturating_duration_since(run.start) / 2;
                let start = now.checked_sub(half).unwrap_or(now);
                Self { start, last: now, entries: run.entries / 2 }
            }
            Some(run) => Self { last: now, entries: run.entries + 1, ..run },
        }
    }

    /// How far apart its entries are.
    fn apart(self) -> Duration {
        self.last.saturating_duration_since(self.start) / self.entries.max(1)
    }
}

impl Pace {
    /// An entry was appended; whether the members are to be told now.
    pub(crate) fn entry(&mut self, now: Instant) -> bool {
        let Some(gathering) = &mut self.gathering else { return self.calm_entry(now) };
        gathering.untold += 1;
        gathering.entries += 1;
        let tells = gathering.untold >= MOST;
        if tells {
            gathering.untold = 0;
        }
        tells
    }

    fn calm_entry(&mut self, now: Instant) -> bool {
        let run = Run::with(self.run, now);
        self.run = Some(run);
        if self.calm.try_charge(CALM, 1, now) || self.rests_until.is_some_and(|until| now < until) {
            return true;
        }
        self.gathering =
            Some(Gathering { untold: 1, since: now, ticks: 0, entries: 1, apart: run.apart() });
        false
    }

    /// Something is to be told that need not be told at once; whether it is told now.
    pub(crate) fn droppable(&mut self) -> bool {
        if let Some(gathering) = &mut self.gathering {
            gathering.untold += 1;
        }
        self.gathering.is_none()
    }

    /// Whether the room gathers, and so wants to be told of the next tick.
    pub(crate) fn is_gathering(&self) -> bool {
        self.gathering.is_some()
    }

    /// Whether there is something that the members have not been told of.
    pub(crate) fn has_untold(&self) -> bool {
        self.gathering.as_ref().is_some_and(|gathering| gathering.untold > 0)
    }

    /// A tick; whether there is something to tell the members now.
    pub(crate) fn tick(&mut self, now: Instant) -> bool {
        let Some(gathering) = &mut self.gathering else { return false };
        let tells = std::mem::take(&mut gathering.untold) > 0;
        gathering.ticks += 1;
        if gathering.ticks < TRIAL {
            return tells;
        }
        let entries = std::mem::take(&mut gathering.entries);
        let passed = now.saturating_duration_since(std::mem::replace(&mut gathering.since, now));
        gathering.ticks = 0;
        let gains_nothing = entries < 2 * TRIAL;
        let slows_down = passed > 2 * gathering.apart * entries;
        if gains_nothing || slows_down {
            self.gathering = None;
            self.rests_until = Some(now + REST);
        }
        tells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn start() -> Instant {
        Instant::now()
    }

    /// Entries come at these milliseconds; which of them are told at once.
    fn told(pace: &mut Pace, start: Instant, at: impl Iterator<Item = u64>) -> Vec<bool> {
        at.map(|at| pace.entry(start + Duration::from_millis(at))).collect()
    }

    #[test]
    fn a_calm_room_never_waits() {
        let (mut pace, start) = (Pace::default(), start());
        assert!(told(&mut pace, start, (0..5000).step_by(5)).into_iter().all(|told| told));
    }

    #[test]
    fn a_busy_room_gathers_until_the_tick() {
        let (mut pace, start) = (Pace::default(), start());
        let at_once = told(&mut pace, start, 0..40).into_iter().filter(|told| *told).count();
        assert!((10..20).contains(&at_once), "{at_once}");
        assert!(pace.is_gathering() && pace.has_untold());
        for tick in 10..50 {
            let tick = tick * 4;
            assert!(pace.tick(start + Duration::from_millis(tick)));
            assert_eq!(told(&mut pace, start, tick..tick + 4), [false; 4]);
        }
        assert!(pace.is_gathering());
    }

    #[test]
    fn a_room_whose_members_wait_for_each_other_does_not_gather() {
        let (mut pace, start) = (Pace::default(), start());
        let at_once = told(&mut pace, start, std::iter::repeat_n(0, 20)); // as fast as can be
        assert!(!at_once[19] && pace.is_gathering());
        for tick in 1..=u64::from(TRIAL) {
            assert!(pace.is_gathering());
            told(&mut pace, start, std::iter::repeat_n(4 * tick, 8)); // and now no more than these
            pace.tick(start + Duration::from_millis(4 * tick));
        }
        assert!(!pace.is_gathering());
        let at_once = told(&mut pace, start, std::iter::repeat_n(40, 500));
        assert!(at_once.into_iter().all(|told| told), "it rests from gathering");
    }

    #[test]
    fn one_entry_between_two_ticks_is_no_reason_to_gather() {
        let (mut pace, start) = (Pace::default(), start());
        told(&mut pace, start, 0..20);
        for tick in 5..5 + u64::from(TRIAL) {
            assert!(pace.is_gathering());
            told(&mut pace, start, [4 * tick].into_iter());
            assert!(pace.tick(start + Duration::from_millis(4 * tick)));
        }
        assert!(!pace.is_gathering());
    }
}
