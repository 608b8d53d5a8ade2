//! How the measurements are called.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::scene;
use crate::server::Peer;

/// Measures what the server costs, beside programs to compare it with
#[derive(Debug, Parser)]
#[command(name = "load")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Part>,
    /// Only these scenes, by name
    #[arg(long, value_name = "SCENE", value_delimiter = ',', value_parser = names())]
    pub(crate) only: Vec<String>,
    /// How many runs to take the median of
    #[arg(long, value_name = "N")]
    runs: Option<usize>,
    /// One short run of each: are all deliveries right? The times mean little
    #[arg(long)]
    quick: bool,
    /// Another build of the server instead of the one just made
    #[arg(long, value_name = "PROGRAM")]
    server: Option<PathBuf>,
    /// Only the server, nothing to compare it with
    #[arg(long)]
    alone: bool,
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
    ServeBare,
}

/// What the load generator is told.
#[derive(Args, Debug)]
pub(crate) struct Drive {
    #[arg(long, value_parser = names())]
    pub(crate) scene: String,
    #[arg(long)]
    pub(crate) address: SocketAddr,
    #[arg(long)]
    pub(crate) process: u32,
    #[arg(long)]
    pub(crate) seconds: f64,
    #[arg(long)]
    pub(crate) presence: bool,
}

impl Arguments {
    /// How many runs there are.
    pub(crate) fn runs(&self) -> usize {
        self.runs.unwrap_or(if self.quick { 1 } else { 5 }).max(1)
    }

    /// For how long each is measured, where it does not end by itself.
    pub(crate) fn seconds(&self) -> f64 {
        if self.quick { 0.5 } else { 3.0 }
    }

    /// Which servers take part.
    pub(crate) fn peers(&self) -> Vec<Peer> {
        let built = || PathBuf::from(env!("CARGO_BIN_EXE_hullo-server"));
        let mut peers = vec![Peer::Hullo(self.server.clone().unwrap_or_else(built))];
        if !self.alone {
            peers.push(Peer::Bare);
        }
        peers
    }
}

fn names() -> clap::builder::PossibleValuesParser {
    scene::ALL.iter().map(|scenario| scenario.name).into()
}
