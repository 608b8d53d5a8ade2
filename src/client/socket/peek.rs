//! Peeking at the presence of a room: a join that asks for it, without a helo, and a leave.
//!
//! `{"presence": true}` in a join is hullo's own: the server then pushes the `presence_state` at
//! once. Servers that do not know it let the peek time out.
//!
//! A socket has one channel for a topic, and a second join of it ends the first. So a peek at a room
//! that is being joined waits for that join.

use std::time::Instant;

use super::{Purpose, Socket};
use crate::client::Error;
use crate::client::command::{Answer, RequestId};
use crate::presence::Presence;
use crate::protocol::payload::{Join, PresenceState};
use crate::protocol::{Event, Frame, Payload, Ref, RoomName, Topic};

/// One peek, until it has an outcome.
#[derive(Clone, Debug)]
pub(super) struct Peek {
    pub(super) room: RoomName,
    pub(super) request: RequestId,
    pub(super) deadline: Instant,
}

impl Socket {
    pub(super) fn start_peek(&mut self, now: Instant, room: RoomName, request: RequestId) {
        let deadline = now + self.options.reply_timeout;
        self.peek(now, Peek { room, request, deadline });
    }

    /// Tries the peeks again that wait for a join, which may have succeeded or failed meanwhile.
    pub(super) fn retry_waiting_peeks(&mut self, now: Instant) {
        for peek in std::mem::take(&mut self.waiting_peeks) {
            self.peek(now, peek);
        }
    }

    fn peek(&mut self, now: Instant, peek: Peek) {
        let channel = self.channels.get(&peek.room).filter(|channel| !channel.is_leaving());
        match channel {
            Some(channel) if channel.is_entered() && channel.presence.is_synced() => {
                let people = channel.presence.people().collect();
                self.resolve(peek.request, Ok(Answer::People(people)));
            }
            Some(channel) if channel.join_ref().is_some() => self.waiting_peeks.push(peek),
            Some(_) | None if self.is_up() => {
                let join_ref = self.next_ref();
                self.send_peek(now, &peek.room, join_ref, Event::Join);
                self.expect_presence(now, join_ref, peek);
            }
            Some(_) | None => self.resolve(peek.request, Err(Error::Offline)),
        }
    }

    /// Waits for the reply to the join, and after that for the presence.
    pub(super) fn expect_presence(&mut self, now: Instant, join_ref: u64, peek: Peek) {
        let deadline = peek.deadline;
        self.expect_reply(now, join_ref, Purpose::Peek(peek));
        if let Some(unanswered) = self.unanswered.get_mut(&join_ref) {
            unanswered.deadline = deadline;
        }
    }

    /// Handles a presence state if a peek waits for it.
    pub(super) fn on_peeked(&mut self, now: Instant, frame: &Frame, state: &PresenceState) -> bool {
        let Some(join_ref) = frame.join_ref.as_ref().and_then(Ref::as_number) else {
            return false;
        };
        let waiting = self.unanswered.get(&join_ref).map(|unanswered| &unanswered.purpose);
        let Some(Purpose::Peek(peek)) = waiting else { return false };
        let peek = peek.clone();
        self.unanswered.remove(&join_ref);
        let mut presence = Presence::new();
        presence.sync(state.clone());
        self.resolve(peek.request, Ok(Answer::People(presence.people().collect())));
        self.send_peek(now, &peek.room, join_ref, Event::Leave);
        true
    }

    /// The presence did not come in time: the room is left nevertheless.
    pub(super) fn expire_peek(&mut self, now: Instant, join_ref: u64, peek: &Peek) {
        self.resolve(peek.request, Err(Error::TimedOut));
        self.send_peek(now, &peek.room, join_ref, Event::Leave);
    }

    fn send_peek(&mut self, now: Instant, room: &RoomName, join_ref: u64, event: Event) {
        let (reference, payload) = match event {
            Event::Join => (join_ref, Payload::encode(&Join { presence: true, ..Join::default() })),
            _ => (self.next_ref(), Payload::empty()),
        };
        let frame = Frame {
            join_ref: Some(Ref::number(join_ref)),
            reference: Some(Ref::number(reference)),
            topic: Topic::from(room),
            event,
            payload,
        };
        self.send(now, &frame);
    }
}
