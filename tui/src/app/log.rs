//! The log of the screen: what became of the line, and what went wrong. Never names or messages.

use std::fs::File;
use std::sync::Mutex;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Starts logging into a file, for the whole process.
pub(crate) fn start(file: File, filter: Targets) {
    let layer = fmt::layer().with_writer(Mutex::new(file)).with_ansi(false);
    // A disk that is full is no reason to write over the screen.
    let layer = layer.log_internal_errors(false).with_filter(filter);
    if tracing_subscriber::registry().with(layer).try_init().is_err() {
        tracing::debug!("somebody else logs for this process already");
    }
}
