//! What the client library tells its user.

use std::time::{Duration, Instant};

use crate::presence::{Change, Person};
use crate::protocol::{Message, RoomName, SessionId};

/// Something that happened, in the order in which it happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// The line to the server is up; every room is being joined again.
    Online,
    /// There is no line. The client tries again by itself.
    Offline {
        /// What went wrong, in one sentence.
        reason: String,
        /// When the next attempt is made.
        retry_at: Instant,
    },
    /// How long the server took to answer: told on every join and every heartbeat.
    RoundTrip(Duration),
    /// A room was joined and helo said: for the first time, or again after a lost line. What stood
    /// here before about the room's people is void.
    Entered {
        /// Where.
        room: RoomName,
        /// Who we are there; the id is new after a lost line.
        me: Person,
        /// Everybody who is there, ourselves included, in no particular order.
        present: Vec<Person>,
    },
    /// A room is over for us: we left, or were put out, or never got in.
    Left {
        /// Where.
        room: RoomName,
        /// Why.
        departure: Departure,
    },
    /// Somebody else said helo.
    Arrived {
        /// Where.
        room: RoomName,
        /// The newcomer's session.
        id: SessionId,
        /// The newcomer's name, harmless to show.
        name: String,
        /// Whether we are asked to answer.
        answer: bool,
    },
    /// People came, went or changed. For a newcomer this comes beside [`Notice::Arrived`], in
    /// either order. Our own session is among them, too.
    Changed {
        /// Where.
        room: RoomName,
        /// What became different; never empty.
        change: Change,
    },
    /// Somebody said something to us alone: an answer to our helo, or a direct message.
    Responded {
        /// Where.
        room: RoomName,
        /// Who said it; look the name up among the present.
        from: SessionId,
        /// What, as the sender sent it: clean it before showing.
        message: Message,
        /// Whether a program answered by itself.
        auto: bool,
    },
    /// Somebody said something to the room.
    Said {
        /// Where.
        room: RoomName,
        /// Who said it; look the name up among the present.
        from: SessionId,
        /// What, as the sender sent it: clean it before showing.
        message: Message,
    },
    /// Somebody is writing, or stopped.
    Typing {
        /// Where.
        room: RoomName,
        /// Who.
        from: SessionId,
        /// To us alone, or to the room.
        direct: bool,
        /// Writing, or stopped.
        typing: bool,
    },
}

/// Why a room is over for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// We asked for it.
    Asked,
    /// The server closed the channel.
    Closed,
    /// The server refused the join or the helo, with this reason.
    Refused(String),
}
