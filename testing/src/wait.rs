//! Waiting with a limit.

use std::panic::Location;
use std::time::Duration;

use tokio::time::timeout;

/// Longer than anything that is expected takes, on a busy machine, too.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Awaits something that must come.
#[track_caller]
pub fn soon<F: Future>(what: &str, future: F) -> impl Future<Output = F::Output> {
    let caller = Location::caller();
    async move {
        let outcome = timeout(PATIENCE, future).await;
        outcome.unwrap_or_else(|_| panic!("{caller}: {what} did not come"))
    }
}

/// Waits for what tells nobody that it has come about.
#[track_caller]
pub fn eventually(what: &str, came: impl Fn() -> bool) {
    let step = Duration::from_millis(5);
    let came = (0..PATIENCE.as_millis() / step.as_millis()).any(|_| {
        let came = came();
        if !came {
            std::thread::sleep(step);
        }
        came
    });
    assert!(came, "{what} did not come");
}
