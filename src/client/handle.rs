//! What the user of the library holds: [`Client`] to push, [`Notices`] to listen, [`Pending`] to wait.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::address::Address;
use super::driver::{self, Asked, Waiter};
use super::line;
use super::socket::{Command, Ticket};
use super::{Error, Introduction, Notice};
use crate::presence::Person;
use crate::protocol::payload::{Broadcast, Response, Status, Typing};
use crate::protocol::{Event, Message, Payload, RoomName, SessionId};

/// Pushes to a server. Cheap to clone; the line is given up when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Client {
    asked: mpsc::Sender<Asked>,
}

/// What happens, in order.
#[derive(Debug)]
pub struct Notices {
    notices: mpsc::Receiver<Notice>,
    driver: JoinHandle<()>,
}

impl Client {
    /// Starts a client that connects, and goes on trying for ever. Must be called within a tokio
    /// runtime.
    ///
    /// `address` is `ws://HOST:PORT`, `HOST:PORT` or `HOST`.
    pub fn start(address: &str) -> Result<(Self, Notices), Error> {
        Ok(Self::launch(Address::parse(address)?, None))
    }

    /// Connects, and fails if the first attempt does. A line that is lost later comes back by
    /// itself.
    pub async fn connect(address: &str) -> Result<(Self, Notices), Error> {
        let address = Address::parse(address)?;
        let line = line::open(&address)
            .await
            .map_err(|reason| Error::Unreachable { address: address.shown(), reason })?;
        Ok(Self::launch(address, Some(line)))
    }

    fn launch(address: Address, line: Option<line::WebSocket>) -> (Self, Notices) {
        let (asked, to_do) = mpsc::channel(driver::MAX_ASKED);
        let (told, notices) = mpsc::channel(driver::MAX_NOTICES);
        let driver = driver::spawn(address, line, to_do, told);
        (Self { asked }, Notices { notices, driver })
    }

    /// Joins a room and says helo there, again after every lost line, until [`Client::leave`].
    pub fn join(&self, room: &RoomName, me: impl Into<Introduction>) -> Pending<Person> {
        let introduction = me.into();
        let room = room.clone();
        self.ask(Waiter::Person, |ticket| Command::Join { room, introduction, ticket })
    }

    /// Leaves a room.
    pub fn leave(&self, room: &RoomName) -> Pending<()> {
        let room = room.clone();
        self.ask(Waiter::Nothing, |ticket| Command::Leave { room, ticket })
    }

    /// Says helo again, under another name.
    pub fn rename(&self, room: &RoomName, name: &str) -> Pending<Person> {
        let (room, name) = (room.clone(), name.to_owned());
        self.ask(Waiter::Person, |ticket| Command::Rename { room, name, ticket })
    }

    /// Shows others how reachable we are; remembered for the next helo.
    pub fn set_status(&self, room: &RoomName, status: Status) -> Pending<()> {
        let room = room.clone();
        self.ask(Waiter::Nothing, |ticket| Command::SetStatus { room, status, ticket })
    }

    /// Says something to everybody else in a room.
    pub fn say(&self, room: &RoomName, message: impl Into<Message>) -> Pending<()> {
        let broadcast = Broadcast { message: message.into() };
        self.push(room, Event::Broadcast, Payload::encode(&broadcast))
    }

    /// Says something to one person.
    pub fn tell(&self, room: &RoomName, to: SessionId, message: impl Into<Message>) -> Pending<()> {
        let response = respond(to, message.into(), false);
        self.push(room, Event::Response, response)
    }

    /// Answers a newcomer by itself: the recipient is told that no person typed this. Not worth
    /// waiting for a line, so it fails at once where there is none.
    pub fn answer(
        &self,
        room: &RoomName,
        to: SessionId,
        message: impl Into<Message>,
    ) -> Pending<()> {
        let (room, payload) = (room.clone(), respond(to, message.into(), true));
        let event = Event::Response;
        self.ask(Waiter::Nothing, |ticket| Command::PushNow { room, event, payload, ticket })
    }

    /// Shows the room, or one person, that something is being written, or no more. May be lost.
    pub fn typing(&self, room: &RoomName, to: Option<SessionId>, typing: bool) {
        let recipient = to.map(|id| id.to_string());
        let payload = Payload::encode(&Typing { typing, recipient });
        let (room, event) = (room.clone(), Event::Typing);
        drop(self.ask::<()>(Waiter::Nothing, |ticket| Command::PushNow {
            room,
            event,
            payload,
            ticket,
        }));
    }

    /// Says who is in a room, without joining it, and without a word to those who are. Needs a
    /// line; times out with servers other than hullo's.
    pub fn look(&self, room: &RoomName) -> Pending<Vec<Person>> {
        let room = room.clone();
        self.ask(Waiter::People, |ticket| Command::Look { room, ticket })
    }

    /// Tries again at once, whatever the backoff says.
    pub fn reconnect(&self) {
        drop(self.ask::<()>(Waiter::Nothing, |_| Command::Reconnect));
    }

    fn push(&self, room: &RoomName, event: Event, payload: Payload) -> Pending<()> {
        let room = room.clone();
        self.ask(Waiter::Nothing, |ticket| Command::Push { room, event, payload, ticket })
    }

    /// Queues a command; the order of the calls is the order on the wire.
    fn ask<T>(
        &self,
        waiter: fn(oneshot::Sender<Result<T, Error>>) -> Waiter,
        command: impl FnOnce(Ticket) -> Command + Send + 'static,
    ) -> Pending<T> {
        let (settle, settled) = oneshot::channel();
        let asked = Asked { command: Box::new(command), waiter: waiter(settle) };
        match self.asked.try_send(asked) {
            Ok(()) => Pending(Waiting::Reply(settled)),
            Err(mpsc::error::TrySendError::Full(_)) => Pending(Waiting::Failed(Error::Full)),
            Err(mpsc::error::TrySendError::Closed(_)) => Pending(Waiting::Failed(Error::Closed)),
        }
    }
}

fn respond(to: SessionId, message: Message, auto: bool) -> Payload {
    Payload::encode(&Response { message, recipient: to.to_string(), auto })
}

impl Notices {
    /// The next notice; `None` once every [`Client`] is dropped and the line is closed.
    pub async fn recv(&mut self) -> Option<Notice> {
        self.notices.recv().await
    }

    /// Waits for at least one notice and takes up to `limit`; 0 means that none will come.
    pub async fn recv_many(&mut self, into: &mut Vec<Notice>, limit: usize) -> usize {
        self.notices.recv_many(into, limit).await
    }

    /// Waits until the line is closed, as it is after the last [`Client`] was dropped: every room
    /// left, everything sent.
    pub async fn closed(mut self) {
        while self.notices.recv().await.is_some() {}
    }
}

impl Drop for Notices {
    /// Nobody listens any more: the line goes, too. After [`Notices::closed`] there is none left.
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// A push that was queued; resolves with what came of it. Dropping it takes nothing back.
#[derive(Debug)]
#[must_use = "a push may fail; await it, or drop it where failure does not matter"]
pub struct Pending<T>(Waiting<T>);

#[derive(Debug)]
enum Waiting<T> {
    Reply(oneshot::Receiver<Result<T, Error>>),
    Failed(Error),
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Waiting::Reply(settled) => {
                Pin::new(settled).poll(cx).map(|settled| settled.unwrap_or(Err(Error::Closed)))
            }
            Waiting::Failed(error) => Poll::Ready(Err(error.clone())),
        }
    }
}
