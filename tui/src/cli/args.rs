//! What may stand on the command line, checked once.

mod given;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use hullo::protocol::{DEFAULT_ADDRESS, RoomName};
use hullo_server::manual::Shell;
use tracing_subscriber::filter::Targets;

use crate::settings::config::Defaults;
use crate::text;

const EXAMPLES: &str = "\
Examples:
  hullo                          join #lobby here, starting a server if none runs
  hullo ops --name ada           join #ops as ada
  hullo --server ws://HOST:4856  join on another machine
  hullo --plain                  the same as lines, for screen readers and pipes
  hullo send --to mira 'lunch?'  say something to one person, without a screen
  echo done | hullo send -       say what comes in to everybody in #lobby
  hullo config init              write a configuration with everything in it, commented out
  hullo doctor                   tell what works here and what does not

Exit status: 0 fine, 1 failed, 2 usage, 3 no server, 4 refused, 5 timed out";

const USAGE: &str = "\
hullo [OPTIONS] [ROOM]
       hullo [OPTIONS] <COMMAND>";

/// See who is around, in your terminal, and say hello.
#[derive(Debug, Parser)]
#[command(name = "hullo", version, after_help = EXAMPLES, override_usage = USAGE)]
pub struct Cli {
    /// What to do instead of opening the screen.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The configuration to use [default: config.toml in your folder for that]
    #[arg(long, global = true, value_name = "PATH", env = "HULLO_CONFIG")]
    pub config: Option<PathBuf>,

    /// How to open the screen.
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// The screen: where, and what it looks like.
#[derive(Debug, Args)]
pub struct ScreenArgs {
    /// The room to join; a leading # is understood [default: lobby]
    #[arg(value_name = "ROOM", env = "HULLO_ROOM", value_parser = text::room)]
    pub room: Option<RoomName>,

    /// Who and where.
    #[command(flatten)]
    pub place: Place,

    /// Read and print lines instead of drawing a screen: for screen readers. Done by itself in pipes and dumb terminals
    #[arg(long)]
    pub plain: bool,

    /// Never start a server; wait for one
    #[arg(long)]
    pub no_start: bool,

    /// Whether to use colours: always, never, or auto, which heeds NO_COLOR and TERM=dumb
    #[arg(
        long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto,
        hide_possible_values = true
    )]
    pub color: ColorWhen,

    /// Draw with ASCII alone, as where the locale is not UTF-8
    #[arg(long)]
    pub ascii: bool,

    /// What the log tells: a level, or targets with levels such as warn,hullo=debug
    #[arg(
        long, value_name = "LEVEL", env = "HULLO_LOG", default_value = "info",
        value_parser = Targets::from_str
    )]
    pub log_level: Targets,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// Where nothing speaks against it.
    Auto,
    /// Wherever we are.
    Always,
    /// Bold, dim and reverse instead.
    Never,
}

/// Who and where.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The name to be known by [default: your user name]
    #[arg(long, value_name = "NAME", env = "HULLO_NAME")]
    pub name: Option<String>,

    /// The server to use, as ws://HOST:PORT [default: the one on this machine]
    #[arg(long, value_name = "URL", env = "HULLO_SERVER")]
    pub server: Option<String>,

    /// Where this machine's own server is, or will be.
    #[arg(long = "local", hide = true, env = "HULLO_LISTEN", default_value = DEFAULT_ADDRESS)]
    pub local: SocketAddr,
}

/// What hullo does without a screen.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List who is here
    Who(WhoArgs),
    /// Say something and go
    Send(SendArgs),
    /// Print what happens, one event a line
    Watch(WatchArgs),
    /// Say helo, print the answers, and go
    Helo(HeloArgs),
    /// Run the server, as hullo-server does
    Serve(Box<ServeArgs>),
    /// Write, check or find the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Tell what works here and what does not: terminal, files, server, clock
    Doctor(DoctorArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the page for man
    Man(ManArgs),
}

