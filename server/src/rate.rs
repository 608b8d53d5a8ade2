//! How many pushes are too many: a token bucket in one `Instant`.
//!
//! Every push costs `1 / rate` of a second, paid off as time goes by. Up to [`BURST`] may be owed;
//! what would owe more is refused, and still costs. Who owes twice that is not listening.

use std::time::{Duration, Instant};

/// How much may be owed: at 50 pushes a second a burst of 200.
const BURST: Duration = Duration::from_secs(4);

/// What one push costs; no cost is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace(Option<Duration>);

impl Pace {
    /// This many pushes a second; 0 means no limit.
    pub(crate) fn per_second(pushes: u32) -> Self {
        Self((pushes > 0).then(|| Duration::from_secs(1) / pushes))
    }
}

/// What one payer owes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    /// When everything will be paid off.
    settled: Option<Instant>,
}

/// What is to become of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Take it.
    Fine,
    /// Refuse it; the next one will be taken after this long.
    Refuse(Duration),
    /// Refuse it and end the socket.
    Enough,
}

impl Bucket {
    /// Takes over what another one owes.
    pub(crate) fn inherit(&mut self, other: Self) {
        self.settled = self.settled.max(other.settled);
    }

    /// Charges one push.
    pub(crate) fn charge(&mut self, Pace(cost): Pace, now: Instant) -> Verdict {
        let Some(cost) = cost else { return Verdict::Fine };
        let settled = self.settled.unwrap_or(now).max(now) + cost;
        self.settled = Some(settled);
        let owed = settled - now;
        if owed <= BURST {
            Verdict::Fine
        } else if owed < 2 * BURST {
            Verdict::Refuse((owed + cost).saturating_sub(BURST))
        } else {
            Verdict::Enough
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to count from")]
    fn epoch() -> Instant {
        Instant::now()
    }

    fn charge(bucket: &mut Bucket, times: usize, now: Instant) -> Verdict {
        let pace = Pace::per_second(50);
        (0..times).map(|_| bucket.charge(pace, now)).last().unwrap()
    }

    #[test]
    fn a_burst_passes_and_the_next_push_is_refused() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        assert_eq!(charge(&mut bucket, 200, now), Verdict::Fine);
        assert_eq!(charge(&mut bucket, 1, now), Verdict::Refuse(Duration::from_millis(40)));
    }

    #[test]
    fn who_waits_as_told_is_served() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        let Verdict::Refuse(wait) = charge(&mut bucket, 250, now) else { panic!("not refused") };
        let just_before = wait.checked_sub(Duration::from_millis(1)).unwrap();
        assert!(matches!(
            bucket.clone().charge(Pace::per_second(50), now + just_before),
            Verdict::Refuse(_)
        ));
        assert_eq!(charge(&mut bucket, 1, now + wait), Verdict::Fine);
    }

    #[test]
    fn who_goes_on_regardless_is_out() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        assert!(matches!(charge(&mut bucket, 399, now), Verdict::Refuse(_)));
        assert_eq!(charge(&mut bucket, 1, now), Verdict::Enough);
    }

    #[test]
    fn the_pace_itself_can_be_kept_for_ever() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        charge(&mut bucket, 200, now);
        for second in 1..100 {
            let now = now + Duration::from_secs(second);
            assert_eq!(charge(&mut bucket, 50, now), Verdict::Fine);
        }
    }

    #[test]
    fn a_clock_that_steps_back_costs_nothing_extra() {
        let (mut bucket, now) = (Bucket::default(), epoch() + Duration::from_secs(60));
        assert_eq!(charge(&mut bucket, 1, now), Verdict::Fine);
        let before = now.checked_sub(Duration::from_secs(1)).unwrap();
        assert_eq!(charge(&mut bucket, 1, before), Verdict::Fine);
    }

    #[test]
    fn zero_is_no_limit() {
        let (mut bucket, now) = (Bucket::default(), epoch());
        let verdicts = (0..10_000).map(|_| bucket.charge(Pace::per_second(0), now));
        assert!(verdicts.into_iter().all(|verdict| verdict == Verdict::Fine));
    }
}
