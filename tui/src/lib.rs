//! The program people run, as a library: the screen, and what hullo does without one.
//!
//! The screen is a pure core in a thin shell: `app` reads keys and notices, `update` decides what
//! becomes of the model and what is to be done, `view` draws the model. Only `app` does anything.

#[cfg(feature = "test-hooks")]
#[doc(hidden)]
pub mod bench;
mod chat;
pub mod cli;
mod core;
mod entry;
mod failure;
mod ids;
mod input;
mod menu;
mod people;
mod plain;
mod screen;
mod settings;
mod shell;
mod text;
mod time;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::CommandFactory;
use cli::args::{Cli, ColorWhen, Command, ScreenArgs};
use cli::{doctor, headless, setup};
use settings::config::Config;
use shell::runtime::on_one_thread;
use shell::state::State;
use shell::{files, local_server};
use tracing_subscriber::filter::Targets;

pub use failure::Failure;

/// The command line and the environment; ends the program where they make no sense.
pub fn command_line() -> Cli {
    let definition = hullo_server::without_empty_variables(Cli::command());
    Cli::read(definition, std::env::args_os()).unwrap_or_else(|error| hullo_server::exit(&error))
}

/// Does what the command line says; returns how to exit.
pub fn run(mut cli: Cli) -> ExitCode {
    let given = cli.config.clone();
    // What cannot be read is told by those who need it: the others must work all the same.
    let config = files::config(given.as_deref());
    let unread = config.as_ref().ok().and_then(|config| cli.fall_back(config.place.clone()));
    let sure = |config: Result<Config, Failure>| config.and_then(|config| sure(config, unread));
    let Some(command) = cli.command else {
        return end(sure(config).and_then(|config| screen(&cli.screen, config, given.as_deref())));
    };
    match command {
        Command::Serve(serve) => {
            if serve.detach {
                local_server::detach();
            }
            hullo_server::run(serve.options)
        }
        Command::Who(args) => {
            end(told(sure(config)).and_then(|()| on_one_thread(headless::who(args))))
        }
        Command::Send(args) => {
            end(told(sure(config)).and_then(|()| on_one_thread(headless::send(args))))
        }
        Command::Watch(args) => {
            end(told(sure(config)).and_then(|()| on_one_thread(headless::watch(args))))
        }
        Command::Helo(args) => {
            end(told(sure(config)).and_then(|()| on_one_thread(headless::helo(args))))
        }
        Command::Config(command) => end(setup::config(&command, given.as_deref())),
        Command::Doctor(args) => end(doctor::doctor(&args, given.as_deref(), config)),
        Command::Completions { shell } => end(setup::completions(shell)),
        Command::Man(args) => end(setup::man(&args)),
    }
}

/// What is meant for one place must not go to another: where a mistake hides who and where, nobody
/// goes anywhere.
fn sure(config: Config, unread: Option<&str>) -> Result<Config, Failure> {
    let Some(what) = unread else { return Ok(config) };
    let why = config.complaints.first().map(ToString::to_string).unwrap_or_default();
    Err(Failure::usage(format!(
        "the configuration says a {what} that cannot be read ({why}); mend that, or say which on \
         the command line"
    )))
}

/// Tells in a line that the configuration has mistakes. They do not stand in the way.
fn told(config: Result<Config, Failure>) -> Result<(), Failure> {
    let count = config?.mistakes();
    if count > 0 {
        let lines = if count == 1 { "1 mistake".to_owned() } else { format!("{count} mistakes") };
        headless::talk(&format!("{lines} in the configuration: `hullo config check` lists them"));
    }
    Ok(())
}

fn screen(args: &ScreenArgs, config: Config, given: Option<&Path>) -> Result<(), Failure> {
    use std::io::IsTerminal;
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let has_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let plain = args.plain || is_dumb || !has_terminal;
    if plain && !args.plain {
        let why =
            if is_dumb { "this terminal is dumb (TERM)" } else { "there is no terminal here" };
        headless::talk(&format!("{why}, so here are lines, as with --plain"));
    }
    let name = headless::name(&args.place)?;
    let started = (args.place.server.is_none() && !args.no_start).then_some(args.place.local);
    if let Some(address) = started {
        local_server::ensure(address)?;
    }
    let address = headless::address(&args.place).parse::<hullo::client::Address>()?.to_string();
    let (store, tap) = store(&name, &address, &args.log_level, given);
    let options = shell::Options {
        address,
        local_server: started,
        room: args.room(),
        name,
        colours: match args.color {
            ColorWhen::Auto => colours(),
            ColorWhen::Always => Some(depth()),
            ColorWhen::Never => None,
        },
        ascii: args.ascii || !speaks_utf8(),
        links: !std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term == "linux"),
        configured: shell::configured(config),
        store,
        tap,
    };
    on_one_thread(async {
        if plain { shell::run_lines(options).await } else { shell::run_screen(options).await }
    })
}

/// What is kept between two runs, with a log that has been started.
fn store(
    name: &str,
    server: &str,
    log_level: &Targets,
    given: Option<&Path>,
) -> (shell::Store, Option<shell::Tap>) {
    let state = State::open().ok();
    let config = files::config_path(given);
    let has_run = state.as_ref().is_none_or(|state| state.folder().join("hullo.log").exists());
    let is_configured = config.as_ref().is_some_and(|path| path.exists());
    let log = state.as_ref().and_then(|state| state.open_log("hullo.log").ok());
    let (file, log_path) = log.unzip();
    let tap = shell::start_log(file, log_level.clone());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the screen begins");
    let store = shell::Store {
        config,
        is_first: !has_run && !is_configured,
        state,
        name: name.to_owned(),
        server: server.to_owned(),
        log_path,
        noted: Arc::default(),
    };
    (store, tap)
}

/// How many colours there are; `None` where there are none, or somebody minds.
fn colours() -> Option<screen::theme::Depth> {
    let told = |name| std::env::var(name).unwrap_or_default();
    (told("NO_COLOR").is_empty() && told("TERM") != "dumb").then(depth)
}

/// How many colours the terminal says it has.
fn depth() -> screen::theme::Depth {
    let told = |name| std::env::var(name).unwrap_or_default();
    screen::theme::Depth::told(&told("COLORTERM"), &told("TERM"))
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

fn end(outcome: Result<(), Failure>) -> ExitCode {
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    if !failure.is_told() {
        headless::talk(&failure.to_string());
    }
    failure.exit_code()
}
