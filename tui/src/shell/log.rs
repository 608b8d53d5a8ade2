//! The program's own log: connections and failures, never names or messages. It is written to a
//! file, and shown on the screen on demand.

use std::fmt::{self, Write};
use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hullo::client::Notice;
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Level, Subscriber, debug, info, warn};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt as log_fmt};

use crate::core::event::Event;
use crate::entry::system::Severity;

/// How many lines may wait to be shown; further ones are only counted.
const MAX_WAITING: usize = 1000;

/// The target of log lines about what is received and pushed.
pub(super) const CONNECTION: &str = "hullo::connection";

/// Shows the log while the program runs. While it is closed no line is even formatted.
#[derive(Debug)]
pub(crate) struct Tap {
    gate: Handle<Targets, Registry>,
    lines: mpsc::Receiver<(Severity, String)>,
    missed: Arc<AtomicUsize>,
}

/// Starts logging for the whole process, into a file if there is one. `None` if the process has a
/// logger already.
pub(crate) fn start(file: Option<File>, filter: Targets) -> Option<Tap> {
    let (gate, handle) = reload::Layer::new(Targets::new());
    let (told, lines) = mpsc::channel(MAX_WAITING);
    let missed = Arc::new(AtomicUsize::new(0));
    let screen = ScreenLayer { told, missed: Arc::clone(&missed) };
    let file = file.map(|file| {
        let layer = log_fmt::layer().with_writer(Mutex::new(file)).with_ansi(false);
        // An error such as a full disk must not be printed over the screen.
        layer.log_internal_errors(false).with_filter(filter)
    });
    let log = tracing_subscriber::registry().with(screen.with_filter(gate)).with(file);
    if log.try_init().is_err() {
        debug!("somebody else logs for this process already");
        return None;
    }
    Some(Tap { gate: handle, lines, missed })
}

impl Tap {
    /// Starts or stops showing what is logged.
    pub(super) fn turn(&mut self, open: bool) -> Result<(), String> {
        // The prefix stands for the targets of the library and of the program.
        let wanted = if open { LevelFilter::DEBUG } else { LevelFilter::OFF };
        let turned = self.gate.reload(Targets::new().with_target("hullo", wanted));
        while self.lines.try_recv().is_ok() {}
        self.missed.store(0, Ordering::Relaxed);
        turned.map_err(|error| format!("the log cannot be shown: {error}"))
    }

    async fn next(&mut self) -> Event {
        let Some((tone, text)) = self.lines.recv().await else {
            return std::future::pending().await;
        };
        match self.missed.swap(0, Ordering::Relaxed) {
            0 => Event::Logged(tone, text),
            missed => Event::Logged(tone, format!("{text} · {missed} more were not shown")),
        }
    }
}

/// The next line to be shown; for ever none while nothing is logged. Safe to cancel.
pub(super) async fn next(tap: &mut Option<Tap>) -> Event {
    match tap {
        Some(tap) => tap.next().await,
        None => std::future::pending().await,
    }
}

/// Passes log lines on to the screen.
struct ScreenLayer {
    told: mpsc::Sender<(Severity, String)>,
    missed: Arc<AtomicUsize>,
}

impl<S: Subscriber> Layer<S> for ScreenLayer {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        let tone = match level {
            Level::ERROR => Severity::Error,
            Level::WARN => Severity::Warning,
            _ => Severity::Info,
        };
        let mut line = Line(format!("{level:<5} {target}:"));
        event.record(&mut line);
        if self.told.try_send((tone, line.0)).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A log line that is made of the fields of an event.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
        written.expect("a text takes whatever is written into it");
    }
}

/// Logs a notice, without names and messages.
pub(super) fn received(notice: &Notice) {
    match notice {
        Notice::Online => info!("online"),
        Notice::Offline { reason, .. } => {
            info!(reason = %hullo::text::clean_line(reason), "offline");
        }
        Notice::RoundTrip(took) => debug!(target: CONNECTION, ?took, "the server answered"),
        Notice::Entered { present, .. } => {
            debug!(target: CONNECTION, people = present.len(), "entered a room");
        }
        Notice::Resumed { .. } => debug!(target: CONNECTION, "resumed a session in a room"),
        Notice::Gap { is_filled, .. } => {
            debug!(target: CONNECTION, is_filled, "a session in a room was not resumed");
        }
        Notice::History { messages, .. } => {
            debug!(target: CONNECTION, messages = messages.len(), "read what was said before");
        }
        Notice::Left { .. } => debug!(target: CONNECTION, "out of a room"),
        Notice::Arrived { answer, .. } => debug!(target: CONNECTION, answer, "somebody said helo"),
        Notice::Changed { change, .. } => debug!(
            target: CONNECTION,
            joined = change.joined.len(),
            left = change.left.len(),
            updated = change.updated.len(),
            "people changed"
        ),
        Notice::Responded { auto, .. } => {
            debug!(target: CONNECTION, auto, "heard something for us alone");
        }
        Notice::Said { .. } => debug!(target: CONNECTION, "heard something for a room"),
        Notice::TopicSet { .. } => debug!(target: CONNECTION, "heard of a topic"),
        Notice::Typing { typing, .. } => debug!(target: CONNECTION, typing, "somebody types"),
        Notice::Unreadable { reason } => {
            warn!(target: CONNECTION, reason, "the server sent something unreadable");
        }
        _ => debug!(target: CONNECTION, "received something unknown"),
    }
}
