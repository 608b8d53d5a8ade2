//! What the user wants of the state machine, and what comes back.

use super::{Error, JoinOptions, PastMessage, RoomList};
use crate::presence::Person;
use crate::protocol::payload::{
    Broadcast, HistoryRequest, ListRequest, Response, SetTopic, Status, Typing,
};
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
    Say { room: RoomName, broadcast: Broadcast },
    Respond { room: RoomName, response: Response },
    SetTyping { room: RoomName, typing: Typing },
    Peek { room: RoomName },
    History { room: RoomName, request: HistoryRequest },
    SetTopic { room: RoomName, topic: SetTopic },
    List { request: ListRequest },
    Reconnect,
}

/// How much a push matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Waits until the room is entered, if it must, and is sent again where that is safe.
    Reliable,
    /// Worth nothing later: sent now or never.
    Droppable,
}

/// A push to a room: waiting to be sent, or sent and not answered.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) event: Event,
    pub(super) payload: Payload,
    pub(super) request: RequestId,
    pub(super) delivery: Delivery,
    /// It was sent on a connection that broke before the reply came, so it may have been carried
    /// out. Only the session that it was sent in can tell.
    pub(super) is_repeated: bool,
}

/// What the outcome of a request holds.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Done,
    Me(Person),
    People(Vec<Person>),
    History(Vec<PastMessage>),
    Rooms(RoomList),
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

    pub(super) fn history(self) -> Option<Vec<PastMessage>> {
        if let Self::History(messages) = self { Some(messages) } else { None }
    }

    pub(super) fn rooms(self) -> Option<RoomList> {
        if let Self::Rooms(list) = self { Some(list) } else { None }
    }

    pub(super) fn people(self) -> Option<Vec<Person>> {
        if let Self::People(people) = self { Some(people) } else { None }
    }
}
