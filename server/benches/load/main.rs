//! What the server costs: processor time for each message delivered, how many it delivers, how long
//! they take, and how much memory it needs; beside programs to compare it with.
//!
//! `cargo bench -p hullo-server --bench load`, with `-- --help` for more. Every delivery is checked:
//! one that is missing, doubled, out of order or at the wrong member ends the run. The server, the
//! load generator and what is compared are processes of their own.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the table is what this is for")]
#![allow(clippy::disallowed_methods, reason = "whoever measures asks the clock")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures are rounded when they are told, and none is near a limit"
)]

mod arguments;
#[path = "../peers/bare.rs"]
mod bare;
mod conductor;
mod crowd;
mod latency;
mod presence;
mod process;
mod scene;
mod server;
mod table;
mod wire;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::arguments::{Arguments, Drive, Part};
use crate::scene::Target;
use crate::wire::Outcome;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        None => conductor::run(&arguments).map(|rows| println!("{}", table::table(&rows))),
        Some(Part::Drive(drive)) => play(drive),
        Some(Part::ServeBare) => bare::serve().map_err(|error| format!("cannot serve: {error}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Plays a scene and tells the figures, one on a line.
fn play(drive: &Drive) -> Outcome {
    let kind = scene::ALL.iter().find(|scenario| scenario.name == drive.scene);
    let figures = scene::play(
        kind.ok_or("no such scene")?.kind,
        Target {
            address: drive.address,
            process: process::Process(drive.process),
            measured: Duration::from_secs_f64(drive.seconds),
            presence: drive.presence,
        },
    )?;
    for (name, value) in figures {
        if let Some(value) = value {
            println!("{name} {value}");
        }
    }
    Ok(())
}
