//! Token buckets: how much may be done in a second, and in a burst.
//!
//! A bucket is one `Instant`: the moment at which all that was charged so far is paid off. So an
//! unused bucket takes no memory beyond it, and time refills it without anybody's help.

use std::time::{Duration, Instant};

/// How much may be done in a second: pushes, bytes, whatever is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// 0 is no limit.
    per_second: u32,
    /// The burst, as the time in which it would be done at the rate.
    burst: Duration,
}

impl Rate {
    /// This much in a second, with bursts of four times as much; 0 means no limit.
    pub(crate) const fn per_second(amount: u32) -> Self {
        Self { per_second: amount, burst: Duration::from_secs(4) }
    }

    /// The same with another burst: what is done in this time at the rate.
    pub(crate) const fn with_burst(self, burst: Duration) -> Self {
        Self { burst, ..self }
    }

    /// The time in which `amount` is paid off. One charge never costs more than a burst, or it
    /// could never be afforded.
    fn cost(self, amount: u64) -> Option<Duration> {
        let nanoseconds =
            amount.saturating_mul(1_000_000_000).checked_div(self.per_second.into())?;
        Some(Duration::from_nanos(nanoseconds).min(self.burst))
    }
}

/// What one payer has been charged.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    /// When everything will be paid off.
    paid_off: Option<Instant>,
}

/// What is to become of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Take it.
    Accept,
    /// Refuse it; the next one will be taken after this long.
    Refuse(Duration),
    /// Refuse it and close the socket: it was charged for twice the burst.
    Close,
}

impl Bucket {
    /// Takes over what another bucket was charged.
    pub(crate) fn inherit(&mut self, other: Self) {
        self.paid_off = self.paid_off.max(other.paid_off);
    }

    /// Charges `amount`, whether it is accepted or not.
    pub(crate) fn charge(&mut self, rate: Rate, amount: u64, now: Instant) -> Verdict {
        let Some(cost) = rate.cost(amount) else { return Verdict::Accept };
        let owed = self.owed(now) + cost;
        self.paid_off = Some(now + owed);
        if owed <= rate.burst {
            Verdict::Accept
        } else if owed < 2 * rate.burst {
            Verdict::Refuse((owed + cost).saturating_sub(rate.burst))
        } else {
            Verdict::Close
        }
    }

    /// Charges `amount` only if it fits in the burst; whether it did.
    pub(crate) fn try_charge(&mut self, rate: Rate, amount: u64, now: Instant) -> bool {
        let Some(cost) = rate.cost(amount) else { return true };
        let owed = self.owed(now) + cost;
        let fits = owed <= rate.burst;
        if fits {
            self.paid_off = Some(now + owed);
        }
        fits
    }

    fn owed(&self, now: Instant) -> Duration {
        self.paid_off.map_or(Duration::ZERO, |paid_off| paid_off.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::per_second(50);

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn epoch() -> Instant {
        Instant::now()
    }

    fn charge(bucket: &mut Bucket, times: usize, now: Instant) -> Verdict {
        (0..times).map(|_| bucket.charge(RATE, 1, now)).last().unwrap()
    }

    #[test]
    fn a_burst_passes_and_the_next_push_is_refused() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        assert_eq!(charge(&mut bucket, 200, now), Verdict::Accept);
        assert_eq!(charge(&mut bucket, 1, now), Verdict::Refuse(Duration::from_millis(40)));
    }

    #[test]
    fn after_the_wait_that_was_told_a_push_is_accepted() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        let Verdict::Refuse(wait) = charge(&mut bucket, 250, now) else { panic!("not refused") };
        let just_before = wait.checked_sub(Duration::from_millis(1)).unwrap();
        let early = bucket.clone().charge(RATE, 1, now + just_before);
        assert!(matches!(early, Verdict::Refuse(_)));
        assert_eq!(charge(&mut bucket, 1, now + wait), Verdict::Accept);
    }

    #[test]
    fn twice_the_burst_closes() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        assert!(matches!(charge(&mut bucket, 399, now), Verdict::Refuse(_)));
        assert_eq!(charge(&mut bucket, 1, now), Verdict::Close);
    }

    #[test]
    fn the_rate_itself_can_be_kept_up_for_ever() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        charge(&mut bucket, 200, now);
        for second in 1..100 {
            let now = now + Duration::from_secs(second);
            assert_eq!(charge(&mut bucket, 50, now), Verdict::Accept);
        }
    }

    #[test]
    fn a_clock_that_steps_back_costs_nothing_extra() {
        let (mut bucket, now) = (Bucket::default(), epoch() + Duration::from_secs(60));
        assert_eq!(charge(&mut bucket, 1, now), Verdict::Accept);
        let before = now.checked_sub(Duration::from_secs(1)).unwrap();
        assert_eq!(charge(&mut bucket, 1, before), Verdict::Accept);
    }

    #[test]
    fn zero_is_no_limit() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        for _ in 0..10_000 {
            assert_eq!(bucket.charge(Rate::per_second(0), u64::MAX, now), Verdict::Accept);
        }
    }

    #[test]
    fn one_charge_larger_than_a_burst_can_be_afforded() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        assert_eq!(bucket.charge(RATE, 100_000, now), Verdict::Accept);
        assert!(matches!(bucket.charge(RATE, 1, now), Verdict::Refuse(_)));
    }

    #[test]
    fn what_does_not_fit_is_not_charged() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        assert_eq!((0..1000).filter(|_| bucket.try_charge(RATE, 1, now)).count(), 200);
        assert!(bucket.try_charge(RATE, 1, now + Duration::from_millis(20)));
    }
}
