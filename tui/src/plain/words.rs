//! How things are said where there is nothing but text: words for glyphs, and nothing that another
//! person wrote can be taken for what hullo says.

use crate::chat::buffer::Buffer;
use crate::time::{Hours, Now, clock};

/// Words with which a line of ours may begin; whoever is called so is quoted.
const OURS: [&str; 8] = ["you", "now", "warning", "error", "sent", "not", "with", "nobody"];

/// A line, with the time and the place. Whoever reads lines wants them all alike, so the time is
/// always that of twenty-four hours.
pub(super) fn sentence(at: Now, buffer: Option<&Buffer>, text: &str) -> String {
    let time = clock(at.wall, Hours::TwentyFour);
    match buffer {
        None => format!("{time} {text}"),
        Some(buffer) => format!("{time} {} {text}", place(buffer)),
    }
}

/// Where: `#lobby`, or `with mira:`.
fn place(buffer: &Buffer) -> String {
    match buffer.direct() {
        Some(direct) => format!("with {}:", who(&direct.label)),
        None => buffer.title(),
    }
}

/// A name within a sentence.
pub(super) fn who(name: &str) -> String {
    crate::text::quoted(name, &OURS)
}

/// What somebody wrote, in one line: a break in it must not look like the beginning of another.
pub(super) fn one_line(text: &str) -> String {
    text.replace('\n', " / ")
}

/// What the screen would show with glyphs.
pub(super) fn spoken(text: &str) -> String {
    text.strip_prefix("− ").unwrap_or(text).replace(" · ", "; ")
}

/// `ana, jo and li`, or `ana, jo and 12 more`.
pub(super) fn list(names: &[&str], most: usize) -> String {
    let quoted = |names: &[&str]| names.iter().map(|name| who(name)).collect::<Vec<_>>();
    match names {
        [] => String::new(),
        [one] => who(one),
        _ if names.len() > most + 1 => {
            let (shown, more) = names.split_at(most);
            format!("{} and {} more", quoted(shown).join(", "), more.len())
        }
        [first @ .., last] => format!("{} and {}", quoted(first).join(", "), who(last)),
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
