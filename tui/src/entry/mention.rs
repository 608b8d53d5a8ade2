//! A message that mentions us, as it is shown in the list of mentions.

use super::Content;
use super::message::Message;
use super::row_context::RowContext;
use crate::ids::{BufferId, EntryId};
use crate::text::clip;
use crate::text::row::{Role, Row, segment};

#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) source: Box<Source>,
    pub(crate) message: Message,
}

/// The buffer and entry of the original message.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) buffer: BufferId,
    pub(crate) entry: EntryId,
    pub(crate) title: String,
}

impl Content for Mention {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let room = context.columns.total / 4;
        let mut first = context.margin(false);
        first.push(segment(clip(&format!("{}  ", self.source.title), room), Role::Dim));
        let name = clip(&self.message.name, room);
        first.push(segment(format!("{name}: "), Role::Name(self.message.hue)));
        let indent = context.columns.margin() + 2;
        self.message.flow(context, first, indent, &self.message.text)
    }

    fn text(&self) -> Option<String> {
        Some(format!("{} {}", self.source.title, self.message.text()?))
    }

    fn message(&self) -> Option<&Message> {
        Some(&self.message)
    }
}
