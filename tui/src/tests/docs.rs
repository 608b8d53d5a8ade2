//! The pages about keys, commands and settings are made of their tables. `UPDATE_DOCS=1` writes it anew.

use std::fs;
use std::path::Path;

use crate::core::update::COMMANDS;
use crate::input::keymap::{ACTIONS, Keymap};
use crate::settings::{SETTINGS, Settings};

/// A table of two or three columns.
fn table(head: &str, rows: impl Iterator<Item = Vec<String>>) -> String {
    let rule = "|---".repeat(head.matches('|').count() - 1);
    let rows = rows.map(|cells| format!("| {} |\n", cells.join(" | ")));
    format!("{head}\n{rule}|\n{}", rows.collect::<String>())
}

fn code(text: &str) -> String {
    let marks = if text.contains('`') { "``" } else { "`" };
    format!("{marks}{}{marks}", text.replace('|', "\\|"))
}

fn keys() -> String {
    let keymap = Keymap::default();
    let rows = ACTIONS.iter().map(|spec| {
        let keys: Vec<String> = keymap.keys(spec.action).iter().map(|key| code(key)).collect();
        vec![keys.join(" "), spec.help.to_owned(), code(spec.name)]
    });
    let buffers = ["`Alt+1` … `Alt+9`", "go to the buffer of this number", "`buffer-1` …"];
    let rows = rows.chain([buffers.map(str::to_owned).to_vec()]);
    table("| key | what it does | action for `/bind` |", rows)
}

fn commands() -> String {
    let mut groups: Vec<&str> = COMMANDS.iter().map(|command| command.group).collect();
    groups.dedup();
    let tables = groups.into_iter().map(|group| {
        let rows = COMMANDS.iter().filter(|command| command.group == group).map(|command| {
            let others: Vec<String> =
                command.other_names.iter().map(|name| code(&format!("/{name}"))).collect();
            let also = others.join(", ");
            let also = if also.is_empty() { also } else { format!(" (also {also})") };
            let screen = if command.screen_only { "; not in `--plain`" } else { "" };
            vec![code(&command.synopsis()), format!("{}{screen}{also}", command.help)]
        });
        format!("### {group}\n\n{}", table("| command | what it does |", rows))
    });
    tables.collect::<Vec<_>>().join("\n")
}

/// The page with this text between the marks of this name.
fn with_section(page: &str, name: &str, text: &str) -> String {
    let (before, rest) = page.split_once(&format!("<!-- {name} -->\n")).expect(name);
    let (_, after) = rest.split_once("<!-- end -->").expect(name);
    format!("{before}<!-- {name} -->\n{text}<!-- end -->{after}")
}

fn settings() -> String {
    let rows = SETTINGS.iter().map(|setting| {
        let choices: Vec<String> = setting.choices().iter().map(|choice| code(choice)).collect();
        let default =
            code(&format!("{} = {}", setting.name, setting.to_toml(&Settings::default())));
        vec![default, setting.help.to_owned(), choices.join(" ")]
    });
    table("| setting and default | what it is | values |", rows)
}

/// Compares a page with its sections, or writes it anew.
#[track_caller]
fn check(page: &str, sections: &[(&str, String)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let page = fs::read_to_string(&path).unwrap();
    let made =
        sections.iter().fold(page.clone(), |made, (name, text)| with_section(&made, name, text));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    } else {
        assert_eq!(page, made, "UPDATE_DOCS=1 cargo test -p hullo-tui --lib docs writes it anew");
    }
}

#[test]
fn the_pages_are_made_of_the_tables() {
    check("keys.md", &[("keys", keys()), ("commands", commands())]);
    check("configuration.md", &[("settings", settings())]);
}
