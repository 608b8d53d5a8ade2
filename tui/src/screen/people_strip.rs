//! The people of the room in one row, where there is no room for a pane.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Part, columns, parts_width};
use super::people_pane::{name_role, warning};
use crate::core::model::{Model, PickerKind};
use crate::layout::{Target, by_relevance};
use crate::people::Member;
use crate::text::clip;
use crate::text::row::{Row, segment};
use crate::theme::{Role, state_glyph};

/// Longer names are clipped, so that more than one fits.
const MAX_NAME_WIDTH: usize = 12;

/// Draws as many people as fit, those who matter most first, and how many more there are.
pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(room) = model.current_room() else { return };
    let others = room.people.iter().filter(|who| room.own() != Some(who.person.id));
    let others = by_relevance(model, room, others.collect());
    let is_live = model.is_live(&room.name);
    let mut parts: Vec<Part> = match &*others {
        [] if is_live => vec![(vec![segment("nobody else is here", Role::Dim)], None)],
        _ => Vec::new(),
    };
    let total = usize::from(area.width);
    for (at, who) in others.iter().enumerate() {
        let next = entry(model, who);
        let gap = usize::from(at > 0);
        let more = others.len() - at - 1;
        let reserved = if more > 0 { format!(" +{more}").len() } else { 0 };
        parts.push((vec![segment(" ".repeat(gap), Role::Text)], None));
        if parts_width(&parts) + columns(&next) + reserved > total {
            let rest = vec![segment(format!("+{}", others.len() - at), Role::Dim)];
            parts.push((rest, Some(Target::Picker(PickerKind::People))));
            break;
        }
        parts.push((next, Some(Target::Person(who.person.id))));
    }
    if !is_live {
        for segment in parts.iter_mut().flat_map(|(row, _)| row) {
            segment.role = Role::Dim;
        }
    }
    canvas.parts(area.x, area.y, area.width, &parts);
}

fn entry(model: &Model, who: &Member) -> Row {
    let (glyph, role) = state_glyph(who.state());
    let label = who.label();
    let mut entry = vec![segment(format!("{glyph} "), role)];
    entry.extend(warning(who));
    entry.push(segment(clip(&label, MAX_NAME_WIDTH).into_owned(), name_role(who, false)));
    entry.extend(who.is_typing(model.now).then(|| segment("…", Role::Dim)));
    entry
}
