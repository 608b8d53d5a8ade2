//! The header: the current room or conversation, activity elsewhere, and the state of the connection.

use std::time::Duration;

use ratatui::layout::Rect;

use super::canvas::{Canvas, Part, columns, parts_width};
use crate::chat::buffer::{Buffer, Direct, Membership, Partner, Place};
use crate::core::model::{Filter, Link, Model, PickerKind};
use crate::layout::Target;
use crate::text::row::{Row, Segment, segment};
use crate::time::span;

use crate::text::clip;
use crate::theme::{Role, state_glyph};

/// A topic is not clipped to fewer columns.
const MIN_TOPIC_COLUMNS: usize = 20;

/// The command that tries at once to connect.
const RECONNECT: &str = "/reconnect";

pub(super) fn draw(model: &Model, area: Rect, has_rooms: bool, canvas: &mut Canvas<'_>) {
    let narrow = area.width < 50;
    let state = link(model, area.width);
    let room_left = usize::from(area.width).saturating_sub(parts_width(&state) + 2);
    let mut left = match (narrow, has_rooms) {
        (true, _) => vec![(title_alone(model), None)],
        (false, true) => vec![(title_and_place(model), None)],
        (false, false) => tabs(model, room_left),
    };
    if narrow {
        left.extend(elsewhere(model, room_left.saturating_sub(parts_width(&left) + 2)));
    } else {
        left.extend(topic(model, room_left.saturating_sub(parts_width(&left))));
    }
    let from = canvas.right_parts(area, &state);
    canvas.parts(area.x, area.y, from.saturating_sub(area.x + 1), &left);
}

/// The state of the connection and our own name. It is shown at every width.
fn link(model: &Model, width: u16) -> Vec<Part> {
    let row = match &model.link {
        Link::Offline { since, reason, retry_at } => {
            return offline(model, *since, reason, *retry_at, width);
        }
        Link::Connecting if width < 100 => vec![segment("◌ connecting ", Role::Warning)],
        Link::Connecting => {
            vec![segment(format!("◌ connecting to {} ", model.address), Role::Warning)]
        }
        Link::Online => online(model, width),
    };
    vec![(row, None)]
}

fn online(model: &Model, width: u16) -> Row {
    let (glyph, role) = state_glyph(model.status.state);
    if is_entering(model) {
        return vec![segment("◌ joining ", Role::Warning)];
    }
    let silent = model.silent_for();
    if width < 50 {
        return match silent {
            Some(silent) => vec![segment(format!("◌ {}", span(silent)), Role::Warning)],
            None => vec![segment(glyph, role)],
        };
    }
    let first = match (silent, flood_rate(model)) {
        (Some(silent), _) => segment(format!("◌ no answer for {} · ", span(silent)), Role::Warning),
        // The log has a line that counts them; this says why so much is going on.
        (None, Some(rate)) => segment(format!("⚠ busy {rate}/s · "), Role::Warning),
        (None, None) => segment(how_far(model, width), Role::Dim),
    };
    let own = segment(clip(&model.own_label(), 24).into_owned(), Role::Own);
    vec![first, own, segment(" ", Role::Text), segment(glyph, role), segment(" ", Role::Text)]
}

/// The server's address and round-trip time, as far as there is room.
fn how_far(model: &Model, width: u16) -> String {
    let took = model.round_trip.filter(|_| width >= 60);
    let took = took.map(|took| format!("{} ms · ", took.as_millis())).unwrap_or_default();
    let address = if width < 100 { "" } else { &*format!("{} · ", model.address) };
    format!("{address}{took}")
}

/// How many people arrive and leave per second, during a flood.
fn flood_rate(model: &Model) -> Option<u32> {
    let mut floods = model.buffers.iter().filter_map(|buffer| buffer.log.flood());
    floods.next().map(|flood| flood.shown.per_second)
}

fn is_entering(model: &Model) -> bool {
    model.current_room().is_some_and(|room| {
        matches!(room.membership, Membership::Joining | Membership::Lost { .. })
    })
}

fn offline(
    model: &Model,
    since: std::time::Instant,
    reason: &str,
    retry_at: std::time::Instant,
    width: u16,
) -> Vec<Part> {
    let now = model.now.at;
    let gone = now.saturating_duration_since(since).as_secs();
    let retry = retry_at.saturating_duration_since(now).as_millis().div_ceil(1000);
    let retry = match u64::try_from(retry).unwrap_or(u64::MAX) {
        0 => "trying".to_owned(),
        seconds => format!("retry in {}", span(Duration::from_secs(seconds))),
    };
    let offline = format!("✗ offline {}:{:02} · {retry} · ", gone / 60, gone % 60);
    let text = match width {
        0..30 => "✗ offline".to_owned(),
        30..60 => format!("✗ offline · {retry}"),
        60..120 => offline,
        _ => format!("{} · {offline}", clip(reason, usize::from(width) / 3)),
    };
    let mut parts = vec![(vec![segment(text, Role::Bad)], None)];
    if width >= 60 {
        parts.push((vec![segment(RECONNECT, Role::Bad)], Some(Target::Command(RECONNECT))));
        parts.push((vec![segment(" ", Role::Bad)], None));
    }
    parts
}

