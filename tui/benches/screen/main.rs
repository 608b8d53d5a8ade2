//! What the screen costs: to come up, to stand idle, to hold a long log, to be typed in while
//! thousands arrive, and to be drawn. Nothing is asserted; a table says what was measured, and what
//! the project wants of it.
//!
//! `cargo bench -p hullo-tui`; with words behind `--` only the parts that bear them. The spans can
//! be set: `HULLO_BENCH_IDLE` and `HULLO_BENCH_FLOOD` in seconds.

#![allow(clippy::unwrap_used, reason = "what cannot be measured ends the benchmark")]
#![allow(clippy::print_stdout, reason = "the table is what this is for")]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded when they are told")]
#![allow(clippy::disallowed_methods, reason = "whoever measures asks the clock")]

mod company;
mod drawing;
mod fake_server;
mod flood;
mod idle;
mod memory;
mod process;
mod start;
mod table;
mod terminal;

fn main() {
    // cargo adds `--bench`; the rest are the parts that are wanted.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let parts: [(&str, fn()); 6] = [
        ("drawing", drawing::measure),
        ("start", start::measure),
        ("memory", memory::measure),
        ("flood", flood::measure),
        ("idle", idle::measure),
        ("company", company::measure),
    ];
    for (name, measure) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            measure();
        }
    }
}

/// A span in seconds that the environment may set.
fn seconds(name: &str, default: u64) -> std::time::Duration {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    std::time::Duration::from_secs(set.unwrap_or(default))
}
