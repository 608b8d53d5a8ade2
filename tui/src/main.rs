//! The program people run. Everything it does is in the library; here is only the way out.

use std::process::ExitCode;

use clap::Parser;
use hullo_tui::args::Cli;

fn main() -> ExitCode {
    hullo_tui::run(Cli::parse())
}
