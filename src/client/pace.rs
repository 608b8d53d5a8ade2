//! How fast pushes are sent to a room whose server refused one as too many.

use std::time::{Duration, Instant};

/// The first pause between two pushes: a little longer than servers demand by default.
const FIRST_INTERVAL: Duration = Duration::from_millis(25);
const LONGEST_INTERVAL: Duration = Duration::from_secs(2);

/// One push at a time, with a pause after each, so that their order is kept and a refusal, which
/// counts as a push for the server, is rare.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    interval: Duration,
    ready_at: Instant,
}

impl Pace {
    /// The server refused a push at `now`, and accepts the next one after `wait`.
    pub(super) fn new(now: Instant, wait: Duration) -> Self {
        Self { since: now, interval: FIRST_INTERVAL, ready_at: now + wait }
    }

    /// The server refused another push. If it was `sent` at this pace, the pace is too fast.
    pub(super) fn on_refused(&mut self, now: Instant, wait: Duration, sent: Instant) {
        if sent > self.since {
            self.interval = (self.interval * 2).min(LONGEST_INTERVAL);
        }
        self.ready_at = self.ready_at.max(now + wait);
    }

    pub(super) fn on_sent(&mut self, now: Instant) {
        self.ready_at = now + self.interval;
    }

    /// When the next push may be sent.
    pub(super) fn ready_at(&self) -> Instant {
        self.ready_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "only differences to it are looked at")]
    fn it_slows_down_only_for_what_was_sent_at_this_pace() {
        let now = Instant::now();
        let at = |millis| now + Duration::from_millis(millis);
        let wait = Duration::from_millis(100);
        let mut pace = Pace::new(at(10), wait);
        pace.on_refused(at(20), wait, now);
        assert_eq!(pace.ready_at(), at(120));
        pace.on_sent(at(120));
        assert_eq!(pace.ready_at(), at(145));
        pace.on_refused(at(130), wait, at(120));
        assert_eq!(pace.ready_at(), at(230));
        pace.on_sent(at(230));
        assert_eq!(pace.ready_at(), at(280));
    }
}
