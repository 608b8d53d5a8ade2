//! The line one types in: an editor of a few lines, by graphemes, with readline's keys.
//!
//! Our own, because the cursor must never stand inside a grapheme: a family emoji goes with one
//! Backspace, and what is drawn is exactly what is deleted.

use unicode_segmentation::UnicodeSegmentation;

/// The longest draft in bytes; a frame holds 64 KiB, and JSON may take more than one byte for one.
pub(crate) const MAX_DRAFT_BYTES: usize = 16_000;

const MAX_UNDO: usize = 200;

/// A draft with a cursor, what was killed, and what can be undone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Composer {
    text: String,
    cursor: usize,
    killed: String,
    past: Vec<(String, usize)>,
    last: Edit,
}

/// What the previous key did: runs of the same edit are undone, or yanked, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Edit {
    #[default]
    Other,
    Insert,
    Kill,
}

impl Composer {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Inserts as much as there is room for.
    pub(crate) fn insert(&mut self, text: &str) {
        let room = MAX_DRAFT_BYTES.saturating_sub(self.text.len());
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let word_goes_on = self.last == Edit::Insert && !text.starts_with(char::is_whitespace);
        if !word_goes_on {
            self.remember();
        }
        self.last = Edit::Insert;
        self.text.insert_str(self.cursor, &text[..end]);
        self.cursor += end;
    }

    /// Replaces the bytes `range` by `text` and puts the cursor behind it.
    pub(crate) fn replace(&mut self, range: std::ops::Range<usize>, text: &str) {
        self.remember();
        self.last = Edit::Other;
        self.cursor = range.start + text.len();
        self.text.replace_range(range, text);
    }

    /// Another text altogether, with the cursor at its end.
    pub(crate) fn set(&mut self, text: &str) {
        self.replace(0..self.text.len(), text);
    }

