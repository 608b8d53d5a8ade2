//! The client's side of one WebSocket, as a pure machine: inputs in, outputs out, told the time.
//!
//! It owns every room's [`Channel`], numbers the pushes, knows which replies are due, and decides
//! when to send a heartbeat, when a line is dead and when to try again.

mod asked;
mod look;
mod received;
mod ticked;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::channel::{Channel, Held, Introduction, Phase};
use super::{Departure, Error, Notice};
use crate::presence::Person;
use crate::protocol::payload::{Helo, Join, Status};
use crate::protocol::{Event, Frame, Payload, Ref, RoomName, codec};

/// How long a reply may take.
const REPLY_WITHIN: Duration = Duration::from_secs(10);
/// A line that held this long was a good one: the next loss starts with short waits again.
const HEALTHY: Duration = Duration::from_secs(30);

/// Names one push whose maker waits to hear how it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(pub(super) u64);

/// What the machine is told.
#[derive(Debug)]
pub(super) enum Input<'a> {
    /// The WebSocket is open.
    Opened,
    /// A text frame came.
    Received(&'a str),
    /// The WebSocket is gone, or could not be opened.
    Dropped { reason: String },
    /// The user wants something.
    Asked(Command),
    /// Time has passed.
    Ticked,
}

/// What the user wants.
#[derive(Debug)]
pub(super) enum Command {
    Join {
        room: RoomName,
        introduction: Introduction,
        ticket: Ticket,
    },
    Leave {
        room: RoomName,
        ticket: Ticket,
    },
    Rename {
        room: RoomName,
        name: String,
        ticket: Ticket,
    },
    SetStatus {
        room: RoomName,
        status: Status,
        ticket: Ticket,
    },
    /// A push that waits for the room to be entered, if it must.
    Push {
        room: RoomName,
        event: Event,
        payload: Payload,
        ticket: Ticket,
    },
    /// A push that is worth nothing later: sent now or never.
    PushNow {
        room: RoomName,
        event: Event,
        payload: Payload,
        ticket: Ticket,
    },
    Look {
        room: RoomName,
        ticket: Ticket,
    },
    Reconnect,
    LeaveAll,
}

/// What the shell must do.
#[derive(Debug, PartialEq)]
pub(super) enum Output {
    /// Open a WebSocket.
    Connect,
    /// Send this text frame.
    Send(String),
    /// The line is dead: drop it without waiting for anything.
    Disconnect,
    /// Tell the user.
    Tell(Notice),
    /// That push is done.
    Done(Ticket),
    /// That join or rename is done, and this is who we are.
    Welcomed(Ticket, Person),
    /// That look is done, and this is who is there.
    Seen(Ticket, Vec<Person>),
    /// That push came to nothing.
    Failed(Ticket, Error),
}

/// What a reply will be the reply to.
#[derive(Clone, Debug)]
enum Purpose {
    Join(RoomName),
    Helo(RoomName),
    Rename(RoomName, Ticket),
    Leave(RoomName, Ticket),
    Push(RoomName, Ticket),
    Look(RoomName, Ticket),
}

#[derive(Debug)]
struct Unanswered {
    purpose: Purpose,
    asked: Instant,
}

impl Unanswered {
    fn deadline(&self) -> Instant {
        self.asked + REPLY_WITHIN
    }
}

#[derive(Debug)]
enum Line {
    Down {
        retry_at: Instant,
    },
    Connecting,
    Up {
        since: Instant,
        heard: Instant,
        sent: Instant,
        /// When the latest heartbeat was sent, and its reference; 0 before the first.
        pinged: Instant,
        ping: u64,
        unanswered: u8,
    },
}

/// The client's side of one WebSocket.
#[derive(Debug)]
pub(super) struct Socket {
    line: Line,
    channels: BTreeMap<RoomName, Channel>,
    unanswered: BTreeMap<u64, Unanswered>,
    last_ref: u64,
    backoff: Backoff,
    outputs: Vec<Output>,
}

impl Socket {
    /// A socket that is to connect at once.
    pub(super) fn new(now: Instant, seed: u64) -> Self {
        Self {
            line: Line::Down { retry_at: now },
            channels: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            last_ref: 0,
            backoff: Backoff::new(seed),
            outputs: Vec::new(),
        }
    }

