//! The screen as a whole: scripts of keys and notices, screens as snapshots, every size.

mod docs;
mod folding;
mod fuzz;
mod screens;
mod scripts;
mod sizes;

use crate::time::Now;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use hullo::Person;
use hullo::protocol::SessionId;
use hullo::protocol::payload::State;
use jiff::ToSpan;
use jiff::civil::date;

/// How many that is.
const SCRIPTS: u32 = 12;

pub(crate) mod play;

/// So many random scripts as there is patience for, where nobody asks for more.
pub(crate) fn few() -> proptest::test_runner::Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = proptest::test_runner::Config {
        failure_persistence: None,
        max_shrink_iters: 600,
        ..proptest::test_runner::Config::default()
    };
    if asked { config } else { proptest::test_runner::Config { cases: SCRIPTS, ..config } }
}

/// Waits for this work, but not for ever.
pub(crate) fn block_on(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let in_time = async { tokio::time::timeout(Duration::from_secs(20), work).await.unwrap() };
    runtime.block_on(in_time);
}

/// A moment, so many milliseconds after the beginning of all tests: 09:40 of a Tuesday.
pub(crate) fn at(millis: u64) -> Now {
    static BEGINNING: OnceLock<Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "only differences to it are ever looked at")]
    let beginning = *BEGINNING.get_or_init(Instant::now);
    let wall = date(2026, 11, 24).at(9, 40, 0, 0);
    Now {
        at: beginning + Duration::from_millis(millis),
        wall: wall + i64::try_from(millis).unwrap().milliseconds(),
    }
}

pub(crate) fn id(n: u128) -> SessionId {
    SessionId(format!("00000000-0000-4000-8000-{n:012x}").parse().unwrap())
}

pub(crate) fn named(n: u128, name: &str) -> Person {
    let mut person = Person::new(id(n), name);
    person.state = Some(State::Here);
    person
}
