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

mod address;
mod arguments;
#[path = "../peers/bare.rs"]
mod bare;
mod conductor;
mod crowd;
mod latency;
mod machine;
mod plot;
mod presence;
mod scene;
mod self_check;
mod server;
mod table;
mod wire;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use hullo_testing::process::Process;

use crate::arguments::{Arguments, Drive, Part};
use crate::scene::Target;
use crate::wire::Outcome;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        None if arguments.self_check => self_check::run(),
        None => measure(&arguments),
        Some(Part::Drive(drive)) => play(drive),
        Some(Part::ServeBare { fault }) => {
            bare::serve(*fault).map_err(|error| format!("cannot serve: {error}"))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the scenes that are wanted, and shows what came of them.
fn measure(arguments: &Arguments) -> Outcome {
    machine::open_more_files();
    let rows = conductor::run(arguments)?;
    let about = format!("hullo-server {} on {}.", env!("CARGO_PKG_VERSION"), machine::describe());
    println!("{about}\n\n{}", table::tables(&rows.iter()));
    if let Some(folder) = arguments.plots() {
        plot::write(&folder, &rows)?;
    }
    if let Some(file) = arguments.write_table() {
        // How cost grows is told by the plots.
        let tables = table::tables(&rows.iter().filter(|row| row.scenario.at.is_none()));
        table::write_into(&file, &format!("{about}\n\n{tables}"))?;
    }
    Ok(())
}

/// Plays a scene and tells the figures, one on a line.
fn play(drive: &Drive) -> Outcome {
    let scenes = scene::all();
    let scenario = scenes.iter().find(|it| it.name == drive.scene && it.at == drive.at);
    let scenario = scenario.ok_or("no such scene")?;
    // A server may merge changes of presence for a while: calm is what lasts longer than that.
    let (kind, seconds, calm) = if drive.quick {
        (scenario.kind.small(), 0.2, 250)
    } else {
        (scenario.kind, scenario.seconds(), 300)
    };
    let figures = scene::play(
        kind,
        Target {
            address: drive.address,
            process: Process(drive.process),
            measured: Duration::from_secs_f64(seconds),
            window: drive.window,
            presence: drive.presence,
            resumable: drive.resumable,
            patience: Duration::from_secs(drive.patience),
            calm: Duration::from_millis(calm),
        },
    )?;
    for (name, value) in figures {
        if let Some(value) = value {
            println!("{name} {value}");
        }
    }
    Ok(())
}
