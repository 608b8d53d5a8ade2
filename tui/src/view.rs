//! What the model looks like. Only reads; whatever the size, it paints inside its area.

mod canvas;
mod footer;
mod header;
mod log;
mod people;
mod rooms;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::canvas::Canvas;
use crate::layout;
use crate::model::Model;
use crate::rows::{piece, rule};
use crate::theme::{Role, Theme};

/// Draws everything; tells where the cursor stands.
pub(crate) fn draw(model: &Model, theme: Theme, screen: &mut Buffer) -> Option<Position> {
    let area = screen.area.intersection(Rect::from((Position::ORIGIN, model.size)));
    if area.is_empty() {
        return None;
    }
    let mut canvas = Canvas::new(screen, theme, area);
    if let Some(help) = model.help {
        draw_help(model, help.scroll, &mut canvas);
        return None;
    }
    let areas = layout::areas(model);
    log::draw(model, areas.log, &mut canvas);
    rules(&areas, &mut canvas);
    if let Some(area) = areas.header {
        header::draw(model, area, areas.rooms.is_some(), &mut canvas);
    }
    if let Some(area) = areas.rooms {
        rooms::draw(model, area, &mut canvas);
    }
    if let Some(area) = areas.people {
        people::draw(model, area, &mut canvas);
    }
    footer::draw(model, &areas, &mut canvas)
}

/// What the window is called: where we are, and how much is for us.
pub(crate) fn title(model: &Model) -> String {
    let for_us: usize = model.buffers.iter().map(|buffer| buffer.mentions).sum();
    let count = if for_us == 0 { String::new() } else { format!("({for_us}) ") };
    format!("{count}hullo · {}", model.buffer().title())
}

/// Thin rules between columns, and below the header where the screen is large.
fn rules(areas: &layout::Areas, canvas: &mut Canvas<'_>) {
    let mut joints: Vec<u16> = areas.rooms.iter().map(|rooms| rooms.right()).collect();
    joints.extend(areas.people.filter(|_| areas.log.width > 0).map(|people| people.x - 1));
    for x in &joints {
        for y in areas.log.top()..areas.log.bottom() {
            canvas.put(*x, y, "│", Role::Dim);
        }
    }
    for (rule, joint) in [(areas.top_rule, "┬"), (areas.bottom_rule, "┴")] {
        let Some(rule) = rule else { continue };
        canvas.put(rule.x, rule.y, &"─".repeat(usize::from(rule.width)), Role::Dim);
        for x in &joints {
            canvas.put(*x, rule.y, joint, Role::Dim);
        }
    }
}

fn draw_help(model: &Model, scroll: usize, canvas: &mut Canvas<'_>) {
    let (width, height) = (model.size.width, model.size.height);
    canvas.row(0, 0, width, &rule(usize::from(width), "hullo · keys and commands", '─', Role::Dim));
    let room = height.saturating_sub(2);
    let rows = crate::help::rows(usize::from(width));
    let scroll = scroll.min(crate::help::overflow(model.size));
    let shown = rows.iter().skip(scroll);
    for (y, row) in (1..).zip(shown.take(usize::from(room))) {
        canvas.row(0, y, width, row);
    }
    if height > 1 {
        let more =
            if scroll + usize::from(room) < rows.len() { " ▼ PgDn for more ·" } else { "" };
        let row = [piece(format!("{more} Esc closes"), Role::Dim)];
        canvas.row(0, height - 1, width, &row);
    }
}
