//! The program people run, as a library: the screen, and what hullo does without one.

pub mod args;
mod failure;
mod headless;
mod host;
mod state;

use std::process::ExitCode;

use args::{Cli, Command};
pub use failure::Failure;

/// Does what the command line says; returns how to exit.
pub fn run(cli: Cli) -> ExitCode {
    let Some(command) = cli.command else {
        return end(screen(&cli.screen));
    };
    match command {
        Command::Serve(serve) => {
            if serve.detach {
                host::detach();
            }
            hullo_server::run(serve.options)
        }
        Command::Who(args) => end(on_one_thread(headless::who(args))),
        Command::Send(args) => end(on_one_thread(headless::send(args))),
        Command::Watch(args) => end(on_one_thread(headless::watch(args))),
        Command::Helo(args) => end(on_one_thread(headless::helo(args))),
    }
}

fn screen(args: &args::ScreenArgs) -> Result<(), Failure> {
    if args.place.server.is_none() && !args.no_start {
        host::ensure(args.place.local)?;
    }
    Err(Failure::failed("the screen is not there yet"))
}

fn on_one_thread(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::failed(format!("cannot run: {error}")))?.block_on(work)
}

fn end(outcome: Result<(), Failure>) -> ExitCode {
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    headless::talk(&failure.to_string());
    failure.exit_code()
}
