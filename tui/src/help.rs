//! What can be pressed and typed, as rows: how many there are decides how far help scrolls.

use ratatui::layout::Size;

use crate::command::COMMANDS;
use crate::rows::{Row, piece};
use crate::text::{clip, width};
use crate::theme::Role;

const KEYS: [(&str, &str); 18] = [
    ("Enter", "send; on an empty line: show who came and went"),
    ("Alt+Enter  Ctrl+J", "a new line in the message"),
    ("Tab  Shift+Tab", "complete a name, a command, a room"),
    ("Up  Down", "what you sent before"),
    ("Alt+A  Ctrl+N", "go to what is new: for you, then talk, then arrivals"),
    ("Alt+1 … Alt+9", "go to that room or conversation"),
    ("Alt+Left  Alt+Right", "go to the previous, the next one"),
    ("PgUp  PgDn", "scroll"),
    ("Home  End", "oldest, newest (on an empty line)"),
    ("Alt+U", "go to the first unread"),
    ("Alt+W", "wave to the newest newcomer"),
    ("F3  F4", "rooms, people: show or hide"),
    ("Alt+L", "nothing but the log, to select text"),
    ("Ctrl+A E B F K U W Y", "edit as in a shell; Ctrl+_ undoes"),
    ("Ctrl+C", "clear the line; twice on an empty one: quit"),
    ("Ctrl+D", "quit (on an empty line)"),
    ("Ctrl+Z", "go to the shell; fg comes back"),
    ("Ctrl+L", "paint the screen afresh"),
];

/// The whole help, for a screen of this width.
pub(crate) fn rows(columns: usize) -> Vec<Row> {
    let commands: Vec<(String, &str)> = COMMANDS
        .iter()
        .map(|spec| (format!("/{} {}", spec.name, spec.arguments), spec.does))
        .collect();
    let commands: Vec<(&str, &str)> = commands.iter().map(|(how, does)| (&**how, *does)).collect();
    let (left, right) = (section("KEYS", &KEYS), section("COMMANDS", &commands));
    if columns < 120 {
        let room = columns.saturating_sub(2);
        let key = if columns < 60 { 13 } else { 24 };
        let mut rows = table(&left, key, room);
        rows.push(Row::new());
        rows.extend(table(&right, key, room));
        return rows;
    }
    let half = columns / 2;
    let (left, right) = (table(&left, 22, half - 2), table(&right, 27, half - 2));
    let count = left.len().max(right.len());
    (0..count).map(|at| beside(left.get(at), right.get(at), half)).collect()
}

/// How many rows do not fit on a screen of this size, two rows of which frame the help.
pub(crate) fn overflow(size: Size) -> usize {
    rows(usize::from(size.width)).len().saturating_sub(usize::from(size.height).saturating_sub(2))
}

type Pair<'a> = (&'a str, Option<&'a str>);

fn section<'a>(title: &'a str, pairs: &[(&'a str, &'a str)]) -> Vec<Pair<'a>> {
    let entries = pairs.iter().map(|(how, does)| (*how, Some(*does)));
    std::iter::once((title, None)).chain(entries).collect()
}

fn table(pairs: &[Pair<'_>], key: usize, room: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (how, does) in pairs {
        let Some(does) = does else {
            rows.push(vec![piece(" ", Role::Text), piece(*how, Role::Dim)]);
            continue;
        };
        let pad = key.saturating_sub(width(how)).max(1);
        let left = room.saturating_sub(width(how) + pad);
        rows.push(vec![
            piece(" ", Role::Text),
            piece(clip(how, room).into_owned(), Role::Key),
            piece(" ".repeat(pad), Role::Text),
            piece(clip(does, left).into_owned(), Role::Text),
        ]);
    }
    rows
}

fn beside(left: Option<&Row>, right: Option<&Row>, half: usize) -> Row {
    let mut row = left.cloned().unwrap_or_default();
    let used: usize = row.iter().map(|piece| width(&piece.text)).sum();
    row.push(piece(" ".repeat(half.saturating_sub(used)), Role::Text));
    row.extend(right.cloned().unwrap_or_default());
    row
}
