//! How long things took, counted in classes that are an eightieth wide or less.

use std::time::Duration;

/// Classes for each doubling.
const STEPS: usize = 64;

/// Counts of durations.
pub(crate) struct Latency {
    classes: Vec<u64>,
    total: u64,
}

impl Default for Latency {
    fn default() -> Self {
        Self { classes: vec![0; STEPS * 40], total: 0 }
    }
}

impl Latency {
    /// One took so long.
    pub(crate) fn record(&mut self, took: Duration) {
        let nanoseconds = took.as_nanos().min(u128::from(u64::MAX / 2)) as u64;
        let class = class(nanoseconds).min(self.classes.len() - 1);
        self.classes[class] += 1;
        self.total += 1;
    }

    /// So much of all took no longer than this many microseconds.
    pub(crate) fn quantile(&self, share: f64) -> Option<f64> {
        let rank = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        let class = self.classes.iter().position(|count| {
            seen += count;
            seen >= rank && rank > 0
        })?;
        Some(upper(class) / 1000.0)
    }
}

/// Up to 64 the number itself; above, the doubling and the six bits behind the first.
fn class(nanoseconds: u64) -> usize {
    let doubling = (nanoseconds | 63).ilog2() - 5;
    let step = (nanoseconds >> doubling.saturating_sub(1)) as usize;
    if doubling <= 1 { step } else { (doubling as usize - 1) * STEPS + step }
}

fn upper(class: usize) -> f64 {
    let doubling = (class / STEPS).saturating_sub(1);
    let step = class - doubling * STEPS;
    (step as f64 + 1.0) * (1_u64 << doubling) as f64
}
