//! What the server counts for its operator, and the page on which Prometheus reads it.
//!
//! One `Metrics` belongs to one server and is shared by all of its parts. Counting takes no lock
//! that a reader of the page holds for long, and plain counts and latencies take none at all.

mod latency;

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use self::latency::Latency;

/// The numbers of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    connections: Gauge,
    members: Gauge,
    rooms: Gauge,
    backlog_bytes: Gauge,
    frames_received: Counter,
    frames_sent: Counter,
    bytes_received: Counter,
    bytes_sent: Counter,
    dropped: Family<What, Counter>,
    refusals: Family<Reason, Counter>,
    closes: Family<Ended, Counter>,
    handshakes_refused: Family<Reason, Counter>,
    dispatch: Latency,
    log_lines_lost: Counter,
    away: Gauge,
    kept_bytes: Gauge,
    history_bytes: Gauge,
    resumed: Counter,
    resumes_refused: Family<Reason, Counter>,
    replayed: Counter,
    deduplicated: Counter,
    commit: Latency,
    not_stored: Counter,
}

/// What is true at one moment, for the page that is made then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// How many sessions are in rooms.
    pub(crate) members: usize,
    /// How many rooms there are.
    pub(crate) rooms: usize,
    /// How many bytes wait to be sent.
    pub(crate) backlog_bytes: usize,
    /// How many sessions have lost their connection and may be taken back.
    pub(crate) away: usize,
    /// How many bytes are kept for those who are not there.
    pub(crate) kept_bytes: usize,
    /// How many of these are history.
    pub(crate) history_bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct What {
    what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    code: u16,
    reason: &'static str,
}

