//! How many newcomers may be answered automatically.

use std::time::Instant;

/// Limits the automatic answers, so that a client does not answer hundreds of newcomers at once:
/// a token bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    left: u32,
    since: Option<Instant>,
}

const GREETINGS_AT_ONCE: u32 = 32;
const GREETINGS_AT_ONCE_FLOODED: u32 = 5;
const GREETING_EVERY_MILLIS: u128 = 200;

impl Default for Allowance {
    fn default() -> Self {
        Self { left: GREETINGS_AT_ONCE, since: None }
    }
}

impl Allowance {
    /// Takes a token; `false` if there is none. During a flood fewer may be collected.
    pub(crate) fn take(&mut self, now: Instant, flooded: bool) -> bool {
        let most = if flooded { GREETINGS_AT_ONCE_FLOODED } else { GREETINGS_AT_ONCE };
        let passed = self.since.map_or(0, |since| now.saturating_duration_since(since).as_millis());
        let more = u32::try_from(passed / GREETING_EVERY_MILLIS).unwrap_or(u32::MAX);
        let left = self.left.saturating_add(more).min(most);
        let since = if more > 0 { Some(now) } else { self.since.or(Some(now)) };
        *self = Self { left: left.saturating_sub(1), since };
        left > 0
    }
}
