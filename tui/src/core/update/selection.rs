//! Selecting an entry of the log: keys reply to it, copy it, open its link.

use hullo::protocol::SessionId;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::commands::messages::talk_to;
use super::commands::open_link;
use super::{buffers, flash, say};
use crate::chat::buffer::{BufferId, Room};
use crate::chat::log::Scroll;
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::mention::Mention;
use crate::entry::message::{Delivery, Message, QUOTE};
use crate::entry::{Entry, Kind};
use crate::ids::EntryId;
use crate::input::keymap::{Action, typed_character};
use crate::layout;
use crate::text::clip;

/// So many columns of a message are quoted in a reply to it: enough to recognise it.
const QUOTED: usize = 60;

/// Selects the entry above the selected one, or below; first the newest on screen.
pub(super) fn step(model: &mut Model, older: bool) {
    let log = &model.buffer().log;
    let bottom = match log.scroll {
        Scroll::Newest => log.last_id(),
        Scroll::At { entry, .. } => Some(entry),
    };
    let next = match (model.buffer().selected, older) {
        (Some(at), true) => log.newest().find(|(id, entry)| *id < at && entry.is_selectable()),
        (Some(at), false) => {
            let newer = log.newest().take_while(|(id, _)| *id > at);
            newer.filter(|(_, entry)| entry.is_selectable()).last()
        }
        (None, true) => {
            log.newest().find(|(id, entry)| Some(*id) <= bottom && entry.is_selectable())
        }
        (None, false) => return,
    };
    match (next.map(|(id, _)| id), older) {
        (Some(id), _) => select(model, id),
        (None, true) => flash(model, "there is nothing above"),
        (None, false) => drop_selection(model),
    }
}

/// Selects an entry and brings it on screen.
pub(super) fn select(model: &mut Model, id: EntryId) {
    if model.buffer().log.entry(id).is_none() {
        flash(model, "that is not in the log any more");
        return;
    }
    model.buffer_mut().selected = Some(id);
    let area = layout::areas(model).log;
    let height = usize::from(area.height).max(1);
    let layout = model.log_layout(area.width);
    let log = &model.buffer().log;
    let rows = |id| layout.height(id);
    let Some((bottom, row)) = log.bottom(rows) else { return };
    let above: usize = (id..bottom).map(rows).take(height + 1).sum();
    let scroll = match () {
        () if id > bottom || id == bottom && row + 1 < rows(id) => log.scrolled_to_bottom(id, rows),
        () if above + row + 1 > height => log.scrolled_to(id, height, rows),
        () => return,
    };
    model.buffer_mut().log.scroll = scroll;
}

/// Selects the next message that names us, or the one before.
pub(super) fn to_mention(model: &mut Model, next: bool) {
    let from = model.buffer().selected;
    let log = &model.buffer().log;
    let names_us = |entry: &Entry| matches!(&entry.kind, Kind::Message(said) if said.mention);
    let found = if next {
        let newer = log.newest().take_while(|(id, _)| Some(*id) > from);
        newer.filter(|(_, entry)| from.is_some() && names_us(entry)).last()
    } else {
        log.newest().find(|(id, entry)| from.is_none_or(|from| *id < from) && names_us(entry))
    };
    match found.map(|(id, _)| id) {
        Some(id) => select(model, id),
        None => flash(model, if next { "no later mention" } else { "no earlier mention" }),
    }
}

/// Handles a key if a message is selected and the key is for it; `None` if not.
pub(super) fn press(
    model: &mut Model,
    key: KeyEvent,
    action: Option<Action>,
) -> Option<Vec<Effect>> {
    let at = model.buffer().selected?;
    let Some(entry) = model.buffer().log.entry(at).cloned() else {
        drop_selection(model);
        return None;
    };
    let is_unsent = entry.kind.content().message().is_some_and(Message::can_be_sent_again);
    match (action, key.code) {
        (_, KeyCode::Esc) => drop_selection(model),
        (Some(Action::Older), _) => step(model, true),
        (Some(Action::Newer), _) => step(model, false),
        (Some(Action::Send), _) if model.buffer().composer.is_empty() => {
            return Some(enter(model, at, &entry));
        }
        (
            Some(
                Action::SelectUp
                | Action::SelectDown
                | Action::NextMention
                | Action::PreviousMention
                | Action::PageUp
                | Action::PageDown
                | Action::RoomsPane
                | Action::PeoplePane
                | Action::PeopleUp
                | Action::PeopleDown
                | Action::Bare
                | Action::Help,
            ),
            _,
        ) => return None,
        (None, _) => match typed_character(key) {
            Some('r') => reply(model, &entry),
            Some('y') => return Some(copy(model, &entry)),
            Some('o') => return Some(open(model, &entry)),
            Some('e') => expand(model, at),
            Some('s') if is_unsent => return Some(send_again(model, &[at])),
            Some('p') => return Some(person(model, &entry)),
            _ => {
                drop_selection(model);
                return None;
            }
        },
        (Some(_), _) => {
            drop_selection(model);
            return None;
        }
    }
    Some(Vec::new())
}

fn drop_selection(model: &mut Model) {
    model.buffer_mut().selected = None;
}

/// Does what is most likely wanted with this entry.
fn enter(model: &mut Model, at: EntryId, entry: &Entry) -> Vec<Effect> {
    match &entry.kind {
        Kind::PresenceGroup(_) => expand(model, at),
        Kind::Mention(Mention { source, .. }) => go_to(model, source.buffer, source.entry),
        Kind::Newcomer(_) | Kind::ListedPresence(_) => return person(model, entry),
        Kind::Message(message) if !message.expanded && is_foldable(model, at) => expand(model, at),
        Kind::Message(message) => match original(model, at, message) {
            Some(id) => select(model, id),
            None => reply(model, entry),
        },
        Kind::Flood(_) => buffers::show_arrivals(model),
        Kind::Helo(_) | Kind::System(_) | Kind::Divider(_) => {}
    }
    Vec::new()
}