impl Metrics {
    /// All at zero.
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("hullo"),
            connections: Gauge::default(),
            members: Gauge::default(),
            rooms: Gauge::default(),
            backlog_bytes: Gauge::default(),
            frames_received: Counter::default(),
            frames_sent: Counter::default(),
            bytes_received: Counter::default(),
            bytes_sent: Counter::default(),
            dropped: Family::default(),
            refusals: Family::default(),
            closes: Family::default(),
            handshakes_refused: Family::default(),
            dispatch: Latency::default(),
            log_lines_lost: Counter::default(),
            away: Gauge::default(),
            kept_bytes: Gauge::default(),
            history_bytes: Gauge::default(),
            resumed: Counter::default(),
            resumes_refused: Family::default(),
            replayed: Counter::default(),
            deduplicated: Counter::default(),
            commit: Latency::default(),
            not_stored: Counter::default(),
        };
        metrics.register_gauges();
        metrics.register_counters();
        metrics
    }

    fn register_gauges(&mut self) {
        let page = &mut self.registry;
        page.register("build", "The version that runs", Info::new([("version", VERSION)]));
        page.register("connections", "Open WebSockets", self.connections.clone());
        page.register("members", "Sessions in rooms", self.members.clone());
        page.register("rooms", "Rooms", self.rooms.clone());
        page.register("backlog_bytes", "Bytes that wait to be sent", self.backlog_bytes.clone());
        page.register("away", "Sessions without a connection", self.away.clone());
        let kept = self.kept_bytes.clone();
        page.register("kept_bytes", "Bytes kept for those who are not there", kept);
        page.register("history_bytes", "Bytes of broadcasts kept", self.history_bytes.clone());
    }

    fn register_counters(&mut self) {
        let page = &mut self.registry;
        page.register("frames_received", "Frames from clients", self.frames_received.clone());
        page.register("frames_sent", "Frames to clients", self.frames_sent.clone());
        page.register("bytes_received", "Bytes from clients", self.bytes_received.clone());
        page.register("bytes_sent", "Bytes to clients", self.bytes_sent.clone());
        page.register("dropped", "Frames that were left out", self.dropped.clone());
        page.register("refusals", "Pushes that were refused", self.refusals.clone());
        page.register("closes", "Connections that the server closed", self.closes.clone());
        let refused = self.handshakes_refused.clone();
        page.register("handshakes_refused", "Requests that became no WebSocket", refused);
        page.register("resumed", "Sessions that were taken back", self.resumed.clone());
        let refused = self.resumes_refused.clone();
        page.register("resumes_refused", "Sessions that could not be taken back", refused);
        page.register("replayed", "Entries sent to those who came back", self.replayed.clone());
        page.register("deduplicated", "Pushes that were repeated", self.deduplicated.clone());
        page.register("not_stored", "Batches that could not be stored", self.not_stored.clone());
        page.register_with_unit(
            "commit",
            "From what happens in a room until that is safe in the store",
            Unit::Seconds,
            self.commit.clone(),
        );
        let lost = self.log_lines_lost.clone();
        page.register("log_lines_lost", "Log lines that could not be written in time", lost);
        page.register_with_unit(
            "dispatch",
            "From a frame's arrival until all that follows from it waits to be sent",
            Unit::Seconds,
            self.dispatch.clone(),
        );
    }

    /// The page, in the text format of `OpenMetrics`.
    pub(crate) fn render(&self, connections: usize, snapshot: &Snapshot) -> String {
        set(&self.connections, connections);
        set(&self.members, snapshot.members);
        set(&self.rooms, snapshot.rooms);
        set(&self.backlog_bytes, snapshot.backlog_bytes);
        set(&self.away, snapshot.away);
        set(&self.kept_bytes, snapshot.kept_bytes);
        set(&self.history_bytes, snapshot.history_bytes);
        let mut page = String::new();
        text::encode(&mut page, &self.registry).expect("a string takes all that is written");
        page
    }

    /// The server closed a connection.
    pub(crate) fn closed(&self, code: u16, reason: &'static str) {
        self.closes.get_or_create(&Ended { code, reason }).inc();
    }

    /// A request did not become a WebSocket.
    pub(crate) fn turned_away(&self, reason: &'static str) {
        self.handshakes_refused.get_or_create(&Reason { reason }).inc();
    }

    /// Lines of the log were lost.
    pub(crate) fn log_lines_lost(&self, lines: u64) {
        self.log_lines_lost.inc_by(lines);
    }

    /// Frames came, and so many bytes with them.
    pub(crate) fn received(&self, frames: u64, bytes: u64) {
        self.frames_received.inc_by(frames);
        self.bytes_received.inc_by(bytes);
    }

    /// Frames were sent, and so many bytes with them.
    pub(crate) fn sent(&self, frames: u64, bytes: u64) {
        self.frames_sent.inc_by(frames);
        self.bytes_sent.inc_by(bytes);
    }

    /// Frames were left out that may be, such as those that tell of typing.
    pub(crate) fn dropped(&self, what: &'static str, frames: u64) {
        self.dropped.get_or_create(&What { what }).inc_by(frames);
    }

    /// A push was refused.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&Reason { reason }).inc();
    }

    /// A session was taken back, and is sent so many entries again.
    pub(crate) fn resumed(&self, replayed: u64) {
        self.resumed.inc();
        self.replayed.inc_by(replayed);
    }

    /// A session was not taken back.
    pub(crate) fn not_resumed(&self, reason: &'static str) {
        self.resumes_refused.get_or_create(&Reason { reason }).inc();
    }

    /// Pushes were repeated, and carried out once.
    pub(crate) fn deduplicated(&self, pushes: u64) {
        self.deduplicated.inc_by(pushes);
    }

    /// What happened in a room became safe after so long.
    pub(crate) fn committed(&self, took: Duration) {
        self.commit.observe(took);
    }

    /// What happened in a room could not be stored.
    pub(crate) fn not_stored(&self) {
        self.not_stored.inc();
    }

    /// A frame was handled, and it took this long.
    pub(crate) fn dispatched(&self, took: Duration) {
        self.dispatch.observe(took);
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn set(gauge: &Gauge, value: usize) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_every_number() {
        let metrics = Metrics::new();
        metrics.received(2, 100);
        metrics.sent(3, 200);
        metrics.dropped("typing", 1);
        metrics.refused("rate_limited");
        metrics.closed(1013, "too slow");
        metrics.turned_away("full");
        metrics.dispatched(Duration::from_micros(30));
        metrics.log_lines_lost(7);
        metrics.resumed(11);
        metrics.not_resumed("forged");
        metrics.deduplicated(2);
        metrics.committed(Duration::from_millis(3));
        metrics.not_stored();
        let snapshot = Snapshot {
            members: 5,
            rooms: 2,
            backlog_bytes: 1 << 40,
            away: 3,
            kept_bytes: 900,
            history_bytes: 400,
        };
        let page = metrics.render(4, &snapshot);
        for line in [
            "# TYPE hullo_connections gauge",
            concat!("hullo_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
            "hullo_connections 4",
            "hullo_members 5",
            "hullo_rooms 2",
            "hullo_backlog_bytes 1099511627776",
            "# TYPE hullo_frames_received counter",
            "hullo_frames_received_total 2",
            "hullo_frames_sent_total 3",
            "hullo_bytes_received_total 100",
            "hullo_bytes_sent_total 200",
            "hullo_dropped_total{what=\"typing\"} 1",
            "hullo_refusals_total{reason=\"rate_limited\"} 1",
            "hullo_closes_total{code=\"1013\",reason=\"too slow\"} 1",
            "hullo_handshakes_refused_total{reason=\"full\"} 1",
            "hullo_log_lines_lost_total 7",
            "hullo_away 3",
            "hullo_kept_bytes 900",
            "hullo_history_bytes 400",
            "hullo_resumed_total 1",
            "hullo_replayed_total 11",
            "hullo_resumes_refused_total{reason=\"forged\"} 1",
            "hullo_deduplicated_total 2",
            "hullo_commit_seconds_count 1",
            "hullo_not_stored_total 1",
            "# TYPE hullo_dispatch_seconds histogram",
            "hullo_dispatch_seconds_count 1",
            "hullo_dispatch_seconds_bucket{le=\"0.000025\"} 0",
            "hullo_dispatch_seconds_bucket{le=\"0.00005\"} 1",
            "hullo_dispatch_seconds_bucket{le=\"+Inf\"} 1",
            "# EOF",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is missing in\n{page}");
        }
    }
}
