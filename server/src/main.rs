//! The hullo daemon: a WebSocket server for presence and messages.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};
use hullo_server::manual::{Page, Shell, completions, man_page};

const EXIT_STATUS: &str = "Exit status: 0 stopped as asked, 1 failed, 2 usage";

/// What the page for `man` says beside the options.
const PAGE: Page<'static> = Page {
    section: "8",
    environment: &[],
    files: &[],
    see_also: &["hullo(1)", "systemd.socket(5)"],
};

/// A WebSocket server for presence and messages, for hullo and every Phoenix client
#[derive(Parser)]
#[command(name = "hullo-server", version, after_help = EXIT_STATUS)]
struct Arguments {
    #[command(flatten)]
    options: hullo_server::Options,
    /// Print completions for a shell, and do nothing else
    #[arg(long, value_name = "SHELL")]
    completions: Option<Shell>,
    /// Print the page for man, and do nothing else
    #[arg(long)]
    man: bool,
}

fn main() -> ExitCode {
    let mut definition = hullo_server::without_empty_variables(Arguments::command());
    let unbuilt = definition.clone();
    let arguments = match definition.try_get_matches_from_mut(std::env::args_os()) {
        Ok(matches) => Arguments::from_arg_matches(&matches),
        Err(error) => hullo_server::exit(&error),
    };
    match arguments {
        Err(error) => hullo_server::exit(&error),
        Ok(Arguments { completions: Some(shell), .. }) => print(Ok(completions(&unbuilt, shell))),
        Ok(Arguments { man: true, .. }) => print(man_page(&definition, PAGE)),
        Ok(Arguments { options, .. }) => hullo_server::run(options),
    }
}

/// A reader that has enough is no failure.
fn print(text: io::Result<String>) -> ExitCode {
    match text.and_then(|text| io::stdout().write_all(text.as_bytes())) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // Where this cannot be said either, the exit code says it.
            writeln!(io::stderr(), "error: cannot write: {error}").ok();
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}
