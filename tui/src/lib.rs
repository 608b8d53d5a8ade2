//! The program people run, as a library: the screen, and what hullo does without one.
//!
//! The screen is a pure core in a thin shell: `app` reads keys and notices, `update` decides what
//! becomes of the model and what is to be done, `view` draws the model. Only `app` does anything.

mod app;
pub mod args;
#[doc(hidden)]
pub mod bench;
mod command;
mod complete;
mod composer;
mod emoji;
mod event;
mod failure;
mod glyphs;
mod headless;
mod host;
mod keymap;
mod layout;
mod menu;
mod model;
mod people;
mod plain;
mod rows;
mod settings;
mod state;
mod text;
mod theme;
mod transcript;
mod update;
mod view;

#[cfg(test)]
mod tests;

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
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let plain = args.plain || is_dumb;
    let has_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !plain && !has_terminal {
        return Err(Failure::usage(
            "the screen needs a terminal; without one use hullo --plain, who, send, watch or helo",
        ));
    }
    if is_dumb && !args.plain {
        headless::talk("this terminal is dumb (TERM), so here are lines, as with --plain");
    }
    let name = headless::name(&args.place)?;
    let own_server = (args.place.server.is_none() && !args.no_start).then_some(args.place.local);
    if let Some(address) = own_server {
        host::ensure(address)?;
    }
    let options = app::Options {
        address: headless::address(&args.place),
        own_server,
        room: args.room.clone(),
        name,
        theme: settings::Settings::default().theme,
        colours: colours(),
        ascii: !speaks_utf8(),
        links: !std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term == "linux"),
    };
    on_one_thread(async {
        if plain { app::lines::run(options).await } else { app::run(options).await.map(drop) }
    })
}

/// How many colours there are; `None` where there are none, or somebody minds.
fn colours() -> Option<theme::Depth> {
    let told = |name| std::env::var(name).unwrap_or_default();
    let (minds, term) = (!told("NO_COLOR").is_empty(), told("TERM"));
    (!minds && term != "dumb").then(|| theme::Depth::told(&told("COLORTERM"), &term))
}

/// Whether the locale says UTF-8. The first of the three that is set counts; none says nothing.
fn speaks_utf8() -> bool {
    let set = |name: &&str| std::env::var(name).ok().filter(|locale| !locale.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
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