    /// Takes one input; what must be done comes back in order.
    pub(super) fn handle(&mut self, now: Instant, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Opened => self.open(now),
            Input::Received(text) => self.receive(now, text),
            Input::Dropped { reason } => self.drop_line(now, reason),
            Input::Asked(command) => self.ask(now, command),
            Input::Ticked => self.tick(now),
        }
        std::mem::take(&mut self.outputs)
    }

    fn open(&mut self, now: Instant) {
        self.line =
            Line::Up { since: now, heard: now, sent: now, pinged: now, ping: 0, unanswered: 0 };
        self.outputs.push(Output::Tell(Notice::Online));
        for room in self.channels.keys().cloned().collect::<Vec<_>>() {
            self.begin_join(now, &room);
        }
    }

    /// The one way in which a line ends.
    fn drop_line(&mut self, now: Instant, reason: String) {
        if let Line::Up { since, .. } = self.line
            && now.saturating_duration_since(since) >= HEALTHY
        {
            self.backoff.reset();
        }
        let retry_at = now + self.backoff.next();
        self.line = Line::Down { retry_at };
        for Unanswered { purpose, .. } in std::mem::take(&mut self.unanswered).into_values() {
            self.give_up(purpose);
        }
        self.channels.values_mut().for_each(|channel| channel.phase = Phase::Waiting);
        self.outputs.push(Output::Tell(Notice::Offline { reason, retry_at }));
    }

    /// The line dropped before this reply came.
    fn give_up(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Leave(room, ticket) => self.finish_leave(&room, ticket),
            Purpose::Rename(_, ticket) | Purpose::Push(_, ticket) | Purpose::Look(_, ticket) => {
                self.outputs.push(Output::Failed(ticket, Error::Lost));
            }
            Purpose::Join(_) | Purpose::Helo(_) => {} // begun again with the next line
        }
    }

    fn begin_join(&mut self, now: Instant, room: &RoomName) {
        // What is still to come of an earlier join counts no more.
        self.unanswered.retain(|_, waiting| match &waiting.purpose {
            Purpose::Join(of) | Purpose::Helo(of) => of != room,
            Purpose::Rename(..) | Purpose::Leave(..) | Purpose::Push(..) | Purpose::Look(..) => {
                true
            }
        });
        let join_ref = self.next_ref();
        let Some(channel) = self.channels.get_mut(room) else { return };
        channel.begin(join_ref);
        self.send_push(now, room, join_ref, Event::Join, Payload::encode(&Join::default()));
        self.expect_reply(now, join_ref, Purpose::Join(room.clone()));
    }

    fn say_helo(&mut self, now: Instant, room: &RoomName) {
        let reference = self.next_ref();
        let Some(channel) = self.channels.get_mut(room) else { return };
        let helo = Payload::encode(&Helo::from(&channel.introduction));
        self.send_push(now, room, reference, Event::Helo, helo);
        self.expect_reply(now, reference, Purpose::Helo(room.clone()));
    }

    fn held(&self) -> usize {
        self.channels.values().map(|channel| channel.held.len()).sum()
    }

    fn send_held(&mut self, now: Instant, room: &RoomName, held: Held) {
        let Held { event, payload, ticket } = held;
        let reference = self.next_ref();
        let purpose = match event {
            Event::Helo => Purpose::Rename(room.clone(), ticket),
            _ => Purpose::Push(room.clone(), ticket),
        };
        self.send_push(now, room, reference, event, payload);
        self.expect_reply(now, reference, purpose);
    }

    /// The room is left; if it was joined again meanwhile, that join is another one.
    fn finish_leave(&mut self, room: &RoomName, ticket: Ticket) {
        if self.channels.get(room).is_some_and(Channel::is_leaving) {
            self.remove(room, Departure::Asked, &Error::Closed);
        }
        self.outputs.push(Output::Done(ticket));
    }

    /// The one way in which a room ends.
    fn remove(&mut self, room: &RoomName, departure: Departure, error: &Error) {
        let Some(channel) = self.channels.remove(room) else { return };
        let tickets = channel.held.into_iter().map(|held| held.ticket).chain(channel.asked);
        self.outputs.extend(tickets.map(|ticket| Output::Failed(ticket, error.clone())));
        self.outputs.push(Output::Tell(Notice::Left { room: room.clone(), departure }));
    }

    fn connect(&mut self) {
        self.line = Line::Connecting;
        self.outputs.push(Output::Connect);
    }

    fn next_ref(&mut self) -> u64 {
        self.last_ref += 1;
        self.last_ref
    }

    fn expect_reply(&mut self, now: Instant, reference: u64, purpose: Purpose) {
        self.unanswered.insert(reference, Unanswered { purpose, asked: now });
    }

    /// Sends a push on a room that has begun to be joined.
    fn send_push(
        &mut self,
        now: Instant,
        room: &RoomName,
        reference: u64,
        event: Event,
        payload: Payload,
    ) {
        let Some(channel) = self.channels.get(room) else { return };
        let frame = Frame {
            join_ref: channel.join_ref().map(Ref::number),
            reference: Some(Ref::number(reference)),
            topic: channel.topic.clone(),
            event,
            payload,
        };
        self.send(now, &frame);
    }

    fn send(&mut self, now: Instant, frame: &Frame) {
        if let Line::Up { sent, .. } = &mut self.line {
            *sent = now;
            self.outputs.push(Output::Send(codec::encode(frame)));
        }
    }
}

#[cfg(test)]
mod tests;
