//! A message that names us, once more in the list of mentions, with where it was said.

use super::message::Message;
use super::row_context::RowContext;
use crate::ids::{BufferId, EntryId};
use crate::text::clip;
use crate::text::row::{Role, Row, piece};

#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) source: Box<Source>,
    pub(crate) message: Message,
}

/// Where a message was said.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) buffer: BufferId,
    pub(crate) entry: EntryId,
    pub(crate) title: String,
}

impl Mention {
    pub(super) fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let room = context.columns.total / 4;
        let mut first = context.margin(false);
        first.push(piece(clip(&format!("{}  ", self.source.title), room), Role::Dim));
        let name = clip(&self.message.name, room);
        first.push(piece(format!("{name}: "), Role::Name(self.message.hue)));
        let indent = context.columns.margin() + 2;
        self.message.flow(context, first, indent, &self.message.text)
    }

    pub(super) fn text(&self) -> String {
        format!("{} {}", self.source.title, self.message.text())
    }
}
