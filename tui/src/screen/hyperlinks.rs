//! Links that the terminal can open: OSC 8 sequences around addresses, written into cells.
//!
//! <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>

use std::fmt::Write;
use std::num::NonZero;
use std::rc::Rc;

use ratatui::buffer::{Buffer, CellDiffOption, CellWidth};
use ratatui::layout::Rect;

use crate::text::hash;

/// Terminals refuse longer addresses.
const MAX_ADDRESS: usize = 2083;

/// The position of an address, or of one row of it, on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// One row high.
    pub(crate) area: Rect,
    pub(crate) address: Rc<str>,
}

/// Writes the OSC 8 sequences into the cells. Must come after everything else that changes cells.
pub(crate) fn weave(links: &[Link], screen: &mut Buffer) {
    for link in links {
        let area = link.area.intersection(screen.area);
        if area.is_empty() {
            continue;
        }
        let (Some(wide), Some(target)) = (NonZero::new(area.width), target(&link.address)) else {
            continue;
        };
        let mut text = String::new();
        let mut x = area.x;
        while x < area.right() {
            let cell = &mut screen[(x, area.y)];
            text.push_str(cell.symbol());
            x += cell.cell_width().max(1);
        }
        // The first cell holds the text of the whole link. When the link is gone, every cell must be
        // written again, even if its letter is the same.
        for x in area.left()..area.right() {
            screen[(x, area.y)].set_diff_option(CellDiffOption::Skip);
        }
        // All rows of one address share the id, which is the same in every frame.
        let id = hash(&link.address);
        let first = &mut screen[(area.x, area.y)];
        first.set_symbol(&format!("\x1b]8;id={id:08x};{target}\x1b\\{text}\x1b]8;;\x1b\\"));
        first.set_diff_option(CellDiffOption::ForcedWidth(wide));
    }
}

/// The address in printable ASCII, so that nothing in it can end the escape sequence.
fn target(address: &str) -> Option<String> {
    let mut target = String::with_capacity(address.len());
    for byte in address.bytes() {
        if byte.is_ascii_graphic() {
            target.push(char::from(byte));
        } else {
            write!(target, "%{byte:02X}").ok()?;
        }
    }
    (target.len() <= MAX_ADDRESS).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(x: u16, width: u16, address: &str) -> Link {
        Link { area: Rect::new(x, 0, width, 1), address: address.into() }
    }

    #[test]
    fn a_link_is_one_cell_that_is_as_wide_as_its_text() {
        let mut screen = Buffer::with_lines(["see a日b ok"]);
        weave(&[link(4, 4, "https://a.test/日")], &mut screen);
        let first = &screen[(4, 0)];
        assert_eq!(
            first.symbol(),
            "\x1b]8;id=52a96714;https://a.test/%E6%97%A5\x1b\\a日b\x1b]8;;\x1b\\"
        );
        assert_eq!(first.cell_width(), 4);
        assert_eq!(screen[(9, 0)].symbol(), "o");
    }

    #[test]
    fn where_a_link_was_every_letter_is_written_again() {
        let plain = Buffer::with_lines(["see a.b ok"]);
        let mut linked = plain.clone();
        weave(&[link(4, 3, "https://a.b")], &mut linked);
        let written =
            |from: &Buffer, to: &Buffer| from.diff_iter(to).map(|(x, _, _)| x).collect::<Vec<_>>();
        assert_eq!(written(&plain, &linked), [4]);
        assert_eq!(written(&linked, &plain), [4, 5, 6]);
        assert_eq!(written(&linked, &linked), Vec::<u16>::new());
    }

    #[test]
    fn nothing_in_an_address_drives_the_terminal() {
        assert_eq!(
            target("http://a\x1b\\\x07\u{9c}b c"),
            Some("http://a%1B\\%07%C2%9Cb%20c".into())
        );
        assert_eq!(target(&"x".repeat(3000)), None);
        let mut screen = Buffer::empty(Rect::new(0, 0, 3, 1));
        weave(
            &[
                link(2, 9, "http://a"),
                link(5, 1, "http://a"),
                link(0, 0, "http://a"),
                Link { area: Rect::new(0, 1, 3, 1), address: "http://a".into() },
            ],
            &mut screen,
        );
        assert_eq!(screen[(2, 0)].cell_width(), 1);
    }
}
