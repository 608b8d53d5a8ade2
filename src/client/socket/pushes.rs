//! Pushes to rooms: waiting, sent, refused as too many, and repeated after the connection broke.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{Purpose, Socket, Unanswered};
use crate::client::Error;
use crate::client::channel::Channel;
use crate::client::command::{Delivery, Push, RequestId};
use crate::client::pace::Pace;
use crate::protocol::{Event, Payload, Refusal, RoomName};

/// How many pushes to a room may be without a reply. Servers remember more of them than that, to
/// recognize those that are repeated.
const MAX_IN_FLIGHT: usize = 256;

impl Socket {
    /// Pushes now, or as soon as it may be.
    pub(super) fn push(&mut self, now: Instant, room: &RoomName, push: Push) {
        let is_full = self.is_full();
        match self.channels.get_mut(room) {
            None => self.resolve(push.request, Err(Error::NotJoined)),
            Some(_) if is_full => self.resolve(push.request, Err(Error::Full)),
            Some(channel) => {
                channel.enqueue(push);
                self.flush(now, room);
            }
        }
    }

    /// Pushes now or never.
    pub(super) fn push_now(
        &mut self,
        now: Instant,
        room: &RoomName,
        event: Event,
        payload: Payload,
        request: RequestId,
    ) {
        match self.channels.get(room).filter(|channel| channel.is_entered()) {
            None => self.resolve(request, Err(Error::Offline)),
            Some(_) if self.is_full() => self.resolve(request, Err(Error::Full)),
            Some(Channel { pace: Some(pace), .. }) => {
                let wait = pace.ready_at().saturating_duration_since(now);
                self.resolve(request, Err(Error::Refused(Refusal::RateLimited(wait))));
            }
            Some(_) => {
                let delivery = Delivery::Droppable;
                let push = Push { event, payload, request, delivery, is_repeated: false };
                self.send_and_expect_reply(now, room, push);
            }
        }
    }

    /// Whether as many pushes wait for the server as may.
    fn is_full(&self) -> bool {
        let backlog = self.channels.values().map(|channel| channel.backlog.len());
        self.unanswered.len() + backlog.sum::<usize>() >= self.options.backlog
    }

    /// Before a session is resumed on the same connection: what was pushed and is not answered, which
    /// may have been lost with the channel, is pushed again.
    pub(super) fn take_back_pushes(&mut self, room: &RoomName) {
        if !self.channels.get(room).is_some_and(Channel::is_resumable) {
            return;
        }
        let (of_room, others): (BTreeMap<_, _>, _) = std::mem::take(&mut self.unanswered)
            .into_iter()
            .partition(|(_, unanswered)| unanswered.is_push_to(room));
        self.unanswered = others;
        for Unanswered { purpose, .. } in of_room.into_values() {
            self.on_reply_lost(purpose);
        }
    }

    /// Sends as much of the backlog as may be sent now.
    pub(super) fn flush(&mut self, now: Instant, room: &RoomName) {
        let mut in_flight = self.in_flight(room);
        while let Some(channel) = self.channels.get_mut(room).filter(|channel| channel.is_entered())
        {
            if channel.backlog.is_empty() && in_flight == 0 {
                channel.pace = None;
            }
            let may_send = match &channel.pace {
                Some(pace) => in_flight == 0 && pace.ready_at() <= now,
                None => in_flight < MAX_IN_FLIGHT,
            };
            if !may_send {
                return;
            }
            let Some(push) = channel.backlog.pop_front() else { return };
            if let Some(pace) = &mut channel.pace {
                pace.on_sent(now);
            }
            self.send_and_expect_reply(now, room, push);
            in_flight += 1;
        }
    }

    /// How many pushes to a room are without a reply.
    pub(super) fn in_flight(&self, room: &RoomName) -> usize {
        self.unanswered.values().filter(|unanswered| unanswered.is_push_to(room)).count()
    }

    fn send_and_expect_reply(&mut self, now: Instant, room: &RoomName, push: Push) {
        let reference = self.next_ref();
        self.send_push(now, room, reference, push.event.clone(), push.payload.clone());
        self.expect_reply(now, reference, Purpose::Push(room.clone(), push));
    }

    pub(super) fn on_push_refused(
        &mut self,
        now: Instant,
        room: &RoomName,
        push: Push,
        sent: Instant,
        error: Error,
    ) {
        let is_reliable = push.delivery == Delivery::Reliable;
        match (error, self.channels.get_mut(room)) {
            (Error::Refused(Refusal::RateLimited(wait)), Some(channel)) if is_reliable => {
                match &mut channel.pace {
                    Some(pace) => pace.on_refused(now, wait, sent),
                    None => channel.pace = Some(Pace::new(now, wait)),
                }
                channel.enqueue(push);
            }
            // The server no longer has our channel.
            (Error::Refused(Refusal::UnmatchedTopic), Some(channel)) if is_reliable => {
                channel.enqueue(push);
                self.postpone_join(now, room);
            }
            (error, _) => {
                self.resolve(push.request, Err(error));
                self.flush(now, room);
            }
        }
    }

    /// A push is without a reply for good. If the session is resumed, the server knows whether it
    /// carried it out.
    pub(super) fn repeat_or_fail(&mut self, room: &RoomName, push: Push) {
        let channel = self.channels.get_mut(room).filter(|channel| channel.is_resumable());
        match channel.filter(|_| push.delivery == Delivery::Reliable) {
            Some(channel) => channel.enqueue(Push { is_repeated: true, ..push }),
            None => self.resolve(push.request, Err(Error::Lost)),
        }
    }

    /// The session in a room cannot be resumed.
    pub(super) fn end_session(&mut self, room: &RoomName) {
        let channel = self.channels.get_mut(room);
        for push in channel.map(Channel::end_session).unwrap_or_default() {
            self.resolve(push.request, Err(Error::Lost));
        }
    }

    /// Whether a push is sent again if the connection turns out to be dead, which takes its time.
    pub(super) fn is_repeatable(&self, purpose: &Purpose) -> bool {
        let Purpose::Push(room, push) = purpose else { return false };
        push.delivery == Delivery::Reliable
            && self.channels.get(room).is_some_and(Channel::is_resumable)
    }
}
