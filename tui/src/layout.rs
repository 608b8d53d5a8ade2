//! The layout of the screen. On smaller screens parts are left out in a fixed order: the rooms pane
//! below 100 columns, the people pane below 72 (a strip of one row takes its place), the key hints
//! below 16 rows, the status line and the strip below 8, the header below 20x5.

mod people_lines;
mod target;

use ratatui::layout::{Rect, Size};

pub(crate) use self::people_lines::{PeopleLine, by_relevance, people_lines, scrolled_people};
pub(crate) use self::target::Target;

use crate::chat::buffer::{Direct, Place};
use crate::core::model::{Model, Panes};
use crate::input::command::Line;
use crate::text;

/// From this size on, rules divide header and footer from the log.
const RULED: (u16, u16) = (100, 30);

/// From this width on there is a pane of rooms.
pub(crate) const ROOMS_FROM: u16 = 100;
const ROOMS_WIDTH: u16 = 20;
const PEOPLE_FROM: u16 = 72;
const PEOPLE_WIDTH: u16 = 17;
const PEOPLE_WIDTH_WIDE: u16 = 24;

/// The areas of the screen; `None` where a part is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Areas {
    pub(crate) header: Option<Rect>,
    pub(crate) top_rule: Option<Rect>,
    pub(crate) rooms: Option<Rect>,
    pub(crate) log: Rect,
    pub(crate) people: Option<Rect>,
    /// The people in one row, below the header.
    pub(crate) people_strip: Option<Rect>,
    pub(crate) bottom_rule: Option<Rect>,
    pub(crate) status: Option<Rect>,
    pub(crate) composer: Rect,
    pub(crate) hint: Option<Rect>,
}

/// The layout for this model.
pub(crate) fn areas(model: &Model) -> Areas {
    let (prompt, text) = (prompt(model), model.buffer().composer.text());
    let rows = composer_rows(text, &prompt, model.size.width).len();
    divide(model.size, rows, model.panes)
}

fn divide(size: Size, composer_rows: usize, panes: Panes) -> Areas {
    let (width, height) = (size.width, size.height);
    let ruled = width >= RULED.0 && height >= RULED.1 && !panes.bare;
    let most = (height / 3).max(1);
    let composer = u16::try_from(composer_rows).unwrap_or(u16::MAX).min(most).min(height);
    let mut left = Rect::new(0, 0, width, height);
    let mut areas = Areas::default();
    if height >= 16 {
        areas.hint = Some(cut_bottom(&mut left, 1));
    }
    areas.composer = cut_bottom(&mut left, composer);
    if height >= 8 {
        areas.status = Some(cut_bottom(&mut left, 1));
    }
    if ruled {
        areas.bottom_rule = Some(cut_bottom(&mut left, 1));
    }
    if width >= 20 && height >= 5 {
        areas.header = Some(cut_top(&mut left, 1));
    }
    if ruled {
        areas.top_rule = Some(cut_top(&mut left, 1));
    }
    areas.log = left;
    split(&mut areas, panes);
    areas
}

/// Cuts the panes off the log's area.
fn split(areas: &mut Areas, panes: Panes) {
    let width = areas.log.width;
    if panes.bare || areas.log.height == 0 {
        return;
    }
    if panes.rooms.unwrap_or(true) && width >= ROOMS_FROM {
        areas.rooms = Some(cut_left(&mut areas.log, ROOMS_WIDTH));
    }
    if width >= PEOPLE_FROM {
        if panes.people.unwrap_or(true) {
            let wide = if width >= ROOMS_FROM { PEOPLE_WIDTH_WIDE } else { PEOPLE_WIDTH };
            areas.people = Some(cut_right(&mut areas.log, wide));
        }
    } else if panes.people == Some(true) {
        areas.people = Some(areas.log);
        areas.log.width = 0;
    } else if panes.people.is_none() && areas.header.is_some() && areas.status.is_some() {
        areas.people_strip = Some(cut_top(&mut areas.log, 1));
    }
}

fn cut_bottom(from: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(from.height);
    from.height -= rows;
    Rect { y: from.y + from.height, height: rows, ..*from }
}

fn cut_top(from: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(from.height);
    let cut = Rect { height: rows, ..*from };
    from.y += rows;
    from.height -= rows;
    cut
}

/// A row of the left pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoomLine {
    Gap,
    Heading(&'static str),
    /// The buffer of this index.
    Buffer(usize),
    /// How many buffers there is no room for.
    More(usize),
}

/// The rows of the left pane: the buffers under headings. If not all fit, the current one is among
/// those that are shown, and the last row says how many are not.
pub(crate) fn room_lines(model: &Model, height: u16) -> Vec<RoomLine> {
    let lines = all_room_lines(model);
    let height = usize::from(height);
    if lines.len() <= height || height == 0 {
        return lines;
    }
    let current = lines.iter().position(|line| *line == RoomLine::Buffer(model.current));
    let from = (current.unwrap_or_default() + 2).saturating_sub(height);
    let mut shown = lines[from..from + height - 1].to_vec();
    let count = shown.iter().filter(|line| matches!(line, RoomLine::Buffer(_))).count();
    shown.push(RoomLine::More(model.buffers.len() - count));
    shown
}

