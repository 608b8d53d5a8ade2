//! What the load generator does to a server, and how it makes sure that nothing went wrong.

mod arrival;
mod direct;
mod entrance;
mod fan_out;
mod pace;
mod welcome;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::process::Process;
use crate::wire::Outcome;

/// The topic of scenes that need one room.
const ROOM: &str = "room:b";

/// What a scene does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// One says something to so many; so many times a second, or as fast as it is taken.
    FanOut { members: usize, per_second: Option<u32> },
    /// Pairs say something to each other.
    Direct { pairs: usize, per_second: Option<u32> },
    /// All come at once.
    Arrival { clients: usize },
    /// Each comes, and is answered by everybody who came before.
    Welcome { clients: usize },
}

/// A scene by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// Every scene, in the order of the table.
pub(crate) const ALL: &[Scenario] = &[
    Scenario { name: "fan-out-100", kind: Kind::FanOut { members: 100, per_second: None } },
    Scenario { name: "fan-out-1000", kind: Kind::FanOut { members: 1000, per_second: None } },
    Scenario {
        name: "fan-out-100-paced",
        kind: Kind::FanOut { members: 100, per_second: Some(1000) },
    },
    Scenario { name: "direct", kind: Kind::Direct { pairs: 500, per_second: None } },
    Scenario { name: "direct-paced", kind: Kind::Direct { pairs: 500, per_second: Some(5000) } },
    Scenario { name: "arrival", kind: Kind::Arrival { clients: 1000 } },
    Scenario { name: "welcome", kind: Kind::Welcome { clients: 300 } },
];

/// The server under load, and for how long it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
    pub(crate) measured: Duration,
    /// Whether it tells who is here.
    pub(crate) presence: bool,
}

/// What was measured, by name.
pub(crate) type Figures = Vec<(&'static str, Option<f64>)>;

/// Plays a scene.
pub(crate) fn play(kind: Kind, target: Target) -> Outcome<Figures> {
    match kind {
        Kind::FanOut { members, per_second } => fan_out::play(members, per_second, target),
        Kind::Direct { pairs, per_second } => direct::play(pairs, per_second, target),
        Kind::Arrival { clients } => arrival::play(clients, target),
        Kind::Welcome { clients } => welcome::play(clients, target),
    }
}

/// From here on it is measured.
struct Span {
    process: Process,
    began: Instant,
    cpu: Option<f64>,
}

impl Span {
    fn begin(process: Process) -> Self {
        Self { process, cpu: process.cpu(), began: Instant::now() }
    }

    /// Up to here, with so many deliveries in between.
    fn end(self, deliveries: u64) -> Figures {
        let cpu = self.process.cpu().zip(self.cpu).map(|(now, before)| now - before);
        let seconds = self.began.elapsed().as_secs_f64();
        vec![
            ("cpu", cpu),
            ("seconds", Some(seconds)),
            ("deliveries", Some(deliveries as f64)),
            ("cpu-per-million", cpu.map(|cpu| cpu * 1e6 / deliveries as f64)),
            ("per-second", Some(deliveries as f64 / seconds)),
            ("resident", self.process.resident()),
            ("peak", self.process.peak()),
        ]
    }
}
