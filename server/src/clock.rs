//! The time of day.

use std::time::SystemTime;

/// How many seconds have passed since 1970.
#[expect(clippy::disallowed_methods, reason = "the shell asks the clock for the core")]
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
