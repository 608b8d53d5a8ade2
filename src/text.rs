//! Text from the network is data: this is the one place that makes it safe to show.
//!
//! Control characters drive terminals, bidi overrides make a name look like another one, and
//! invisible characters make two names look the same. None of them has a place in a name; in a
//! message only the line break and the tab do.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// The longest name, in graphemes.
pub const MAX_NAME_GRAPHEMES: usize = 32;

/// The longest name, in bytes of UTF-8: one grapheme may have any number of them.
pub const MAX_NAME_BYTES: usize = 128;

/// The longest status text, in graphemes.
pub const MAX_STATUS_GRAPHEMES: usize = 140;

/// The longest status text, in bytes of UTF-8.
pub const MAX_STATUS_BYTES: usize = 560;

/// The longest topic of a room, in graphemes.
pub const MAX_ROOM_TOPIC_GRAPHEMES: usize = 140;

/// The longest topic of a room, in bytes of UTF-8.
pub const MAX_ROOM_TOPIC_BYTES: usize = 560;

/// The longest `user`, in bytes of UTF-8.
pub const MAX_USER_BYTES: usize = 128;

/// Removes what does not belong in one line of text: control characters (line breaks among them),
/// bidi controls, and invisible characters.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    keep(text, |c| !breaks_line(c) && !is_hostile(c))
}

/// Like [`clean_line`], but keeps tabs and line breaks; each of these, however it was written,
/// becomes a `\n`.
pub fn clean_text(text: &str) -> Cow<'_, str> {
    let wanted = |c| matches!(c, '\n' | '\t') || !is_hostile(c);
    if !text.chars().any(|c| c != '\n' && breaks_line(c)) {
        return keep(text, wanted);
    }
    let one_kind = text.replace("\r\n", "\n").replace(breaks_line, "\n");
    Cow::Owned(keep(&one_kind, wanted).into_owned())
}

/// A name as others may see it, or `None` if there is nothing to see in it or it is longer than
/// [`MAX_NAME_GRAPHEMES`] or [`MAX_NAME_BYTES`].
pub fn clean_name(name: &str) -> Option<String> {
    let clean = clean_label(name);
    let fits = clean.len() <= MAX_NAME_BYTES && has_at_most(MAX_NAME_GRAPHEMES, &clean);
    (fits && clean.chars().any(is_visible)).then_some(clean)
}

/// A status text as others may see it (it may be empty), or `None` if it is longer than
/// [`MAX_STATUS_GRAPHEMES`] or [`MAX_STATUS_BYTES`].
pub fn clean_status(text: &str) -> Option<String> {
    let clean = clean_label(text);
    let fits = clean.len() <= MAX_STATUS_BYTES && has_at_most(MAX_STATUS_GRAPHEMES, &clean);
    fits.then_some(clean)
}

/// The topic of a room as others may see it (it may be empty), or `None` if it is longer than
/// [`MAX_ROOM_TOPIC_GRAPHEMES`] or [`MAX_ROOM_TOPIC_BYTES`].
pub fn clean_room_topic(text: &str) -> Option<String> {
    let clean = clean_label(text);
    let fits = clean.len() <= MAX_ROOM_TOPIC_BYTES && has_at_most(MAX_ROOM_TOPIC_GRAPHEMES, &clean);
    fits.then_some(clean)
}

/// A `user` as others may see it, or `None` if there is nothing to see in it or it is longer than
/// [`MAX_USER_BYTES`].
pub fn clean_user(user: &str) -> Option<String> {
    let clean = clean_label(user);
    (clean.len() <= MAX_USER_BYTES && clean.chars().any(is_visible)).then_some(clean)
}

/// One line of text of any length, without blanks around it and without what makes two texts look
/// the same: a name or a status text, as others may see it.
pub fn clean_label(text: &str) -> String {
    let clean = clean_line(text);
    without_idle_joiners(&clean).trim().to_owned()
}

/// Whether [`clean_label`] would leave `text` as it is.
pub fn is_clean_label(text: &str) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_graphic();
    text.as_bytes().iter().all(is_plain) || clean_label(text) == text
}

fn has_at_most(graphemes: usize, text: &str) -> bool {
    text.graphemes(true).nth(graphemes).is_none()
}

fn keep(text: &str, wanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&wanted) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|&c| wanted(c)).collect())
}

fn breaks_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What drives terminals, reverses text or is invisible. Joiners and selectors stay, which emoji
/// and many scripts need.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // bidi
            | '\u{00ad}' | '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e001f}' | '\u{e0080}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}') // no shape of their own
}

/// Whether a character is visible when it stands alone: a combining mark is not, nor is the empty
/// braille pattern, which looks like a space.
fn is_visible(c: char) -> bool {
    c != '\u{2800}' && !c.is_whitespace() && c.width().is_some_and(|columns| columns > 0)
}

/// Removes joiners and selectors that join and select nothing: with them, two names could differ and
/// look the same.
fn without_idle_joiners(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let next = rest.clone().next();
        let before = kept.chars().next_back();
        let joins = |left: fn(char) -> bool, right: fn(char) -> bool| {
            before.is_some_and(left) && next.is_some_and(right)
        };
        let works = match c {
            '\u{200d}' => joins(is_drawn, is_pictograph) || joins(is_joining, is_joining),
            '\u{200c}' => joins(is_joining, is_joining),
            '\u{fe00}'..='\u{fe0f}' => before.is_some_and(|c| is_drawn(c) || is_keycap(c, next)),
            '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_ideograph),
            '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(before, Some('\u{1820}'..='\u{18aa}')),
            '\u{e0020}'..='\u{e007f}' => {
                matches!(before, Some('\u{1f3f4}' | '\u{e0020}'..='\u{e007f}'))
            }
            '\u{2800}' => false,
            _ => true,
        };
        if works {
            kept.push(c);
        }
    }
    Cow::Owned(kept)
}

