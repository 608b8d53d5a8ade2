//! The client's side of one WebSocket, as a state machine without I/O: inputs in, outputs out. It is
//! told the time.
//!
//! It owns the [`Channel`] of every room, numbers the pushes, knows which replies are awaited, and
//! decides when to send a heartbeat, when a connection is dead and when to reconnect.

mod commands;
mod frames;
mod peek;
mod pushes;
mod replies;
mod timers;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;

use self::peek::Peek;
use self::timers::DEAD;
use super::backoff::Backoff;
use super::channel::{Channel, Phase};
use super::command::{Answer, Command, Outcome, Push, RequestId};
use super::options::Options;
use super::{Departure, Error, Notice};
use crate::protocol::payload::Helo;
use crate::protocol::{Event, Frame, Payload, Ref, RoomName, codec};

/// After a connection that held this long, reconnecting starts with short waits again.
const HEALTHY: Duration = Duration::from_secs(30);

/// What the machine is told.
#[derive(Debug)]
pub(super) enum Input<'a> {
    /// The WebSocket is open.
    Opened,
    /// A text frame came.
    Received(&'a str),
    /// The WebSocket broke, or could not be opened.
    Dropped { reason: String },
    /// The user wants something.
    Command(RequestId, Command),
    /// Time has passed.
    Tick,
    /// The client is about to be closed.
    Closing,
}

/// What the driver must do.
#[derive(Debug, PartialEq)]
pub(super) enum Output {
    /// Open a WebSocket.
    Connect,
    /// Send this text frame.
    Send(String),
    /// Drop the WebSocket without a closing handshake.
    Disconnect,
    /// Tell the user what happened.
    Notify(Notice),
    /// Tell whoever made the request what came of it.
    Resolve(RequestId, Outcome),
}

/// What a reply is awaited for.
#[derive(Debug)]
enum Purpose {
    Join(RoomName),
    Helo(RoomName),
    Leave(RoomName, RequestId),
    Push(RoomName, Push),
    History(RequestId),
    List(RequestId),
    Peek(Peek),
}

/// A push without a reply yet.
#[derive(Debug)]
struct Unanswered {
    purpose: Purpose,
    sent: Instant,
    deadline: Instant,
}

impl Unanswered {
    fn is_push_to(&self, room: &RoomName) -> bool {
        matches!(&self.purpose, Purpose::Push(of, _) if of == room)
    }
}

/// The WebSocket, as far as the machine knows.
#[derive(Debug)]
enum Link {
    Down {
        retry_at: Instant,
    },
    Connecting,
    Up {
        since: Instant,
        /// When the latest frame came, and when one was sent.
        heard: Instant,
        sent: Instant,
        /// When the latest heartbeat was sent, and its reference; 0 before the first.
        pinged: Instant,
        ping: u64,
        /// Heartbeats since the latest frame came.
        unanswered_pings: u8,
    },
}

/// The client's side of one WebSocket.
#[derive(Debug)]
pub(super) struct Socket {
    options: Options,
    link: Link,
    channels: BTreeMap<RoomName, Channel>,
    /// By the reference of the push.
    unanswered: BTreeMap<u64, Unanswered>,
    /// Peeks at rooms that are being joined.
    waiting_peeks: Vec<Peek>,
    last_ref: u64,
    backoff: Backoff,
    random: Rng,
    outputs: Vec<Output>,
}

impl Socket {
    /// A socket that connects at once.
    pub(super) fn new(options: Options, now: Instant, seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        Self {
            options,
            link: Link::Down { retry_at: now },
            channels: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            waiting_peeks: Vec::new(),
            last_ref: 0,
            backoff: Backoff::new(random.fork()),
            random,
            outputs: Vec::new(),
        }
    }

