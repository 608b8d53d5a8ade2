//! Parsing the command line beyond what clap does by itself.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches};

use super::args::Cli;
use crate::text::nearest;

/// Parses a command line by the definition of [`Cli`].
pub(super) fn parse(
    mut definition: clap::Command,
    line: impl IntoIterator<Item = impl Into<OsString>>,
) -> Result<Cli, clap::Error> {
    let line: Vec<OsString> = line.into_iter().map(Into::into).collect();
    // An invalid variable that only the screen reads is no reason for a command to fail.
    let without_variables = definition
        .clone()
        .mut_args(|arg| if arg.is_global_set() { arg } else { arg.env(Resettable::Reset) });
    let matches = match without_variables.try_get_matches_from(&line) {
        Ok(matches) if matches.subcommand_name().is_some() => matches,
        Ok(_) | Err(_) => definition.try_get_matches_from_mut(&line)?,
    };
    if let Some(why) = misplaced(&definition, &matches).or_else(|| misspelt(&definition, &matches))
    {
        return Err(definition.error(ErrorKind::ArgumentConflict, why));
    }
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut definition))?;
    Ok(Cli { names_room: is_given(&matches, "room"), ..cli })
}

fn is_given(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// Refuses what is for the screen before a command: `hullo --plain who`.
fn misplaced(definition: &clap::Command, matches: &ArgMatches) -> Option<String> {
    let name = matches.subcommand_name()?;
    let arg = definition
        .get_arguments()
        .find(|arg| !arg.is_global_set() && is_given(matches, arg.get_id().as_str()))?;
    let what = arg.get_long().map_or_else(|| "a room".to_owned(), |long| format!("--{long}"));
    Some(format!(
        "{what} cannot stand before the command {name}; `hullo {name} --help` lists its options. \
         To join a room called {name}, write '#{name}'"
    ))
}

/// Refuses a room that is rather a misspelt command: `hullo wacth`.
fn misspelt(definition: &clap::Command, matches: &ArgMatches) -> Option<String> {
    let room = matches.get_raw("room")?.next()?.to_str()?;
    if !is_given(matches, "room") || room.starts_with('#') {
        return None;
    }
    let commands = definition.get_subcommands().map(clap::Command::get_name);
    // Too many words are similar to the shortest ones.
    let name = nearest(room, commands.filter(|name| name.len() > 3 && *name != room))?;
    Some(format!("did you mean the command {name}? To join a room called {room}, write '#{room}'"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::builder::Resettable;

    use super::*;
    use crate::cli::args::Command;

    /// Parses a line without any variable of the environment.
    fn parse(line: &str) -> Result<Cli, clap::Error> {
        let unset = |arg: clap::Arg| arg.env(Resettable::Reset);
        let definition = Cli::command().mut_args(unset);
        let definition = definition.mut_subcommands(|command| command.mut_args(unset));
        super::parse(definition, line.split_whitespace())
    }

    #[track_caller]
    fn refused(line: &str, why: &str) {
        let error = parse(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
        assert!(error.to_string().contains(why), "{line}: {error}");
    }

    #[track_caller]
    fn joins(line: &str, name: Option<&str>, server: Option<&str>, room: Option<&str>) {
        let Cli { command, connect, .. } = parse(line).unwrap();
        let args = match command {
            Some(
                Command::Who { room, .. }
                | Command::Send { room, .. }
                | Command::Watch { room, .. },
            ) => room,
            command => panic!("{command:?}"),
        };
        let found = args.room.map(|room| room.to_string());
        assert_eq!(
            (connect.name.as_deref(), connect.server.as_deref(), found.as_deref()),
            (name, server, room),
            "{line}"
        );
    }

    #[test]
    fn name_and_server_may_stand_before_or_after_the_command() {
        joins("hullo --name ada who", Some("ada"), None, None);
        joins(
            "hullo --name ada --server h:1 send --room ops hi",
            Some("ada"),
            Some("h:1"),
            Some("ops"),
        );
        joins("hullo --name ada watch --name bo", Some("bo"), None, None);
        let cli = parse("hullo --config my.toml config check").unwrap();
        assert_eq!(cli.config.unwrap().to_str(), Some("my.toml"));
    }

    #[test]
    fn what_is_for_the_screen_is_refused_before_a_command() {
        refused("hullo --plain watch", "--plain cannot stand before the command watch");
        refused("hullo --no-start send hi", "To join a room called send, write '#send'");
        refused("hullo --log-level debug serve", "`hullo serve --help` lists its options");
        refused("hullo ops who", "a room cannot stand before the command who");
    }

    #[test]
    fn a_misspelt_command_is_not_a_room() {
        refused("hullo wacth", "did you mean the command watch?");
        refused("hullo --plain confg", "To join a room called confg, write '#confg'");
        for room in ["#who", "#confgi", "mango", "-- who"] {
            assert!(parse(&format!("hullo --plain {room}")).unwrap().command.is_none(), "{room}");
        }
    }

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_room_may_be_written_with_a_hash() {
        for (line, room) in [
            ("hullo #ops", Some("ops")),
            ("hullo ops", Some("ops")),
            ("hullo #who", Some("who")),
            ("hullo", None),
        ] {
            let parsed = parse(line).unwrap().screen.room.map(|room| room.to_string());
            assert_eq!(parsed.as_deref(), room, "{line}");
        }
    }

    #[test]
    fn a_text_may_begin_with_a_dash() {
        for (line, text) in [
            ("hullo send --to mira -", "-"),
            ("hullo send --to mira -- --text", "--text"),
            ("hullo send --to mira -- -", "-"),
        ] {
            let Some(Command::Send { text: parsed, to, .. }) = parse(line).unwrap().command else {
                panic!("{line}")
            };
            assert_eq!((&*parsed, to.as_deref()), (text, Some("mira")));
        }
        refused("hullo send --hlep", "'--help'");
        refused("hullo send --text", "'-- --text'");
    }

    #[test]
    fn invalid_arguments_are_refused() {
        refused("hullo --nmae ada", "--name");
        refused("hullo two words", "unexpected argument 'words'");
        refused("hullo #", "a room needs a name");
        refused("hullo helo --wait soon", "write 5s");
        refused("hullo helo --wait 584542046090y", "at most 365d");
        refused("hullo send", "TEXT");
        refused("hullo send --all --to mira hi", "cannot be used with");
        refused("hullo --color perhaps", "auto, always, never");
        refused("hullo completions cmd", "bash");
    }
}
