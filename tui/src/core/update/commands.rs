//! The table of commands: each stands in the file of its feature, with its arguments, its help and
//! the function that runs it. How they are written and read is in [`crate::input::command`].

mod lookup;
pub(super) mod messages;
pub(super) mod notifications;
mod program;
pub(super) mod rooms;
mod settings;
pub(super) mod status;

pub(super) use self::lookup::{copy_address, open_link};
use super::{reject, report, say};
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::system::Severity;
use crate::input::command::{Arg, Args, Command, Commands, Line};

/// One command with what it does.
#[derive(Clone, Copy)]
struct Entry {
    command: Command,
    run: fn(&mut Model, &Args<'_>) -> Vec<Effect>,
}

/// Every command by its group, in the order of the help.
const GROUPS: [(&str, &[Entry]); 7] = [
    ("messages", messages::COMMANDS),
    ("you", status::COMMANDS),
    ("rooms", rooms::COMMANDS),
    ("notifications", notifications::COMMANDS),
    ("settings", settings::COMMANDS),
    ("looking things up", lookup::COMMANDS),
    ("the program", program::COMMANDS),
];

/// How every command is written.
pub(crate) const COMMANDS: Commands = Commands(&{
    let mut all = [GROUPS[0].1[0].command; count()];
    let (mut group, mut at) = (0, 0);
    while group < GROUPS.len() {
        let (name, entries) = GROUPS[group];
        let mut entry = 0;
        while entry < entries.len() {
            all[at] = Command { group: name, ..entries[entry].command };
            (at, entry) = (at + 1, entry + 1);
        }
        group += 1;
    }
    all
});

const fn count() -> usize {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        (count, group) = (count + GROUPS[group].1.len(), group + 1);
    }
    count
}

/// An entry without anything special; the methods of [`Entry`] add that.
const fn entry(
    name: &'static str,
    args: &'static [Arg],
    help: &'static str,
    run: fn(&mut Model, &Args<'_>) -> Vec<Effect>,
) -> Entry {
    let command = Command {
        name,
        other_names: &[],
        args,
        help,
        group: "",
        screen_only: false,
        runs_when_chosen: args.is_empty(),
    };
    Entry { command, run }
}

impl Entry {
    const fn also(mut self, other_names: &'static [&'static str]) -> Self {
        self.command.other_names = other_names;
        self
    }

    const fn screen_only(mut self) -> Self {
        self.command.screen_only = true;
        self
    }

    /// Whoever chooses it from a list has said enough: its arguments are rarely given.
    const fn runs_when_chosen(mut self) -> Self {
        self.command.runs_when_chosen = true;
        self
    }
}

/// Runs a line as if it had been typed and sent: says it, or runs the command that it names.
pub(super) fn run_line(model: &mut Model, line: &str) -> Vec<Effect> {
    let expanded = match model.aliases.expand(line) {
        Ok(expanded) => expanded,
        Err(why) => return warn(model, why),
    };
    match model.commands.read(&expanded) {
        Line::Say(text) => say::say(model, text),
        Line::Command(command, args) => run(model, command, &args),
        Line::Unknown(why) => warn(model, why),
        Line::Unreadable(why) => {
            reject(model, why);
            // A key that runs a line leaves the draft alone.
            if model.buffer().composer.is_empty() {
                model.buffer_mut().composer.set(line);
            }
            Vec::new()
        }
    }
}

fn run(model: &mut Model, command: &Command, args: &Args<'_>) -> Vec<Effect> {
    let entries = GROUPS.iter().flat_map(|(_, entries)| *entries);
    let entry = entries.into_iter().find(|entry| entry.command.name == command.name);
    (entry.expect("what was read stands in the table").run)(model, args)
}

/// Why a line that was not typed at the screen cannot be run, if it is so.
pub(super) fn needs_screen(model: &Model, line: &str) -> Option<String> {
    let expanded = model.aliases.expand(line).ok()?;
    match model.commands.read(&expanded) {
        Line::Command(command, _) if command.screen_only => {
            Some(format!("/{} needs the screen; --plain has none", command.name))
        }
        Line::Command(..) | Line::Say(_) | Line::Unknown(_) | Line::Unreadable(_) => None,
    }
}

/// The values of what is switched.
const ON_OR_OFF: &[&str] = &["on", "off"];

/// Says something in the log.
fn info(model: &mut Model, text: impl Into<String>) -> Vec<Effect> {
    report(model, Severity::Info, text);
    Vec::new()
}

/// Says in the status line why something cannot be done.
fn refuse(model: &mut Model, why: impl Into<String>) -> Vec<Effect> {
    reject(model, why);
    Vec::new()
}

/// Says in the log why something cannot be done.
fn warn(model: &mut Model, why: impl Into<String>) -> Vec<Effect> {
    report(model, Severity::Warning, why);
    Vec::new()
}
