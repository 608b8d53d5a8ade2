//! Somebody arrived, left or changed their name: alone in the list of arrivals, elsewhere in a group.

use hullo::protocol::SessionId;

use super::Content;
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
    /// Names of greater weight come first: people the user talks with before strangers.
    pub(crate) weight: u8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PresenceChange {
    Arrived,
    Left,
    /// Left and was back within a minute.
    Reconnected,
    /// Said helo again, for which a session ends and another begins.
    HeloAgain,
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
    /// What somebody did, as a sentence.
    pub(crate) fn sentence(&self, name: &str) -> String {
        match self {
            Self::Arrived => format!("{name} arrived"),
            Self::Left => format!("{name} left"),
            Self::Reconnected => format!("{name} reconnected"),
            Self::HeloAgain => format!("{name} said helo again"),
            Self::CameAndWent => format!("{name} came and went"),
            Self::Renamed { to } if to == name => format!("{name} is {to} again"),
            Self::Renamed { to } => format!("{name} is now {to}"),
        }
    }

    /// As a sentence in which no name can pass for another word.
    pub(super) fn quoted(&self, name: &str) -> String {
        match self {
            Self::Renamed { to } => Self::Renamed { to: who(to) }.sentence(&who(name)),
            change => change.sentence(&who(name)),
        }
    }

    /// As the screen shows it: `+ ana arrived`.
    pub(super) fn signed(&self, name: &str) -> String {
        let sign = match self {
            Self::Arrived => '+',
            Self::Left => '−',
            Self::Reconnected | Self::HeloAgain | Self::Renamed { .. } => '~',
            Self::CameAndWent => '±',
        };
        format!("{sign} {}", self.sentence(name))
    }
}

impl Content for ListedPresence {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let first = context.headed(&format!("{}  ", self.room), Role::Dim);
        context.block(first, 2, &self.event.change.signed(&self.event.name), Role::Text)
    }

    fn text(&self) -> Option<String> {
        Some(format!("{} {}", self.room, self.event.change.quoted(&self.event.name)))
    }

    fn person(&self) -> Option<&str> {
        Some(&self.event.name)
    }

    fn session(&self) -> Option<SessionId> {
        Some(self.event.session)
    }
}
