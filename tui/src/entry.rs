//! What a log consists of: messages, and everything else that happens in a room or conversation.
//!
//! Each kind of entry has a file of its own: what it holds and how that changes, and how it is
//! shown, written and announced ([`Content`]). A new kind needs such a file, a variant of [`Kind`]
//! and its arm in [`Kind::content`].

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

use hullo::protocol::SessionId;

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

/// Most entries are messages, and there are thousands: larger kinds are boxed.
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

/// What every kind of entry can do.
pub(crate) trait Content {
    /// The rows on the screen; at least one.
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row>;

    /// The entry in words, for files; `None` if only the screen needs it.
    fn text(&self) -> Option<String>;

    /// Announces in `--plain` what is new of the entry.
    fn announce(&self, announced: &mut Announced, _announcement: &mut Announcement<'_>) {
        announced.is_final = true;
    }

    /// When an announcement is due although nothing happens.
    fn next_announcement(&self, _announced: &Announced) -> Option<Instant> {
        None
    }

    /// When the rows change although nothing happens.
    fn next_change(&self, _now: Now) -> Option<Instant> {
        None
    }

    /// Whether there is more of it than is shown while it is folded.
    fn is_foldable(&self, _context: &RowContext<'_>) -> bool {
        false
    }

    /// The message that it is, or that it lists.
    fn message(&self) -> Option<&Message> {
        None
    }

    /// The name of the person it is about, if it is about one alone.
    fn person(&self) -> Option<&str> {
        self.message().map(|message| &*message.name)
    }

    /// The session that it is about.
    fn session(&self) -> Option<SessionId> {
        self.message().and_then(|message| message.from)
    }

    /// The session of whoever is named so in its rows.
    fn session_of(&self, _name: &str) -> Option<SessionId> {
        self.session()
    }

    /// What is put into the clipboard when it is copied.
    fn copied(&self) -> Option<&str> {
        self.message().map(|message| &*message.text).or(self.person())
    }

    /// How many bytes somebody wrote in it; the log counts it.
    fn bytes(&self) -> usize {
        self.message().map_or(0, |message| message.name.len() + message.text.len())
    }
}

impl Kind {
    pub(crate) fn content(&self) -> &dyn Content {
        match self {
            Self::Message(message) => message,
            Self::Mention(mention) => mention,
            Self::System(system) => system,
            Self::Divider(divider) => divider,
            Self::PresenceGroup(group) => group,
            Self::ListedPresence(presence) => presence,
            Self::Flood(flood) => &**flood,
            Self::Newcomer(newcomer) => newcomer,
            Self::Helo(helo) => &**helo,
        }
    }

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
}

impl Entry {
    /// Whether anything can be done with it: not with the rules across the log.
    pub(crate) fn is_selectable(&self) -> bool {
        !matches!(self.kind, Kind::Divider(_))
    }

    /// Whether it counts as unread.
    pub(crate) fn is_said_by_others(&self) -> bool {
        matches!(&self.kind, Kind::Message(message) if message.own.is_none())
    }
}

#[cfg(test)]
mod tests {
    use crate::core::event::{Effect, Event};
    use crate::tests::play::Stage;

    /// What `/export` writes, without dates.
    fn exported(stage: &mut Stage) -> Vec<String> {
        stage.effects();
        stage.line("/export log.txt");
        let export = stage.effects().into_iter().find_map(|effect| match effect {
            Effect::Export { text, .. } => Some(text),
            _ => None,
        });
        export.unwrap().lines().map(|line| line.get(21..).unwrap_or(line).to_owned()).collect()
    }

    #[test]
    fn every_kind_of_entry_has_its_text() {
        let mut stage = Stage::among(80, 24, &["mira", "tomas"]);
        stage.responded(2, "hello ada", true);
        stage.arrives(7, "zoe");
        for n in 8..12 {
            stage.arrives(n, &format!("p{n}"));
        }
        stage.leaves(3, "tomas");
        stage.said(2, "/me waves to @ada");
        stage.event(Event::Warned("no folder · try another".into()));
        stage.goes_offline();
        assert_eq!(
            exported(&mut stage),
            [
                "you said helo; 1 of 2 answered",
                "zoe arrived and says helo; your greeting was sent",
                "p8 arrived and says helo; your greeting was sent",
                "p9 arrived and says helo; your greeting was sent",
                "p11 and p10 arrived; tomas left",
                "mira: (action) waves to @ada",
                "warning: no folder; try another",
                "connection lost 09:40:00",
            ]
        );
        stage.line("/go mentions");
        assert_eq!(exported(&mut stage), ["#lobby mira: (action) waves to @ada"]);
        stage.line("/go arrivals");
        let listed = exported(&mut stage);
        assert_eq!((listed.len(), &*listed[5]), (6, "#lobby tomas left"));
    }
}
