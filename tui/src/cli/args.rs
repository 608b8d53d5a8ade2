//! The arguments of every command.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use hullo::protocol::RoomName;
use hullo_server::manual::Shell;
use tracing_subscriber::filter::Targets;

use crate::failure::EXIT_CODES;
use crate::text;

const EXAMPLES: &str = "\
Examples:
  hullo                          join #lobby, starting a server on this machine if none runs
  hullo ops --name ada           join #ops as ada
  hullo --server ws://HOST:4856  use the server of another machine
  hullo --plain                  lines instead of a screen, for screen readers and pipes
  hullo send --to mira 'lunch?'  send a message to one person
  echo done | hullo send -       send standard input to everybody in #lobby
  hullo config init              write a configuration file with every setting, commented out
  hullo doctor                   check what works here";

const GLOBAL: &str = "Options of every command";

const USAGE: &str = "\
hullo [OPTIONS] [ROOM]
       hullo [OPTIONS] <COMMAND>";

/// See who is around, in your terminal, and say hello.
#[derive(Debug, Parser)]
#[command(
    name = "hullo", version, override_usage = USAGE,
    after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}")
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    /// The configuration file [default: config.toml in the configuration folder]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "PATH", env = "HULLO_CONFIG")]
    pub(super) config: Option<PathBuf>,

    #[command(flatten)]
    pub(super) screen: ScreenArgs,

    /// Whether a room stands on the command line.
    #[arg(skip)]
    pub(super) names_room: bool,

    #[command(flatten)]
    pub(super) connect: ConnectArgs,
}

#[derive(Debug, Args)]
pub(super) struct ScreenArgs {
    /// The room to join, with or without # [default: lobby]
    #[arg(value_name = "ROOM", env = "HULLO_ROOM", value_parser = text::room)]
    pub(super) room: Option<RoomName>,

    /// Read and print lines instead of drawing a screen: for screen readers. Done by itself in pipes and dumb terminals
    #[arg(long)]
    pub(super) plain: bool,

    /// Do not start a server; wait for one
    #[arg(long)]
    pub(super) no_start: bool,

    /// When to use colours: always, never, or auto (not with NO_COLOR or TERM=dumb)
    #[arg(
        long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto,
        hide_possible_values = true
    )]
    pub(super) color: ColorWhen,

    /// Draw with ASCII characters only, as is done without a UTF-8 locale
    #[arg(long)]
    pub(super) ascii: bool,

    /// What to log: a level, or targets with levels such as warn,hullo=debug
    #[arg(
        long, value_name = "LEVEL", env = "HULLO_LOG", default_value = "info",
        value_parser = Targets::from_str
    )]
    pub(super) log_level: Targets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    Auto,
    Always,
    /// Bold, dim and reverse instead.
    Never,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ConnectArgs {
    /// Your name [default: your user name]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "NAME", env = "HULLO_NAME")]
    pub(super) name: Option<String>,

    /// The server, as ws://HOST:PORT [default: the one on this machine]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "URL", env = "HULLO_SERVER")]
    pub(super) server: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List who is in a room
    Who {
        #[command(flatten)]
        room: RoomArgs,
        /// Print a JSON array of people
        #[arg(long)]
        json: bool,
    },
    /// List the rooms of the server
    Rooms {
        /// Print a JSON array of rooms
        #[arg(long)]
        json: bool,
        /// Only rooms whose name or topic contains this
        #[arg(value_name = "TEXT")]
        matching: Option<String>,
    },
    /// Send a message; nobody sees you come or go
    Send {
        #[command(flatten)]
        room: RoomArgs,
        /// Send it to this person only: a name, or an id from `who --json` if two have the name
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        /// Send it to everybody in the room, as is done without --to
        #[arg(long, conflicts_with = "to")]
        all: bool,
        /// The message; - reads it from standard input. Write -- before one that begins with -
        #[arg(value_name = "TEXT|-")]
        text: String,
    },
    /// Print what happens in a room, one event per line
    Watch {
        #[command(flatten)]
        room: RoomArgs,
        /// Print each event as a JSON object
        #[arg(long)]
        json: bool,
        /// Begin with so many messages from before
        #[arg(long, value_name = "N", default_value_t = 0)]
        history: u64,
    },
    /// Say helo, print the answers, and go
    Helo {
        #[command(flatten)]
        room: RoomArgs,
        /// How long to wait for answers, such as 5s or 1m
        #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = wait)]
        wait: Duration,
        /// Print each answer as a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Run the server, as hullo-server does
    Serve {
        #[command(flatten)]
        options: Box<hullo_server::Options>,
        /// Detach from the terminal: for the server that `hullo` starts by itself.
        #[arg(long, hide = true)]
        detach: bool,
    },
    /// Write, check or find the configuration file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check what works here: terminal, files, server, clock
    Doctor {
        #[command(flatten)]
        room: RoomArgs,
        /// Print a JSON array of findings
        #[arg(long)]
        json: bool,
    },
    /// Print completions for a shell
    Completions {
        /// The shell to print them for
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page
    Man {
        /// Write this page and one for each command into a folder
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Write a configuration file with every setting and key, commented out
    Init {
        /// Print it instead
        #[arg(long)]
        stdout: bool,
    },
    /// List the mistakes in the file; exits with 2 if there are any
    Check,
    /// Print where the file is
    Path,
}

#[derive(Debug, Args)]
pub(super) struct RoomArgs {
    /// The room, with or without # [default: lobby]
    #[arg(long, value_name = "ROOM", env = "HULLO_ROOM", value_parser = text::room)]
    pub(super) room: Option<RoomName>,
}

/// Adding a longer duration to the clock could overflow.
fn wait(text: &str) -> Result<Duration, String> {
    const MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let wait = humantime::parse_duration(text);
    let wait = wait.map_err(|error| format!("{error}; write 5s, 500ms or 1m"))?;
    if wait > MAX { Err("at most 365d".to_owned()) } else { Ok(wait) }
}
