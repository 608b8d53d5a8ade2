//! Switching between buffers, scrolling, opening and closing them.

use hullo::protocol::{RoomName, SessionId};
use ratatui::layout::Size;

use super::{flash, history, notify};
use crate::chat::buffer::{Buffer, Direct, Partner, Place};
use crate::chat::log::{Log, Scroll};
use crate::core::model::{Model, Picker, PickerKind, Push};
use crate::entry::Kind;
use crate::entry::message::{Delivery, Message};
use crate::layout;
use crate::people::Member;

/// How many rows one step of the mouse wheel scrolls.
const WHEEL: usize = 3;

/// How many conversations are kept open: anybody can begin one, with ever new sessions.
pub(super) const MAX_CONVERSATIONS: usize = 100;

/// A scroll command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Go {
    PageUp,
    PageDown,
    /// One step of the mouse wheel.
    Up,
    Down,
    Top,
    End,
    Unread,
}

/// How far the people are scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeopleStep {
    Wheel,
    Page,
}

/// Shows another buffer. The one that is left counts as read; this one only when the end of its log
/// is on screen, which is checked after every event.
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
        // No typing notice was sent here yet; the one sent there runs out by itself.
        model.typing_told = None;
        model.flash = None;
        model.panes.people_scroll = 0;
    }
    model.completion = None;
    model.history.rest();
    fit(model);
}

/// Marks the current buffer as read: the end of its log is on screen.
pub(super) fn mark_read(model: &mut Model) {
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
    flash(model, "you have not been anywhere else yet");
}

/// Whether the user sees what arrives in this buffer, as far as is known: a terminal that does not
/// report its focus counts as looked at for a while after a key.
pub(super) fn is_seen(model: &Model, at: usize) -> bool {
    at == model.current
        && (notify::is_watched(model) || model.line_mode.is_some())
        && model.picker.is_none()
        && model.buffers[at].log.scroll == Scroll::Newest
}

/// Shows the buffer with this number.
pub(super) fn show_numbered(model: &mut Model, number: usize) {
    match model.numbered(number) {
        Some(at) => show(model, at),
        None => flash(model, format!("no buffer has the number {number}")),
    }
}

/// Shows the next or the previous buffer, wrapping around.
pub(super) fn step(model: &mut Model, forwards: bool) {
    let count = model.buffers.len();
    let by = if forwards { 1 } else { count - 1 };
    show(model, (model.current + by) % count);
}

/// Shows the most urgent buffer: mentions before messages before arrivals; of equals the next one.
pub(super) fn next_activity(model: &mut Model) {
    let count = model.buffers.len();
    let others = (1..count).map(|by| (model.current + by) % count);
    let wanting = others.filter(|at| model.urgency(*at) > 0);
    let most = wanting.rev().max_by_key(|at| model.urgency(*at));
    match most {
        Some(at) => show(model, at),
        None => flash(model, "nothing is new elsewhere"),
    }
}

/// Scrolls the log of the current buffer.
pub(super) fn scroll(model: &mut Model, go: Go) {
    let area = layout::areas(model).log;
    if area.width == 0 && matches!(go, Go::PageUp | Go::PageDown) {
        // The people have the place of the log.
        return scroll_people(model, PeopleStep::Page, go == Go::PageDown);
    }
    let height = usize::from(area.height).max(1);
    let page = height.saturating_sub(1).max(1);
    let layout = model.log_layout(area.width);
    let (log, rows) = (layout.log, |id| layout.height(id));
    let place = match go {
        Go::Up => log.scrolled_up(WHEEL, height, rows),
        Go::Down => log.scrolled_down(WHEEL, rows),
        Go::PageUp => log.scrolled_up(page, height, rows),
        Go::PageDown => log.scrolled_down(page, rows),
        Go::Top => log.scrolled_to_top(height, rows),
        Go::End => Scroll::Newest,
        Go::Unread => match log.unread_from {
            Some(entry) => log.scrolled_to(entry, height, rows),
            None => return flash(model, "nothing is unread here"),
        },
    };
    model.buffer_mut().log.scroll = place;
    if matches!(go, Go::Up | Go::PageUp | Go::Top) && is_first_page(model) {
        history::want_more(model);
    }
}

