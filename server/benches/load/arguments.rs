//! How the measurements are called.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use crate::bare::fault::Fault;
use crate::scene::{self, Scenario};
use crate::server::{self, Keeps, Peer};
use crate::wire::Outcome;

const PEERS: [&str; 6] = ["hullo", "resumable", "relaxed", "strict", "bare", "ws"];

/// Measures what the server costs, beside programs to compare it with
#[derive(Debug, Parser)]
#[command(name = "load", args_conflicts_with_subcommands = true)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Part>,
    /// Only these scenes, by name
    #[arg(long, value_name = "SCENE", value_delimiter = ',', value_parser = names())]
    only: Vec<String>,
    /// How many runs to take the median of [default: 3, or 1 of those that are long]
    #[arg(long, value_name = "N")]
    runs: Option<usize>,
    /// Few members, one short run of each scene: are all deliveries right? Judges no time
    #[arg(long)]
    pub(crate) quick: bool,
    /// How many messages of one sender may be on their way where they go as fast as they are
    /// taken [default: 8 to a room, 2 to one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) window: Option<u32>,
    /// Another build of the server instead of the one just made
    #[arg(long, value_name = "PROGRAM")]
    server: Option<PathBuf>,
    /// These servers instead of hullo, bare and ws. Three more are hullo with members that may come
    /// back after they lost their connection: resumable without a store, relaxed and strict with one
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = PEERS)]
    peers: Vec<String>,
    /// Where relaxed and strict keep their store [default: the folder for temporary files]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Only the bare server, which does this wrong once in a few thousand deliveries: must fail
    #[arg(long, value_name = "FAULT", conflicts_with = "peers")]
    fault: Option<Fault>,
    /// Makes sure that every fault of a server is noticed
    #[arg(long)]
    pub(crate) self_check: bool,
    /// Draws how the cost grows, as SVG files in this folder
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
    /// Puts the tables between the two marks of this file
    #[arg(long, value_name = "FILE", conflicts_with = "only")]
    write_table: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// What this program is when it has started itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Part {
    /// The load generator
    #[command(hide = true)]
    Drive(Drive),
    /// The bare server
    #[command(hide = true)]
    ServeBare {
        #[arg(long)]
        fault: Option<Fault>,
    },
}

/// What the load generator is told.
#[derive(Args, Debug)]
pub(crate) struct Drive {
    #[arg(long, value_parser = names())]
    pub(crate) scene: String,
    #[arg(long)]
    pub(crate) at: Option<u32>,
    #[arg(long)]
    pub(crate) address: SocketAddr,
    #[arg(long)]
    pub(crate) process: u32,
    #[arg(long)]
    pub(crate) window: Option<u32>,
    #[arg(long)]
    pub(crate) quick: bool,
    #[arg(long)]
    pub(crate) presence: bool,
    #[arg(long)]
    pub(crate) resumable: bool,
    /// In seconds
    #[arg(long)]
    pub(crate) patience: u64,
}

impl Arguments {
    /// How many runs of this scene there are.
    pub(crate) fn runs(&self, scenario: &Scenario) -> usize {
        self.runs.unwrap_or(if self.quick { 1 } else { scenario.runs() }).max(1)
    }

    /// Which scenes are played. Of one that is played at several sizes, only the largest if it is
    /// to be quick.
    pub(crate) fn scenes(&self) -> Vec<Scenario> {
        let mut scenes = scene::all();
        scenes.retain(|scene| {
            self.only.is_empty() || self.only.iter().any(|name| name == scene.name)
        });
        if self.quick {
            scenes.reverse();
            scenes.dedup_by_key(|scene| scene.name);
            scenes.reverse();
        }
        scenes
    }

    /// Which servers take part.
    pub(crate) fn peers(&self) -> Outcome<Vec<Peer>> {
        if self.fault.is_some() {
            return Ok(vec![Peer::Bare(self.fault)]);
        }
        let built = || PathBuf::from(env!("CARGO_BIN_EXE_hullo-server"));
        let program = self.server.clone().unwrap_or_else(built);
        let dir = self.dir.clone().unwrap_or_else(std::env::temp_dir);
        let hullo = |keeps| Peer::Hullo(program.clone(), keeps);
        let mut peers = vec![
            hullo(Keeps::Nothing),
            hullo(Keeps::Sessions),
            hullo(Keeps::Relaxed(dir.clone())),
            hullo(Keeps::Strict(dir)),
            Peer::Bare(None),
            Peer::Ws,
        ];
        let usual = ["hullo", "bare", "ws"].map(str::to_owned);
        let wanted = if self.peers.is_empty() { &usual[..] } else { &self.peers };
        peers.retain(|peer| wanted.iter().any(|name| name == peer.name()));
        if peers.contains(&Peer::Ws) && !server::has_node()? {
            peers.retain(|peer| *peer != Peer::Ws);
        }
        Ok(peers)
    }

    pub(crate) fn plots(&self) -> Option<PathBuf> {
        self.plots.as_deref().map(from_root)
    }

    pub(crate) fn write_table(&self) -> Option<PathBuf> {
        self.write_table.as_deref().map(from_root)
    }
}

/// Cargo starts this in the folder of the package; whoever calls cargo means the root.
fn from_root(path: &Path) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn names() -> PossibleValuesParser {
    let mut names: Vec<_> = scene::all().iter().map(|scenario| scenario.name).collect();
    names.dedup();
    names.into()
}
