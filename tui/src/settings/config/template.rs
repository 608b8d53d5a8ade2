//! The configuration to begin with: everything there is, at its default, commented out.

use std::fmt::Write;

use hullo::protocol::DEFAULT_ADDRESS;

use super::value::value;
use super::{ALIASES_TABLE, KEYS_TABLE, NOTIFY_TABLE};
use crate::input::keymap;
use crate::settings::{SETTINGS, Setting, Settings};

const HEAD: &str = "\
# The configuration of hullo. Whatever begins with # and no blank is a setting at its default:
# take the # away to change it. hullo reads this file when it starts, and at /reload.
#
# What is changed by /set, /notify, /mute, /bind or /alias is written here, too; comments stay.
# `hullo config check` tells what is wrong, line by line.

# Who and where. The command line and HULLO_NAME, HULLO_SERVER and HULLO_ROOM come first.
# With a server set, none is started on this machine.
";

const NOTIFY_HEAD: &str = "
# What rings in one room or conversation alone: all, mentions, none. A name with # in front is a
# room, as \"#lobby\"; one without is a person, as \"mira\", and who rings for nothing does so
# everywhere; \"arrivals\" = \"none\" keeps silent who comes and goes.
";

const KEYS_HEAD: &str = "
# Keys, as \"alt-a\", \"ctrl-left\", \"shift-tab\", \"f2\", \"?\". \"none\" takes a key its meaning.
# What begins with / is run as if it had been typed: \"f6\" = \"/away lunch\". What ends in a blank
# is put into the line to be gone on with: \"f7\" = \"/msg mira \".
";

const ALIASES_HEAD: &str = "
# Names of your own for what you often type. What is typed behind one goes to the place of {}, or to
# the end.
";

/// The whole text.
pub(crate) fn template() -> String {
    let mut text = String::from(HEAD);
    let lines = [
        "#name = \"ada\"".to_owned(),
        format!("#server = \"ws://{DEFAULT_ADDRESS}\""),
        "#room = \"lobby\"".to_owned(),
    ];
    text.push_str(&lines.join("\n"));
    text.push('\n');
    for setting in &SETTINGS {
        text.push_str(&explained(setting));
    }
    text.push_str(NOTIFY_HEAD);
    push(&mut text, format_args!("[{NOTIFY_TABLE}]\n#\"#lobby\" = \"mentions\"\n"));
    text.push_str(ALIASES_HEAD);
    push(&mut text, format_args!("[{ALIASES_TABLE}]\n#brb = \"/away back in a minute\"\n"));
    text.push_str(KEYS_HEAD);
    push(&mut text, format_args!("[{KEYS_TABLE}]\n"));
    let mut last = "";
    for (spec, key) in keymap::defaults() {
        if spec.name != last {
            push(&mut text, format_args!("# {}\n", spec.help));
            last = spec.name;
        }
        push(&mut text, format_args!("#{}\n", binding(key, spec.name)));
    }
    text.push_str("# the buffer of this number\n");
    for number in 1..=9 {
        let line = binding(&format!("alt-{number}"), &format!("buffer-{number}"));
        push(&mut text, format_args!("#{line}\n"));
    }
    text
}

/// A setting that is commented out, at its default.
pub(super) fn commented(setting: &Setting) -> String {
    let default = Settings::default().read(setting.name).unwrap_or_default();
    format!("#{} = {}", setting.name, value(setting, &default).to_string().trim())
}

fn explained(setting: &Setting) -> String {
    let Setting { values, does, .. } = setting;
    format!("\n# {does}: {values}\n{}\n", commented(setting))
}

fn binding(key: &str, action: &str) -> String {
    format!("{} = \"{action}\"", toml_edit::Value::from(key))
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a text takes whatever is written into it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::update::COMMANDS;
    use crate::settings::Notify;
    use crate::settings::config::{Config, Defaults, read};

    fn uncommented() -> String {
        let text = template();
        let lines = text.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest.to_owned(),
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn as_it_is_written_it_changes_nothing() {
        assert_eq!(read(&template(), COMMANDS), Config::default());
    }

    #[test]
    fn every_line_of_it_is_right_and_at_its_default() {
        let Config { place, mut settings, keymap, aliases, complaints } =
            read(&uncommented(), COMMANDS);
        assert_eq!(complaints, []);
        assert_eq!(settings.notify_by_buffer.remove("#lobby"), Some(Notify::Mentions));
        assert_eq!((settings, keymap), (Settings::default(), keymap::Keymap::default()));
        assert_eq!(aliases.line("brb"), Some("/away back in a minute"));
        assert_ne!(place, Defaults::default());
        for setting in &SETTINGS {
            let line = format!("\n{} = ", setting.name);
            assert!(uncommented().contains(&line), "{} is missing", setting.name);
        }
    }
}
