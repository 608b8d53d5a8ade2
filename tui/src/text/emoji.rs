//! Graphemes whose width terminals disagree on: emoji that are joined or have a variation selector
//! or a skin tone, flags, keycaps, and letters of several characters, as in many scripts.
//!
//! Whatever the terminal draws for them, the rest of the row stays in its place. Both forms take
//! as many columns as the rest of the program counts, so only drawing needs to know of them.

use std::num::NonZero;

use clap::ValueEnum;
use ratatui::buffer::{Buffer, Cell, CellDiffOption, CellWidth};

/// How to show emoji whose width terminals disagree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EmojiForm {
    Graphic,
    /// Without the selector that makes a text character an emoji, and joined ones apart.
    Text,
}

const JOINER: char = '\u{200d}';
const SELECTOR: char = '\u{fe0f}';
const SKIN_TONES: std::ops::RangeInclusive<char> = '\u{1f3fb}'..='\u{1f3ff}';
const FLAG_LETTERS: std::ops::RangeInclusive<char> = '\u{1f1e6}'..='\u{1f1ff}';

/// Gives every such grapheme on the screen the form that is set.
pub(crate) fn shape(form: EmojiForm, screen: &mut Buffer) {
    let width = usize::from(screen.area.width).max(1);
    for row in screen.content.chunks_mut(width) {
        let mut x = 0;
        while x < row.len() {
            let wide = usize::from(row[x].cell_width()).max(1);
            let whole = wide > 1 && x + wide <= row.len();
            remove_last_joiner(&mut row[x]);
            match form {
                EmojiForm::Text if whole && is_drawn_differently(row[x].symbol()) => {
                    draw_as_text(&mut row[x..x + wide]);
                }
                EmojiForm::Text | EmojiForm::Graphic
                    if whole && may_be_narrower(row[x].symbol()) =>
                {
                    draw_on_erased_cells(&mut row[x..], wide);
                }
                EmojiForm::Text | EmojiForm::Graphic => {}
            }
            x += wide;
        }
    }
}

/// Removes a joiner at the end, as it stands there while an emoji is being typed: terminals would
/// join it to whatever is drawn next.
fn remove_last_joiner(cell: &mut Cell) {
    if cell.symbol().ends_with(JOINER) {
        let bare = cell.symbol().trim_end_matches(JOINER).to_owned();
        cell.set_symbol(if bare.is_empty() { " " } else { &bare });
    }
}

/// Whether these are several characters, or one that is newer than many terminals. Where they are
/// drawn narrower than we count, the previous contents of the cells would show through.
fn may_be_narrower(symbol: &str) -> bool {
    symbol.chars().nth(1).is_some() || symbol.starts_with(is_recent)
}

/// Emoji of the last years, which tmux 3.3 draws narrow or not at all.
fn is_recent(c: char) -> bool {
    matches!(c, '\u{1f6d5}'..='\u{1f6df}' | '\u{1f7f0}' | '\u{1fa70}'..='\u{1faff}')
}

fn is_drawn_differently(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let Some(first) = chars.next() else { return false };
    let joins = symbol.len() > first.len_utf8() && is_pictograph(first);
    let flag = FLAG_LETTERS.contains(&first);
    chars.any(|c| c == SELECTOR || joins && (c == JOINER || SKIN_TONES.contains(&c)) || flag)
}

/// Letters of some scripts are joined, too, but are not simplified.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Replaces a joined emoji by its first part as text: a heart, one of a family, the letters of a
/// flag.
fn draw_as_text(cells: &mut [Cell]) {
    let symbol = cells[0].symbol().to_owned();
    let style = cells[0].style();
    let letters = symbol.chars().filter_map(|c| {
        let at = FLAG_LETTERS.contains(&c).then(|| u32::from(c) - u32::from(*FLAG_LETTERS.start()));
        at.and_then(|at| char::from_u32(u32::from('A') + at))
    });
    let mut shown = letters.collect::<Vec<char>>();
    if shown.is_empty() {
        shown.extend(symbol.chars().next());
    }
    for (cell, c) in cells.iter_mut().zip(shown.into_iter().chain(std::iter::repeat(' '))) {
        cell.reset();
        cell.set_style(style).set_char(c);
        if cell.cell_width() > 1 {
            return;
        }
    }
}

