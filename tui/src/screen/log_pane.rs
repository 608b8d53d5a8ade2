//! The log, drawn from the newest row upwards. An empty room shows a short introduction.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::chat::buffer::{Membership, Room};
use crate::chat::log::LogLayout;
use crate::core::model::{Link, Model};
use crate::entry::Kind;
use crate::ids::EntryId;
use crate::input::keymap::Action;
use crate::layout::Target;
use crate::text::row::{Row, row_width, segment};
use crate::text::{width, wrap};
use crate::theme::Role;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let rows = visible(model, &model.log_layout(area.width), usize::from(area.height));
    let free = usize::from(area.height) - rows.len();
    for (y, (id, row)) in (area.top()..area.bottom()).skip(free).zip(&rows) {
        canvas.row(area.x, y, area.width, row);
        targets(model, *id, row, Rect { y, height: 1, ..area }, canvas);
    }
    welcome(model, area, free, canvas);
}

/// The rows on screen, from the scroll position upwards. Only these are made.
fn visible(model: &Model, layout: &LogLayout<'_>, height: usize) -> Vec<(EntryId, Row)> {
    let log = layout.log;
    let Some((mut entry, row)) = log.bottom(|id| layout.height(id)) else { return Vec::new() };
    let of = |entry| painted(model, layout, entry).into_iter().map(move |row| (entry, row));
    let mut rows: Vec<(EntryId, Row)> = of(entry).take(row + 1).collect();
    while rows.len() < height && entry > log.first_id() {
        entry -= 1;
        let mut above: Vec<(EntryId, Row)> = of(entry).collect();
        above.append(&mut rows);
        rows = above;
    }
    rows.split_off(rows.len().saturating_sub(height))
}

/// The rows of an entry; a selected entry is highlighted as a whole.
fn painted(model: &Model, layout: &LogLayout<'_>, entry: EntryId) -> Vec<Row> {
    let mut rows = layout.rows(entry);
    if model.buffer().selected == Some(entry) {
        for row in &mut rows {
            let free = layout.context.columns.total.saturating_sub(row_width(row));
            row.push(segment(" ".repeat(free), Role::Chosen));
            for segment in row {
                segment.role = Role::Chosen;
            }
        }
    }
    rows
}

/// Notes what a click on a row of an entry does: on a name, on a key, and anywhere else.
fn targets(model: &Model, id: EntryId, row: &Row, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(entry) = model.buffer().log.entry(id).filter(|entry| entry.is_selectable()) else {
        return;
    };
    canvas.target(area, Target::Entry(id));
    let mut x = area.x;
    for segment in row {
        let wide = u16::try_from(width(&segment.text)).unwrap_or(u16::MAX);
        let target = match (segment.role, &entry.kind) {
            (Role::Name(_), kind) => kind.content().session_of(&segment.text).map(Target::Person),
            (Role::Key, Kind::Newcomer(_)) => Some(Target::Action(Action::Wave)),
            _ => None,
        };
        if let Some(target) = target {
            let within = Rect { x, width: wide, ..area }.intersection(area);
            canvas.target(within, target);
        }
        x = x.saturating_add(wide);
    }
}

/// The introduction in a room in which nothing was said yet, above the log.
fn welcome(model: &Model, area: Rect, free: usize, canvas: &mut Canvas<'_>) {
    let Some(room) = model.buffer().room() else { return };
    if model.buffer().log.has_messages() {
        return;
    }
    let alone = room.people.count() <= 1;
    let lines = match (&model.link, room.membership) {
        (Link::Offline { reason, .. }, Membership::Joining) => vec![
            format!("There is no server at {} yet.", model.address),
            reason.clone(),
            "hullo keeps trying. What you write is kept until then.".into(),
        ],
        (_, Membership::Joined { .. }) if model.is_first => first_time(model, room, alone),
        (_, Membership::Joined { .. }) if alone => vec![
            "You are the first one here.".into(),
            "When someone arrives they will hear from you at once.".into(),
            String::new(),
            "Try    /nick NAME   /away back at 3   /help".into(),
            format!("Share  {}", model.sharing()),
        ],
        _ => return,
    };
    let total = usize::from(area.width).saturating_sub(2);
    if total < 24 {
        return;
    }
    // If it does not fit, only its first lines are shown.
    let brief = || lines.split(String::is_empty).next().unwrap_or_default();
    let all = [&*lines, brief()].map(|lines| wrapped(lines, total));
    let Some(lines) = all.iter().find(|lines| free >= lines.len() + 2) else { return };
    let wide = lines.iter().map(|line| width(line)).max().unwrap_or_default();
    let x = area.x + 1 + u16::try_from(total.saturating_sub(wide) / 2).unwrap_or_default();
    let top = area.y + u16::try_from((free - lines.len()) / 2).unwrap_or_default();
    for (at, line) in (0_u16..).zip(lines) {
        let role = if at == 0 { Role::Strong } else { Role::Dim };
        canvas.row(x, top + at, area.right() - x, &[segment(*line, role)]);
    }
}

fn wrapped(lines: &[String], total: usize) -> Vec<&str> {
    let rows = |line| wrap(line, total, total).into_iter().map(move |cut| &line[cut]);
    lines.iter().flat_map(|line: &String| rows(&**line)).collect()
}

/// The introduction for the first run. Shown in the log instead of a form at the start, so that
/// the room is entered at once.
fn first_time(model: &Model, room: &Room, alone: bool) -> Vec<String> {
    let others = room.people.count().saturating_sub(1);
    let who = match others {
        0 => "You are the first one here.".to_owned(),
        1 => "One other person is here.".to_owned(),
        others => format!("{others} other people are here."),
    };
    let next = if alone {
        "When someone arrives they will hear from you at once."
    } else {
        "What you type goes to all; /msg NAME text goes to one."
    };
    let key = |action| model.keymap.key(action);
    vec![
        format!("Welcome, {}. {who}", model.name),
        next.into(),
        String::new(),
        "Name    /nick NAME, or hullo --name NAME the next time".into(),
        "Status  /away back at 3 · /status in a meeting · /back".into(),
        format!("Go      {} to anything · {} keys", key(Action::Palette), key(Action::Help)),
        format!("Share   {}", model.sharing()),
        "Set up  hullo config init writes a file with all settings".into(),
    ]
}