fn title_and_place(model: &Model) -> Row {
    vec![
        segment("hullo ", Role::Strong),
        segment("▏", Role::Dim),
        segment(place(model), Role::Strong),
    ]
}

/// What the room is about, if enough of it fits to tell something.
fn topic(model: &Model, room_left: usize) -> Option<Part> {
    let topic = model.buffer().room()?.topic.as_ref()?;
    let text = clip(&topic.text, room_left.saturating_sub(2));
    let is_shown = room_left >= MIN_TOPIC_COLUMNS || *text == *topic.text;
    is_shown.then(|| (vec![segment(format!("  {text}"), Role::Dim)], None))
}

fn place(model: &Model) -> String {
    let buffer = model.buffer();
    let title = buffer.title();
    let muted = if model.mutes(&title) { " · muted" } else { "" };
    match buffer.direct() {
        Some(Direct { partner: Partner::Elsewhere(server), .. }) => {
            format!("{title} · of {server}{muted}")
        }
        Some(direct) => format!("{title} · private, through #{}{muted}", direct.room),
        None => match people_count(buffer) {
            Some(count) => format!("{title} · {count} here{muted}"),
            None => format!("{title}{muted}"),
        },
    }
}

/// The number of people in a room.
fn people_count(buffer: &Buffer) -> Option<usize> {
    buffer.room().map(|room| room.people.count()).filter(|count| *count > 0)
}

fn count_segment(buffer: &Buffer) -> Option<Segment> {
    people_count(buffer).map(|count| segment(format!(" {count}"), Role::Dim))
}

fn title_alone(model: &Model) -> Row {
    let buffer = model.buffer();
    let title = segment(clip(&buffer.title(), 16).into_owned(), Role::Strong);
    std::iter::once(title).chain(count_segment(buffer)).collect()
}

/// The numbered tabs of the buffers: as many as fit, always the current one, and on either side how
/// many more there are.
fn tabs(model: &Model, room: usize) -> Vec<Part> {
    let mut parts: Vec<Part> =
        vec![(vec![segment("hullo ", Role::Strong), segment("▏", Role::Dim)], None)];
    let tabs: Vec<Part> = (0..model.buffers.len()).map(|at| tab(model, at)).collect();
    let more = |count: usize| {
        let rest = vec![segment(format!("+{count}"), Role::Dim)];
        (count > 0).then_some((rest, Some(Target::Picker(PickerKind::Palette(Filter::Rooms)))))
    };
    let shown = |from: usize, to: usize| {
        let middle = tabs[from..to].iter().cloned();
        let all = more(from).into_iter().chain(middle).chain(more(tabs.len() - to));
        let gap = || (vec![segment("  ", Role::Text)], None);
        all.flat_map(|part| [gap(), part]).skip(1).collect::<Vec<Part>>()
    };
    let fits = |from, to| parts_width(&parts) + parts_width(&shown(from, to)) <= room;
    let behind = model.current + 1;
    let from = (0..model.current).find(|from| fits(*from, behind)).unwrap_or(model.current);
    let to = (behind..=tabs.len()).rev().find(|to| fits(from, *to)).unwrap_or(behind);
    parts.extend(shown(from, to));
    parts
}

fn tab(model: &Model, at: usize) -> Part {
    let buffer = &model.buffers[at];
    let role = if at == model.current { Role::Strong } else { Role::Text };
    let mut tab = vec![
        segment(buffer.number_prefix(), Role::Dim),
        segment(clip(&buffer.title(), 20).into_owned(), role),
    ];
    if at == model.current {
        tab.extend(count_segment(buffer));
    }
    if model.mutes(&buffer.title()) {
        tab.push(segment(" ⊘", Role::Dim));
    }
    tab.extend(counts(model, buffer));
    (tab, Some(Target::Buffer(buffer.id)))
}

/// The unread count of a buffer: `(2)` mentions, `·5` messages, `+6` arrivals.
pub(super) fn counts(model: &Model, buffer: &Buffer) -> Option<Segment> {
    if matches!(buffer.place, Place::Arrivals) && model.arrivals() > 0 {
        return Some(segment(format!("+{}", model.arrivals()), Role::Dim));
    }
    match (buffer.mentions, buffer.unread) {
        (1.., _) => Some(segment(format!("({})", buffer.mentions), Role::Mention)),
        (0, 1..) => Some(segment(format!("·{}", buffer.unread), Role::Text)),
        (0, 0) => None,
    }
}

/// Buffers with unread messages, the most urgent first.
pub(super) fn elsewhere(model: &Model, room: usize) -> Vec<Part> {
    let others = model.buffers.iter().enumerate().filter(|(at, _)| *at != model.current);
    let mut others: Vec<&Buffer> =
        others.map(|(_, buffer)| buffer).filter(|buffer| counts(model, buffer).is_some()).collect();
    others.sort_by_key(|buffer| std::cmp::Reverse((buffer.mentions > 0, buffer.unread > 0)));
    let mut parts = Vec::new();
    for buffer in others {
        let name = segment(format!(" {}", clip(&buffer.title(), 12)), Role::Text);
        let next: Row = std::iter::once(name).chain(counts(model, buffer)).collect();
        if parts_width(&parts) + columns(&next) > room {
            break;
        }
        parts.push((next, Some(Target::Buffer(buffer.id))));
    }
    parts
}
