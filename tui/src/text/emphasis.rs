//! Emphasis as people type it: `*strong*`, `_stressed_` and `` `code` ``. The marks remain visible,
//! so that text is shown and copied exactly as it was written.

use std::ops::Range;

use super::row::Role;

/// The longest emphasized part in bytes: marks further apart are hardly a pair.
const MAX_BYTES: usize = 1000;

const MARKS: [(char, Role); 3] = [('*', Role::Strong), ('_', Role::Stressed), ('`', Role::Code)];

/// The emphasized parts of `text`, marks included, in order. They do not nest.
pub(crate) fn parts(text: &str) -> Vec<(Range<usize>, Role)> {
    let mut parts = Vec::new();
    let is_mark = |c: char| MARKS.iter().any(|(mark, _)| *mark == c);
    if !text.contains(is_mark) {
        return parts;
    }
    // Found in advance: otherwise each opening mark would search the text to its end.
    let ends = MARKS.map(|(mark, _)| ends(text, mark));
    let mut at = 0;
    while let Some(found) = text[at..].find(is_mark) {
        let start = at + found;
        let part = MARKS.iter().zip(&ends).find_map(|((mark, role), ends)| {
            begins(text, start, *mark).then(|| Some((end(text, start, ends)?, *role)))?
        });
        match part {
            Some((end, role)) => {
                parts.push((start..end, role));
                at = end;
            }
            None => at = start + 1,
        }
    }
    parts
}

/// Whether this mark opens a part at `start`, which must be the beginning of a word.
fn begins(text: &str, start: usize, mark: char) -> bool {
    let before = text[..start].chars().next_back();
    let opens = before.is_none_or(|c| c.is_whitespace() || "([{\"'".contains(c));
    let Some(inner) = text[start..].strip_prefix(mark) else { return false };
    opens && inner.chars().next().is_some_and(|first| !first.is_whitespace() && first != mark)
}

/// The end of the part that opens at `start`, behind its closing mark on the same line.
fn end(text: &str, start: usize, ends: &[usize]) -> Option<usize> {
    let end = *ends.get(ends.partition_point(|end| *end < start + 3))?;
    (end - start <= MAX_BYTES && !text[start..end].contains('\n')).then_some(end)
}

/// The ends of marks that can close a part, which is at the end of a word. Code may end anywhere.
fn ends(text: &str, mark: char) -> Vec<usize> {
    let closes = |at: usize| {
        let last = text[..at].chars().next_back();
        let after = text[at + 1..].chars().next();
        let goes_on = |c: char| c.is_alphanumeric() || c == mark;
        mark == '`' || !last.is_some_and(char::is_whitespace) && !after.is_some_and(goes_on)
    };
    let marks = text.match_indices(mark).filter(|(at, _)| closes(*at));
    marks.map(|(at, _)| at + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Role)]) {
        let found: Vec<(&str, Role)> =
            parts(text).into_iter().map(|(at, role)| (&text[at], role)).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn words_between_marks_are_set_apart() {
        check("it is *here* now", &[("*here*", Role::Strong)]);
        check(
            "(*both* _of_ `them`)",
            &[("*both*", Role::Strong), ("_of_", Role::Stressed), ("`them`", Role::Code)],
        );
        check("*two words*, and more", &[("*two words*", Role::Strong)]);
        check("run `a * b * c`!", &[("`a * b * c`", Role::Code)]);
        check("*日本*", &[("*日本*", Role::Strong)]);
        check("_snake_case_", &[("_snake_case_", Role::Stressed)]);
    }

    #[test]
    fn a_text_of_nothing_but_marks_is_not_searched_for_ever() {
        assert_eq!(parts(&"(*a".repeat(30_000)).len(), 0);
        assert_eq!(parts(&"*a* ".repeat(10_000)).len(), 10_000);
    }

    #[test]
    fn what_only_looks_like_a_mark_is_left_alone() {
        for text in [
            "",
            "*",
            "**",
            "***",
            "``",
            "2 * 3 * 4",
            "a*b*c",
            "snake_case_name",
            "* a list",
            "*open",
            "*two\nlines*",
            "__init__",
            "5* and 4*",
            "`open",
        ] {
            check(text, &[]);
        }
    }
}
