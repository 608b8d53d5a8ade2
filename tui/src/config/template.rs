//! A configuration with everything there is, at its default and commented out.

use std::fmt::Write;

use hullo::protocol::DEFAULT_ADDRESS;

use super::{ALIASES, KEYS, NOTIFY};
use crate::input::keymap;
use crate::settings::{SETTINGS, Setting, Settings};

const HEAD: &str = "\
# The configuration of hullo. A line that begins with # and no blank is a setting at its default:
# remove the # to change it. hullo reads this file when it starts, and on /reload.
#
# /set, /notify, /mute, /bind and /alias write here, too, and keep comments.
# `hullo config check` lists all mistakes with their lines.

# Your name, the server and the room. The command line and HULLO_NAME, HULLO_SERVER and HULLO_ROOM
# take precedence. With a server set, hullo does not start one on this machine.
";

const NOTIFY_HEAD: &str = "
# Notifications from one room or person: all, mentions, none. \"#lobby\" with # is a room, \"mira\"
# without is a person; a person with none is silent in every room. \"arrivals\" = \"none\" mutes
# people who come and go.
";

const KEYS_HEAD: &str = "
# Keys, such as \"alt-a\", \"ctrl-left\", \"shift-tab\", \"f2\", \"?\". \"none\" unbinds a key.
# A command is run as if it had been typed: \"f6\" = \"/away lunch\". One that ends in a blank is put
# into the input line to be completed: \"f7\" = \"/msg mira \".
";

const ALIASES_HEAD: &str = "
# Short names for commands. What is typed after one replaces {}, or is appended.
";

/// The whole file.
pub(crate) fn template() -> String {
    let mut text =
        format!("{HEAD}#name = \"ada\"\n#server = \"ws://{DEFAULT_ADDRESS}\"\n#room = \"lobby\"\n");
    for setting in SETTINGS {
        let choices = setting.choices().join(", ");
        let separator = if choices.is_empty() { "" } else { ": " };
        let help = setting.help;
        push(
            &mut text,
            format_args!("\n# {help}{separator}{choices}\n{}\n", commented_out(setting)),
        );
    }
    push(&mut text, format_args!("{NOTIFY_HEAD}[{NOTIFY}]\n#\"#lobby\" = \"mentions\"\n"));
    push(&mut text, format_args!("{ALIASES_HEAD}[{ALIASES}]\n#brb = \"/away back in a minute\"\n"));
    push(&mut text, format_args!("{KEYS_HEAD}[{KEYS}]\n"));
    let mut last = "";
    for (spec, key) in keymap::defaults() {
        if spec.name != last {
            push(&mut text, format_args!("# {}\n", spec.help));
            last = spec.name;
        }
        push_key(&mut text, key, spec.name);
    }
    text.push_str("# go to this room or conversation\n");
    for number in 1..=9 {
        push_key(&mut text, &format!("alt-{number}"), &format!("buffer-{number}"));
    }
    text
}

/// A setting at its default, commented out.
pub(super) fn commented_out(setting: &Setting) -> String {
    format!("#{} = {}", setting.name, setting.to_toml(&Settings::default()))
}

fn push_key(text: &mut String, key: &str, action: &str) {
    push(text, format_args!("#{} = \"{action}\"\n", toml_edit::Value::from(key)));
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("writing into a string never fails");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Defaults, read};
    use crate::core::update::COMMANDS;
    use crate::settings::Notify;

    fn uncommented() -> String {
        let text = template();
        let lines = text.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest.to_owned(),
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_template_changes_nothing() {
        assert_eq!(read(&template(), COMMANDS), Config::default());
    }

    #[test]
    fn every_line_is_valid_and_at_its_default() {
        let Config { defaults, mut settings, keymap, aliases, mistakes, .. } =
            read(&uncommented(), COMMANDS);
        assert_eq!(mistakes, []);
        assert_eq!(settings.notify_by_buffer.remove("#lobby"), Some(Notify::Mentions));
        assert_eq!((settings, keymap), (Settings::default(), keymap::Keymap::default()));
        assert_eq!(aliases.line("brb"), Some("/away back in a minute"));
        assert_ne!(defaults, Defaults::default());
        for setting in SETTINGS {
            let line = format!("\n{} = ", setting.name);
            assert!(uncommented().contains(&line), "{} is missing", setting.name);
        }
    }
}
