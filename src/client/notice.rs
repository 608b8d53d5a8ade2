//! What the client library tells its user.

use std::time::{Duration, Instant};

use super::Error;
use crate::presence::{Change, Person};
use crate::protocol::payload::{PastBroadcast, RoomTopic};
use crate::protocol::{Message, RoomName, SessionId};

/// Something that happened. Notices come in the order of the events.
///
/// ```
/// use hullo::client::Notice;
///
/// fn describe(notice: &Notice) -> Option<String> {
///     match notice {
///         Notice::Arrived { name, .. } => Some(format!("{name} is here")),
///         Notice::Offline { reason, .. } => Some(format!("disconnected: {reason}")),
///         _ => None, // later versions may tell more
///     }
/// }
/// assert_eq!(describe(&Notice::Online), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// The connection is open; every room is being joined again.
    Online,
    /// There is no connection. The client tries again by itself.
    Offline {
        /// What went wrong, in one sentence.
        reason: String,
        /// When the next attempt is made.
        retry_at: Instant,
    },
    /// How long the server took to answer a join or a heartbeat.
    RoundTrip(Duration),
    /// A room was joined and helo said: for the first time, or again because the session could not
    /// be resumed (see [`Notice::Gap`]). Everything that was known about the people in it is
    /// replaced.
    Entered {
        /// The room.
        room: RoomName,
        /// Who we are there; the id is a new one each time.
        me: Person,
        /// Everybody who is there, ourselves included, in no particular order.
        present: Vec<Person>,
        /// What the room is about, safe to show.
        topic: Option<RoomTopic>,
    },
    /// The session in a room goes on after the connection broke: the others noticed nothing, and
    /// everything that was missed follows as ordinary notices.
    Resumed {
        /// The room.
        room: RoomName,
        /// Who we are there, as before.
        me: Person,
        /// Who was there when the connection broke, ourselves included, in no particular order.
        present: Vec<Person>,
    },
    /// The session in a room could not be resumed: what happened there since the connection broke
    /// is missing, but for what [`Notice::History`] holds. [`Notice::Entered`] follows.
    Gap {
        /// The room.
        room: RoomName,
        /// Whether the history holds everything that was said to the room meanwhile. Otherwise the
        /// join asked for too little, or the server no longer has it.
        is_filled: bool,
    },
    /// What was said to a room before we entered it, as far as the join asked for it and it was not
    /// heard already. Comes right after [`Notice::Entered`].
    History {
        /// The room.
        room: RoomName,
        /// The messages, oldest first; never empty.
        messages: Vec<PastMessage>,
    },
    /// We are no longer in a room, or could not enter it.
    Left {
        /// The room.
        room: RoomName,
        /// Why.
        departure: Departure,
    },
    /// Somebody else said helo.
    Arrived {
        /// The room.
        room: RoomName,
        /// The newcomer's session.
        id: SessionId,
        /// The newcomer's name, safe to show.
        name: String,
        /// Whether we are asked to answer.
        answer: bool,
    },
    /// People came, left or changed, ourselves included. For a newcomer this comes in addition to
    /// [`Notice::Arrived`], before or after it.
    Changed {
        /// The room.
        room: RoomName,
        /// What is different; never empty.
        change: Change,
    },
    /// Somebody said something to us alone: an answer to our helo, or a direct message.
    Responded {
        /// The room.
        room: RoomName,
        /// The sender, whose name is among the people present.
        from: SessionId,
        /// The message as the sender sent it: clean it before showing it.
        message: Message,
        /// Whether a program answered automatically.
        auto: bool,
        /// The sender's name, safe to show, if it is a quiet session: such are not among the people
        /// present.
        name: Option<String>,
        /// Its number in the order of the room, if the server counts.
        seq: Option<u64>,
    },
    /// Somebody said something to the room.
    Said {
        /// The room.
        room: RoomName,
        /// The sender, whose name is among the people present.
        from: SessionId,
        /// The message as the sender sent it: clean it before showing it.
        message: Message,
        /// The sender's name, safe to show, if it is a quiet session: such are not among the people
        /// present.
        name: Option<String>,
        /// Its number in the order of the room, if the server counts.
        seq: Option<u64>,
    },
    /// Somebody else said what a room is about.
    TopicSet {
        /// The room.
        room: RoomName,
        /// What it is about, safe to show; nothing if the topic was taken away.
        topic: Option<String>,
        /// Who said so; the name is among the people present.
        from: SessionId,
        /// Their name, safe to show, if it is a quiet session: such are not among the people present.
        name: Option<String>,
    },
    /// Somebody is writing, or stopped.
    Typing {
        /// The room.
        room: RoomName,
        /// Who.
        from: SessionId,
        /// Whether it is meant for us alone.
        direct: bool,
        /// Whether they are writing.
        typing: bool,
    },
    /// The server sent a frame that cannot be read. It was skipped.
    Unreadable {
        /// What is wrong with it.
        reason: String,
    },
}

/// A message to a room from before.
///
/// ```no_run
/// # async fn example(lobby: hullo::client::Room) -> Result<(), hullo::client::Error> {
/// for past in lobby.history(10, None).await? {
///     println!("{}: {}", past.name, hullo::text::clean_text(&past.message.as_text()));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PastMessage {
    /// Its number in the order of the room.
    pub seq: u64,
    /// When it was said, in Unix seconds.
    pub at: u64,
    /// The session that said it.
    pub from: SessionId,
    /// The sender's name at that time, safe to show.
    pub name: String,
    /// The message as the sender sent it: clean it before showing it.
    pub message: Message,
}

impl From<PastBroadcast> for PastMessage {
    fn from(past: PastBroadcast) -> Self {
        let PastBroadcast { message, client_session_id: from, seq, name, at } = past;
        Self { seq, at, from, name: crate::text::clean_label(&name), message }
    }
}

/// Why we are no longer in a room.
///
/// ```
/// use hullo::client::{Departure, Error};
/// use hullo::protocol::Refusal;
///
/// let departure = Departure::Refused(Error::Refused(Refusal::Full));
/// assert_ne!(departure, Departure::Closed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Departure {
    /// We left.
    Left,
    /// The server closed the channel.
    Closed,
    /// The server refused the join or the helo.
    Refused(Error),
}
