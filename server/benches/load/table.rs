//! The tables, as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::scene::{Family, Scenario};
use crate::wire::Outcome;

/// What one server did in one scene.
pub(crate) struct Row {
    pub(crate) scenario: Scenario,
    pub(crate) peer: &'static str,
    pub(crate) figures: BTreeMap<String, f64>,
}

/// A title, the figure below it, and how many digits it has behind the point.
type Column = (&'static str, &'static str, usize);

const TABLES: [(Family, &[Column]); 5] = [
    (
        Family::Messages,
        &[
            ("CPU s/million", "cpu-per-million", 2),
            ("to", RATIO, 2),
            ("deliveries/s", "per-second", 0),
            ("p50 µs", "p50", 0),
            ("p99 µs", "p99", 0),
            ("peak KiB", "peak", 0),
        ],
    ),
    (
        Family::Helos,
        &[
            ("CPU s", "cpu", 2),
            ("to", RATIO, 2),
            ("seconds", "seconds", 2),
            ("diffs each", "diffs", 1),
            ("peak KiB", "peak", 0),
        ],
    ),
    (
        Family::Idle,
        &[
            ("members", "members", 0),
            ("bytes RSS each", "resident-each", 0),
            ("anonymous each", "anonymous-each", 0),
            ("CPU %", "cpu-percent", 2),
        ],
    ),
    (
        Family::Churn,
        &[
            ("CPU µs each", "cpu-per-million", 0),
            ("a second", "per-second", 0),
            ("KiB at a quarter", "resident-quarter", 0),
            ("KiB at the end", "resident", 0),
        ],
    ),
    (
        Family::Growth,
        &[
            ("CPU s/million", "cpu-per-million", 2),
            ("to", RATIO, 2),
            ("deliveries/s", "per-second", 0),
        ],
    ),
];

/// How many times what the bare peer used in the same scene; if it took no part, what the first did.
const RATIO: &str = "ratio";

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// All tables that have rows.
pub(crate) fn tables<'a>(rows: &(impl Iterator<Item = &'a Row> + Clone)) -> String {
    let tables = TABLES.iter().filter_map(|(family, columns)| {
        let of_it: Vec<&Row> =
            rows.clone().filter(|row| row.scenario.family() == *family).collect();
        (!of_it.is_empty()).then(|| table(&of_it, columns))
    });
    tables.collect::<Vec<_>>().join("\n\n")
}

fn table(rows: &[&Row], columns: &[Column]) -> String {
    let mut text = format!("| {:<20} | {:<9} |", "scene", "server");
    let mut line = format!("|{:-<22}|{:-<11}|", "", "");
    let base = if rows.iter().any(|row| row.peer == "bare") { "bare" } else { rows[0].peer };
    for column in columns {
        let width = width(column);
        let title = if column.1 == RATIO { format!("to {base}") } else { column.0.to_owned() };
        write!(text, " {title:>width$} |").expect("text grows");
        write!(line, "{:->width$}:|", "", width = width + 1).expect("text grows");
    }
    for row in rows {
        line.push('\n');
        write!(line, "| {:<20} | {:<9} |", row.scenario.title(), row.peer).expect("text grows");
        for column in columns {
            let (_, name, digits) = *column;
            let value =
                if name == RATIO { ratio(row, base, rows) } else { row.figures.get(name).copied() };
            let cell = value.map_or("–".to_owned(), |value| format!("{value:.digits$}"));
            write!(line, " {cell:>width$} |", width = width(column)).expect("text grows");
        }
    }
    format!("{text}\n{line}")
}

fn width((title, _, _): &Column) -> usize {
    title.chars().count().max(8)
}

fn ratio(row: &Row, base: &str, rows: &[&Row]) -> Option<f64> {
    let title = row.scenario.title();
    let other = rows.iter().find(|it| it.peer == base && it.scenario.title() == title)?;
    let cost = if row.scenario.family() == Family::Helos { "cpu" } else { "cpu-per-million" };
    Some(row.figures.get(cost)? / other.figures.get(cost)?)
}

/// Puts the tables between the two marks of a file.
pub(crate) fn write_into(file: &Path, tables: &str) -> Outcome {
    let told = |error| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(told)?;
    let parts =
        text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        parts.ok_or_else(|| format!("{} has no marks {BEGIN} and {END}", file.display()))?;
    std::fs::write(file, format!("{before}{BEGIN}\n{tables}\n{END}{after}")).map_err(told)
}
