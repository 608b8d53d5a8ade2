//! The commands and keys as sections of the man page.

use crate::input::command::Commands;
use crate::input::keymap::ACTIONS;

/// The sections, in the language of man pages.
pub(crate) fn sections(commands: Commands) -> String {
    let mut lines = vec![".SH COMMANDS AT THE PROMPT".to_owned()];
    lines.push(
        "What is typed at the prompt is sent as a message, except for these commands.".to_owned(),
    );
    let mut above = "";
    for command in commands.iter() {
        if command.group != above {
            lines.push(format!(".SS {}", escaped(command.group)));
            above = command.group;
        }
        let others = command.other_names.iter().map(|name| format!("/{name}"));
        let others = others.collect::<Vec<_>>().join(", ");
        let others = if others.is_empty() { others } else { format!(" (also {others})") };
        let screen = if command.screen_only { "; not in --plain" } else { "" };
        lines.push(item(&command.synopsis(), &format!("{}{screen}{others}", command.help)));
    }
    lines.push(".SH KEYS".to_owned());
    let keys = ACTIONS.iter().map(|spec| (spec.keys.join(", "), spec.help, spec.name));
    lines.extend(keys.map(|(keys, help, name)| item(&keys, &format!("{help} ({name})"))));
    lines.join("\n") + "\n"
}

/// One thing with what it is for.
fn item(written: &str, help: &str) -> String {
    format!(".TP\n\\fB{}\\fR\n{}", escaped(written), escaped(help))
}

/// A text within a line of a man page.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    // At the beginning of a line these begin a request.
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::sections;
    use crate::core::update::COMMANDS;

    #[test]
    fn every_command_and_key_has_an_item() {
        let page = sections(COMMANDS);
        assert!(page.contains(".SS messages\n.TP\n\\fB/msg NAME [TEXT]\\fR\n"), "{page}");
        assert!(page.contains("(also /exit, /q)"), "{page}");
        assert!(page.contains("\\fBalt\\-a, ctrl\\-n\\fR\ngo to what is new (next\\-activity)\n"));
        let items = page.matches(".TP\n").count();
        assert_eq!(items, COMMANDS.iter().count() + crate::input::keymap::ACTIONS.len());
    }
}
