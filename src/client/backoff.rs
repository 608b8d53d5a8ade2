//! How long to wait before the next attempt.

use std::time::Duration;

use fastrand::Rng;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// Waits of `min(30 s, 0.5 s · 2^n)` with full jitter: each is anything from nothing to that, so
/// that a herd of clients spreads out after a server comes back.
#[derive(Debug)]
pub(super) struct Backoff {
    attempts: u32,
    random: Rng,
}

impl Backoff {
    /// No attempt made yet.
    pub(super) fn new(random: Rng) -> Self {
        Self { attempts: 0, random }
    }

    /// The wait after one more failed attempt.
    pub(super) fn next(&mut self) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.attempts.min(6)).min(LONGEST);
        self.attempts += 1;
        ceiling.mul_f64(self.random.f64())
    }

    /// Starts over, after a connection that held for a while.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest of many waits after `attempts` failed ones, rounded up to half a second.
    fn ceiling(attempts: usize) -> f64 {
        let waits = (0..500).map(|seed| {
            let mut backoff = Backoff::new(Rng::with_seed(seed));
            (0..=attempts).map(|_| backoff.next()).last().unwrap()
        });
        (waits.max().unwrap().as_secs_f64() * 2.0).ceil() / 2.0
    }

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let ceilings: Vec<f64> = (0..9).map(ceiling).collect();
        assert_eq!(ceilings, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
    }

    #[test]
    fn waits_are_spread_over_the_whole_range() {
        let waits: Vec<Duration> =
            (0..500).map(|seed| Backoff::new(Rng::with_seed(seed)).next()).collect();
        let below =
            |limit| waits.iter().filter(|wait| **wait < Duration::from_millis(limit)).count();
        assert!((75..175).contains(&below(125)) && (175..325).contains(&below(250)));
    }

    #[test]
    fn a_reset_starts_over() {
        let mut backoff = Backoff::new(Rng::with_seed(3));
        for _ in 0..20 {
            backoff.next();
        }
        backoff.reset();
        assert!(backoff.next() < FIRST);
    }
}
