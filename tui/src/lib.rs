//! The program people run, as a library: the screen, and what hullo does without one.

mod app;
pub mod args;
mod composer;
mod failure;
mod headless;
mod host;
mod screen;
mod state;
mod text;

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
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Failure::usage(
            "the screen needs a terminal; without one use hullo who, send, watch or helo",
        ));
    }
    let name = headless::name(&args.place)?;
    if args.place.server.is_none() && !args.no_start {
        host::ensure(args.place.local)?;
    }
    let address = headless::address(&args.place);
    on_one_thread(app::run(&address, args.room.clone(), name))
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
