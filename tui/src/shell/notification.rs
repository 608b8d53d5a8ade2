//! Notifications by an escape sequence that the terminal hands on to the desktop.

use crate::settings::Notification;
use crate::text::clip;

/// The longest text that is worth a notification, in columns.
const MAX_BODY: usize = 200;

/// What is written to the terminal. Semicolons part the fields of OSC 777, so they become commas.
pub(super) fn sequence(means: Notification, title: &str, body: &str) -> String {
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
pub(super) fn harmless(text: &str) -> String {
    let one_line = text.replace(['\r', '\n', '\t'], " ");
    let clean = hullo::text::clean_line(&one_line);
    format!("\u{2068}{}\u{2069}", clip(&clean, MAX_BODY))
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
