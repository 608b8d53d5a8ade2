//! The help: every key and command, made from the tables that define them.

use super::ranking::Fit;
use super::{Choice, Offer, contains_words, is_useful};
use crate::core::model::Model;
use crate::input::keymap::ACTIONS;
use crate::text::row::segment;
use crate::text::{clip, width};
use crate::theme::Role;

/// Below this width only the first key of an action is shown.
const NARROW: usize = 60;

/// From this width on the group of a command stands at the right edge.
const WIDE: usize = 100;

/// A line of the help.
struct Line<'a> {
    /// What is pressed or typed.
    written: String,
    help: &'a str,
    name: &'a str,
    /// The group of a command.
    group: &'a str,
    choice: Choice,
}

pub(super) fn offers(model: &Model, typed: &str) -> Vec<Offer> {
    let columns = usize::from(model.size.width);
    let mut lines = lines(model, if columns < NARROW { 1 } else { usize::MAX });
    lines.retain(|Line { written, help, name, group, .. }| {
        !written.is_empty() && contains_words(&format!("{written} {help} {name} {group}"), typed)
    });
    lines.sort_by_key(|line| std::cmp::Reverse(Fit::of(line.name, typed)));
    lines.into_iter().map(|line| offer(line, columns)).collect()
}

/// Everything: keys, lines that keys run, commands and aliases.
fn lines(model: &Model, most_keys: usize) -> Vec<Line<'_>> {
    let useful = ACTIONS.iter().filter(|spec| is_useful(model, spec.action));
    let keys = useful.map(|spec| {
        let mut keys = model.keymap.keys(spec.action);
        keys.truncate(most_keys);
        let (written, choice) = (keys.join("  "), Choice::Act(spec.action));
        Line { written, help: spec.help, name: spec.name, group: "", choice }
    });
    let bound = model.keymap.lines().map(|(written, line)| {
        let choice = Choice::Run(line.to_owned());
        Line { written, help: line, name: "", group: "", choice }
    });
    let commands = model.commands.iter().map(|command| Line {
        written: command.synopsis(),
        help: command.help,
        name: command.name,
        group: command.group,
        choice: Choice::Command(command),
    });
    let aliases = model.aliases.iter().map(|(name, line)| Line {
        written: format!("/{name}"),
        help: line,
        name,
        group: "your aliases",
        choice: Choice::Type(format!("/{name} ")),
    });
    keys.chain(bound).chain(commands).chain(aliases).collect()
}

fn offer(line: Line<'_>, columns: usize) -> Offer {
    let note = if columns < WIDE { String::new() } else { line.group.to_owned() };
    let column: usize = if columns < NARROW { 13 } else { 32 };
    let room = columns.saturating_sub(if note.is_empty() { 2 } else { width(&note) + 5 });
    let written = clip(&line.written, room);
    let pad = column.saturating_sub(width(&written)).max(1);
    let left = room.saturating_sub(width(&written) + pad);
    let row = vec![
        segment(written, Role::Key),
        segment(" ".repeat(pad), Role::Text),
        segment(clip(line.help, left), Role::Text),
    ];
    Offer { row, note, choice: line.choice }
}

/// Every command and alias, one a line, under the headings of their groups.
pub(crate) fn text(model: &Model) -> String {
    let mut lines =
        vec!["what you type is sent as a message, except for these commands:".to_owned()];
    let mut above = "";
    for command in model.commands.iter() {
        if command.group != above {
            lines.push(format!("{}:", command.group));
            above = command.group;
        }
        lines.push(format!("{}: {}", command.synopsis(), command.help));
    }
    lines.extend(model.aliases.iter().map(|(name, line)| format!("/{name}: {line}")));
    lines.join("\n")
}