fn go_to(model: &mut Model, buffer: BufferId, entry: EntryId) {
    let Some(at) = model.index_of(buffer) else {
        flash(model, "that conversation is closed");
        return;
    };
    drop_selection(model);
    buffers::show(model, at);
    select(model, entry);
}

/// The message that this one replies to, if it is still in the log: the newest above it that
/// starts with the quote.
fn original(model: &Model, at: EntryId, reply: &Message) -> Option<EntryId> {
    let quote = reply.text.strip_prefix(QUOTE)?.split('\n').next()?;
    let (name, words) = quote.split_once(": ")?;
    let words = words.trim_end_matches('…');
    let mut above = model.buffer().log.messages().filter(|(id, _)| *id < at);
    above
        .find(|(_, said)| said.name == name && one_line(&said.text).starts_with(words))
        .map(|(id, _)| id)
}

/// Starts a reply: puts the quote before the draft.
fn reply(model: &mut Model, entry: &Entry) {
    let Some(message) = entry.kind.content().message() else {
        flash(model, "only what somebody said can be replied to");
        return;
    };
    if let Kind::Mention(Mention { source, .. }) = &entry.kind {
        go_to(model, source.buffer, source.entry);
    }
    drop_selection(model);
    let words = one_line(unquoted(&message.text)).into_owned();
    let quote = format!("{QUOTE}{}: {}\n", message.name, clip(&words, QUOTED));
    let composer = &mut model.buffer_mut().composer;
    let draft = composer.text().to_owned();
    composer.set(&format!("{quote}{draft}"));
}

fn one_line(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\n') { text.replace('\n', " ").into() } else { text.into() }
}

/// A message without what it quotes.
fn unquoted(text: &str) -> &str {
    let mut rest = text;
    while rest.starts_with(QUOTE) {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest
}

fn copy(model: &mut Model, entry: &Entry) -> Vec<Effect> {
    let Some(text) = entry.kind.content().copied().map(str::to_owned) else {
        flash(model, "there is nothing here to copy");
        return Vec::new();
    };
    flash(model, "copied");
    drop_selection(model);
    vec![Effect::Copy(text)]
}

fn open(model: &mut Model, entry: &Entry) -> Vec<Effect> {
    let Some(message) = entry.kind.content().message() else {
        flash(model, "there is no link here");
        return Vec::new();
    };
    open_link(model, &message.text)
}

/// Sends once more what failed here lately, or if nothing did, what was not confirmed.
pub(super) fn send_all_again(model: &mut Model) -> Vec<Effect> {
    let log = &model.buffer().log;
    let ids = |wanted: fn(&Message) -> bool| {
        let found = log.recent_own().filter(|(_, message)| wanted(message));
        found.map(|(id, _)| id).collect::<Vec<EntryId>>()
    };
    let failed = ids(Message::is_failed);
    let again = if failed.is_empty() { ids(Message::is_unconfirmed) } else { failed };
    if again.is_empty() {
        flash(model, "there is nothing to send again");
        return Vec::new();
    }
    send_again(model, &again)
}

/// Sends messages of ours that did not arrive, or may not have, once more where they stand.
fn send_again(model: &mut Model, ids: &[EntryId]) -> Vec<Effect> {
    let Some(room) = model.buffer().by_way_of().cloned() else { return Vec::new() };
    if model.buffer().direct().is_some_and(|direct| !direct.is_present()) {
        flash(model, "they have left");
        return Vec::new();
    }
    if model.room(&room).is_none_or(Room::is_out) {
        flash(model, format!("you are not in the room · /join {room}"));
        return Vec::new();
    }
    for id in ids {
        let entry = model.buffer_mut().log.entry_mut(*id).map(|entry| &mut entry.kind);
        let Some(Kind::Message(message)) = entry else { continue };
        let was_failed = message.is_failed();
        if message.can_be_sent_again() {
            message.own = Some(Delivery::Waiting);
        }
        model.failed_lines = model.failed_lines.saturating_sub(usize::from(was_failed));
    }
    drop_selection(model);
    if model.is_live(&room) { say::send_waiting(model, &room) } else { Vec::new() }
}

/// Expands an entry, or folds it again.
fn expand(model: &mut Model, at: EntryId) {
    if !toggle(model, at) {
        flash(model, "there is nothing folded here");
    }
}

/// Expands an entry or folds it again; false if it cannot be folded.
pub(super) fn toggle(model: &mut Model, at: EntryId) -> bool {
    let is_foldable = is_foldable(model, at);
    if is_foldable {
        model.buffer_mut().log.toggle(at);
    }
    is_foldable
}

fn is_foldable(model: &Model, at: EntryId) -> bool {
    model.log_layout(layout::areas(model).log.width).is_foldable(at)
}

/// Opens the conversation with the person whom an entry is about.
fn person(model: &mut Model, entry: &Entry) -> Vec<Effect> {
    let content = entry.kind.content();
    let (Some(id), Some(name)) = (content.session(), content.person().map(str::to_owned)) else {
        flash(model, "this is not about one person");
        return Vec::new();
    };
    open_person(model, id, &name)
}

/// Opens the conversation with this person, who is or was called so.
pub(super) fn open_person(model: &mut Model, id: SessionId, name: &str) -> Vec<Effect> {
    drop_selection(model);
    let found = model.find_person(id).map(|(room, who)| (room.name.clone(), who.clone()));
    let Some((room, member)) = found else {
        flash(model, format!("{name} is not here any more"));
        return Vec::new();
    };
    talk_to(model, &room, &member, "")
}
