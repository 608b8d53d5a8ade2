//! Logs hold counts, addresses and reasons; never names, messages, tokens or queries.
//!
//! Whoever logs never waits: lines go through a bounded [`Queue`] to one thread that writes them,
//! to stderr or to a file. A log that nobody reads, a full disk and a flood of equal lines all cost
//! lines, which are counted and told of.

mod file;
mod flood;
mod queue;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Debug;
use std::io::{self, Write};
use std::panic;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, Targets};
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use self::file::RotatingFile;
use self::flood::{FloodGate, HeldBack, Place, WINDOW};
use self::queue::Queue;
use crate::config::LogFormat;
use crate::metrics::Metrics;

/// How long the end of the program waits for the log to be written.
const END_PATIENCE: Duration = Duration::from_secs(1);

/// How long the writer sleeps where nothing can be due: until it is woken.
const NO_HURRY: Duration = Duration::from_secs(24 * 60 * 60);

/// The log of this process. Dropping it waits until what was logged is written, but not for long.
#[derive(Debug)]
pub(crate) struct Log {
    queue: Arc<Queue>,
    gate: Arc<Mutex<FloodGate>>,
}

impl Log {
    /// Starts logging for the whole process, panics included: to this file, or to stderr.
    pub(crate) fn start(
        format: LogFormat,
        filter: Targets,
        file: Option<&Path>,
        metrics: Arc<Metrics>,
    ) -> io::Result<Self> {
        let sink: Box<dyn Write + Send> = match file {
            Some(path) => Box::new(RotatingFile::open(path)?),
            None => Box::new(io::stderr()),
        };
        let queue = Arc::new(Queue::new(metrics));
        let gate = Arc::new(Mutex::new(FloodGate::default()));
        let layer = fmt::layer().with_writer(Arc::clone(&queue)).log_internal_errors(false);
        let layer = match format {
            LogFormat::Human => {
                let is_terminal = file.is_none() && io::IsTerminal::is_terminal(&io::stderr());
                layer.with_ansi(is_terminal).boxed()
            }
            LogFormat::Json => layer.json().boxed(),
        };
        let filter = filter.and(FloodFilter(Arc::clone(&gate)));
        if tracing_subscriber::registry().with(layer.with_filter(filter)).try_init().is_err() {
            tracing::debug!("somebody else logs for this process already");
            return Ok(Self { queue, gate });
        }
        let (lines, held_back) = (Arc::clone(&queue), Arc::clone(&gate));
        let writer = thread::Builder::new().name("log".to_owned());
        // It has no other owner than the process: a write to a full pipe cannot be called off.
        drop(writer.spawn(move || write_lines(&lines, &held_back, sink))?);
        panic::set_hook(Box::new(log_panic));
        Ok(Self { queue, gate })
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        tell_of_held_back(&self.gate);
        self.queue.drain(END_PATIENCE);
    }
}

/// Runs for as long as the process does.
fn write_lines(queue: &Queue, gate: &Mutex<FloodGate>, mut sink: Box<dyn Write + Send>) {
    let mut patience = NO_HURRY;
    let mut asked = now();
    loop {
        let written = queue.write_next(&mut sink, patience);
        if let Some(lost @ 1..) = written {
            tracing::error!(
                "{lost} lines of this log were lost: they could not be written in time"
            );
        }
        // A line is held back only within a window that began with one that was written.
        patience = if written.is_some() { WINDOW } else { NO_HURRY };
        if written.is_none() || asked.elapsed() >= WINDOW {
            asked = now();
            tell_of_held_back(gate);
        }
    }
}

fn tell_of_held_back(gate: &Mutex<FloodGate>) {
    let held_back = gate.lock().unwrap_or_else(PoisonError::into_inner).take_held_back();
    held_back.into_iter().for_each(tell_of);
}

fn tell_of(HeldBack { level, like, lines }: HeldBack) {
    match level {
        Level::ERROR => tracing::error!("... and {lines} more like it: {like}"),
        Level::WARN => tracing::warn!("... and {lines} more like it: {like}"),
        Level::INFO => tracing::info!("... and {lines} more like it: {like}"),
        Level::DEBUG => tracing::debug!("... and {lines} more like it: {like}"),
        Level::TRACE => tracing::trace!("... and {lines} more like it: {like}"),
    }
}

/// A panic is logged as all else: printed to a pipe that nobody reads, it would hold up its thread.
fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        tracing::error!("{panic}\n{trace}");
    } else {
        tracing::error!("{panic}");
    }
}

/// Asks the gate about every line.
struct FloodFilter(Arc<Mutex<FloodGate>>);

impl<S: Subscriber> Filter<S> for FloodFilter {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        let place = Place { name: metadata.name(), level: *metadata.level() };
        let mut gate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gate.admit(place, now(), || text(event))
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }
}

/// What an event says, without its fields.
fn text(event: &Event<'_>) -> String {
    #[derive(Default)]
    struct Text(String);

    impl Visit for Text {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            if field.name() == "message" {
                self.0 = format!("{value:?}");
            }
        }
    }

    let mut text = Text::default();
    event.record(&mut text);
    text.0
}

#[expect(clippy::disallowed_methods, reason = "lines of a log are counted by the second")]
fn now() -> Instant {
    Instant::now()
}
