//! The hullo daemon: a WebSocket server for presence and messages.

use std::process::ExitCode;

use clap::Parser;

/// A WebSocket server for presence and messages, for hullo and every Phoenix client
#[derive(Parser)]
#[command(name = "hullo-server", version)]
struct Arguments {
    #[command(flatten)]
    options: hullo_server::Options,
}

fn main() -> ExitCode {
    hullo_server::run(Arguments::parse().options)
}
