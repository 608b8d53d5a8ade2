//! Draws the list over the log and the line that filters it.

use ratatui::layout::{Position, Rect};

use super::canvas::{Canvas, Part};
use crate::core::model::{Filter, Model, Picker, PickerKind};
use crate::layout::{Areas, Target};
use crate::menu::{self, Offer};
use crate::text::row::{Row, fit, rule, segment};
use crate::text::{clip, width};
use crate::theme::Role;

/// From this size on, a picker leaves something of the log to be seen around it.
const ROOMY: (u16, u16) = (72, 20);

/// Where a picker lies: help takes the whole screen, people are filtered where they are listed, all
/// else lies above the line one types in.
pub(super) fn area(kind: PickerKind, areas: &Areas, screen: Rect) -> Rect {
    match (kind, areas.people) {
        (PickerKind::People, Some(people)) => return people,
        (PickerKind::Help, _) => return screen,
        _ if screen.width < ROOMY.0 || screen.height < ROOMY.1 => return screen,
        _ => {}
    }
    let log = areas.log;
    let height = (log.height * 2 / 3).max(10).min(log.height);
    Rect { y: log.bottom() - height, height, ..log }
}

/// Draws the picker in `area` and returns the position of the cursor.
pub(super) fn draw(
    model: &Model,
    picker: &Picker,
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    canvas.clear(area);
    if area.is_empty() {
        return None;
    }
    let offers = menu::offers(model);
    let below = u16::from(area.height >= 4);
    let above = u16::from(area.height >= 6);
    if above > 0 {
        let title = rule(usize::from(area.width), title(model, picker.kind), '─', Role::Dim);
        canvas.row(area.x, area.y, area.width, &title);
    }
    let list = Rect {
        y: area.y + above + 1,
        height: area.height.saturating_sub(above + below + 1),
        ..area
    };
    draw_list(&offers, picker.chosen, nothing(model, picker.kind), list, canvas);
    if below > 0 {
        draw_keys(picker, offers.len(), Rect { y: area.bottom() - 1, height: 1, ..area }, canvas);
    }
    Some(draw_query(picker, Rect { y: area.y + above, height: 1, ..area }, canvas))
}

fn title(model: &Model, kind: PickerKind) -> &'static str {
    match kind {
        PickerKind::Help => "hullo · keys and commands",
        PickerKind::Palette(_) => "go to",
        PickerKind::History => "what you sent",
        PickerKind::Find => "find in this log",
        PickerKind::People => "people",
        PickerKind::Directory if model.directory.more => {
            "the busiest rooms · /list TEXT finds others"
        }
        PickerKind::Directory => "rooms of this server",
    }
}

fn draw_query(picker: &Picker, area: Rect, canvas: &mut Canvas<'_>) -> Position {
    let (text, cursor) = (picker.query.text(), picker.query.cursor());
    let typed = segment(text, Role::Text);
    let rest = if text.is_empty() { "type to filter" } else { "" };
    canvas.row(
        area.x,
        area.y,
        area.width,
        &[segment(" › ", Role::Own), typed, segment(rest, Role::Dim)],
    );
    let x = u16::try_from(3 + width(&text[..cursor])).unwrap_or(u16::MAX);
    Position::new(area.x + x.min(area.width - 1), area.y)
}

/// What stands in a list without anything to choose.
fn nothing(model: &Model, kind: PickerKind) -> &'static str {
    if kind == PickerKind::Directory && model.expects_rooms() {
        "   asking the server…"
    } else {
        "   no matches"
    }
}

fn draw_list(offers: &[Offer], chosen: usize, nothing: &str, area: Rect, canvas: &mut Canvas<'_>) {
    let height = usize::from(area.height);
    let first = (chosen + 1).saturating_sub(height.saturating_sub(height / 4).max(1));
    let first = first.min(offers.len().saturating_sub(height));
    let shown = offers.iter().enumerate().skip(first);
    for (y, (at, offer)) in (area.top()..area.bottom()).zip(shown) {
        let row = Rect { y, height: 1, ..area };
        draw_offer(offer, at == chosen, row, canvas);
        canvas.target(row, Target::Offer(at));
    }
    if offers.is_empty() && height > 0 {
        canvas.row(area.x, area.y, area.width, &[segment(nothing, Role::Dim)]);
    }
}

fn draw_offer(offer: &Offer, is_chosen: bool, area: Rect, canvas: &mut Canvas<'_>) {
    let total = usize::from(area.width);
    let note = clip(&offer.note, total / 3);
    let mut row: Row = vec![segment(" ", Role::Text)];
    row.extend(offer.row.iter().cloned());
    fit(&mut row, if note.is_empty() { total } else { total.saturating_sub(width(&note) + 3) });
    let used: usize = row.iter().map(|segment| width(&segment.text)).sum();
    row.push(segment(" ".repeat(total.saturating_sub(used)), Role::Text));
    if is_chosen {
        for segment in &mut row {
            segment.role = Role::Chosen;
        }
    }
    canvas.row(area.x, area.y, area.width, &row);
    if !note.is_empty() {
        let role = if is_chosen { Role::Chosen } else { Role::Dim };
        let note = [segment(format!("  {note} "), role)];
        canvas.right(area, &note);
    }
}

fn draw_keys(picker: &Picker, count: usize, area: Rect, canvas: &mut Canvas<'_>) {
    let place = format!("{}/{count} ", (picker.chosen + 1).min(count));
    let from = canvas.right(area, &[segment(place, Role::Dim)]);
    let part = |key: &str, does: &str, target| {
        (vec![segment(format!(" {key}"), Role::Key), segment(does, Role::Dim)], target)
    };
    let (is_close, is_narrow) = (area.width < 70, area.width < 60);
    let mut parts: Vec<Part> = Vec::new();
    if count > 0 {
        if !is_close || !matches!(picker.kind, PickerKind::Palette(_)) {
            parts.push(part("↑↓", " choose ·", None));
        }
        parts.push(part("Enter", " go ·", Some(Target::Enter)));
    }
    if let PickerKind::Palette(chosen) = picker.kind {
        parts.push(part("Tab", "", Some(Target::Filter(chosen.step(true)))));
        for filter in Filter::IN_ORDER.into_iter().filter(|filter| !is_narrow || *filter == chosen)
        {
            let role = if filter == chosen { Role::Chosen } else { Role::Dim };
            parts.push((vec![segment(" ", Role::Dim)], None));
            parts.push((vec![segment(filter.name(), role)], Some(Target::Filter(filter))));
        }
    } else {
        parts.push(part("Esc", " back", Some(Target::Escape)));
    }
    canvas.parts(area.x, area.y, from.saturating_sub(area.x + 1), &parts);
}
