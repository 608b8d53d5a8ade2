//! The mouse, if it is turned on: the wheel scrolls, a click opens or selects.

use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::buffers::{self, Go};
use super::{picker_keys, selection};
use crate::core::model::Model;
use crate::ids::EntryId;
use crate::layout::{self, RoomLine};

pub(super) fn handle(model: &mut Model, mouse: MouseEvent) {
    let at = Position::new(mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::ScrollUp if model.picker.is_some() => picker_keys::step(model, false),
        MouseEventKind::ScrollDown if model.picker.is_some() => picker_keys::step(model, true),
        MouseEventKind::ScrollUp => buffers::scroll(model, Go::Up),
        MouseEventKind::ScrollDown => buffers::scroll(model, Go::Down),
        MouseEventKind::Down(MouseButton::Left) if model.picker.is_none() => click(model, at),
        _ => {}
    }
}

fn click(model: &mut Model, at: Position) {
    let areas = layout::areas(model);
    if let Some(rooms) = areas.rooms.filter(|area| area.contains(at)) {
        let line =
            layout::room_lines(model, rooms.height).into_iter().nth(usize::from(at.y - rooms.y));
        if let Some(RoomLine::Buffer(buffer)) = line {
            buffers::show(model, buffer);
        }
    } else if areas.log.contains(at)
        && let Some(entry) = entry_at(model, areas.log, at.y)
    {
        click_entry(model, entry);
    }
}

/// Expands or folds what can be folded; selects anything else, or ends that.
fn click_entry(model: &mut Model, entry: EntryId) {
    if selection::toggle(model, entry) {
        return;
    }
    let buffer = model.buffer_mut();
    if buffer.selected == Some(entry) {
        buffer.selected = None;
    } else {
        selection::select(model, entry);
    }
}

/// The entry in this row of the screen. Rows are counted from the bottom, as they are drawn.
fn entry_at(model: &Model, area: Rect, y: u16) -> Option<EntryId> {
    let layout = model.log_layout(area.width);
    let log = layout.log;
    let (mut entry, row) = log.bottom(|id| layout.height(id))?;
    let mut above = usize::from(area.bottom() - 1 - y);
    let mut shown = row + 1;
    while above >= shown {
        above -= shown;
        entry = entry.checked_sub(1).filter(|entry| *entry >= log.first_id())?;
        shown = layout.height(entry);
    }
    Some(entry)
}
