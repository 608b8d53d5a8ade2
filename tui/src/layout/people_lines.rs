//! The lines of the people pane, and the part of them that is on screen.

use hullo::protocol::payload::State;

use super::areas;
use crate::chat::buffer::Room;
use crate::core::model::Model;
use crate::people::{Gone, Member};
use crate::text::natural_order;

/// From this height on, the sections are separated by empty rows.
const SPACIOUS_FROM: usize = 30;

/// How many people who left are listed at most.
const MAX_GONE_SHOWN: usize = 5;

/// From this height on, the first and the last row say how many people are above and below.
const COUNTED_FROM: usize = 3;

/// A row of the people pane.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PeopleLine<'a> {
    Gap,
    Heading(&'static str, usize),
    Member(&'a Member),
    Gone(&'a Gone),
    /// So many people are above.
    Above(usize),
    /// So many people are below.
    Below(usize),
}

/// The lines on screen, as far as they are scrolled.
pub(crate) fn people_lines<'a>(model: &Model, room: &'a Room, height: u16) -> Vec<PeopleLine<'a>> {
    let height = usize::from(height);
    let mut lines = all_lines(model, room, height);
    if lines.len() <= height {
        let free = height - lines.len();
        lines.extend(gone(room, free, height >= SPACIOUS_FROM));
        return lines;
    }
    let first = model.panes.people_scroll.min(lines.len() - height);
    let behind = first + height;
    let mut shown = lines[first..behind].to_vec();
    let people = |lines: &[PeopleLine<'_>]| {
        lines.iter().filter(|line| matches!(line, PeopleLine::Member(_))).count()
    };
    if height >= COUNTED_FROM {
        if first > 0 {
            shown[0] = PeopleLine::Above(people(&lines[..=first]));
        }
        if behind < lines.len() {
            shown[height - 1] = PeopleLine::Below(people(&lines[behind - 1..]));
        }
    }
    shown
}

/// The first line to show after scrolling by so many lines; `None` where there is no people pane.
pub(crate) fn scrolled_people(model: &Model, lines: usize, down: bool) -> Option<usize> {
    let height = usize::from(areas(model).people?.height);
    let count = all_lines(model, model.current_room()?, height).len();
    let last = count.saturating_sub(height);
    let from = model.panes.people_scroll.min(last);
    Some(if down { (from + lines).min(last) } else { from.saturating_sub(lines) })
}

/// Everybody who is present, in sections by state.
fn all_lines<'a>(model: &Model, room: &'a Room, height: usize) -> Vec<PeopleLine<'a>> {
    let fits = room.people.len() + 6 <= height;
    let mut lines = Vec::new();
    if room.people.len() == 0 {
        return lines;
    }
    let sections: [(_, &[State]); 4] = [
        ("HERE", &[State::Here]),
        ("IDLE", &[State::Idle]),
        ("AWAY", &[State::Away, State::Dnd]),
        ("WATCHING", &[]),
    ];
    for (title, states) in sections {
        let is_of_it = |who: &&Member| {
            if who.is_observer() { states.is_empty() } else { states.contains(&who.state()) }
        };
        let members = room.people.iter().filter(is_of_it).collect();
        let members = sorted(model, room, members, fits);
        if members.is_empty() && !lines.is_empty() {
            continue;
        }
        if height >= SPACIOUS_FROM && !lines.is_empty() {
            lines.push(PeopleLine::Gap);
        }
        lines.push(PeopleLine::Heading(title, members.len()));
        lines.extend(members.into_iter().map(PeopleLine::Member));
    }
    lines
}

/// Those who left lately, as far as there is room for them in `free` rows.
fn gone(room: &Room, free: usize, is_spacious: bool) -> Vec<PeopleLine<'_>> {
    // Somebody who returned under the same name is not listed as gone.
    let gone = room.people.gone().filter(|gone| !room.people.has_label(&gone.label));
    let gone: Vec<&Gone> = gone.collect();
    let above = if is_spacious { 2 } else { 1 };
    if gone.is_empty() || free <= above {
        return Vec::new();
    }
    let gap = is_spacious.then_some(PeopleLine::Gap);
    let heading = PeopleLine::Heading("GONE", gone.len());
    let shown = gone.into_iter().take(MAX_GONE_SHOWN.min(free - above)).map(PeopleLine::Gone);
    gap.into_iter().chain([heading]).chain(shown).collect()
}

/// Ourselves first, then those we talk with, then by name. If not everybody fits, who is typing or
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
        let is_active = who.is_talking(now) || who.is_new(now);
        let activity = match () {
            () if model.talks_with(who.person.id) => 0,
            () if all_fit => 3,
            () if who.is_typing(now) => 1,
            () if is_active => 2,
            () => 3,
        };
        (!is_me, activity, natural_order(&who.label()))
    });
    members
}

/// Those who matter most first: whom we talk with, then who is typing, here, idle, and away.
pub(crate) fn by_relevance<'a>(
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