/// `hullo config`.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Write the configuration to begin with: every setting and key, commented out
    Init {
        /// Print it instead
        #[arg(long)]
        stdout: bool,
    },
    /// Tell what is wrong in it; exits with 2 if something is
    Check,
    /// Print where it is
    Path,
}

/// `hullo doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The room to look into, and who and where.
    #[command(flatten)]
    pub place: RoomPlace,

    /// Print a JSON array of findings
    #[arg(long)]
    pub json: bool,
}

/// `hullo man`.
#[derive(Clone, Debug, Args)]
pub struct ManArgs {
    /// Write this page and one for each command into a folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `hullo who`.
#[derive(Debug, Args)]
pub struct WhoArgs {
    /// The room to look into.
    #[command(flatten)]
    pub place: RoomPlace,

    /// Print a JSON array of people
    #[arg(long)]
    pub json: bool,
}

/// `hullo send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// Where to say it.
    #[command(flatten)]
    pub place: RoomPlace,

    /// Say it to this person alone: a name, or an id of `who --json` where two bear it
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,

    /// Say it to everybody in the room, as is done without --to
    #[arg(long, conflicts_with = "to")]
    pub all: bool,

    /// What to say; - reads it from standard input. One that begins with - stands behind --
    #[arg(value_name = "TEXT|-")]
    pub text: String,
}

/// `hullo watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The room to watch.
    #[command(flatten)]
    pub place: RoomPlace,

    /// Print each event as a JSON object
    #[arg(long)]
    pub json: bool,
}

/// `hullo helo`.
#[derive(Debug, Args)]
pub struct HeloArgs {
    /// Where to say helo.
    #[command(flatten)]
    pub place: RoomPlace,

    /// How long to wait for answers, as in 5s or 1m
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = wait)]
    pub wait: Duration,

    /// Print each answer as a JSON object
    #[arg(long)]
    pub json: bool,
}

/// A room, and who and where.
#[derive(Clone, Debug, Args)]
pub struct RoomPlace {
    /// The room; a leading # is understood [default: lobby]
    #[arg(long, value_name = "ROOM", env = "HULLO_ROOM", value_parser = text::room)]
    pub room: Option<RoomName>,

    /// Who and where.
    #[command(flatten)]
    pub place: Place,
}

/// `hullo serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// All that `hullo-server` takes.
    #[command(flatten)]
    pub options: hullo_server::Options,

    /// Let go of the terminal first: for the server that `hullo` starts by itself.
    #[arg(long, hide = true)]
    pub detach: bool,
}

impl Cli {
    /// Takes from the configuration what neither the command line nor the environment says. Tells
    /// what nobody says, and the configuration only in a way that cannot be read.
    pub(crate) fn fall_back(&mut self, on: Defaults) -> Option<&'static str> {
        let (room, place) = match &mut self.command {
            None => (&mut self.screen.room, &mut self.screen.place),
            Some(command) => match command.place() {
                Some(RoomPlace { room, place }) => (room, place),
                None => return None,
            },
        };
        let Defaults { name, server, room: default_room, unread } = on;
        *room = room.take().or(default_room);
        place.name = place.name.take().or(name);
        place.server = place.server.take().or(server);
        let said = [
            ("name", place.name.is_some()),
            ("server", place.server.is_some()),
            ("room", room.is_some()),
        ];
        unread.into_iter().find(|what| said.contains(&(what, false)))
    }
}

impl Command {
    /// Who and where, for the commands that go somewhere.
    fn place(&mut self) -> Option<&mut RoomPlace> {
        match self {
            Self::Who(args) => Some(&mut args.place),
            Self::Send(args) => Some(&mut args.place),
            Self::Watch(args) => Some(&mut args.place),
            Self::Helo(args) => Some(&mut args.place),
            Self::Doctor(args) => Some(&mut args.place),
            Self::Serve(_) | Self::Config(_) | Self::Completions { .. } | Self::Man(_) => None,
        }
    }
}

