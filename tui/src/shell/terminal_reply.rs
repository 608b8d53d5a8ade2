//! A terminal's reply to a query that comes after the time-out looks like keys: Alt+], the reply
//! letter by letter, Alt+\. On a slow connection that must not end up in a draft.

use std::time::{Duration, Instant};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// How late a reply may come.
const REPLY_WITHIN: Duration = Duration::from_secs(5);

/// Tells late replies from keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TerminalReply {
    /// Until when a reply may come.
    until: Option<Instant>,
    /// Whether the beginning of a reply was seen and its end was not.
    inside: bool,
}

impl TerminalReply {
    /// A query was sent at this moment, and not replied to in time.
    pub(super) fn expect(&mut self, now: Instant) {
        self.until = Some(now + REPLY_WITHIN);
    }

    /// Whether this is part of a reply, and not a key.
    pub(super) fn contains(&mut self, now: Instant, key: KeyEvent) -> bool {
        let alt = key.modifiers == KeyModifiers::ALT;
        match (self.inside, key.code) {
            _ if self.until.is_none_or(|until| until <= now) => false,
            (false, KeyCode::Char(']')) if alt => {
                self.inside = true;
                true
            }
            (true, KeyCode::Char('\\')) if alt => {
                self.inside = false;
                true
            }
            (true, KeyCode::Char(c)) if key.modifiers.is_empty() && is_of_colour(c) => true,
            // A reply may end with a bell instead; anything else is no reply.
            (inside, code) => {
                self.inside = false;
                inside && code == KeyCode::Char('g') && key.modifiers == KeyModifiers::CONTROL
            }
        }
    }
}

/// Whether a reply such as `11;rgb:ffff/ffff/ffff` may have this character.
fn is_of_colour(c: char) -> bool {
    c.is_ascii_hexdigit() || matches!(c, ';' | ':' | '/' | 'r' | 'g' | 'b')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::at;

    fn keys(text: &str, modifiers: KeyModifiers) -> impl Iterator<Item = KeyEvent> {
        text.chars().map(move |c| KeyEvent::new(KeyCode::Char(c), modifiers))
    }

    #[test]
    fn a_late_answer_is_no_key_and_a_key_no_answer() {
        let mut reply = TerminalReply::default();
        assert!(!keys("]", KeyModifiers::ALT).any(|key| reply.contains(at(0).at, key)));
        reply.expect(at(0).at);
        let mut takes = |millis, text, modifiers| {
            let now = at(millis).at;
            keys(text, modifiers).all(|key| reply.contains(now, key))
        };
        assert!(takes(300, "]", KeyModifiers::ALT));
        assert!(takes(300, "11;rgb:ffff/ab01/0000", KeyModifiers::NONE));
        assert!(takes(300, "\\", KeyModifiers::ALT));
        assert!(!takes(300, "r", KeyModifiers::NONE));
        assert!(takes(400, "]", KeyModifiers::ALT) && takes(400, "1", KeyModifiers::NONE));
        assert!(takes(400, "g", KeyModifiers::CONTROL) && !takes(400, "1", KeyModifiers::NONE));
        assert!(takes(500, "]", KeyModifiers::ALT) && !takes(500, "h", KeyModifiers::NONE));
        assert!(!takes(6000, "]", KeyModifiers::ALT));
    }
}