fn all_room_lines(model: &Model) -> Vec<RoomLine> {
    let mut lines = Vec::new();
    let mut above = None;
    for (at, buffer) in model.buffers.iter().enumerate() {
        let heading = match buffer.place {
            Place::Room(_) => "ROOMS",
            Place::Direct(_) => "DIRECT",
            Place::Mentions | Place::Arrivals | Place::Debug => "LISTS",
        };
        if above != Some(heading) {
            lines.extend(above.map(|_| RoomLine::Gap));
            lines.push(RoomLine::Heading(heading));
            above = Some(heading);
        }
        lines.push(RoomLine::Buffer(at));
    }
    lines
}

/// Cuts a pane off the left, and one column for the rule between it and the log.
fn cut_left(from: &mut Rect, columns: u16) -> Rect {
    let cut = Rect { width: columns, ..*from };
    from.x += columns + 1;
    from.width -= columns + 1;
    cut
}

fn cut_right(from: &mut Rect, columns: u16) -> Rect {
    from.width -= columns + 1;
    Rect { x: from.x + from.width + 1, width: columns, ..*from }
}

/// Whether the draft is a command that speaks to a whole room or to all rooms, wherever it is
/// typed.
pub(crate) fn is_for_all(model: &Model) -> bool {
    let text = model.buffer().composer.text();
    if !text.starts_with('/') {
        return false;
    }
    model.aliases.expand(text).is_ok_and(|line| match model.commands.read(&line) {
        Line::Command(command, args) => command.is_for_all(&args),
        Line::Say(_) | Line::Unknown(_) | Line::Unreadable(_) => false,
    })
}

/// The prompt: our name, and the recipient if it is not the room.
pub(crate) fn prompt(model: &Model) -> String {
    let own = model.own_label();
    let to = model.buffer().direct().map(Direct::title);
    match (to, model.size.width) {
        (_, 0..50) if is_for_all(model) => "» all › ".into(),
        (_, _) if is_for_all(model) => format!(" {} » all › ", text::clip(&own, 14)),
        (None, 0..50) => "› ".into(),
        (Some(to), 0..50) => format!("→ {} › ", text::clip(&to, 10)),
        (None, _) => format!(" {} › ", text::clip(&own, 14)),
        (Some(to), _) => format!(" {} → {} › ", text::clip(&own, 14), text::clip(&to, 14)),
    }
}

/// Wraps the draft into rows (byte ranges). The last row leaves a column for the cursor.
pub(crate) fn composer_rows(draft: &str, prompt: &str, width: u16) -> Vec<std::ops::Range<usize>> {
    let room = usize::from(width).saturating_sub(text::width(prompt) + 1).max(1);
    text::wrap(draft, room, room)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(width: u16, height: u16) -> Areas {
        divide(Size { width, height }, 1, Panes::default())
    }

    #[test]
    fn parts_go_in_a_fixed_order() {
        let seen = |width, height| {
            let parts = parts(width, height);
            let there = [
                (parts.rooms.is_some(), "rooms"),
                (parts.people.is_some(), "people"),
                (parts.people_strip.is_some(), "strip"),
                (parts.hint.is_some(), "hint"),
                (parts.status.is_some(), "status"),
                (parts.header.is_some(), "header"),
            ];
            there.into_iter().filter_map(|(there, name)| there.then_some(name)).collect::<Vec<_>>()
        };
        assert_eq!(seen(120, 40), ["rooms", "people", "hint", "status", "header"]);
        assert_eq!(seen(99, 40), ["people", "hint", "status", "header"]);
        assert_eq!(seen(71, 40), ["strip", "hint", "status", "header"]);
        assert_eq!(seen(71, 15), ["strip", "status", "header"]);
        assert_eq!(seen(20, 8), ["strip", "status", "header"]);
        assert_eq!(seen(20, 7), ["header"]);
        assert_eq!(seen(20, 5), ["header"]);
        assert_eq!(seen(19, 5), Vec::<&str>::new());
    }

    #[test]
    fn parts_never_overlap_nor_leave_the_screen() {
        for width in 0..140 {
            for height in 0..60 {
                let parts = parts(width, height);
                let rules = [parts.top_rule, parts.bottom_rule];
                let panes = [
                    parts.header,
                    parts.rooms,
                    parts.people,
                    parts.people_strip,
                    parts.status,
                    parts.hint,
                ];
                let mut all = vec![parts.log, parts.composer];
                all.extend(rules.into_iter().chain(panes).flatten());
                for (at, one) in all.iter().enumerate() {
                    assert!(one.right() <= width && one.bottom() <= height, "{width}x{height}");
                    assert!(all[at + 1..].iter().all(|other| !one.intersects(*other)));
                }
            }
        }
    }
}