/// Erases the cells before the terminal draws into them, and repaints those that it may overflow
/// into.
fn draw_on_erased_cells(row: &mut [Cell], wide: usize) {
    let symbol = row[0].symbol();
    // A terminal that joins nothing draws every part in columns of its own.
    let unjoined: usize = symbol.chars().map(|c| usize::from(columns(c))).sum();
    let erasing = format!("\x1b[{wide}X{symbol}");
    row[0].set_symbol(&erasing);
    let columns = u16::try_from(wide).ok().and_then(NonZero::new);
    row[0].set_diff_option(columns.map_or(CellDiffOption::None, CellDiffOption::ForcedWidth));
    for covered in &mut row[1..wide] {
        covered.set_diff_option(CellDiffOption::Skip);
    }
    for cell in row.iter_mut().take(unjoined).skip(wide) {
        if cell.diff_option == CellDiffOption::None {
            cell.set_diff_option(CellDiffOption::AlwaysUpdate);
        }
    }
}

/// The columns of a single character.
fn columns(c: char) -> u16 {
    c.encode_utf8(&mut [0; 4]).cell_width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(line: &str, expected: &str) {
        let mut screen = Buffer::with_lines([line]);
        let before = screen.area.width;
        shape(EmojiForm::Text, &mut screen);
        assert_eq!(screen, Buffer::with_lines([expected]), "{line}");
        assert_eq!(screen.area.width, before);
    }

    #[test]
    fn in_text_the_first_of_what_is_joined_is_shown_in_the_same_columns() {
        check_text("a❤️b", "a❤ b");
        check_text("👩‍👩‍👧‍👦 ok", "👩 ok");
        check_text("👍🏽!", "👍!");
        check_text("🇩🇪🇫🇷", "DEFR");
        check_text("1️⃣.", "1 .");
        check_text("👁️‍🗨️x", "👁 x");
        check_text("日本 👩 é", "日本 👩 é");
    }

    fn written(from: &Buffer, to: &Buffer) -> Vec<(u16, String)> {
        from.diff_iter(to).map(|(x, _, cell)| (x, cell.symbol().to_owned())).collect()
    }

    fn shaped(line: &str) -> Buffer {
        let mut screen = Buffer::with_lines([line]);
        shape(EmojiForm::Graphic, &mut screen);
        screen
    }

    #[test]
    fn a_graphic_is_drawn_on_cleared_ground_and_what_it_spills_is_painted_over() {
        let empty = Buffer::empty(ratatui::layout::Rect::new(0, 0, 9, 1));
        let joined = shaped("👩‍👧 abcdef");
        let expected = [(0, "\x1b[2X👩‍👧"), (2, " "), (3, "a")];
        let drawn = written(&empty, &joined);
        assert_eq!(drawn[..3], expected.map(|(x, text)| (x, text.to_owned())));
        let again = written(&joined, &joined);
        assert_eq!(again.iter().map(|(x, _)| *x).collect::<Vec<_>>(), [2, 3]);
        let gone = written(&joined, &Buffer::with_lines(["   abcdef"]));
        assert_eq!(gone.iter().map(|(x, _)| *x).collect::<Vec<_>>(), [0, 1, 2, 3]);
    }

    #[test]
    fn nothing_is_joined_to_what_comes_after() {
        assert_eq!(shaped("👩\u{200d}")[(0, 0)].symbol(), "👩");
        assert_eq!(shaped("bye\u{200d}"), Buffer::with_lines(["bye"]));
        check_text("👩\u{200d} a", "👩 a");
    }

    #[test]
    fn a_letter_of_several_characters_is_drawn_on_cleared_ground_too() {
        let empty = Buffer::empty(ratatui::layout::Rect::new(0, 0, 6, 1));
        for (letter, wide) in [("กำ", 2), ("ｶﾞ", 3), ("क्\u{200d}ष", 2), ("\u{1fae9}", 2)]
        {
            let drawn = written(&empty, &shaped(&format!("{letter}abcd")));
            assert_eq!(drawn[0], (0, format!("\x1b[{wide}X{letter}")));
        }
    }

    #[test]
    fn a_plain_line_is_left_alone() {
        assert_eq!(shaped("日本 👩 é 🙂"), Buffer::with_lines(["日本 👩 é 🙂"]));
    }
}
