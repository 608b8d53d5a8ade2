//! The left pane: every room and conversation with its unread count.

use ratatui::layout::Rect;

use super::canvas::{Canvas, columns};
use super::header::counts;
use crate::chat::buffer::Buffer;
use crate::core::model::{Filter, Model, PickerKind};
use crate::layout::{RoomLine, Target, room_lines};
use crate::text::clip;
use crate::text::row::{Row, segment};
use crate::theme::{Role, state_glyph};

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let lines = room_lines(model, area.height);
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        let (left, right) = match line {
            RoomLine::Gap => (Row::new(), Row::new()),
            RoomLine::More(count) => (title(&format!("+{count}")), Row::new()),
            RoomLine::Heading(text) => (title(text), Row::new()),
            RoomLine::Buffer(at) => entry(model, at, &model.buffers[at], area),
        };
        let whole = Rect { y, height: 1, ..area };
        canvas.row(area.x, y, area.width, &left);
        canvas.right(Rect { width: area.width.saturating_sub(1), ..whole }, &right);
        match line {
            RoomLine::Gap | RoomLine::Heading(_) => {}
            RoomLine::More(_) => {
                canvas.target(whole, Target::Picker(PickerKind::Palette(Filter::Rooms)));
            }
            RoomLine::Buffer(at) => canvas.target(whole, Target::Buffer(model.buffers[at].id)),
        }
    }
}

fn title(text: &str) -> Row {
    vec![segment(format!(" {text}"), Role::Dim)]
}

fn entry(model: &Model, at: usize, buffer: &Buffer, area: Rect) -> (Row, Row) {
    let is_current = at == model.current;
    let mark = if is_current { "▸" } else { " " };
    let number = format!("{:2}", buffer.number_prefix());
    let right = right(model, buffer, is_current);
    let room = usize::from(area.width).saturating_sub(4 + number.len() + columns(&right));
    let role = match (is_current, buffer.direct()) {
        (true, _) => Role::Strong,
        (false, Some(direct)) if direct.is_present() => Role::Name(direct.hue()),
        (false, Some(_)) => Role::Dim,
        (false, None) => Role::Text,
    };
    let left = vec![
        segment(format!(" {mark} "), Role::Strong),
        segment(number, Role::Dim),
        segment(clip(&buffer.title(), room).into_owned(), role),
    ];
    (left, right)
}

fn right(model: &Model, buffer: &Buffer, is_current: bool) -> Row {
    let waits = counts(model, buffer).map(|mut count| {
        count.text = count.text.trim_start_matches('·').to_owned();
        count
    });
    let mut row = Row::new();
    if model.mutes(&buffer.title()) {
        row.push(segment("muted ", Role::Dim));
    }
    let Some(direct) = buffer.direct() else {
        let dot = (buffer.arrivals > 0 && !is_current).then(|| segment("·", Role::Dim));
        row.extend(waits.or(dot));
        return row;
    };
    let member = model.room(&direct.room).and_then(|room| room.people.member(direct.peer));
    let (glyph, role) = match member {
        Some(member) if model.is_live(&direct.room) => state_glyph(member.state()),
        Some(member) => (state_glyph(member.state()).0, Role::Dim),
        None => ("·", Role::Dim),
    };
    row.extend(waits);
    row.push(segment(format!(" {glyph}"), role));
    row
}