/// Scrolls the people by so many lines; where there is no pane of them, opens the list.
pub(super) fn scroll_people(model: &mut Model, by: PeopleStep, down: bool) {
    let height = layout::areas(model).people.map_or(0, |area| usize::from(area.height));
    let lines = match by {
        PeopleStep::Wheel => WHEEL,
        // Two rows tell how many are above and below.
        PeopleStep::Page => height.saturating_sub(3).max(1),
    };
    match layout::scrolled_people(model, lines, down) {
        Some(first) => model.panes.people_scroll = first,
        None => model.picker = Some(Picker::new(PickerKind::People)),
    }
}

/// Whether the first row of the log is on screen.
fn is_first_page(model: &Model) -> bool {
    let area = layout::areas(model).log;
    let layout = model.log_layout(area.width);
    let log = layout.log;
    log.scrolled_up(1, usize::from(area.height).max(1), |id| layout.height(id)) == log.scroll
}

pub(super) fn resize(model: &mut Model, size: Size) {
    model.size = size;
    fit(model);
}

/// After a change of size the scroll position stays, but if the end of the log is on screen now, new
/// entries are followed again.
pub(super) fn fit(model: &mut Model) {
    let area = layout::areas(model).log;
    if area.is_empty() || model.buffer().log.scroll == Scroll::Newest {
        return;
    }
    let layout = model.log_layout(area.width);
    let (log, rows) = (layout.log, |id| layout.height(id));
    if log.scrolled_up(0, usize::from(area.height), rows) == Scroll::Newest {
        model.buffer_mut().log.scroll = Scroll::Newest;
    }
}

/// The index of the conversation with this session, if there is one.
pub(super) fn find_direct(model: &Model, room: &RoomName, peer: SessionId) -> Option<usize> {
    model.buffers.iter().position(|buffer| {
        buffer.direct().is_some_and(|direct| direct.room == *room && direct.peer == peer)
    })
}

/// The index of the conversation with a member, which is opened if need be. A new one begins with
/// the answer that they typed to our helo, if they did.
pub(super) fn open_direct(model: &mut Model, room: &RoomName, member: &Member) -> usize {
    let peer = member.person.id;
    if let Some(at) = find_direct(model, room, peer) {
        return at;
    }
    make_room(model);
    let is_list = |buffer: &Buffer| buffer.by_way_of().is_none();
    let at = model.buffers.iter().position(is_list).unwrap_or(model.buffers.len());
    let direct = Direct {
        room: room.clone(),
        peer,
        name: member.person.name.clone(),
        label: member.label(),
        user: member.person.user.clone(),
        partner: Partner::Present,
        typing: None,
        since: None,
    };
    let words = answer_of(model, room, peer);
    let before = earlier_namesake(model, room, &direct.name);
    model.insert(at, Place::Direct(direct));
    if let Some(before) = before {
        let text =
            format!("this is a new session; the conversation {before} was with an earlier one");
        model.buffers[at].log.push(model.now, Kind::info(text));
    }
    if let Some((at_time, said)) = words {
        model.buffers[at].log.push(at_time, Kind::Message(said));
    }
    at
}

/// Closes the conversations that matter least if there are too many: those of people who left come
/// first, then what is read already, then what is oldest. One with a draft or a message under way
/// is kept.
fn make_room(model: &mut Model) {
    loop {
        let directs = model.buffers.iter().enumerate();
        let directs = directs.filter_map(|(at, buffer)| Some((at, buffer, buffer.direct()?)));
        if directs.clone().count() < MAX_CONVERSATIONS {
            return;
        }
        let is_busy = |buffer: &Buffer| {
            let is_pending = |(_, message): (_, &Message)| message.is_pending();
            !buffer.composer.is_empty() || buffer.log.messages().any(is_pending)
        };
        let least = directs
            .filter(|(at, buffer, _)| *at != model.current && !is_busy(buffer))
            .min_by_key(|(_, buffer, direct)| {
                (direct.is_present(), buffer.unread > 0, buffer.heard_at, buffer.id.0)
            });
        let Some((at, ..)) = least else { return };
        close(model, at);
    }
}

