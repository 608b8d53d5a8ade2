//! Somebody came, went or took another name: alone in the list of arrivals, elsewhere in a group.

use hullo::protocol::SessionId;

use super::announce::who;
use super::row_context::RowContext;
use crate::text::row::{Role, Row};
use crate::time::Now;

#[derive(Clone, Debug)]
pub(crate) struct PresenceEvent {
    pub(crate) session: SessionId,
    pub(crate) name: String,
    pub(crate) change: PresenceChange,
    pub(crate) at: Now,
    /// The greater, the sooner named: people one talks with come before strangers.
    pub(crate) weight: u8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PresenceChange {
    Arrived,
    Left,
    /// Left and was back within a minute.
    Reconnected,
    /// Arrived and had left within half a minute.
    CameAndWent,
    Renamed {
        to: String,
    },
}

/// An event in the list of arrivals, with the room it happened in.
#[derive(Clone, Debug)]
pub(crate) struct ListedPresence {
    pub(crate) room: String,
    pub(crate) event: Box<PresenceEvent>,
}

impl PresenceChange {
    /// The sign on the screen, and the sentence about whoever it is.
    pub(crate) fn of(&self, name: &str) -> (char, String) {
        match self {
            Self::Arrived => ('+', format!("{name} arrived")),
            Self::Left => ('−', format!("{name} left")),
            Self::Reconnected => ('~', format!("{name} reconnected")),
            Self::CameAndWent => ('±', format!("{name} came and went")),
            Self::Renamed { to } if to == name => ('~', format!("{name} is {to} again")),
            Self::Renamed { to } => ('~', format!("{name} is now {to}")),
        }
    }

    /// As a sentence without signs, in which no name can pass for another word.
    pub(crate) fn text(&self, name: &str) -> String {
        match self {
            Self::Renamed { to } => Self::Renamed { to: who(to) }.of(&who(name)).1,
            change => change.of(&who(name)).1,
        }
    }
}

impl PresenceEvent {
    /// As the screen shows it: `+ ana arrived`.
    pub(super) fn signed(&self) -> String {
        let (sign, text) = self.change.of(&self.name);
        format!("{sign} {text}")
    }
}

impl ListedPresence {
    pub(super) fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let first = context.headed(&format!("{}  ", self.room), Role::Dim);
        context.block(first, 2, &self.event.signed(), Role::Text)
    }

    pub(super) fn text(&self) -> String {
        format!("{} {}", self.room, self.event.change.text(&self.event.name))
    }
}