/// Pictographs and symbols.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}'..='\u{27ff}' | '\u{2900}'..='\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// The same, or what selects their form.
fn is_drawn(c: char) -> bool {
    is_pictograph(c) || c == '\u{fe0f}'
}

fn is_keycap(c: char, next: Option<char>) -> bool {
    next == Some('\u{20e3}') && matches!(c, '0'..='9' | '#' | '*')
}

/// Arabic and its neighbours, and the scripts of India and around it.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{1900}'..='\u{1cff}' | '\u{a840}'..='\u{abff}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        for blank in
            ["\u{3164}", "\u{2800}", "\u{1160}", "\u{200d}", "\u{301}", "\u{fe0f}", "\u{e0041}"]
        {
            check_name(blank, None);
        }
    }

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for idle in
            ["\u{200d}", "\u{200c}", "\u{34f}", "\u{fe0f}", "\u{fe00}", "\u{e0041}", "\u{2800}"]
        {
            check_name(&format!("ada{idle}"), Some("ada"));
            check_name(&format!("{idle}ada"), Some("ada"));
            check_name(&format!("ад{idle}а"), Some("ада"));
        }
    }

    proptest! {
        #[test]
        fn what_is_clean_stays_as_it_is(
            name in "[a क👩❤🏽1ж\u{200c}\u{200d}\u{fe0f}\u{20e3}\u{e0067}\u{1f3f4}\u{301}\u{2800}\n]{0,12}"
        ) {
            let clean = clean_label(&name);
            prop_assert_eq!(&clean_label(&clean), &clean);
            prop_assert!(!clean.ends_with('\u{200d}'), "{clean:?}");
            prop_assert!(is_clean_label(&clean));
            prop_assert_eq!(is_clean_label(&name), clean == name);
        }
    }

    #[test]
    fn what_scripts_and_emoji_need_stays() {
        for name in [
            "क्\u{200d}ष",
            "می\u{200c}خواهم",
            "❤\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "👩🏽\u{200d}🚀",
            "👁\u{fe0f}\u{200d}🗨\u{fe0f}",
            "葛\u{e0100}",
        ] {
            check_name(name, Some(name));
        }
        let england = "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
        check_name(england, Some(england));
    }

    #[test]
    fn names_are_counted_in_graphemes_and_in_bytes() {
        check_name(&"x".repeat(32), Some(&"x".repeat(32)));
        check_name(&"x".repeat(33), None);
        check_name(&"🙂".repeat(32), Some(&"🙂".repeat(32))); // 128 bytes
        check_name(
            &format!("{}é\u{301}", "🙂".repeat(31)),
            Some(&format!("{}é\u{301}", "🙂".repeat(31))),
        );
        check_name(&format!("{}é\u{301}x", "🙂".repeat(31)), None); // 33 graphemes
        check_name(&format!("{}e\u{301}\u{301}", "🙂".repeat(31)), None); // 129 bytes
        check_name(&"👩‍👩‍👧‍👦".repeat(5), Some(&"👩‍👩‍👧‍👦".repeat(5))); // 125 bytes
        check_name(&"👩‍👩‍👧‍👦".repeat(6), None);
        check_name(&format!("a{}", "\u{301}".repeat(5000)), None); // one grapheme, but a wall of marks
        let long_but_dirty = format!("ada{}", "\u{202e}".repeat(100));
        check_name(&long_but_dirty, Some("ada")); // what is left is what counts
    }

    #[test]
    fn a_message_keeps_its_lines() {
        assert_eq!(clean_text("a\r\nb\tc\u{1b}]0;x\u{7}"), "a\nb\tc]0;x");
        assert_eq!(clean_text("a\rb\u{2028}c\u{85}\u{2029}d\n"), "a\nb\nc\n\nd\n");
        assert_eq!(clean_line("a\r\nb\tc"), "abc");
        assert!(matches!(clean_text("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn a_status_may_be_empty_but_not_endless() {
        assert_eq!(clean_status("").as_deref(), Some(""));
        assert_eq!(clean_status(&"x".repeat(140)).as_deref(), Some(&*"x".repeat(140)));
        assert_eq!(clean_status(&"x".repeat(141)), None);
        assert_eq!(clean_status(&"🙂".repeat(140)).as_deref(), Some(&*"🙂".repeat(140))); // 560 bytes
        assert_eq!(clean_status(&"🇵🇱".repeat(71)), None); // 568 bytes
    }

    #[test]
    fn a_user_is_counted_in_bytes() {
        assert_eq!(clean_user(" ada@example\u{200b} ").as_deref(), Some("ada@example"));
        assert_eq!(clean_user(&"x".repeat(128)).as_deref(), Some(&*"x".repeat(128)));
        assert_eq!(clean_user(&"x".repeat(129)), None);
        assert_eq!(clean_user(""), None);
        assert_eq!(clean_user("\u{feff} \u{301}"), None);
    }
}
