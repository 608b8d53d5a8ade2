//! Lines that hold what is typed: of what was sent before, or of what was said here.

use super::{Choice, Offer, holds, message};
use crate::core::model::Model;
use crate::entry::Kind;
use crate::screen::theme::Role;
use crate::text::row::piece;

/// So many are offered at most: who looks for more says more of it.
const MOST: usize = 1000;

/// What was sent, the newest first.
pub(super) fn history(model: &Model, typed: &str) -> Vec<Offer> {
    let lines = model.history.newest().filter(|line| holds(line, typed));
    let offer = |line: &String| Offer {
        row: vec![piece(format!(" {}", line.replace('\n', " ⏎ ")), Role::Text)],
        note: String::new(),
        choice: Choice::Type(line.clone()),
    };
    lines.map(offer).collect()
}

/// What was said in the current buffer, the newest first.
pub(super) fn said(model: &Model, typed: &str) -> Vec<Offer> {
    let (buffer, typed) = (model.buffer(), typed.to_lowercase());
    // As one phrase: whoever looks for words that were said knows them in their order.
    let holds = |text: &str| text.to_lowercase().contains(&typed);
    let found = buffer.log.newest().filter_map(|(id, entry)| match &entry.kind {
        Kind::ListedPresence(_) => {
            entry.kind.content().person().filter(|name| holds(name)).map(|name| Offer {
                row: vec![piece(format!(" {name}"), Role::Text)],
                note: String::new(),
                choice: Choice::Entry(buffer.id, id),
            })
        }
        kind => kind
            .content()
            .message()
            .filter(|message| holds(&message.text) || holds(&message.name))
            .map(|said| message(model.settings.time, buffer, id, entry, said)),
    });
    found.take(MOST).collect()
}
