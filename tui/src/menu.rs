//! What a picker and Tab offer, filtered by what is typed: known to `update`, which does what is
//! chosen, and to the screen, which shows it.

pub(crate) mod complete;
mod directory;
pub(crate) mod help;
pub(crate) mod man;
mod members;
mod palette;
mod ranking;
mod searches;

use hullo::protocol::{RoomName, SessionId};

use crate::chat::buffer::{Buffer, BufferId};
use crate::core::model::{Model, PickerKind};
use crate::entry::Entry;
use crate::entry::message::Message;
use crate::ids::EntryId;
use crate::input::command::Command;
use crate::input::keymap::Action;
use crate::layout::ROOMS_FROM;
use crate::text::row::{Row, segment};
use crate::theme::Role;
use crate::time::{Hours, clock};

/// So many bytes of a message are put into a list: more than any row has room for.
const SHOWN: usize = 1000;

/// Something that can be chosen.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) row: Row,
    /// A note at the right edge, such as what kind of item it is.
    pub(crate) note: String,
    pub(crate) choice: Choice,
}

/// What choosing does.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Act(Action),
    /// Run at once, or put into the line to be completed.
    Command(&'static Command),
    /// Run as if it had been typed.
    Run(String),
    /// Put into the line, to be completed.
    Type(String),
    Show(BufferId),
    Join(String),
    /// Opens the conversation.
    Person {
        room: RoomName,
        id: SessionId,
    },
    /// Shown and selected.
    Entry(BufferId, EntryId),
}

/// Whether an action can do something on a screen of this size.
fn is_useful(model: &Model, action: Action) -> bool {
    action != Action::RoomsPane || model.size.width >= ROOMS_FROM
}

/// Whether an action does something now: only then it is offered. Help lists the others, too.
pub(crate) fn does_something(model: &Model, action: Action) -> bool {
    let log = &model.buffer().log;
    match action {
        Action::NextActivity => model.has_activity(),
        Action::Back => !model.trail.is_empty(),
        Action::Wave => model.newest_newcomer().is_some(),
        Action::SelectUp => log.newest().any(|(_, entry)| entry.is_selectable()),
        Action::FirstUnread => log.unread_from.is_some(),
        Action::SendAgain => {
            let mut own = log.recent_own();
            model.is_reachable() && own.any(|(_, message)| message.can_be_sent_again())
        }
        Action::Find => log.has_messages(),
        Action::SearchHistory => model.history.newest().next().is_some(),
        action => is_useful(model, action),
    }
}

/// Everything the open picker offers now; nothing where none is open.
pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let Some(picker) = &model.picker else { return Vec::new() };
    match picker.kind {
        PickerKind::Help => help::offers(model, picker.query.text()),
        PickerKind::Palette(filter) => palette::offers(model, filter, picker.query.text()),
        PickerKind::History => searches::history(model, picker.query.text()),
        PickerKind::Find => searches::said(model, picker.query.text()),
        PickerKind::People => members::offers(model, picker.query.text()),
        PickerKind::Directory => directory::offers(model, picker.query.text()),
    }
}

/// A message in a list, with the buffer it stands in.
fn message(hours: Hours, buffer: &Buffer, id: EntryId, entry: &Entry, said: &Message) -> Offer {
    let text = crate::text::beginning(&said.text, SHOWN).replace('\n', " ");
    let row = vec![
        segment(format!(" {} ", clock(entry.at.wall, hours)), Role::Dim),
        segment(format!("{}: ", said.name), Role::Name(said.hue)),
        segment(text, Role::Text),
    ];
    Offer { row, note: buffer.title(), choice: Choice::Entry(buffer.id, id) }
}

/// How many items a page is.
pub(crate) fn page(model: &Model) -> usize {
    usize::from(model.size.height).saturating_sub(3).max(1)
}

/// Whether `text` contains all words that were typed, in any case.
fn contains_words(text: &str, typed: &str) -> bool {
    let text = text.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| text.contains(word))
}
