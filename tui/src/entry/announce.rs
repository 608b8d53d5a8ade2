//! Announcements: entries as sentences for `--plain`. A printed line never changes, so what becomes
//! of an entry later is announced in further lines. Names are quoted where they could imitate
//! hullo's own words.

use std::collections::BTreeSet;
use std::time::Instant;

use hullo::protocol::SessionId;

use crate::time::{Hours, Now, clock};

/// Words with which a line of hullo's own may begin; whoever is called so is quoted.
const RESERVED: [&str; 11] = [
    "you", "now", "warning", "error", "sent", "not", "with", "nobody", "online", "offline", "left",
];

/// How much of an entry has been announced.
#[derive(Clone, Debug, Default)]
pub(crate) struct Announced {
    /// Whether the entry itself was announced.
    is_begun: bool,
    /// How many of its parts were, such as answers.
    pub(super) count: usize,
    /// The time up to which it was, if it grows.
    pub(super) until: Option<Instant>,
    /// Whose arrival was announced.
    pub(super) arrived: BTreeSet<SessionId>,
    /// Whether nothing more will be announced of it.
    pub(crate) is_final: bool,
}

impl Announced {
    /// Begins the announcement; true the first time.
    pub(super) fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.is_begun, true)
    }

    /// Ends the announcement of a group. The entry behind it starts with the same arrivals, so that
    /// no newcomer is announced to arrive twice.
    pub(crate) fn end(&mut self) -> Self {
        self.is_final = true;
        Self { arrived: std::mem::take(&mut self.arrived), ..Self::default() }
    }
}

/// Collects the announcements of one buffer.
#[derive(Debug)]
pub(crate) struct Announcement<'a> {
    pub(crate) now: Now,
    /// The time that is printed.
    pub(crate) at: Now,
    /// The place that is printed: `#lobby`, or `with mira:`.
    pub(crate) place: &'a str,
    /// The partner, if this is a conversation.
    pub(crate) partner: Option<&'a str>,
    /// Whether our own messages are announced: only where nobody saw them being typed.
    pub(crate) echo: bool,
    /// Whether groups are announced now instead of when they come to rest.
    pub(crate) at_once: bool,
    pub(crate) lines: Vec<String>,
}

impl Announcement<'_> {
    /// Adds a sentence with the place.
    pub(crate) fn here(&mut self, text: impl AsRef<str>) {
        self.anywhere(format!("{} {}", self.place, text.as_ref()));
    }

    /// Adds a sentence that needs no place or contains it.
    pub(super) fn anywhere(&mut self, text: impl AsRef<str>) {
        let text = stamped(self.at, text.as_ref());
        self.lines.extend(text.split('\n').map(str::to_owned));
    }
}

/// A text with the time, always of 24 hours. Further lines are indented, so that they cannot
/// imitate a line of hullo's own.
pub(crate) fn stamped(at: Now, text: &str) -> String {
    format!("{} {}", clock(at.wall, Hours::TwentyFour), text.replace('\n', "\n  "))
}

/// A name within a sentence.
pub(crate) fn who(name: &str) -> String {
    crate::text::quoted(name, &RESERVED)
}

/// A message in one line, so that it cannot imitate further ones.
pub(crate) fn one_line(text: &str) -> String {
    text.replace('\n', " / ")
}

/// `ana, jo and li`, or `ana, jo and 12 more`.
pub(super) fn list(names: &[&str], most: usize) -> String {
    let quoted = |names: &[&str]| names.iter().map(|name| who(name)).collect::<Vec<_>>().join(", ");
    match names {
        [] => String::new(),
        [one] => who(one),
        _ if names.len() > most.saturating_add(1) => {
            let (shown, more) = names.split_at(most);
            format!("{} and {} more", quoted(shown), more.len())
        }
        [first @ .., last] => format!("{} and {}", quoted(first), who(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_pass_for_words_of_ours() {
        for (name, expected) in [
            ("mira", "mira"),
            ("ada~2", "ada~2"),
            ("You", "\"You\""),
            ("mira to you", "\"mira to you\""),
            ("#lobby", "\"#lobby\""),
            ("a\" b", "\"a' b\""),
        ] {
            assert_eq!(who(name), expected);
        }
    }

    #[test]
    fn many_names_are_counted() {
        assert_eq!(list(&["a"], 2), "a");
        assert_eq!(list(&["a", "b", "c"], 2), "a, b and c");
        assert_eq!(list(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }
}