    /// Takes the draft away. It can still be undone back.
    pub(crate) fn take(&mut self) -> String {
        self.remember();
        self.last = Edit::Other;
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    pub(crate) fn backspace(&mut self) {
        self.delete(self.before());
    }

    pub(crate) fn delete_next(&mut self) {
        self.delete(self.after());
    }

    pub(crate) fn left(&mut self) {
        self.go(self.before());
    }

    pub(crate) fn right(&mut self) {
        self.go(self.after());
    }

    pub(crate) fn word_left(&mut self) {
        self.go(self.word_before());
    }

    pub(crate) fn word_right(&mut self) {
        self.go(self.word_after());
    }

    /// To the start of the line.
    pub(crate) fn home(&mut self) {
        self.go(self.line_start());
    }

    /// To the end of the line.
    pub(crate) fn end(&mut self) {
        self.go(self.line_end());
    }

    pub(crate) fn kill_to_end(&mut self) {
        let end = self.line_end();
        let to = if end == self.cursor { self.after() } else { end };
        self.kill(to);
    }

    pub(crate) fn kill_to_start(&mut self) {
        self.kill(self.line_start());
    }

    pub(crate) fn kill_word_left(&mut self) {
        self.kill(self.word_before());
    }

    pub(crate) fn kill_word_right(&mut self) {
        self.kill(self.word_after());
    }

    /// Inserts what was killed last.
    pub(crate) fn yank(&mut self) {
        let killed = self.killed.clone();
        self.last = Edit::Other;
        self.insert(&killed);
        self.last = Edit::Other;
    }

    pub(crate) fn undo(&mut self) {
        if let Some((text, cursor)) = self.past.pop() {
            self.text = text;
            self.cursor = cursor;
            self.last = Edit::Other;
        }
    }

    fn remember(&mut self) {
        if self.past.len() == MAX_UNDO {
            self.past.remove(0);
        }
        self.past.push((self.text.clone(), self.cursor));
    }

    fn go(&mut self, to: usize) {
        self.cursor = to;
        self.last = Edit::Other;
    }

    fn delete(&mut self, to: usize) {
        let range = self.cursor.min(to)..self.cursor.max(to);
        if !range.is_empty() {
            let start = range.start;
            self.replace(range, "");
            self.cursor = start;
        }
    }

    fn kill(&mut self, to: usize) {
        let killed = &self.text[self.cursor.min(to)..self.cursor.max(to)];
        if killed.is_empty() {
            return;
        }
        let (backwards, goes_on) = (to < self.cursor, self.last == Edit::Kill);
        self.killed = match (goes_on, backwards) {
            (false, _) => killed.to_owned(),
            (true, true) => format!("{killed}{}", self.killed),
            (true, false) => format!("{}{killed}", self.killed),
        };
        self.delete(to);
        self.last = Edit::Kill;
    }

    fn before(&self) -> usize {
        let head = &self.text[..self.cursor];
        head.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let head = self.text[..self.cursor].trim_end();
        head.rfind(char::is_whitespace)
            .map_or(0, |at| at + head[at..].chars().next().map_or(0, char::len_utf8))
    }

    fn word_after(&self) -> usize {
        let tail = &self.text[self.cursor..];
        let word = tail.find(|c: char| !c.is_whitespace()).unwrap_or(tail.len());
        let end = tail[word..].find(char::is_whitespace).unwrap_or(tail.len() - word);
        self.cursor + word + end
    }

    fn line_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A draft as text, with the cursor as `|`.
    fn draft(marked: &str) -> Composer {
        let mut composer = Composer::default();
        let cursor = marked.find('|').unwrap();
        composer.text = marked.replacen('|', "", 1);
        composer.cursor = cursor;
        composer
    }

    #[track_caller]
    fn check(before: &str, edit: impl Fn(&mut Composer), after: &str) {
        let mut composer = draft(before);
        edit(&mut composer);
        let (head, tail) = composer.text.split_at(composer.cursor);
        assert_eq!(format!("{head}|{tail}"), after, "from {before:?}");
    }

    #[test]
    fn one_key_takes_one_grapheme() {
        check("a👩‍👩‍👧‍👦|", Composer::backspace, "a|");
        check("ae\u{301}|", Composer::backspace, "a|");
        check("|日本", Composer::delete_next, "|本");
        check("|", Composer::backspace, "|");
        check("a👩‍👩‍👧‍👦|b", Composer::left, "a|👩‍👩‍👧‍👦b");
        check("a|", Composer::right, "a|");
    }

    #[test]
    fn words_are_crossed_and_killed() {
        check("one two  |", Composer::word_left, "one |two  ");
        check("one| two three", Composer::word_right, "one two| three");
        check("one two|", Composer::kill_word_left, "one |");
        check("one|  two three", Composer::kill_word_right, "one| three");
        check("ab|cd\nef", Composer::kill_to_end, "ab|\nef");
        check("ab|\nef", Composer::kill_to_end, "ab|ef");
        check("ab\ncd|ef", Composer::kill_to_start, "ab\n|ef");
    }

    #[test]
    fn what_was_killed_in_a_row_comes_back_together() {
        check(
            "one two three|",
            |c| {
                c.kill_word_left();
                c.kill_word_left();
                c.yank();
                c.yank();
            },
            "one two threetwo three|",
        );
    }

    #[test]
    fn undo_takes_words_back_and_brings_a_sent_draft_back() {
        check(
            "|",
            |c| {
                for key in ["h", "i", " ", "y", "o"] {
                    c.insert(key);
                }
                c.undo();
            },
            "hi|",
        );
        check(
            "gone|",
            |c| {
                c.take();
                c.undo();
            },
            "gone|",
        );
    }

    #[test]
    fn a_draft_has_an_end() {
        let mut composer = Composer::default();
        composer.insert(&"é".repeat(MAX_DRAFT_BYTES));
        assert_eq!(composer.text().len(), MAX_DRAFT_BYTES);
        composer.insert("x");
        assert_eq!(composer.text().len(), MAX_DRAFT_BYTES);
    }
}
