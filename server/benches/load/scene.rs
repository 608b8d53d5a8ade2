//! What the load generator does to a server, and how it makes sure that nothing went wrong.

mod churn;
mod direct;
mod entrance;
mod fan_out;
mod helo_storm;
mod idle;
mod pace;
mod stream;
mod whole_flow;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hullo_testing::process::Process;

use crate::wire::Outcome;

/// The topic of scenes that need one room.
const ROOM: &str = "room:b";

/// How often a member that says nothing sends a heartbeat.
const HEARTBEAT: u32 = 30;

/// What a scene does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// One member of each room says something to all others of it.
    FanOut(Rooms),
    /// Pairs say something to each other; so many times a second, or as fast as it is taken.
    Direct { pairs: usize, per_second: Option<u32> },
    /// All come at once.
    HeloStorm { clients: usize },
    /// Each comes, and is answered by everybody who came before.
    WholeFlow { clients: usize },
    /// All are there in rooms of ten, and each sends a heartbeat every so many seconds.
    Idle { clients: usize, every: u32 },
    /// So many times a second a member goes away and comes back.
    Churn { members: usize, per_second: u32 },
}

/// Rooms in which one speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rooms {
    pub(crate) count: usize,
    /// Of each room.
    pub(crate) members: usize,
    /// The bytes of a message.
    pub(crate) size: usize,
    /// So many messages a second in all, or as fast as they are taken.
    pub(crate) per_second: Option<u32>,
    /// Whether the last member of each room never reads.
    pub(crate) deaf: bool,
}

/// Which table a scene stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Messages,
    Helos,
    Idle,
    Churn,
    /// One scene at several sizes, for a plot.
    Growth,
}

/// A scene by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// How large it is, where one scene is played at several sizes.
    pub(crate) at: Option<u32>,
    pub(crate) kind: Kind,
}

/// Every scene, in the order of the tables.
pub(crate) fn all() -> Vec<Scenario> {
    let one = |members| Rooms { count: 1, members, size: 14, per_second: None, deaf: false };
    let paced = Rooms { per_second: Some(1000), ..one(100) };
    let scenes = [
        ("fan-out-100", Kind::FanOut(one(100))),
        ("fan-out-1000", Kind::FanOut(one(1000))),
        ("fan-out-100-paced", Kind::FanOut(paced)),
        ("slow-reader", Kind::FanOut(Rooms { deaf: true, ..paced })),
        ("direct", Kind::Direct { pairs: 500, per_second: None }),
        ("direct-paced", Kind::Direct { pairs: 500, per_second: Some(5000) }),
        ("whole-flow", Kind::WholeFlow { clients: 300 }),
        ("helo-storm", Kind::HeloStorm { clients: 1000 }),
        ("idle", Kind::Idle { clients: 15_000, every: HEARTBEAT }),
        ("churn", Kind::Churn { members: 1000, per_second: 200 }),
    ];
    let members = [10, 30, 100, 300, 1000, 2000].map(|at| ("growth-members", at, one(at as usize)));
    let rooms =
        [1, 3, 10, 30, 100].map(|at| ("growth-rooms", at, Rooms { count: at as usize, ..one(10) }));
    let sizes = [100, 400, 1600, 6400, 16_000]
        .map(|at| ("growth-size", at, Rooms { size: at as usize, ..one(100) }));
    let growth = members.into_iter().chain(rooms).chain(sizes);
    scenes
        .into_iter()
        .map(|(name, kind)| Scenario { name, at: None, kind })
        .chain(growth.map(|(name, at, rooms)| Scenario {
            name,
            at: Some(at),
            kind: Kind::FanOut(rooms),
        }))
        .collect()
}

impl Scenario {
    /// Its name, and how large it is.
    pub(crate) fn title(&self) -> String {
        self.at.map_or_else(|| self.name.to_owned(), |at| format!("{} {at}", self.name))
    }

    pub(crate) fn family(&self) -> Family {
        match self.kind {
            Kind::FanOut(_) if self.at.is_some() => Family::Growth,
            Kind::FanOut(_) | Kind::Direct { .. } | Kind::WholeFlow { .. } => Family::Messages,
            Kind::HeloStorm { .. } => Family::Helos,
            Kind::Idle { .. } => Family::Idle,
            Kind::Churn { .. } => Family::Churn,
        }
    }

    /// How many runs it has, unless it is said.
    pub(crate) fn runs(&self) -> usize {
        if self.at.is_some() || self.seconds() > 3.0 { 1 } else { 3 }
    }

    /// For how long it is measured, where it does not end by itself.
    pub(crate) fn seconds(&self) -> f64 {
        match self.kind {
            Kind::FanOut(rooms) if rooms.deaf => 15.0,
            Kind::FanOut(_) if self.at.is_some() => 1.5,
            Kind::Idle { .. } | Kind::Churn { .. } => 20.0,
            Kind::FanOut(_)
            | Kind::Direct { .. }
            | Kind::HeloStorm { .. }
            | Kind::WholeFlow { .. } => 3.0,
        }
    }
}

impl Kind {
    /// The same with few members, where only the deliveries matter.
    pub(crate) fn small(self) -> Self {
        match self {
            Self::FanOut(rooms) => Self::FanOut(Rooms {
                count: rooms.count.min(5),
                members: rooms.members.min(20),
                ..rooms
            }),
            Self::Direct { per_second, .. } => {
                Self::Direct { pairs: 20, per_second: per_second.map(|_| 1000) }
            }
            Self::HeloStorm { .. } => Self::HeloStorm { clients: 80 },
            Self::WholeFlow { .. } => Self::WholeFlow { clients: 30 },
            Self::Idle { .. } => Self::Idle { clients: 200, every: 5 },
            Self::Churn { .. } => Self::Churn { members: 50, per_second: 50 },
        }
    }
}

/// The server under load, and how it is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
    pub(crate) measured: Duration,
    /// How many messages of one sender may be on their way, if it is said.
    pub(crate) window: Option<u32>,
    /// Whether it tells who is here.
    pub(crate) presence: bool,
    /// Whether all join so that they may come back.
    pub(crate) resumable: bool,
    /// After so long without anything heard, what was to come is lost.
    pub(crate) patience: Duration,
    /// After so long without anything heard, nothing more is to come.
    pub(crate) calm: Duration,
}

/// What was measured, by name.
pub(crate) type Figures = Vec<(&'static str, Option<f64>)>;

/// Plays a scene.
pub(crate) fn play(kind: Kind, target: Target) -> Outcome<Figures> {
    match kind {
        Kind::FanOut(rooms) => fan_out::play(rooms, target),
        Kind::Direct { pairs, per_second } => direct::play(pairs, per_second, target),
        Kind::HeloStorm { clients } => helo_storm::play(clients, target),
        Kind::WholeFlow { clients } => whole_flow::play(clients, target),
        Kind::Idle { clients, every } => idle::play(clients, every, target),
        Kind::Churn { members, per_second } => churn::play(members, per_second, target),
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
            ("cpu-percent", cpu.map(|cpu| cpu * 100.0 / seconds)),
            ("seconds", Some(seconds)),
            ("deliveries", Some(deliveries as f64)),
            ("cpu-per-million", cpu.map(|cpu| cpu * 1e6 / deliveries as f64)),
            ("per-second", Some(deliveries as f64 / seconds)),
            ("peak", self.process.peak().map(|kib| kib as f64)),
        ]
    }
}
