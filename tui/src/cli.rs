//! The command line: parsing it, and every command but the screen itself.

mod args;
mod config_command;
mod connect;
mod doctor;
mod environment;
mod helo;
mod interactive;
mod manual;
mod names;
mod output;
mod parse;
mod recipient;
mod rooms;
mod send;
mod stop;
mod watch;
mod who;

use std::process::ExitCode;

use clap::CommandFactory;

use self::args::{Cli, Command, RoomArgs};
use self::connect::{Target, load};
use self::output::say;
use crate::failure::Failure;
use crate::shell::local_server;
use crate::shell::runtime::on_one_thread;

/// Runs the program with the arguments and the environment of this process.
pub fn main() -> ExitCode {
    let definition = hullo_server::without_empty_variables(Cli::command());
    let cli = parse::parse(definition, std::env::args_os())
        .unwrap_or_else(|error| hullo_server::exit(&error));
    run(cli).unwrap_or_else(|failure| {
        if !failure.is_silent() {
            say(&failure.to_string());
        }
        failure.exit_code()
    })
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { command, config: path, connect, screen, names_room } = cli;
    let path = path.as_deref();
    let target = |args: RoomArgs| -> Result<Target, Failure> {
        let (target, config) = load(path, connect.clone(), args.room)?;
        if config.mistake_count > 0 {
            let plural = if config.mistake_count == 1 { "" } else { "s" };
            say(&format!(
                "{} mistake{plural} in the configuration: `hullo config check` lists them",
                config.mistake_count
            ));
        }
        Ok(target)
    };
    match command {
        None => {
            let (target, config) = load(path, connect.clone(), screen.room.clone())?;
            interactive::run(&screen, names_room, &target, config, path)
        }
        Some(Command::Who { room, json }) => on_one_thread(who::who(target(room)?, json)),
        Some(Command::Rooms { json, matching }) => {
            let target = target(RoomArgs { room: None })?;
            on_one_thread(rooms::rooms(target, matching.as_deref(), json))
        }
        Some(Command::Send { room, to, text, all: _ }) => {
            on_one_thread(send::send(target(room)?, &text, to.as_deref()))
        }
        Some(Command::Watch { room, json, history }) => {
            on_one_thread(watch::watch(target(room)?, json, history))
        }
        Some(Command::Helo { room, wait, json }) => {
            on_one_thread(helo::helo(target(room)?, wait, json))
        }
        Some(Command::Doctor { room, json }) => doctor::doctor(connect, room.room, path, json),
        Some(Command::Config(command)) => config_command::run(&command, path),
        Some(Command::Completions { shell }) => manual::completions(shell),
        Some(Command::Man { dir }) => manual::pages(dir.as_deref()),
        Some(Command::Serve { options, detach }) => {
            if detach {
                local_server::detach();
            }
            return Ok(hullo_server::run(*options));
        }
    }?;
    Ok(ExitCode::SUCCESS)
}
