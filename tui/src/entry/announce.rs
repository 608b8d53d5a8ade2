//! Entries as sentences for `--plain`, where a line never changes once it is printed: what becomes
//! of an entry later is announced in further lines. Words take the place of signs, and nothing that
//! another person wrote can be taken for what hullo says.

use std::collections::BTreeSet;
use std::time::Instant;

use hullo::protocol::SessionId;

use crate::settings::Hours;
use crate::time::{Now, clock};

/// Words with which a line of hullo's own may begin; whoever is called so is quoted.
const RESERVED: [&str; 8] = ["you", "now", "warning", "error", "sent", "not", "with", "nobody"];

/// How much of an entry has been announced.
#[derive(Clone, Debug, Default)]
pub(crate) struct Announced {
    /// Whether anything of it has.
    pub(super) is_begun: bool,
    /// How many of its parts, where it has several, such as answers.
    pub(super) count: usize,
    /// Up to when it is announced, if it grows with time.
    pub(super) until: Option<Instant>,
    /// Whose arrival is announced.
    pub(super) arrived: BTreeSet<SessionId>,
    /// Whether nothing more is to come of it.
    pub(crate) is_final: bool,
}

impl Announced {
    /// Nothing more is to come of it, and this is how far the entry behind it is announced: who is
    /// known to have arrived does not arrive again.
    pub(crate) fn end(&mut self) -> Self {
        self.is_final = true;
        Self { arrived: std::mem::take(&mut self.arrived), ..Self::default() }
    }
}

/// Collects what is to be announced of the entries of one buffer.
#[derive(Debug)]
pub(crate) struct Announcement<'a> {
    pub(crate) now: Now,
    /// When what is announced happened.
    pub(crate) at: Now,
    /// Where: `#lobby`, or `with mira:`.
    pub(crate) place: &'a str,
    /// With whom one talks here alone.
    pub(crate) partner: Option<&'a str>,
    /// Whether messages of ours are announced: where nobody saw them being typed.
    pub(crate) echo: bool,
    /// Whether to announce now what would wait for more of its kind.
    pub(crate) at_once: bool,
    pub(crate) lines: Vec<String>,
}

impl Announcement<'_> {
    /// Announces something that happened in this place.
    pub(super) fn here(&mut self, text: impl AsRef<str>) {
        self.anywhere(format!("{} {}", self.place, text.as_ref()));
    }

    /// Announces something in a sentence that tells the place itself.
    pub(super) fn anywhere(&mut self, text: impl AsRef<str>) {
        let text = stamped(self.at, text.as_ref());
        self.lines.extend(text.split('\n').map(str::to_owned));
    }
}

/// A text behind the time; further lines are indented, so that none of them looks like one of
/// hullo's own. All lines have the same form everywhere, so the time has always 24 hours.
pub(crate) fn stamped(at: Now, text: &str) -> String {
    format!("{} {}", clock(at.wall, Hours::TwentyFour), text.replace('\n', "\n  "))
}

/// A name within a sentence.
pub(crate) fn who(name: &str) -> String {
    crate::text::quoted(name, &RESERVED)
}

/// What somebody wrote, in one line: a break in it must not look like the beginning of another.
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
