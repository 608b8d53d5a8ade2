//! What a layer offers to choose from, filtered by what is typed: known to `update`, which does
//! what is chosen, and to `view`, which shows it.

mod help;

use crate::command;
use crate::keymap::Action;
use crate::model::{LayerKind, Model};
use crate::rows::Row;

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
}

/// Everything the open layer offers now; nothing where none is open.
pub(crate) fn offers(model: &Model) -> Vec<Offer> {
    let Some(layer) = &model.layer else { return Vec::new() };
    match layer.kind {
        LayerKind::Help => help::offers(model, layer.query.text()),
    }
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
