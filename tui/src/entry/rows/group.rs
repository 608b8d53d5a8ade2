//! People who came and went, in one line or one by one.

use hullo::protocol::SessionId;

use super::{Row, Sheet, piece};
use crate::chat::transcript::{EntryId, Folded, Group, Passing};
use crate::time::clock;

use crate::screen::theme::Role;

impl Sheet<'_> {
    pub(super) fn group(&self, id: EntryId, group: &Group, time: &str) -> Vec<Row> {
        let mut first = self.margin(time, false);
        first.push(piece("", Role::Dim));
        let summary = summary(group, self.names_shown());
        if !group.expanded {
            let newest = self.buffer.log.newest_group().is_some_and(|(newest, _)| newest == id);
            let more =
                newest && self.columns.total >= 50 && group.events.len() > self.names_shown();
            let hint = if more { "   Enter: show" } else { "" };
            return self.block(&first, 2, &format!("{summary}{hint}"), Role::Dim);
        }
        let mut rows = self.block(&first, 2, &format!("{summary}   Enter: hide"), Role::Dim);
        for event in &group.events {
            let mut row = vec![piece(" ".repeat(self.columns.margin()), Role::Text)];
            row.push(piece(
                format!("│ {} ", clock(event.at.wall, self.model.settings.time)),
                Role::Dim,
            ));
            row.push(piece(one(&event.name, &event.passing), Role::Dim));
            rows.push(row);
        }
        rows
    }

    /// Somebody who came or went, with where that was.
    pub(super) fn passed(&self, title: &str, folded: &Folded, time: &str) -> Vec<Row> {
        let mut first = self.margin(time, false);
        first.push(piece(format!("{title}  "), Role::Dim));
        self.block(&first, 2, &one(&folded.name, &folded.passing), Role::Text)
    }

    fn names_shown(&self) -> usize {
        match self.columns.total {
            0..50 => 1,
            50..62 => 2,
            _ => 3,
        }
    }
}

/// A group in one line, nobody left out.
pub(crate) fn told(group: &Group) -> String {
    summary(group, usize::MAX)
}

/// One who came or went.
pub(crate) fn passed(folded: &Folded) -> String {
    one(&folded.name, &folded.passing)
}

fn one(name: &str, passing: &Passing) -> String {
    match passing {
        Passing::Arrived => format!("+ {name} arrived"),
        Passing::Left => format!("− {name} left"),
        Passing::Reconnected => format!("~ {name} reconnected"),
        Passing::CameAndWent => format!("± {name} came and went"),
        Passing::Renamed { to } => format!("~ {name} is now {to}"),
    }
}

/// The whole group in one line: who one knows by name, the others counted.
pub(super) fn summary(group: &Group, most: usize) -> String {
    let told = |sign: &str, verb: &str, passing: &Passing| {
        let names = group.names(|other| other == passing);
        (!names.is_empty()).then(|| format!("{sign} {} {verb}", named(&names, most)))
    };
    let mut parts: Vec<String> = [
        told("+", "arrived", &Passing::Arrived),
        told("−", "left", &Passing::Left),
        told("~", "reconnected", &Passing::Reconnected),
        told("±", "came and went", &Passing::CameAndWent),
    ]
    .into_iter()
    .flatten()
    .collect();
    parts.extend(renamed(group));
    parts.join(" · ")
}

/// Whoever is called something else now: by the first name and the last, whatever was in between.
fn renamed(group: &Group) -> impl Iterator<Item = String> {
    let mut names: Vec<(SessionId, &str, &str)> = Vec::new();
    for event in &group.events {
        let Passing::Renamed { to } = &event.passing else { continue };
        match names.iter_mut().find(|(who, ..)| *who == event.who) {
            Some((_, _, last)) => *last = to,
            None => names.push((event.who, &event.name, to)),
        }
    }
    names.into_iter().map(|(_, first, last)| {
        if first == last {
            format!("~ {first} is {last} again")
        } else {
            format!("~ {first} is now {last}")
        }
    })
}

fn named(names: &[&str], most: usize) -> String {
    if names.len() <= most.saturating_add(1) && names.len() > 1 && most > 1 || names.len() == 1 {
        return names.join(", ");
    }
    let (shown, more) = names.split_at(most.min(names.len()));
    format!("{} and {} more", shown.join(", "), more.len())
}
