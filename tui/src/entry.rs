//! What a log consists of: messages, and everything else that happens in a place.
//!
//! Each kind of entry has a file of its own. There is what it knows and how it changes, its rows on
//! the screen (`rows`), its text for files and exports (`text`), and what `--plain` says when it
//! comes and when it changes (`announce`). A new kind needs such a file and a line in each `match`
//! below.

pub(crate) mod announce;
pub(crate) mod divider;
pub(crate) mod flood;
pub(crate) mod helo;
mod markup;
pub(crate) mod mention;
pub(crate) mod message;
pub(crate) mod newcomer;
pub(crate) mod presence;
pub(crate) mod presence_group;
pub(crate) mod row_context;
pub(crate) mod system;

use std::time::Instant;

use self::announce::{Announced, Announcement};
use self::divider::Divider;
use self::flood::Flood;
use self::helo::Helo;
use self::mention::Mention;
use self::message::Message;
use self::newcomer::Newcomer;
use self::presence::ListedPresence;
use self::presence_group::PresenceGroup;
use self::row_context::RowContext;
use self::system::{Severity, System};
use crate::text::row::Row;
use crate::time::Now;

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Now,
    pub(crate) kind: Kind,
}

/// Most entries are messages, and there are thousands: what would be larger is boxed.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Message(Message),
    Mention(Mention),
    System(System),
    Divider(Divider),
    PresenceGroup(PresenceGroup),
    ListedPresence(ListedPresence),
    Flood(Box<Flood>),
    Newcomer(Newcomer),
    Helo(Box<Helo>),
}

impl Kind {
    pub(crate) fn system(severity: Severity, text: impl Into<String>) -> Self {
        Self::System(System { severity, text: text.into() })
    }

    pub(crate) fn info(text: impl Into<String>) -> Self {
        Self::system(Severity::Info, text)
    }

    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self::system(Severity::Error, text)
    }

    /// A rule across the log, about the connection.
    pub(crate) fn connection(text: impl Into<String>) -> Self {
        Self::Divider(Divider::Connection(text.into()))
    }

    /// Its rows on the screen; never none.
    pub(crate) fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        match self {
            Self::Message(message) => message.rows(context),
            Self::Mention(mention) => mention.rows(context),
            Self::System(system) => system.rows(context),
            Self::Divider(divider) => divider.rows(context),
            Self::PresenceGroup(group) => group.rows(context),
            Self::ListedPresence(presence) => presence.rows(context),
            Self::Flood(flood) => flood.rows(context),
            Self::Newcomer(newcomer) => newcomer.rows(context),
            Self::Helo(helo) => helo.rows(context),
        }
    }

    /// The entry in words, as it is now; none for what only the screen needs.
    pub(crate) fn text(&self) -> Option<String> {
        Some(match self {
            Self::Message(message) => message.text(),
            Self::Mention(mention) => mention.text(),
            Self::System(system) => system.text(),
            Self::Divider(divider) => return divider.text(),
            Self::PresenceGroup(group) => group.text(),
            Self::ListedPresence(presence) => presence.text(),
            Self::Flood(flood) => flood.text(),
            Self::Newcomer(newcomer) => newcomer.text(),
            Self::Helo(helo) => helo.text(),
        })
    }

    /// Announces what is new of it.
    pub(crate) fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        match self {
            Self::Message(message) => message.announce(announced, announcement),
            Self::PresenceGroup(group) => group.announce(announced, announcement),
            Self::Flood(flood) => flood.announce(announced, announcement),
            Self::Newcomer(newcomer) => newcomer.announce(announced, announcement),
            Self::Helo(helo) => helo.announce(announced, announcement),
            Self::System(system) => {
                announced.is_final = true;
                announcement.here(system.text());
            }
            // The connection and the day are announced once for all buffers, and what lists hold is
            // announced where it happened.
            Self::Divider(_) | Self::Mention(_) | Self::ListedPresence(_) => {
                announced.is_final = true;
            }
        }
    }

    /// When there will be something to announce although nothing happens.
    pub(crate) fn next_announcement(&self, announced: &Announced) -> Option<Instant> {
        match self {
            Self::PresenceGroup(group) => group.next_announcement(announced),
            Self::Flood(flood) => Some(flood.next_announcement(announced)),
            Self::Helo(helo) => helo.next_announcement(announced),
            Self::Message(_)
            | Self::Mention(_)
            | Self::System(_)
            | Self::Divider(_)
            | Self::ListedPresence(_)
            | Self::Newcomer(_) => None,
        }
    }

    /// When it looks different although nothing happens.
    pub(crate) fn next_change(&self, now: Now) -> Option<Instant> {
        match self {
            Self::Message(message) => message.next_change(),
            Self::Helo(helo) => helo.next_change(now),
            Self::Mention(_)
            | Self::System(_)
            | Self::Divider(_)
            | Self::PresenceGroup(_)
            | Self::ListedPresence(_)
            // Whoever counts it brings it up to date.
            | Self::Flood(_)
            | Self::Newcomer(_) => None,
        }
    }

    /// How much text came in with it. What grows afterwards does not grow by what anybody writes.
    pub(crate) fn bytes(&self) -> usize {
        let message = |message: &Message| message.text.len() + message.name.len();
        match self {
            Self::Message(said) => message(said),
            Self::Mention(mention) => message(&mention.message),
            Self::System(system) => system.text.len(),
            Self::Divider(Divider::Connection(text)) => text.len(),
            Self::ListedPresence(presence) => presence.room.len() + presence.event.name.len(),
            Self::Divider(Divider::Day(_))
            | Self::PresenceGroup(_)
            | Self::Flood(_)
            | Self::Newcomer(_)
            | Self::Helo(_) => 0,
        }
    }

    /// What a person said, here or where it is listed.
    pub(crate) fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) => Some(message),
            Self::Mention(mention) => Some(&mention.message),
            _ => None,
        }
    }

    /// The name of whom it is about, if it is about one person.
    pub(crate) fn person(&self) -> Option<&str> {
        match self {
            Self::Newcomer(newcomer) => Some(&newcomer.name),
            Self::ListedPresence(presence) => Some(&presence.event.name),
            _ => self.message().map(|message| &*message.name),
        }
    }

    /// Whether it is a mere rule across the log, with which nothing can be done.
    pub(crate) fn is_divider(&self) -> bool {
        matches!(self, Self::Divider(_))
    }

    /// What is copied of it.
    pub(crate) fn copied(&self) -> Option<&str> {
        match self {
            Self::System(system) => Some(&system.text),
            _ => self.message().map(|message| &*message.text).or(self.person()),
        }
    }
}

impl Entry {
    /// Whether it counts as unread.
    pub(crate) fn is_said_by_others(&self) -> bool {
        matches!(&self.kind, Kind::Message(message) if message.own.is_none())
    }
}
