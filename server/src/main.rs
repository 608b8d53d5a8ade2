//! The hullo daemon: a WebSocket server for presence and messages.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

/// A WebSocket server for presence and messages, for hullo and every Phoenix client
#[derive(Parser)]
#[command(name = "hullo-server", version)]
struct Arguments {
    #[command(flatten)]
    options: hullo_server::Options,
}

fn main() -> ExitCode {
    let matches = hullo_server::without_empty_variables(Arguments::command()).get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    hullo_server::run(arguments.options)
}
