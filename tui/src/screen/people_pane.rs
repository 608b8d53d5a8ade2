//! The right pane: the people in the room, grouped by state (here, idle, away).

use hullo::protocol::payload::State;
use ratatui::layout::Rect;

use super::canvas::{Canvas, columns};
use crate::chat::buffer::Room;
use crate::core::model::Model;
use crate::input::keymap::Action;
use crate::layout::{PeopleLine, Target, people_lines};
use crate::people::{Gone, Member};
use crate::text::row::{Row, Segment, segment};
use crate::text::{clip, width};
use crate::theme::{Role, state_glyph};
use crate::time::{clock, span};

/// The width of a time of day without am or pm.
const SHORT_TIME: usize = 5;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(room) = model.current_room() else { return };
    let is_live = model.is_live(&room.name);
    let lines = people_lines(model, room, area.height);
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        let (mut row, target) = match line {
            PeopleLine::Gap => continue,
            PeopleLine::Heading(title, count) => (heading(format!(" {title} {count}")), None),
            PeopleLine::Above(count) => {
                (heading(format!(" ↑ {count} above")), Some(Target::Action(Action::PeopleUp)))
            }
            PeopleLine::Below(count) => {
                (heading(format!(" ↓ {count} below")), Some(Target::Action(Action::PeopleDown)))
            }
            PeopleLine::Member(who) => (entry(model, room, who, area.width), person(room, who)),
            PeopleLine::Gone(who) => (gone(model, who, area.width), None),
        };
        if !is_live {
            for segment in &mut row {
                segment.role = Role::Dim;
            }
        }
        canvas.row(area.x, y, area.width, &row);
        if let Some(target) = target {
            canvas.target(Rect { y, height: 1, ..area }, target);
        }
    }
}

fn heading(text: String) -> Row {
    vec![segment(text, Role::Dim)]
}

/// What a click on a name does: nothing on our own.
fn person(room: &Room, who: &Member) -> Option<Target> {
    (room.own() != Some(who.person.id)).then_some(Target::Person(who.person.id))
}

/// A mark before a name that may deceive.
pub(super) fn warning(who: &Member) -> Option<Segment> {
    who.warning.as_ref().map(|_| segment("⚠ ", Role::Warning))
}

/// The role of a name: our own, or by state.
pub(super) fn name_role(who: &Member, is_me: bool) -> Role {
    match (is_me, who.state()) {
        (true, _) => Role::Own,
        (false, _) if who.is_observer() => Role::Dim,
        (false, State::Here) => Role::Name(who.hue()),
        (false, State::Idle | State::Away | State::Dnd) => Role::Dim,
    }
}

fn entry(model: &Model, room: &Room, who: &Member, columns_in_all: u16) -> Row {
    let is_me = room.own() == Some(who.person.id);
    let (glyph, role) = state_glyph(who.state());
    let warning = warning(who);
    let columns_in_all = columns_in_all.saturating_sub(if warning.is_some() { 2 } else { 0 });
    let total = usize::from(columns_in_all).saturating_sub(4);
    let label = who.label();
    let longest = total * 3 / 4;
    let name = clip(&label, longest.min(total));
    let room_for_note = total.saturating_sub(width(&name) + 1);
    let note = note(model, who, is_me, room_for_note < 9);
    let note = clip(&note, room_for_note).into_owned();
    let at =
        if usize::from(columns_in_all) >= 24 { 11 } else { total.saturating_sub(width(&note)) };
    let pad = at.max(width(&name) + 1).saturating_sub(width(&name));
    let pad = pad.min(total.saturating_sub(width(&name) + width(&note)));
    let mut row = vec![segment(format!(" {glyph} "), role)];
    row.extend(warning);
    row.extend([
        segment(name.into_owned(), name_role(who, is_me)),
        segment(" ".repeat(pad), Role::Text),
        segment(note, Role::Dim),
    ]);
    // The glyph is drawn even on the narrowest screen, where it is cut off at the edge.
    debug_assert!(columns(&row) <= usize::from(columns_in_all).max(3) + 2);
    row
}

/// The note beside a name: typing, status text, new, or for how long idle.
fn note(model: &Model, who: &Member, is_me: bool, short: bool) -> String {
    let now = model.now;
    if who.is_typing(now) {
        return if short { "…".into() } else { "typing…".into() };
    }
    let text = who.person.text.clone();
    match who.state() {
        _ if is_me => text.unwrap_or_else(|| "you".into()),
        State::Here if who.is_new(now) => text.unwrap_or_else(|| "new".into()),
        State::Here => text.unwrap_or_default(),
        State::Dnd => text.unwrap_or_else(|| "do not disturb".into()),
        State::Idle | State::Away => text.unwrap_or_else(|| {
            let quiet = who.since.map(|since| now.at.saturating_duration_since(since));
            quiet.filter(|quiet| quiet.as_secs() >= 60).map(minutes).unwrap_or_default()
        }),
    }
}

/// Whole minutes, so that the text changes only once a minute.
fn minutes(quiet: std::time::Duration) -> String {
    span(std::time::Duration::from_secs(quiet.as_secs() / 60 * 60))
}

/// Somebody who left lately.
fn gone(model: &Model, gone: &Gone, columns_in_all: u16) -> Row {
    let total = usize::from(columns_in_all).saturating_sub(4);
    let is_wide = usize::from(columns_in_all) >= 24;
    let mut time = clock(gone.at.wall, model.settings.time);
    if !is_wide {
        // They left lately, so am or pm is obvious.
        time.truncate(SHORT_TIME);
    }
    let name = clip(&gone.label, total.saturating_sub(time.len() + 1));
    let at = if is_wide { 11 } else { total.saturating_sub(time.len()) };
    let pad = at.saturating_sub(width(&name)).max(1);
    vec![segment(format!(" · {name}{}{time}", " ".repeat(pad)), Role::Dim)]
}