    /// Handles one input. Returns what must be done, in order.
    pub(super) fn handle(&mut self, now: Instant, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Opened => self.on_opened(now),
            Input::Received(text) => self.on_received(now, text),
            Input::Dropped { reason } => self.drop_connection(now, reason),
            Input::Command(request, command) => self.on_command(now, request, command),
            Input::Tick => self.on_tick(now),
            Input::Closing => self.leave_all(now),
        }
        self.retry_waiting_peeks(now);
        std::mem::take(&mut self.outputs)
    }

    /// Whether something is under way on this connection: pushes without a reply, or waiting to be
    /// sent.
    pub(super) fn is_busy(&self) -> bool {
        self.is_up()
            && (!self.unanswered.is_empty()
                || self.channels.values().any(|channel| !channel.backlog.is_empty()))
    }

    fn on_opened(&mut self, now: Instant) {
        self.link = Link::Up {
            since: now,
            heard: now,
            sent: now,
            pinged: now,
            ping: 0,
            unanswered_pings: 0,
        };
        self.notify(Notice::Online);
        for room in self.channels.keys().cloned().collect::<Vec<_>>() {
            self.begin_join(now, &room);
        }
    }

    /// The one way in which a connection ends.
    fn drop_connection(&mut self, now: Instant, reason: String) {
        if let Link::Up { since, .. } = self.link
            && now.saturating_duration_since(since) >= HEALTHY
        {
            self.backoff.reset();
        }
        let retry_at = now + self.backoff.next();
        self.link = Link::Down { retry_at };
        let unanswered = std::mem::take(&mut self.unanswered);
        for channel in self.channels.values_mut() {
            channel.phase = Phase::Offline;
            channel.pace = None;
        }
        for Unanswered { purpose, .. } in unanswered.into_values() {
            self.on_reply_lost(purpose);
        }
        self.notify(Notice::Offline { reason, retry_at });
    }

    /// The connection broke before this reply came.
    fn on_reply_lost(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Leave(room, request) => self.finish_leave(&room, request),
            Purpose::Push(room, push) => self.repeat_or_fail(&room, push),
            Purpose::History(request)
            | Purpose::List(request)
            | Purpose::Peek(Peek { request, .. }) => {
                self.resolve(request, Err(Error::Lost));
            }
            Purpose::Join(_) | Purpose::Helo(_) => {} // begun again on the next connection
        }
    }

    fn connect(&mut self) {
        self.link = Link::Connecting;
        self.outputs.push(Output::Connect);
    }

    fn is_up(&self) -> bool {
        matches!(self.link, Link::Up { .. })
    }

    fn begin_join(&mut self, now: Instant, room: &RoomName) {
        // Replies to an earlier join no longer count. Peeks would be ended by this join, since a
        // socket has one channel for a topic: they wait for it instead.
        let waiting_peeks = &mut self.waiting_peeks;
        self.unanswered.retain(|_, Unanswered { purpose, .. }| match purpose {
            Purpose::Join(of) | Purpose::Helo(of) => of != room,
            Purpose::Peek(peek) if peek.room == *room => {
                waiting_peeks.push(peek.clone());
                false
            }
            Purpose::Peek(_)
            | Purpose::Leave(..)
            | Purpose::Push(..)
            | Purpose::History(_)
            | Purpose::List(_) => true,
        });
        self.take_back_pushes(room);
        let join_ref = self.next_ref();
        let Some(channel) = self.channels.get_mut(room) else { return };
        let join = Payload::encode(&channel.begin_join(join_ref));
        self.send_push(now, room, join_ref, Event::Join, join);
        self.expect_reply(now, join_ref, Purpose::Join(room.clone()));
    }

    fn say_helo(&mut self, now: Instant, room: &RoomName) {
        let reference = self.next_ref();
        let Some(channel) = self.channels.get_mut(room) else { return };
        let helo = Payload::encode(&Helo::from(&channel.options));
        self.send_push(now, room, reference, Event::Helo, helo);
        self.expect_reply(now, reference, Purpose::Helo(room.clone()));
    }

    /// The join failed for now; it is tried again later.
    fn postpone_join(&mut self, now: Instant, room: &RoomName) {
        if let Some(channel) = self.channels.get_mut(room) {
            channel.postpone(now);
        }
    }

    /// The room is left; if it was joined again meanwhile, that join is another one.
    fn finish_leave(&mut self, room: &RoomName, request: RequestId) {
        if self.channels.get(room).is_some_and(Channel::is_leaving) {
            self.remove(room, Departure::Left, &Error::Closed);
        }
        self.resolve(request, Ok(Answer::Done));
    }

    /// The one way in which a room ends.
    fn remove(&mut self, room: &RoomName, departure: Departure, error: &Error) {
        let Some(channel) = self.channels.remove(room) else { return };
        for push in channel.backlog {
            let error = if push.is_repeated { Error::Lost } else { error.clone() };
            self.resolve(push.request, Err(error));
        }
        if let Some(request) = channel.join_request {
            self.resolve(request, Err(error.clone()));
        }
        self.notify(Notice::Left { room: room.clone(), departure });
    }

    fn notify(&mut self, notice: Notice) {
        self.outputs.push(Output::Notify(notice));
    }

    fn resolve(&mut self, request: RequestId, outcome: Outcome) {
        self.outputs.push(Output::Resolve(request, outcome));
    }

    fn next_ref(&mut self) -> u64 {
        self.last_ref += 1;
        self.last_ref
    }

    fn expect_reply(&mut self, now: Instant, reference: u64, purpose: Purpose) {
        let timeout = self.options.reply_timeout;
        let deadline = now + if self.is_repeatable(&purpose) { timeout.max(DEAD) } else { timeout };
        self.unanswered.insert(reference, Unanswered { purpose, sent: now, deadline });
    }

    /// Sends a push to a room that has begun to be joined.
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
        if let Link::Up { sent, .. } = &mut self.link {
            *sent = now;
            self.outputs.push(Output::Send(codec::encode(frame)));
        }
    }
}

#[cfg(test)]
mod tests;
