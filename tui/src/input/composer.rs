//! The line one types in: an editor of a few lines, by graphemes, with readline's keys.
//!
//! Our own, because the cursor must never stand inside a grapheme: one Backspace deletes a family
//! emoji, and what is drawn is exactly what is deleted.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use crate::text::beginning;

/// The longest draft in bytes: escaped as JSON it must fit into a frame of 64 KiB.
pub(crate) const MAX_DRAFT_BYTES: usize = 16_000;

const MAX_UNDO: usize = 200;

const MAX_KILL_RING: usize = 20;

/// A draft with a cursor, a kill ring, and what can be undone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Composer {
    text: String,
    cursor: usize,
    /// What was cut, the latest last.
    kill_ring: Vec<String>,
    /// Where in the kill ring the text is that was inserted last.
    yanked: Option<usize>,
    /// Earlier texts with their cursors, the latest last.
    undo_stack: Vec<(String, usize)>,
    last_edit: Edit,
}

/// What the previous key did: runs of the same edit are undone, or cut, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Edit {
    #[default]
    Other,
    Insert,
    Kill,
    Yank,
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

    /// How many more bytes fit.
    pub(crate) fn free_bytes(&self) -> usize {
        MAX_DRAFT_BYTES.saturating_sub(self.text.len())
    }

    /// Inserts as much as fits.
    pub(crate) fn insert(&mut self, text: &str) {
        let text = beginning(text, self.free_bytes());
        let word_goes_on = self.last_edit == Edit::Insert && !text.starts_with(char::is_whitespace);
        if !word_goes_on {
            self.save_for_undo();
        }
        self.last_edit = Edit::Insert;
        self.text.insert_str(self.cursor, text);
        self.cursor = self.boundary(self.cursor + text.len());
    }

    /// Inserts the character of a key, without what could control a terminal.
    pub(crate) fn insert_typed(&mut self, typed: char) {
        self.insert(&hullo::text::clean_text(typed.encode_utf8(&mut [0; 4])));
    }

    /// Replaces the bytes `range` by `text` and puts the cursor behind it.
    pub(crate) fn replace(&mut self, range: std::ops::Range<usize>, text: &str) {
        self.save_for_undo();
        self.last_edit = Edit::Other;
        let end = range.start + text.len();
        self.text.replace_range(range, text);
        self.cursor = self.boundary(end);
    }

    /// Replaces the whole text and puts the cursor at its end.
    pub(crate) fn set(&mut self, text: &str) {
        self.replace(0..self.text.len(), text);
    }

    /// Takes the draft out. Undo brings it back.
    pub(crate) fn take(&mut self) -> String {
        self.save_for_undo();
        self.last_edit = Edit::Other;
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
        self.move_to(self.before());
    }

    pub(crate) fn right(&mut self) {
        self.move_to(self.after());
    }

    pub(crate) fn word_left(&mut self) {
        self.move_to(self.word_before());
    }

    pub(crate) fn word_right(&mut self) {
        self.move_to(self.word_after());
    }

    /// Moves to the start of the line.
    pub(crate) fn home(&mut self) {
        self.move_to(self.line_start());
    }

    /// Moves to the end of the line.
    pub(crate) fn end(&mut self) {
        self.move_to(self.line_end());
    }

    /// Moves one line up; false on the first.
    pub(crate) fn up(&mut self) -> bool {
        let start = self.line_start();
        if start == 0 {
            return false;
        }
        let above = self.text[..start - 1].rfind('\n').map_or(0, |at| at + 1);
        self.move_to(self.same_column(above));
        true
    }

    /// Moves one line down; false on the last.
    pub(crate) fn down(&mut self) -> bool {
        let end = self.line_end();
        if end == self.text.len() {
            return false;
        }
        self.move_to(self.same_column(end + 1));
        true
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

    /// Inserts what was cut last.
    pub(crate) fn yank(&mut self) {
        let Some(at) = self.kill_ring.len().checked_sub(1) else { return };
        self.yank_at(at);
    }

    /// Whether the last key inserted from the kill ring, and there is something else in it.
    pub(crate) fn has_older_to_yank(&self) -> bool {
        self.last_edit == Edit::Yank && self.kill_ring.len() > 1
    }

    /// Replaces what was just inserted by what was cut before it, round and round.
    pub(crate) fn yank_older(&mut self) {
        let Some(at) = self.yanked.filter(|_| self.has_older_to_yank()) else { return };
        self.undo();
        self.yank_at(at.checked_sub(1).unwrap_or(self.kill_ring.len() - 1));
    }

    fn yank_at(&mut self, at: usize) {
        let killed = self.kill_ring[at].clone();
        self.last_edit = Edit::Other;
        self.insert(&killed);
        self.yanked = Some(at);
        self.last_edit = Edit::Yank;
    }

    pub(crate) fn undo(&mut self) {
        if let Some((text, cursor)) = self.undo_stack.pop() {
            self.text = text;
            self.cursor = cursor;
            self.last_edit = Edit::Other;
        }
    }

    fn save_for_undo(&mut self) {
        if self.undo_stack.len() == MAX_UNDO {
            self.undo_stack.remove(0);
        }
        self.undo_stack.push((self.text.clone(), self.cursor));
    }

    fn move_to(&mut self, to: usize) {
        self.cursor = self.boundary(to);
        self.last_edit = Edit::Other;
    }

    fn delete(&mut self, to: usize) {
        let to = self.boundary(to);
        let range = self.cursor.min(to)..self.cursor.max(to);
        if !range.is_empty() {
            self.replace(range, "");
        }
    }

    fn kill(&mut self, to: usize) {
        let to = self.boundary(to);
        let killed = &self.text[self.cursor.min(to)..self.cursor.max(to)];
        if killed.is_empty() {
            return;
        }
        let (backwards, goes_on) = (to < self.cursor, self.last_edit == Edit::Kill);
        let before = if goes_on { self.kill_ring.pop().unwrap_or_default() } else { String::new() };
        let killed =
            if backwards { format!("{killed}{before}") } else { format!("{before}{killed}") };
        if self.kill_ring.len() == MAX_KILL_RING {
            self.kill_ring.remove(0);
        }
        self.kill_ring.push(killed);
        self.delete(to);
        self.last_edit = Edit::Kill;
    }

    fn before(&self) -> usize {
        let found = self.grapheme_cursor(self.cursor).prev_boundary(&self.text, 0);
        found.ok().flatten().unwrap_or_default()
    }

    fn after(&self) -> usize {
        let found = self.grapheme_cursor(self.cursor).next_boundary(&self.text, 0);
        found.ok().flatten().unwrap_or(self.text.len())
    }

    /// This position, or the end of the grapheme that it is inside of: an edit may join what was
    /// separate before.
    fn boundary(&self, at: usize) -> usize {
        let mut cursor = self.grapheme_cursor(at);
        if cursor.is_boundary(&self.text, 0).unwrap_or(true) {
            return at;
        }
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }

    fn grapheme_cursor(&self, at: usize) -> GraphemeCursor {
        GraphemeCursor::new(at, self.text.len(), true)
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

    /// The position in the line that starts at `line` which is as many graphemes from its start as
    /// the cursor is in its own line.
    fn same_column(&self, line: usize) -> usize {
        let column = self.text[self.line_start()..self.cursor].graphemes(true).count();
        let text = self.text[line..].split('\n').next().unwrap_or_default();
        text.grapheme_indices(true).nth(column).map_or(line + text.len(), |(at, _)| line + at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn the_cursor_is_never_inside_a_grapheme() {
        let insert = |text: &'static str| move |c: &mut Composer| c.insert(text);
        check("👩|👧", insert("\u{200d}"), "👩\u{200d}👧|");
        check("|🇩🇪🇫🇷", insert("🇦"), "🇦🇩|🇪🇫🇷");
        check("a|\n\u{301}b", Composer::kill_to_end, "a\u{301}|b");
        check("x \u{301}y|", Composer::word_left, "x \u{301}|y");
        check("🇩🇪|🇫🇷", Composer::backspace, "|🇫🇷");
        check("🇩|🇪x🇫🇷", Composer::right, "🇩🇪|x🇫🇷");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_the_cursor_stands_between_graphemes(
            keys in proptest::collection::vec((0..14_u8, "[a \n👩🇩\u{200d}\u{301}]{1,3}"), 0..40)
        ) {
            let mut composer = Composer::default();
            for (key, text) in keys {
                match key {
                    0 => composer.backspace(),
                    1 => composer.delete_next(),
                    2 => composer.left(),
                    3 => composer.right(),
                    4 => composer.word_left(),
                    5 => composer.word_right(),
                    6 => composer.kill_to_end(),
                    7 => composer.kill_word_left(),
                    8 => composer.yank(),
                    9 => composer.undo(),
                    10 => _ = composer.up(),
                    11 => _ = composer.down(),
                    _ => composer.insert(&text),
                }
                let at = composer.cursor();
                let ends = composer.text().grapheme_indices(true).any(|(start, _)| start == at);
                prop_assert!(ends || at == composer.text().len(), "{:?} at {at}", composer.text());
            }
        }
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
    fn what_was_killed_before_comes_back_in_its_turn() {
        let kills = |c: &mut Composer| {
            for word in ["one", "two", "three"] {
                c.insert(word);
                c.kill_to_start();
                c.right();
            }
            c.insert("> ");
            c.yank();
        };
        check("|", kills, "> three|");
        for (presses, word) in [(1, "two"), (2, "one"), (3, "three")] {
            let pop = |c: &mut Composer| {
                kills(c);
                (0..presses).for_each(|_| c.yank_older());
            };
            check("|", pop, &format!("> {word}|"));
        }
        let mut composer = Composer::default();
        kills(&mut composer);
        composer.left();
        assert!(!composer.has_older_to_yank());
    }

    #[test]
    fn up_and_down_keep_the_column() {
        check("abc\nde|f", |c| assert!(c.up()), "ab|c\ndef");
        check("abc\nd|\nxyz", |c| assert!(c.down()), "abc\nd\nx|yz");
        check("abcd|\nx", |c| assert!(c.down()), "abcd\nx|");
        check("ab|c", |c| assert!(!c.up() && !c.down()), "ab|c");
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
        assert_eq!(composer.free_bytes(), 0);
        composer.insert("x");
        assert_eq!(composer.text().len(), MAX_DRAFT_BYTES);
    }
}
