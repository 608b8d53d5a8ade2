//! What a layer offers to choose from, filtered by what is typed: known to `update`, which does
//! what is chosen, and to `view`, which shows it.

mod fuzzy;
mod help;
mod lines;
mod palette;
mod people;

use hullo::protocol::{RoomName, SessionId};

use crate::chat::buffer::{Buffer, BufferId};
use crate::core::model::{LayerKind, Model};
use crate::entry::Entry;
use crate::entry::message::Message;
use crate::ids::EntryId;
use crate::input::command;
use crate::input::keymap::Action;
use crate::text::row::{Row, piece};
use crate::time::clock;

use crate::screen::theme::Role;
use crate::settings::Hours;

/// So much of a message is shown in a list, in bytes: more than any row has room for.
const SHOWN: usize = 1000;

/// Something that can be chosen.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) row: Row,
    /// What kind of thing it is, at the right edge.
    pub(crate) note: String,
    pub(crate) choice: Choice,
}

/// What choosing does.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Act(Action),
    /// Carried out at once, or put into the line where it needs more.
    Command(&'static command::Spec),
    /// Run as if it had been typed.
    Run(String),
    /// Put into the line, to be gone on with.
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

/// Everything the open layer offers now; nothing where none is open.
pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let Some(layer) = &model.layer else { return Vec::new() };
    match layer.kind {
        LayerKind::Help => help::offers(model, layer.query.text()),
        LayerKind::Palette(sort) => palette::offers(model, sort, layer.query.text()),
        LayerKind::History => lines::history(model, layer.query.text()),
        LayerKind::Find => lines::said(model, layer.query.text()),
        LayerKind::People => people::offers(model, layer.query.text()),
    }
}

/// A message in a list, with the buffer it stands in.
fn message(hours: Hours, buffer: &Buffer, id: EntryId, entry: &Entry, said: &Message) -> Offer {
    let text = crate::text::beginning(&said.text, SHOWN).replace('\n', " ");
    let row = vec![
        piece(format!(" {} ", clock(entry.at.wall, hours)), Role::Dim),
        piece(format!("{}: ", said.name), Role::Name(said.hue)),
        piece(text, Role::Text),
    ];
    Offer { row, note: buffer.title(), choice: Choice::Entry(buffer.id, id) }
}

/// How far a page goes in the list.
pub(crate) fn page(model: &Model) -> usize {
    usize::from(model.size.height).saturating_sub(3).max(1)
}

/// Whether all words that were typed occur in `text`, whatever their case.
fn holds(text: &str, typed: &str) -> bool {
    let text = text.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| text.contains(word))
}
