//! Lets through a few lines a second from each place in the code that logs, and counts the others:
//! thousands of bad connections a second must not fill a disk.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tracing::Level;

/// How many lines of one place are written in one window.
const LINES_PER_WINDOW: u32 = 10;

/// How long a window is.
pub(super) const WINDOW: Duration = Duration::from_secs(1);

/// Where in the code a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// File and line, as tracing names them.
    pub(super) name: &'static str,
    /// How much it matters.
    pub(super) level: Level,
}

/// Lines of one place that were not written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HeldBack {
    /// How much they matter.
    pub(super) level: Level,
    /// What the first of them said.
    pub(super) like: String,
    /// How many there were.
    pub(super) lines: u64,
}

/// Counts lines by their place.
#[derive(Debug, Default)]
pub(super) struct FloodGate(HashMap<Place, Window>);

#[derive(Debug)]
struct Window {
    since: Instant,
    written: u32,
    held_back: Option<(String, u64)>,
}

impl FloodGate {
    /// Whether a line of this place is to be written. If not, it is counted, and the first that is
    /// not is asked what it says.
    pub(super) fn admit(
        &mut self,
        place: Place,
        now: Instant,
        text: impl FnOnce() -> String,
    ) -> bool {
        let fresh = Window { since: now, written: 0, held_back: None };
        let window = self.0.entry(place).or_insert(fresh);
        if now.duration_since(window.since) >= WINDOW {
            (window.since, window.written) = (now, 0);
        }
        if window.written < LINES_PER_WINDOW {
            window.written += 1;
            return true;
        }
        window.held_back.get_or_insert_with(|| (text(), 0)).1 += 1;
        false
    }

    /// What was held back since this was last asked.
    pub(super) fn take_held_back(&mut self) -> Vec<HeldBack> {
        let taken = self.0.iter_mut().filter_map(|(place, window)| {
            let (like, lines) = window.held_back.take()?;
            Some(HeldBack { level: place.level, like, lines })
        });
        taken.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place = Place { name: "here", level: Level::INFO };
    const THERE: Place = Place { name: "there", level: Level::WARN };

    #[expect(clippy::disallowed_methods, reason = "a test needs some moment to start from")]
    fn start() -> Instant {
        Instant::now()
    }

    fn admitted(gate: &mut FloodGate, place: Place, now: Instant, lines: usize) -> usize {
        (0..lines).filter(|_| gate.admit(place, now, || "no frame".to_owned())).count()
    }

    #[test]
    fn a_flood_of_one_place_is_cut_and_counted_and_others_are_heard() {
        let (mut gate, now) = (FloodGate::default(), start());
        assert_eq!(admitted(&mut gate, HERE, now, 9671), 10);
        assert_eq!(admitted(&mut gate, THERE, now, 10), 10);
        let held_back = HeldBack { level: Level::INFO, like: "no frame".to_owned(), lines: 9661 };
        assert_eq!(gate.take_held_back(), [held_back]);
        assert_eq!(gate.take_held_back(), []);
    }

    #[test]
    fn every_window_has_lines_of_its_own() {
        let (mut gate, now) = (FloodGate::default(), start());
        assert_eq!(admitted(&mut gate, HERE, now, 20), 10);
        assert_eq!(admitted(&mut gate, HERE, now + WINDOW / 2, 20), 0);
        assert_eq!(admitted(&mut gate, HERE, now + WINDOW, 20), 10);
        assert_eq!(gate.take_held_back()[0].lines, 40);
    }
}
