//! What can be pressed and typed, from the very tables that decide what it does.

use super::{Choice, Offer, holds};
use crate::core::model::Model;
use crate::input::command::COMMANDS;
use crate::input::keymap::ACTIONS;
use crate::screen::theme::Role;
use crate::text::row::piece;
use crate::text::{clip, width};

/// Where there is no room for more than one key of each.
const NARROW: usize = 60;

pub(super) fn offers(model: &Model, typed: &str) -> Vec<Offer> {
    let columns = usize::from(model.size.width);
    let most = if columns < NARROW { 1 } else { usize::MAX };
    let keys = ACTIONS.iter().map(|spec| {
        let mut keys = model.keymap.keys(spec.action);
        keys.truncate(most);
        let keys = keys.join("  ");
        (keys, spec.does, spec.name, Choice::Act(spec.action))
    });
    let lines =
        model.keymap.lines().map(|(key, line)| (key, line, "", Choice::Run(line.to_owned())));
    let aliases = model
        .aliases
        .iter()
        .map(|(name, line)| (format!("/{name}"), line, "", Choice::Type(format!("/{name} "))));
    let commands = COMMANDS.iter().map(|spec| {
        let how = format!("/{} {}", spec.name, spec.arguments);
        (how, spec.does, "", Choice::Command(spec))
    });
    let all = keys.chain(lines).chain(commands).chain(aliases);
    let wanted = all.filter(|(how, does, name, _)| {
        !how.is_empty() && holds(&format!("{how} {does} {name}"), typed)
    });
    wanted.map(|(how, does, _, choice)| offer(&how, does, choice, columns)).collect()
}

fn offer(how: &str, does: &str, choice: Choice, columns: usize) -> Offer {
    let key: usize = if columns < NARROW { 13 } else { 32 };
    let room = columns.saturating_sub(2);
    let how = clip(how, room);
    let pad = key.saturating_sub(width(&how)).max(1);
    let left = room.saturating_sub(width(&how) + pad);
    let row = vec![
        piece(how, Role::Key),
        piece(" ".repeat(pad), Role::Text),
        piece(clip(does, left), Role::Text),
    ];
    Offer { row, note: String::new(), choice }
}
