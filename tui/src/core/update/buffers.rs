//! Going from one buffer to another, and up and down in one.

use hullo::protocol::{RoomName, SessionId};

use super::hint;
use crate::chat::buffer::{Buffer, Direct, Place};
use crate::chat::transcript::{Delivery, Said, Scroll, Transcript, What};
use crate::core::model::{Focus, Model};
use crate::entry::rows::Sheet;
use crate::people::Member;
use crate::screen::layout;

/// How many rows the wheel of a mouse goes.
const WHEEL: usize = 3;

/// How far a key goes in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Go {
    PageUp,
    PageDown,
    /// A few rows, as the wheel of a mouse goes.
    Up,
    Down,
    Top,
    End,
    Unread,
}

/// Shows another buffer. What was unread in the one left behind is known now; what is unread here
/// only once its end is on screen, as after every event.
pub(super) fn show(model: &mut Model, at: usize) {
    if at >= model.buffers.len() {
        return;
    }
    if at != model.current {
        let left = model.buffer_mut();
        if left.log.scroll == Scroll::Newest {
            left.log.unread_from = None;
        }
        let was = model.buffer().id;
        model.trail.retain(|id| *id != was);
        model.trail.push(was);
        model.current = at;
        // Here nobody was told yet; there it is forgotten by itself.
        model.typing_told = None;
        model.hint = None;
    }
    model.completion = None;
    model.history.rest();
    fit(model);
}

/// The end of the current buffer is being looked at.
pub(super) fn look(model: &mut Model) {
    if matches!(model.buffer().place, Place::Arrivals) {
        for buffer in &mut model.buffers {
            buffer.arrivals = 0;
        }
    }
    model.buffer_mut().read();
}

/// Goes to the list of arrivals.
pub(super) fn show_arrivals(model: &mut Model) {
    let at = model.open_list(Place::Arrivals);
    show(model, at);
}

/// Goes back to the buffer that was shown before.
pub(super) fn back(model: &mut Model) {
    while let Some(id) = model.trail.pop() {
        if let Some(at) = model.index_of(id).filter(|at| *at != model.current) {
            show(model, at);
            return;
        }
    }
    hint(model, "you have not been anywhere else yet");
}

/// Whether what comes for this buffer is seen as it comes.
pub(super) fn is_seen(model: &Model, at: usize) -> bool {
    at == model.current
        && model.focus != Focus::No
        && model.picker.is_none()
        && model.buffers[at].log.scroll == Scroll::Newest
}

/// The next or the previous buffer, round and round.
pub(super) fn step(model: &mut Model, forwards: bool) {
    let count = model.buffers.len();
    let by = if forwards { 1 } else { count - 1 };
    show(model, (model.current + by) % count);
}

/// The buffer that wants us most: for us before others' talk before arrivals; of equals the next.
pub(super) fn next_activity(model: &mut Model) {
    let count = model.buffers.len();
    let others = (1..count).map(|by| (model.current + by) % count);
    let wanting = others.filter(|at| urgency(model, *at) > 0);
    let most = wanting.rev().max_by_key(|at| urgency(model, *at));
    match most {
        Some(at) => show(model, at),
        None => hint(model, "nothing new anywhere"),
    }
}

/// Who came is told by the list of arrivals alone: nobody wants to go from room to room for it.
fn urgency(model: &Model, at: usize) -> u8 {
    let buffer = &model.buffers[at];
    let arrivals = matches!(buffer.place, Place::Arrivals) && model.arrivals() > 0;
    match (buffer.mentions, buffer.unread) {
        (1.., _) => 3,
        (0, 1..) => 2,
        (0, 0) => u8::from(arrivals),
    }
}

/// Moves in the log of the current buffer.
pub(super) fn scroll(model: &mut Model, go: Go) {
    let area = layout::areas(model).log;
    let (height, width) = (usize::from(area.height).max(1), usize::from(area.width));
    let page = height.saturating_sub(1).max(1);
    let sheet = Sheet::new(model, model.buffer(), width);
    let (log, rows) = (&model.buffer().log, |id| sheet.height(id));
    let place = match go {
        Go::Up => log.scrolled_up(WHEEL, height, rows),
        Go::Down => log.scrolled_down(WHEEL, rows),
        Go::PageUp => log.scrolled_up(page, height, rows),
        Go::PageDown => log.scrolled_down(page, rows),
        Go::Top => log.scrolled_to_top(height, rows),
        Go::End => Scroll::Newest,
        Go::Unread => match log.unread_from {
            Some(entry) => log.scrolled_to(entry, height, rows),
            None => return,
        },
    };
    model.buffer_mut().log.scroll = place;
}

