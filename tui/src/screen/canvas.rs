//! Painting on the screen: pieces of text with a role each, cut off at the edges.

use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::hyperlinks::Link;
use crate::text::row::Piece;
use crate::text::width;
use crate::theme::{Role, Theme};

/// A screen buffer, its theme, and the area that may be painted on.
pub(super) struct Canvas<'a> {
    screen: &'a mut Buffer,
    theme: &'a Theme,
    area: Rect,
    /// The positions of the links painted so far.
    links: Vec<Link>,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(screen: &'a mut Buffer, theme: &'a Theme, area: Rect) -> Self {
        screen.set_style(area, theme.page());
        Self { screen, theme, area, links: Vec::new() }
    }

    /// The links that are visible.
    pub(super) fn into_links(self) -> Vec<Link> {
        self.links
    }

    /// Paints a text up to the right edge.
    pub(super) fn put(&mut self, x: u16, y: u16, text: &str, role: Role) {
        self.put_within(x, y, u16::MAX, text, role);
    }

    /// Paints a text in at most `room` columns.
    pub(super) fn put_within(&mut self, x: u16, y: u16, room: u16, text: &str, role: Role) {
        if x >= self.area.right() || y >= self.area.bottom() {
            return;
        }
        let room = room.min(self.area.right() - x);
        self.screen.set_stringn(x, y, text, usize::from(room), self.theme.style(role));
    }

    /// Paints pieces one after the other in at most `room` columns.
    pub(super) fn row(&mut self, x: u16, y: u16, room: u16, row: &[Piece]) {
        let mut used = 0_u16;
        for piece in row {
            if used >= room {
                return;
            }
            let from = x.saturating_add(used);
            self.put_within(from, y, room - used, &piece.text, piece.role);
            let wide = u16::try_from(width(&piece.text)).unwrap_or(u16::MAX);
            if let Some(address) = &piece.link {
                let area = Rect::new(from, y, wide.min(room - used), 1).intersection(self.area);
                self.links.push(Link { area, address: Rc::clone(address) });
            }
            used = used.saturating_add(wide);
        }
    }

    /// Paints pieces right-aligned in the first row of `area` and returns the column where they
    /// begin. What does not fit is cut off at the right.
    pub(super) fn right(&mut self, area: Rect, row: &[Piece]) -> u16 {
        let wide = u16::try_from(columns(row)).unwrap_or(u16::MAX).min(area.width);
        let x = area.right() - wide;
        self.row(x, area.y, wide, row);
        x
    }

    /// Clears an area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.area);
        for at in area.positions() {
            self.screen[at].reset();
        }
        self.screen.set_style(area, self.theme.page());
        self.links.retain(|link| !link.area.intersects(area));
    }
}

/// The width of pieces in columns.
pub(super) fn columns(row: &[Piece]) -> usize {
    row.iter().map(|piece| width(&piece.text)).sum()
}
