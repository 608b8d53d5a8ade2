//! Measuring, clipping and wrapping text for a terminal, and finding links in it.
//!
//! Widths are in columns and counted by grapheme, as ratatui does: a wide character takes two
//! columns, a combining mark none, an emoji of several code points is never split.

pub(crate) mod emoji;
pub(crate) mod emphasis;
mod nearest;
pub(crate) mod row;

use std::borrow::Cow;
use std::ops::Range;

use hullo::protocol::RoomName;
use linkify::{LinkFinder, LinkKind};
use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

pub(crate) use self::nearest::nearest;

/// Reads the name of a room; blanks around it and a leading # are ignored.
pub(crate) fn room(written: &str) -> Result<RoomName, String> {
    let name = written.trim();
    let name = name.strip_prefix('#').unwrap_or(name).trim_start();
    RoomName::try_from(name).map_err(|why| why.to_string())
}

/// A name inside a sentence. It is quoted unless it is one plain word and none of the `reserved`
/// ones, so that a name such as `mira: deploy it` cannot imitate another person's message.
pub(crate) fn quoted(name: &str, reserved: &[&str]) -> String {
    let is_plain = |c: char| !c.is_whitespace() && !":;,\"#→".contains(c);
    if name.chars().all(is_plain) && !reserved.contains(&&*name.to_lowercase()) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "'"))
}

/// The width of `text` in columns.
pub(crate) fn width(text: &str) -> usize {
    text.graphemes(true).map(columns).sum()
}

/// The width of one grapheme. Control characters are not drawn and have none.
fn columns(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) { 0 } else { usize::from(grapheme.cell_width()) }
}

/// Clips `text` to `room` columns, ending in `…` if something is missing.
pub(crate) fn clip(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    if room == 0 {
        return Cow::Borrowed("");
    }
    let mut short = head(text, room - 1).trim_end().to_owned();
    short.push('…');
    Cow::Owned(short)
}

/// The beginning of a text, at most so many bytes.
pub(crate) fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The beginning of `text` that fits into `room` columns.
pub(crate) fn head(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += columns(grapheme);
        if used > room {
            return &text[..at];
        }
    }
    text
}

/// A key that sorts names as people expect: ignoring case, and `q11` before `q100`.
pub(crate) fn natural_order(name: &str) -> String {
    let mut key = String::new();
    let mut digits = String::new();
    for letter in name.to_lowercase().chars().chain(['\0']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
        } else {
            if !digits.is_empty() {
                key.extend(std::iter::repeat_n('0', 20_usize.saturating_sub(digits.len())));
                key.push_str(&digits);
                digits.clear();
            }
            key.push(letter);
        }
    }
    key
}

