//! What the user wants of the state machine, and what comes back.

use super::{Error, JoinOptions};
use crate::presence::Person;
use crate::protocol::payload::Status;
use crate::protocol::{Event, Payload, RoomName};

/// Identifies one request whose maker waits for the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RequestId(pub(super) u64);

/// What the user wants.
#[derive(Debug)]
pub(super) enum Command {
    Join { room: RoomName, options: JoinOptions },
    Leave { room: RoomName },
    Rename { room: RoomName, name: String },
    SetStatus { room: RoomName, status: Status },
    Push { room: RoomName, event: Event, payload: Payload, delivery: Delivery },
    Peek { room: RoomName },
    Reconnect,
}

/// How much a push matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Waits until the room is entered, if it must.
    Reliable,
    /// Worth nothing later: sent now or never.
    Droppable,
}

/// A push to a room: waiting to be sent, or sent and not answered.
#[derive(Debug)]
pub(super) struct Push {
    pub(super) event: Event,
    pub(super) payload: Payload,
    pub(super) request: RequestId,
}

/// What the outcome of a request holds.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Done,
    Me(Person),
    People(Vec<Person>),
}

/// What came of a request.
pub(super) type Outcome = Result<Answer, Error>;

impl Answer {
    pub(super) fn done(self) -> Option<()> {
        matches!(self, Self::Done).then_some(())
    }

    pub(super) fn me(self) -> Option<Person> {
        if let Self::Me(me) = self { Some(me) } else { None }
    }

    pub(super) fn people(self) -> Option<Vec<Person>> {
        if let Self::People(people) = self { Some(people) } else { None }
    }
}