/// The title of a conversation with somebody of the same name who cannot be reached any more.
fn earlier_namesake(model: &Model, room: &RoomName, name: &str) -> Option<String> {
    let directs = model.buffers.iter().rev().filter_map(Buffer::direct);
    let mut gone = directs.filter(|direct| !direct.is_present());
    let same = |direct: &&Direct| direct.room == *room && direct.name == name;
    gone.find(same).map(Direct::title)
}

fn answer_of(
    model: &mut Model,
    room: &RoomName,
    peer: SessionId,
) -> Option<(crate::time::Now, Message)> {
    let helo = model.room_buffer(room)?.log.helo()?;
    let answer = helo.answers.iter().find(|answer| answer.from == peer)?;
    let (name, words) = (answer.name.clone(), answer.by_hand()?.to_owned());
    Some((answer.at, Message::from_other(peer, name, answer.hue, words)))
}

/// Finds a buffer by its title, its number, or the beginning of its title.
pub(super) fn find(model: &Model, wanted: &str) -> Option<usize> {
    let bare = |title: &str| title.trim_start_matches('#').to_lowercase();
    let (whole, start) = (wanted.to_lowercase(), bare(wanted));
    let is = |test: &dyn Fn(&str) -> bool| {
        model.buffers.iter().position(|buffer| test(&buffer.title().to_lowercase()))
    };
    let numbered = wanted.parse().ok().and_then(|number| model.numbered(number));
    is(&|title| title == whole)
        .or(numbered)
        .or_else(|| is(&|title| bare(title) == start))
        .or_else(|| is(&|title| !start.is_empty() && bare(title).starts_with(&start)))
}

/// Closes a buffer, unless it is the last one, and shows the one before.
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
    follow_pushes(model, &closed);
    let before = if at == model.current { model.trail.pop() } else { None };
    if let Some(id) = before {
        model.current = model.index_of(id).expect("the trail leads to buffers that there are");
    } else if model.current > at || model.current == model.buffers.len() {
        model.current -= 1;
    }
}

/// What is under way from a closed buffer is followed without it.
fn follow_pushes(model: &mut Model, closed: &Buffer) {
    for (_, message) in closed.log.messages() {
        let Some(Delivery::Sending(ticket, _)) = message.own else { continue };
        if let Some(under_way) = model.pushes.get_mut(&ticket) {
            let (title, text) = (closed.title(), message.text.clone());
            under_way.push = Push::ClosedLine { title, text };
        }
    }
}

/// Adds the unsent messages and the draft of a closed buffer to the input history.
fn keep_words(model: &mut Model, closed: &Buffer) {
    let waited = closed.log.messages().filter(|(_, message)| message.is_waiting());
    let waited: Vec<&String> = waited.map(|(_, message)| &message.text).collect();
    let unsent = waited.len();
    for text in waited.into_iter().rev() {
        model.history.add(text);
    }
    if unsent > 0 {
        flash(model, format!("{unsent} not sent to {} · Up recalls", closed.title()));
    }
    if !closed.composer.is_empty() {
        model.history.add(closed.composer.text());
    }
}

/// Our messages in this log that wait for the connection.
pub(super) fn waiting(log: &mut Log) -> impl Iterator<Item = (&mut Delivery, &str)> {
    log.messages_mut().filter_map(|message| {
        let text = &*message.text;
        message.own.as_mut().filter(|own| **own == Delivery::Waiting).map(|own| (own, text))
    })
}
