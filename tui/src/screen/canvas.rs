//! Painting on the screen: segments of text with a role each, cut off at the edges.

use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::hyperlinks::Link;
use crate::layout::Target;
use crate::text::row::{Row, Segment};
use crate::text::width;
use crate::theme::{Role, Theme};

/// A screen buffer, its theme, and the area that may be painted on.
pub(super) struct Canvas<'a> {
    screen: &'a mut Buffer,
    theme: &'a Theme,
    area: Rect,
    /// The positions of the links painted so far.
    links: Vec<Link>,
    /// What a click does in which area; later ones lie over earlier ones.
    targets: Vec<(Rect, Target)>,
}

/// Segments of a row, and what a click on them does.
pub(super) type Part = (Row, Option<Target>);

impl<'a> Canvas<'a> {
    pub(super) fn new(screen: &'a mut Buffer, theme: &'a Theme, area: Rect) -> Self {
        screen.set_style(area, theme.page());
        Self { screen, theme, area, links: Vec::new(), targets: Vec::new() }
    }

    /// The links that are visible, and what a click does where.
    pub(super) fn finish(self) -> (Vec<Link>, Vec<(Rect, Target)>) {
        (self.links, self.targets)
    }

    /// Notes what a click in this area does.
    pub(super) fn target(&mut self, area: Rect, target: Target) {
        let area = area.intersection(self.area);
        if !area.is_empty() {
            self.targets.push((area, target));
        }
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

    /// Paints segments one after the other in at most `room` columns.
    pub(super) fn row(&mut self, x: u16, y: u16, room: u16, row: &[Segment]) {
        let mut used = 0_u16;
        for segment in row {
            if used >= room {
                return;
            }
            let from = x.saturating_add(used);
            self.put_within(from, y, room - used, &segment.text, segment.role);
            let wide = u16::try_from(width(&segment.text)).unwrap_or(u16::MAX);
            if let Some(address) = &segment.link {
                let area = Rect::new(from, y, wide.min(room - used), 1).intersection(self.area);
                self.links.push(Link { area, address: Rc::clone(address) });
            }
            used = used.saturating_add(wide);
        }
    }

    /// Paints parts one after the other in at most `room` columns.
    pub(super) fn parts(&mut self, x: u16, y: u16, room: u16, parts: &[Part]) {
        let mut used = 0_u16;
        for (row, target) in parts {
            let (from, left) = (x.saturating_add(used), room.saturating_sub(used));
            let wide = u16::try_from(columns(row)).unwrap_or(u16::MAX);
            self.row(from, y, left, row);
            if let Some(target) = target {
                self.target(Rect::new(from, y, wide.min(left), 1), *target);
            }
            used = used.saturating_add(wide);
        }
    }

    /// Paints parts right-aligned in the first row of `area`, as [`Canvas::right`] does.
    pub(super) fn right_parts(&mut self, area: Rect, parts: &[Part]) -> u16 {
        let wide = u16::try_from(parts_width(parts)).unwrap_or(u16::MAX).min(area.width);
        let x = area.right() - wide;
        self.parts(x, area.y, wide, parts);
        x
    }

    /// Paints segments right-aligned in the first row of `area` and returns the column where they
    /// begin. What does not fit is cut off at the right.
    pub(super) fn right(&mut self, area: Rect, row: &[Segment]) -> u16 {
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
        self.targets.retain(|(target, _)| !target.intersects(area));
    }
}

/// The width of parts in columns.
pub(super) fn parts_width(parts: &[Part]) -> usize {
    parts.iter().map(|(row, _)| columns(row)).sum()
}

/// The width of segments in columns.
pub(super) fn columns(row: &[Segment]) -> usize {
    row.iter().map(|segment| width(&segment.text)).sum()
}
