//! Logs go to stderr: counts, addresses and reasons; never names, messages, tokens or queries.

use std::io;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, fmt};

use crate::config::LogFormat;

/// Starts logging for the whole process.
pub(crate) fn start(format: LogFormat, filter: Targets) -> Result<(), TryInitError> {
    // A stderr that is gone is nothing to complain about, least of all on stderr.
    let layer = fmt::layer().with_writer(io::stderr).log_internal_errors(false);
    let layer = match format {
        LogFormat::Human => layer.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()
}