/// The byte ranges of the web addresses in `text`. Only http and https: opening any other scheme
/// could start programs.
pub(crate) fn links(text: &str) -> Vec<Range<usize>> {
    if !text.contains("://") {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let found = finder.links(text).filter(|link| is_web(link.as_str()));
    found.map(|link| link.start()..link.end()).collect()
}

fn is_web(address: &str) -> bool {
    let (scheme, _) = address.split_once("://").unwrap_or_default();
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// Wraps `text` into rows: the first of at most `first` columns, the others of at most `rest`. Rows
/// end between words. A word longer than a row is cut between graphemes, if possible behind a `/`,
/// `?` or `&` in the second half of the row. Only spaces at a cut are dropped. There is always at
/// least one row.
pub(crate) fn wrap(text: &str, first: usize, rest: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        wrap_line(text, start..start + line.len(), first, rest, &mut rows);
        start += line.len() + 1;
    }
    rows
}

fn wrap_line(
    text: &str,
    line: Range<usize>,
    first: usize,
    rest: usize,
    rows: &mut Vec<Range<usize>>,
) {
    let mut start = line.start;
    let mut used = 0;
    let mut gap: Option<Range<usize>> = None;
    let mut joint = start;
    for (offset, grapheme) in text[line.clone()].grapheme_indices(true) {
        let at = line.start + offset;
        let wide = columns(grapheme);
        if grapheme.chars().all(char::is_whitespace) {
            let from = gap.take().filter(|gap| gap.end == at).map_or(at, |gap| gap.start);
            gap = Some(from..at + grapheme.len());
            used += wide;
            continue;
        }
        while let room = if rows.is_empty() { first } else { rest }
            && used + wide > room
            && at > start
        {
            let cut = gap.take().filter(|gap| gap.start > start).unwrap_or_else(|| {
                let half = joint > start && width(&text[start..joint]) > room / 2;
                if half { joint..joint } else { at..at }
            });
            rows.push(start..start + text[start..cut.start].trim_end().len());
            start = cut.end;
            used = width(&text[start..at]);
        }
        used += wide;
        if matches!(grapheme, "/" | "?" | "&") {
            joint = at + grapheme.len();
        }
    }
    let end = start + text[start..line.end].trim_end().len();
    rows.push(start..end);
}

/// The number of the line, from 1, that holds the byte at `at`.
pub(crate) fn line_at(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// FNV-1a, which is the same on every machine.
pub(crate) fn hash(text: &str) -> u32 {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    text.bytes().fold(0x811c_9dc5, mix)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_room_is_shown_as_it_is_written() {
        for (written, expected) in [
            ("ops", Ok("ops")),
            (" #ops ", Ok("ops")),
            ("##ops", Ok("#ops")),
            ("late night", Ok("late night")),
            ("", Err("a room needs a name")),
            ("#  ", Err("a room needs a name")),
            ("a\u{202e}b", Err("a room name holds nothing that cannot be seen")),
            ("ops\u{200d}", Err("a room name holds nothing that cannot be seen")),
        ] {
            let room = room(written);
            let told = room.as_ref().map(RoomName::as_str).map_err(|why| &**why);
            assert_eq!(told, expected, "{written:?}");
        }
    }

    #[track_caller]
    fn check_wrap(text: &str, first: usize, rest: usize, expected: &[&str]) {
        let rows: Vec<&str> = wrap(text, first, rest).into_iter().map(|row| &text[row]).collect();
        assert_eq!(rows, expected, "{text:?} in {first}, {rest}");
    }

    #[test]
    fn rows_end_between_words() {
        check_wrap("", 10, 10, &[""]);
        check_wrap("hello there ada", 20, 20, &["hello there ada"]);
        check_wrap("hello there ada", 11, 11, &["hello there", "ada"]);
        check_wrap("hello there ada", 5, 9, &["hello", "there ada"]);
        check_wrap("hello   there", 7, 7, &["hello", "there"]);
        check_wrap("trailing   ", 8, 8, &["trailing"]);
        check_wrap("one\ntwo\n\nthree", 10, 10, &["one", "two", "", "three"]);
    }

    #[test]
    fn long_words_are_cut_between_graphemes() {
        check_wrap("abcdefgh", 3, 3, &["abc", "def", "gh"]);
        check_wrap("go abcdefgh", 4, 4, &["go", "abcd", "efgh"]);
        check_wrap("日本語", 4, 4, &["日本", "語"]);
        check_wrap("日本語", 1, 1, &["日", "本", "語"]);
        check_wrap("e\u{301}e\u{301}e\u{301}", 2, 2, &["e\u{301}e\u{301}", "e\u{301}"]);
        check_wrap("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3, 3, &["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]);
        check_wrap("abc", 0, 0, &["a", "b", "c"]);
    }

    #[test]
    fn an_address_moves_to_the_next_row_whole() {
        check_wrap("see https://a.test/b?c", 18, 18, &["see", "https://a.test/b?c"]);
        check_wrap("https://a.test/b?cd ok", 18, 18, &["https://a.test/b?", "cd ok"]);
        check_wrap("https://a.test/abcdef", 10, 10, &["https://", "a.test/", "abcdef"]);
        check_wrap("https://abcdefghijk", 18, 18, &["https://abcdefghij", "k"]);
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["q100", "Q11", "q2b", "q2", "ada", "q", "q3"];
        names.sort_by_cached_key(|name| natural_order(name));
        assert_eq!(names, ["ada", "q", "q2", "q2b", "q3", "Q11", "q100"]);
    }

    #[track_caller]
    fn check_clip(text: &str, columns: usize, expected: &str) {
        assert_eq!(clip(text, columns), expected);
        assert!(width(&clip(text, columns)) <= columns);
    }

    #[test]
    fn what_is_cut_off_is_marked() {
        check_clip("tomas", 5, "tomas");
        check_clip("tomas", 4, "tom…");
        check_clip("to as", 4, "to…");
        check_clip("日本語", 5, "日本…");
        check_clip("日本語", 4, "日…");
        check_clip("tomas", 1, "…");
        check_clip("tomas", 0, "");
    }

    proptest! {
        #[test]
        fn wrapping_loses_nothing_but_spaces(text in "[a-c 日é👩\n]{0,60}", first in 0..12_usize, rest in 0..12_usize) {
            let rows = wrap(&text, first, rest);
            let shown: String = rows.iter().map(|row| &text[row.clone()]).collect();
            let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(solid(&shown), solid(&text));
            if first == rest {
                prop_assert!(rows.iter().all(|row| width(&text[row.clone()]) <= rest.max(2)));
            }
        }
    }
}
