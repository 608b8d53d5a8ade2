//! Telling the desktop: by an escape sequence that the terminal hands on, or by a program.

use std::io::{self, Write, stdout};

use super::programs::Programs;
use crate::settings::{Notification, Settings};
use crate::text::clip;

/// The longest text that is worth a notification, in columns.
const MAX_BODY: usize = 200;

/// Tells the desktop as is set.
pub(super) fn tell(
    settings: &Settings,
    title: &str,
    body: &str,
    programs: &mut Programs,
) -> io::Result<()> {
    let (title, body) = (harmless(title), harmless(body));
    match settings.notification {
        Notification::Off => Ok(()),
        Notification::Osc9 | Notification::Osc777 => {
            let mut out = stdout();
            out.write_all(sequence(settings.notification, &title, &body).as_bytes())?;
            out.flush()
        }
        Notification::Command => {
            programs.tell(&settings.command, &[&title, &body]);
            Ok(())
        }
    }
}

/// What is written to the terminal. Semicolons part the fields of OSC 777, so they become commas.
fn sequence(means: Notification, title: &str, body: &str) -> String {
    match means {
        Notification::Osc777 => {
            let (title, body) = (title.replace(';', ","), body.replace(';', ","));
            format!("\x1b]777;notify;{title};{body}\x1b\\")
        }
        // ConEmu reads a number first as a command of its own: a letter must come first.
        Notification::Osc9 | Notification::Off | Notification::Command => {
            format!("\x1b]9;{title}: {body}\x1b\\")
        }
    }
}

/// One line, without anything that could drive a terminal; what runs from right to left stays
/// within itself.
fn harmless(text: &str) -> String {
    let one_line = text.replace(['\r', '\n', '\t'], " ");
    let clean = hullo::text::clean_line(&one_line);
    format!("\u{2068}{}\u{2069}", clip(&clean, MAX_BODY))
}

/// Opens a web address with whatever the system opens such with. The address is one argument, and
/// begins with its scheme, so no program can take it for anything else.
pub(super) fn open(link: &str, programs: &mut Programs) {
    let browser = std::env::var("BROWSER").ok().filter(|browser| !browser.is_empty());
    // Explorer ends with 1 whether it opened something or not.
    let has_code = browser.is_some() || !cfg!(windows);
    let program = match &browser {
        Some(browser) => browser,
        None if cfg!(target_os = "macos") => "open",
        None if cfg!(windows) => "explorer",
        None => "xdg-open",
    };
    programs.open(program, link, has_code);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_cannot_leave_its_sequence() {
        let hostile = harmless("a\x1b\\\x07;b\u{202e}c\nd");
        assert_eq!(hostile, "\u{2068}a\\;bc d\u{2069}");
        let written = sequence(Notification::Osc777, "t", &hostile);
        assert_eq!(written, "\x1b]777;notify;t;\u{2068}a\\,bc d\u{2069}\x1b\\");
        assert_eq!(sequence(Notification::Osc9, "t", "b"), "\x1b]9;t: b\x1b\\");
    }
}
