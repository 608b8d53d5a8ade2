//! Searching the history and the log of the current buffer.

use super::{Choice, Offer, contains_words, message};
use crate::core::model::Model;
use crate::entry::Kind;
use crate::text::row::segment;
use crate::theme::Role;

/// So many are offered at most: whoever looks for more types more of it.
const MAX_FOUND: usize = 1000;

/// Lines that were sent, the newest first.
pub(super) fn history(model: &Model, typed: &str) -> Vec<Offer> {
    let lines = model.history.newest().filter(|line| contains_words(line, typed));
    let offer = |line: &String| Offer {
        row: vec![segment(format!(" {}", line.replace('\n', " ⏎ ")), Role::Text)],
        note: String::new(),
        choice: Choice::Type(line.clone()),
    };
    lines.map(offer).collect()
}

/// Messages in the current buffer, the newest first.
pub(super) fn said(model: &Model, typed: &str) -> Vec<Offer> {
    let (buffer, typed) = (model.buffer(), typed.to_lowercase());
    // As one phrase: the order of words in a message is usually known.
    let contains = |text: &str| text.to_lowercase().contains(&typed);
    let found = buffer.log.newest().filter_map(|(id, entry)| match &entry.kind {
        Kind::ListedPresence(_) => {
            entry.kind.content().person().filter(|name| contains(name)).map(|name| Offer {
                row: vec![segment(format!(" {name}"), Role::Text)],
                note: String::new(),
                choice: Choice::Entry(buffer.id, id),
            })
        }
        kind => kind
            .content()
            .message()
            .filter(|message| contains(&message.text) || contains(&message.name))
            .map(|said| message(model.settings.time, buffer, id, entry, said)),
    });
    found.take(MAX_FOUND).collect()
}