/// After a change of size: what is being read stays where it is, but where the end of the log has
/// come on screen, what comes is followed again.
pub(super) fn fit(model: &mut Model) {
    let area = layout::areas(model).log;
    if area.is_empty() || model.buffer().log.scroll == Scroll::Newest {
        return;
    }
    let sheet = Sheet::new(model, model.buffer(), usize::from(area.width));
    let (log, rows) = (&model.buffer().log, |id| sheet.height(id));
    if log.scrolled_up(0, usize::from(area.height), rows) == Scroll::Newest {
        model.buffer_mut().log.scroll = Scroll::Newest;
    }
}

/// The conversation with somebody, if there is one.
pub(super) fn find_direct(model: &Model, room: &RoomName, peer: SessionId) -> Option<usize> {
    model.buffers.iter().position(|buffer| {
        buffer.direct().is_some_and(|direct| direct.room == *room && direct.peer == peer)
    })
}

/// The conversation with somebody who is here; a new one begins with the words with which they
/// answered our helo, if they did.
pub(super) fn open_direct(model: &mut Model, room: &RoomName, member: &Member) -> usize {
    let peer = member.person.id;
    if let Some(at) = find_direct(model, room, peer) {
        return at;
    }
    let is_list = |buffer: &Buffer| buffer.by_way_of().is_none();
    let at = model.buffers.iter().position(is_list).unwrap_or(model.buffers.len());
    let direct = Direct {
        room: room.clone(),
        peer,
        name: member.person.name.clone(),
        label: member.label(),
        user: member.person.user.clone(),
        present: true,
        left_at: None,
        typing: None,
    };
    let words = answer_of(model, room, peer);
    model.insert(at, Place::Direct(direct));
    if let Some((at_time, said)) = words {
        model.buffers[at].log.push(at_time, What::Said(said));
    }
    at
}

fn answer_of(
    model: &mut Model,
    room: &RoomName,
    peer: SessionId,
) -> Option<(crate::time::Now, Said)> {
    let helo = model.room_buffer(room)?.log.helo_mut()?;
    let answer = helo.answers.iter().find(|answer| answer.from == peer)?;
    let said = Said {
        name: answer.name.clone(),
        hue: answer.hue,
        text: answer.by_hand()?.to_owned(),
        mention: false,
        own: None,
    };
    Some((answer.at, said))
}

/// The buffer that is meant by this: its title, its number, or how its title begins.
pub(super) fn find(model: &Model, wanted: &str) -> Option<usize> {
    let bare = |title: &str| title.trim_start_matches('#').to_lowercase();
    let (whole, start) = (wanted.to_lowercase(), bare(wanted));
    let is = |test: &dyn Fn(&str) -> bool| {
        model.buffers.iter().position(|buffer| test(&buffer.title().to_lowercase()))
    };
    let number = wanted.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    is(&|title| title == whole)
        .or(number.filter(|at| *at < model.buffers.len()))
        .or_else(|| is(&|title| bare(title) == start))
        .or_else(|| is(&|title| !start.is_empty() && bare(title).starts_with(&start)))
}

/// Closes a buffer, never the last one, and goes back to where one was before.
pub(super) fn close(model: &mut Model, at: usize) {
    if model.buffers.len() < 2 || at >= model.buffers.len() {
        return;
    }
    let closed = model.buffers.remove(at);
    model.trail.retain(|id| model.buffers.iter().any(|buffer| buffer.id == *id));
    if let Some(room) = closed.room() {
        model.left.retain(|other| *other != room.name);
        model.left.push(room.name.clone());
    }
    keep_words(model, &closed);
    let before = if at == model.current { model.trail.pop() } else { None };
    if let Some(id) = before {
        model.current = model.index_of(id).expect("the trail leads to buffers that there are");
    } else if model.current > at || model.current == model.buffers.len() {
        model.current -= 1;
    }
}

/// What was written in a buffer that is closed, and was not sent, can be recalled.
fn keep_words(model: &mut Model, closed: &Buffer) {
    let waited = closed.log.newest().filter_map(|(_, entry)| match &entry.what {
        What::Said(said) if said.own == Some(Delivery::Waiting) => Some(&said.text),
        _ => None,
    });
    let waited: Vec<&String> = waited.collect();
    let unsent = waited.len();
    for text in waited.into_iter().rev() {
        model.history.add(text);
    }
    if unsent > 0 {
        hint(model, format!("{unsent} not sent to {} · Up recalls", closed.title()));
    }
    if !closed.composer.is_empty() {
        model.history.add(closed.composer.text());
    }
}

/// Lines of ours that wait in this log for the room.
pub(super) fn waiting(log: &mut Transcript) -> impl Iterator<Item = (&mut Delivery, &str)> {
    let entries = log.oldest_mut().filter_map(|entry| match &mut entry.what {
        What::Said(said) => Some(said),
        _ => None,
    });
    entries.filter_map(|said| {
        let text = &*said.text;
        said.own.as_mut().filter(|own| **own == Delivery::Waiting).map(|own| (own, text))
    })
}