impl ScreenArgs {
    /// The room to join.
    pub(crate) fn room(&self) -> RoomName {
        self.room.clone().unwrap_or_else(lobby)
    }
}

impl RoomPlace {
    /// The room.
    pub(crate) fn room(&self) -> RoomName {
        self.room.clone().unwrap_or_else(lobby)
    }
}

fn lobby() -> RoomName {
    RoomName::try_from("lobby").expect("that is the name of a room")
}

/// More than fits into the clock's own count must not get as far as an addition.
fn wait(text: &str) -> Result<Duration, String> {
    const MOST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let wait = humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write 5s, 500ms or 1m"))?;
    if wait > MOST { Err("the most is 365d".to_owned()) } else { Ok(wait) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::builder::Resettable;

    use super::*;

    /// As where no variable is set, whatever the developer's environment says.
    pub(super) fn parse(line: &str) -> Result<Cli, clap::Error> {
        let unset = |arg: clap::Arg| arg.env(Resettable::Reset);
        let definition = Cli::command().mut_args(unset);
        let definition = definition.mut_subcommands(|command| command.mut_args(unset));
        Cli::read(definition, line.split_whitespace())
    }

    #[track_caller]
    pub(super) fn refused(line: &str, why: &str) {
        let error = parse(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
        assert!(error.to_string().contains(why), "{line}: {error}");
    }

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_room_may_be_written_with_a_hash() {
        assert_eq!(parse("hullo #ops").unwrap().screen.room().as_str(), "ops");
        assert_eq!(parse("hullo ops").unwrap().screen.room().as_str(), "ops");
        assert_eq!(parse("hullo #who").unwrap().screen.room().as_str(), "who");
        assert_eq!(parse("hullo").unwrap().screen.room().as_str(), "lobby");
    }

    #[test]
    fn the_command_line_comes_before_the_configuration() {
        let on = || Defaults {
            name: Some("mira".into()),
            server: Some("ws://h:1".into()),
            room: Some(text::room("ops").unwrap()),
            ..Defaults::default()
        };
        let mut cli = parse("hullo build --name ada").unwrap();
        cli.fall_back(on());
        let ScreenArgs { place, .. } = &cli.screen;
        assert_eq!(cli.screen.room().as_str(), "build");
        assert_eq!(
            (place.name.as_deref(), place.server.as_deref()),
            (Some("ada"), Some("ws://h:1"))
        );
        let mut cli = parse("hullo who --server ws://i:2").unwrap();
        cli.fall_back(on());
        let Some(Command::Who(WhoArgs { place, .. })) = &cli.command else { panic!("not who") };
        assert_eq!((place.room().as_str(), place.place.name.as_deref()), ("ops", Some("mira")));
        assert_eq!(place.place.server.as_deref(), Some("ws://i:2"));
    }

    #[test]
    fn text_may_start_with_a_dash_where_it_is_no_option() {
        for (line, text) in [
            ("hullo send --to mira -", "-"),
            ("hullo send --to mira -- --text", "--text"),
            ("hullo send --to mira -- -", "-"),
        ] {
            let Some(Command::Send(send)) = parse(line).unwrap().command else { panic!("{line}") };
            assert_eq!((send.text.as_str(), send.to.as_deref()), (text, Some("mira")));
        }
        refused("hullo send --hlep", "'--help'");
        refused("hullo send --text", "'-- --text'");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        refused("hullo --nmae ada", "--name");
        refused("hullo two rooms", "unexpected argument 'rooms'");
        refused("hullo #", "a room needs a name");
        refused("hullo helo --wait soon", "write 5s");
        refused("hullo helo --wait 584542046090y", "the most is 365d");
        refused("hullo send", "TEXT");
        refused("hullo send --all --to mira hi", "cannot be used with");
        refused("hullo --color perhaps", "auto, always, never");
        refused("hullo completions cmd", "bash");
    }
}
