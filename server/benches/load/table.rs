//! The one table.

use std::collections::BTreeMap;
use std::fmt::Write;

/// What one server did in one scene.
pub(crate) struct Row {
    pub(crate) scenario: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) figures: BTreeMap<String, f64>,
}

/// Titles, and the figures below them.
const COLUMNS: [(&str, &str); 9] = [
    ("CPU s/million", "cpu-per-million"),
    ("CPU s", "cpu"),
    ("to bare", "ratio"),
    ("deliveries/s", "per-second"),
    ("p50 µs", "p50"),
    ("p99 µs", "p99"),
    ("seconds", "seconds"),
    ("peak KiB", "peak"),
    ("diffs", "diffs"),
];

/// The rows as Markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = format!("| {:<18} | {:<6} |", "scene", "server");
    let mut line = format!("|{:-<20}|{:-<8}|", "", "");
    for (title, _) in COLUMNS {
        let width = title.chars().count().max(9);
        write!(text, " {title:>width$} |").expect("text grows");
        write!(line, "{:->width$}:|", "", width = width + 1).expect("text grows");
    }
    for row in rows {
        line.push('\n');
        write!(line, "| {:<18} | {:<6} |", row.scenario, row.peer).expect("text grows");
        for (title, name) in COLUMNS {
            let width = title.chars().count().max(9);
            let value =
                if name == "ratio" { ratio(row, rows) } else { row.figures.get(name).copied() };
            let cell = value.map_or("–".to_owned(), |value| told(name, value));
            write!(line, " {cell:>width$} |").expect("text grows");
        }
    }
    format!("{text}\n{line}")
}

/// How many times what the bare peer used in the same scene.
fn ratio(row: &Row, rows: &[Row]) -> Option<f64> {
    let bare = rows.iter().find(|other| other.peer == "bare" && other.scenario == row.scenario)?;
    let cost = |row: &Row| row.figures.get("cpu-per-million").or(row.figures.get("cpu")).copied();
    Some(cost(row)? / cost(bare)?)
}

fn told(name: &str, value: f64) -> String {
    match name {
        "cpu-per-million" | "cpu" | "ratio" | "seconds" => format!("{value:.2}"),
        _ => format!("{value:.0}"),
    }
}
