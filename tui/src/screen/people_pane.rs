//! The right pane: the people in the room, grouped by state (here, idle, away).

use hullo::protocol::payload::State;
use ratatui::layout::Rect;

use super::canvas::{Canvas, columns};
use crate::chat::buffer::Room;
use crate::core::model::Model;
use crate::people::{Gone, Member};
use crate::text::row::{Piece, Row, piece};
use crate::text::{clip, natural_order, width};
use crate::theme::{Role, state_glyph};
use crate::time::{clock, span};

/// A heading and its members. Rows are made only for those that are shown.
struct Section<'a> {
    title: &'static str,
    members: Vec<&'a Member>,
}

/// How many people who left are listed at most.
const GONE_SHOWN: usize = 5;

/// The width of a time of day without am or pm.
const SHORT_TIME: usize = 5;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(room) = model.current_room() else { return };
    let fits = room.people.len() + 6 <= usize::from(area.height);
    let sections = sections(model, room, fits);
    if room.people.len() == 0 {
        return;
    }
    let live = model.is_live(&room.name);
    let roomy = area.height >= 30;
    let mut rows = Vec::new();
    let shares = share(&sections, usize::from(area.height), roomy);
    for (section, shown) in sections.iter().zip(shares) {
        if roomy && !rows.is_empty() {
            rows.push(Row::new());
        }
        let count = section.members.len();
        rows.push(vec![piece(format!(" {} {count}", section.title), Role::Dim)]);
        let all = shown >= count;
        let listed = if all { count } else { shown.saturating_sub(1) };
        rows.extend(
            section.members.iter().take(listed).map(|who| entry(model, room, who, area.width)),
        );
        if !all && shown > 0 {
            rows.push(vec![piece(format!("   +{}", count - listed), Role::Dim)]);
        }
    }
    let left = usize::from(area.height).saturating_sub(rows.len());
    rows.extend(gone(model, room, left, roomy, area.width));
    for (y, mut row) in (area.top()..area.bottom()).zip(rows) {
        if !live {
            for piece in &mut row {
                piece.role = Role::Dim;
            }
        }
        canvas.row(area.x, y, area.width, &row);
    }
}

fn sections<'a>(model: &Model, room: &'a Room, all_fit: bool) -> Vec<Section<'a>> {
    let with = |title, states: &[State]| {
        let members = room.people.iter().filter(|who| !who.is_observer());
        let members = members.filter(|who| states.contains(&who.state()));
        Section { title, members: sorted(model, room, members.collect(), all_fit) }
    };
    let here = with("HERE", &[State::Here]);
    let watching = room.people.iter().filter(|who| who.is_observer());
    let watching = sorted(model, room, watching.collect(), all_fit);
    let others = [
        with("IDLE", &[State::Idle]),
        with("AWAY", &[State::Away, State::Dnd]),
        Section { title: "WATCHING", members: watching },
    ];
    let others = others.into_iter().filter(|section| !section.members.is_empty());
    std::iter::once(here).chain(others).collect()
}

/// Ourselves first, then those we talked with, then by name. If not everybody fits, who is typing or
/// new comes before the others, too; otherwise the order would change too often.
fn sorted<'a>(
    model: &Model,
    room: &Room,
    mut members: Vec<&'a Member>,
    all_fit: bool,
) -> Vec<&'a Member> {
    let now = model.now;
    members.sort_by_cached_key(|who| {
        let is_me = room.own() == Some(who.person.id);
        let is_active = who.is_talking(now) || who.is_new(now) || who.is_typing(now);
        let is_first = model.talks_with(who.person.id) || !all_fit && is_active;
        (!is_me, !is_first, natural_order(&who.label()))
    });
    members
}

/// Who matters most first: those we talked with, then who is typing, here, idle, and away.
pub(super) fn by_relevance<'a>(
    model: &Model,
    room: &Room,
    members: Vec<&'a Member>,
) -> Vec<&'a Member> {
    let mut members = sorted(model, room, members, false);
    members.sort_by_key(|who| {
        let state = match who.state() {
            _ if who.is_observer() => 3,
            State::Here => 0,
            State::Idle => 1,
            State::Away | State::Dnd => 2,
        };
        (!model.talks_with(who.person.id), !who.is_typing(model.now), state)
    });
    members
}

/// A mark before a name that may deceive.
pub(super) fn warning(who: &Member) -> Option<Piece> {
    who.warning.as_ref().map(|_| piece("⚠ ", Role::Warning))
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

/// Distributes the rows among the sections if not all members fit: each section gets up to three
/// rows, then the first sections get what is left.
fn share(sections: &[Section<'_>], height: usize, roomy: bool) -> Vec<usize> {
    let gaps = if roomy { sections.len().saturating_sub(1) } else { 0 };
    let mut left = height.saturating_sub(sections.len() + gaps);
    let least = |count: usize| count.min(3);
    let mut shares: Vec<usize> = Vec::new();
    for section in sections {
        let given = least(section.members.len()).min(left);
        shares.push(given);
        left -= given;
    }
    for (share, section) in shares.iter_mut().zip(sections) {
        let more = (section.members.len() - *share).min(left);
        *share += more;
        left -= more;
    }
    shares
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
    let mut row = vec![piece(format!(" {glyph} "), role)];
    row.extend(warning);
    row.extend([
        piece(name.into_owned(), name_role(who, is_me)),
        piece(" ".repeat(pad), Role::Text),
        piece(note, Role::Dim),
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

/// People who left lately, if there is room below the others.
fn gone(model: &Model, room: &Room, left: usize, roomy: bool, columns_in_all: u16) -> Vec<Row> {
    let heading = if roomy { 2 } else { 1 };
    // Somebody who returned under the same name is not listed as gone.
    let is_gone = |gone: &&Gone| !room.people.has_label(&gone.label);
    let count = room.people.gone().filter(is_gone).count();
    if count == 0 || left <= heading {
        return Vec::new();
    }
    let mut rows = if roomy { vec![Row::new()] } else { Vec::new() };
    rows.push(vec![piece(format!(" GONE {count}"), Role::Dim)]);
    let total = usize::from(columns_in_all).saturating_sub(4);
    for gone in room.people.gone().filter(is_gone).take((left - heading).min(GONE_SHOWN)) {
        let wide = usize::from(columns_in_all) >= 24;
        let mut time = clock(gone.at.wall, model.settings.time);
        if !wide {
            // They left lately, so am or pm is obvious.
            time.truncate(SHORT_TIME);
        }
        let name = clip(&gone.label, total.saturating_sub(time.len() + 1));
        let at = if wide { 11 } else { total.saturating_sub(time.len()) };
        let pad = at.saturating_sub(width(&name)).max(1);
        let text = format!(" · {name}{}{time}", " ".repeat(pad));
        rows.push(vec![piece(text, Role::Dim)]);
    }
    rows
}
