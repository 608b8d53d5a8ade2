//! Text from the network is data: this is the one place that makes it harmless.
//!
//! Control characters drive terminals, bidi overrides make a name look like another one, and
//! invisible characters make two names look the same. None of them has a place in a name; in a
//! message only the line break and the tab do.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// The longest name, in graphemes.
pub const MAX_NAME_GRAPHEMES: usize = 32;

/// The longest status text, in graphemes.
pub const MAX_STATUS_GRAPHEMES: usize = 140;

/// Bytes that one grapheme may take on average; the longest family emoji take 25.
const BYTES_PER_GRAPHEME: usize = 32;

/// Removes all that does not belong in one line of text: control characters (line breaks among
/// them), bidi controls, and characters without a shape.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    keep(text, |c| !is_hostile(c))
}

/// Like [`clean_line`], but keeps line breaks and tabs. `\r\n` becomes `\n`.
pub fn clean_text(text: &str) -> Cow<'_, str> {
    keep(text, |c| matches!(c, '\n' | '\t') || !is_hostile(c))
}

/// A name as others may see it, or `None` if nothing is left of it or it is longer than
/// [`MAX_NAME_GRAPHEMES`].
pub fn clean_name(name: &str) -> Option<String> {
    clean_within(name, MAX_NAME_GRAPHEMES).filter(|name| !name.is_empty())
}

/// A status text as others may see it (it may be empty), or `None` if it is longer than
/// [`MAX_STATUS_GRAPHEMES`].
pub fn clean_status(text: &str) -> Option<String> {
    clean_within(text, MAX_STATUS_GRAPHEMES)
}

fn clean_within(text: &str, graphemes: usize) -> Option<String> {
    let clean = clean_line(text);
    let clean = clean.trim();
    let short = clean.len() <= graphemes * BYTES_PER_GRAPHEME
        && clean.graphemes(true).nth(graphemes).is_none();
    short.then(|| clean.to_owned())
}

fn keep(text: &str, wanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&wanted) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|&c| wanted(c)).collect())
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // bidi
            | '\u{2028}' | '\u{2029}' // line and paragraph separators
            | '\u{00ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}') // no shape of their own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_name(name: &str, expected: Option<&str>) {
        assert_eq!(clean_name(name).as_deref(), expected, "{name:?}");
    }

    #[test]
    fn names_lose_what_could_harm() {
        check_name("ada", Some("ada"));
        check_name("  ada lovelace ", Some("ada lovelace"));
        check_name("a\u{1b}[31md\u{7}a", Some("a[31mda"));
        check_name("ada\u{202e}nimda", Some("adanimda"));
        check_name("a\nb\tc\u{0}", Some("abc"));
        check_name("שלום", Some("שלום"));
        check_name("👩‍👩‍👧‍👦", Some("👩‍👩‍👧‍👦")); // joined by U+200D, which stays
        check_name("e\u{301}", Some("e\u{301}"));
    }

    #[test]
    fn names_without_anything_to_see_are_no_names() {
        check_name("", None);
        check_name(" \t ", None);
        check_name("\u{200b}\u{202e}", None);
    }

    #[test]
    fn names_are_counted_in_graphemes() {
        check_name(&"x".repeat(32), Some(&"x".repeat(32)));
        check_name(&"x".repeat(33), None);
        check_name(&"👩‍👩‍👧‍👦".repeat(32), Some(&"👩‍👩‍👧‍👦".repeat(32)));
        check_name(&"👩‍👩‍👧‍👦".repeat(33), None);
        check_name(&format!("a{}", "\u{301}".repeat(5000)), None); // one grapheme, but a wall of marks
    }

    #[test]
    fn a_message_keeps_its_lines() {
        assert_eq!(clean_text("a\r\nb\tc\u{1b}]0;x\u{7}"), "a\nb\tc]0;x");
        assert_eq!(clean_line("a\r\nb\tc"), "abc");
        assert!(matches!(clean_text("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn a_status_may_be_empty_but_not_endless() {
        assert_eq!(clean_status("").as_deref(), Some(""));
        assert_eq!(clean_status(&"x".repeat(140)).as_deref(), Some(&*"x".repeat(140)));
        assert_eq!(clean_status(&"x".repeat(141)), None);
    }
}
