//! What stands before a command: `hullo --name ada who`. Options that make sense for the command
//! are handed down to it; whatever does not is refused, and told where it belongs.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, FromArgMatches};

use super::{Cli, Place};

/// The options of [`Place`], by the names of its fields.
const PLACE: [&str; 3] = ["name", "server", "local"];

impl Cli {
    /// Reads a command line. The definition is that of [`clap::CommandFactory::command`], with or
    /// without the environment.
    pub fn read(
        mut definition: clap::Command,
        line: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, clap::Error> {
        let line: Vec<OsString> = line.into_iter().map(Into::into).collect();
        // What the environment says to the screen alone is nothing that a command could fail by.
        let aside = definition
            .clone()
            .mut_args(|arg| if arg.is_global_set() { arg } else { arg.env(Resettable::Reset) });
        let matches = match aside.try_get_matches_from(&line) {
            Ok(matches) if matches.subcommand_name().is_some() => matches,
            Ok(_) | Err(_) => definition.try_get_matches_from_mut(&line)?,
        };
        let mut cli =
            Self::from_arg_matches(&matches).map_err(|error| error.format(&mut definition))?;
        let outcome = match matches.subcommand() {
            Some((name, behind)) => cli.hand_down(&definition, &matches, name, behind),
            None => no_slip(&definition, &matches),
        };
        outcome.map(|()| cli).map_err(|why| definition.error(ErrorKind::ArgumentConflict, why))
    }

    /// Gives the command what stands before it; what stands behind it counts more.
    fn hand_down(
        &mut self,
        definition: &clap::Command,
        before: &ArgMatches,
        name: &str,
        behind: &ArgMatches,
    ) -> Result<(), String> {
        let mut place = self.command.as_mut().and_then(|command| command.place());
        for arg in definition.get_arguments().filter(|arg| is_given(before, arg.get_id().as_str()))
        {
            let id = arg.get_id().as_str();
            match &mut place {
                _ if arg.is_global_set() => {}
                Some(there) if PLACE.contains(&id) => {
                    if !is_given(behind, id) {
                        take(&mut there.place, &self.screen.place, id);
                    }
                }
                Some(_) | None => return Err(misplaced(definition, arg, name)),
            }
        }
        Ok(())
    }
}

fn is_given(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

fn take(into: &mut Place, from: &Place, id: &str) {
    match id {
        "name" => into.name.clone_from(&from.name),
        "server" => into.server.clone_from(&from.server),
        _ => into.local = from.local,
    }
}

/// Where to write what the command does not take from before it.
fn misplaced(definition: &clap::Command, arg: &Arg, name: &str) -> String {
    let id = arg.get_id();
    let command = definition.find_subcommand(name);
    let takes =
        command.is_some_and(|command| command.get_arguments().any(|arg| arg.get_id() == id));
    match (arg.get_long(), takes) {
        (None, true) => format!("write the room behind the command: hullo {name} --room ROOM"),
        (None, false) => format!("the command {name} goes to no room; leave it out"),
        (Some(long), true) => format!("write --{long} behind the command: hullo {name} --{long}"),
        (Some(long), false) => format!(
            "--{long} means nothing to the command {name}; leave it out. \
             A room of this name is '#{name}'"
        ),
    }
}

/// A room is refused where it is rather a command with a slip in it: whoever writes `hullo wacth`
/// wants no room of that name. What the environment says was not written just now.
fn no_slip(definition: &clap::Command, matches: &ArgMatches) -> Result<(), String> {
    let written = matches.get_raw("room").and_then(|mut rooms| rooms.next()?.to_str());
    let Some(room) = written.filter(|room| is_given(matches, "room") && !room.starts_with('#'))
    else {
        return Ok(());
    };
    let is_slip = |name: &&str| {
        let most = if name.len() < 6 { 1 } else { 2 };
        name.len() > 3 && (1..=most).contains(&crate::text::slips(room, name))
    };
    match definition.get_subcommands().map(clap::Command::get_name).find(is_slip) {
        Some(name) => {
            Err(format!("did you mean the command {name}? A room of this name is '#{room}'"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::args::RoomPlace;
    use crate::cli::args::tests::{parse, refused};

    /// Name, server and room of the command.
    #[track_caller]
    fn goes_to(line: &str, name: &str, server: &str, room: &str) {
        let mut cli = parse(line).unwrap();
        let there = cli.command.as_mut().and_then(|command| command.place());
        let RoomPlace { room: there, place } = there.unwrap();
        let there = there.as_ref().map_or("", |room| room.as_str());
        let (who, at) = (place.name.as_deref(), place.server.as_deref());
        assert_eq!(
            (who.unwrap_or_default(), at.unwrap_or_default(), there),
            (name, server, room),
            "{line}"
        );
    }

    #[test]
    fn who_and_where_may_stand_before_the_command() {
        goes_to("hullo --name ada who", "ada", "", "");
        goes_to("hullo --name ada --server h:1 send --room ops hi", "ada", "h:1", "ops");
        goes_to("hullo --name ada watch --name bo", "bo", "", "");
        let cli = parse("hullo --config my.toml config check").unwrap();
        assert_eq!(cli.config.unwrap().to_str(), Some("my.toml"));
        let cli = parse("hullo --local 127.0.0.1:7 helo").unwrap();
        let mut command = cli.command.unwrap();
        assert_eq!(command.place().unwrap().place.local.port(), 7);
    }

    #[test]
    fn what_a_command_does_not_take_is_told_where_it_belongs() {
        refused("hullo --plain watch", "--plain means nothing to the command watch; leave it out");
        refused("hullo --no-start send hi", "A room of this name is '#send'");
        refused("hullo --name ada serve", "--name means nothing to the command serve");
        refused("hullo --log-level debug serve", "write --log-level behind the command: hullo ser");
        refused("hullo ops who", "write the room behind the command: hullo who --room ROOM");
        refused("hullo ops man", "the command man goes to no room");
    }

    #[test]
    fn a_slip_in_a_command_is_no_room() {
        refused("hullo wacth", "did you mean the command watch?");
        refused("hullo --plain confg", "A room of this name is '#confg'");
        for room in ["#who", "#confgi", "mango", "-- who"] {
            assert!(parse(&format!("hullo --plain {room}")).unwrap().command.is_none(), "{room}");
        }
    }
}
