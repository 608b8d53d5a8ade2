//! Looking into a room without a word: a join that asks for the presence, and a leave.
//!
//! `{"presence": true}` in a join is hullo's own: the server then pushes the `presence_state` at
//! once, without a helo. Servers that do not know it let the look time out.

use std::time::Instant;

use super::{Line, Output, Purpose, Socket, Ticket};
use crate::client::Error;
use crate::presence::Presence;
use crate::protocol::payload::{Join, PresenceState};
use crate::protocol::{Event, Frame, Payload, Ref, RoomName, Topic};

impl Socket {
    pub(super) fn look(&mut self, now: Instant, room: RoomName, ticket: Ticket) {
        if let Some(channel) = self.channels.get(&room).filter(|channel| channel.me().is_some()) {
            let people = channel.presence.people().collect();
            return self.outputs.push(Output::Seen(ticket, people));
        }
        if !matches!(self.line, Line::Up { .. }) {
            return self.outputs.push(Output::Failed(ticket, Error::Offline));
        }
        let reference = self.next_ref();
        self.send_look(now, &room, reference, Event::Join);
        self.expect_reply(now, reference, Purpose::Look(room, ticket));
    }

    /// The join is done; what was asked for comes next.
    pub(super) fn keep_looking(
        &mut self,
        now: Instant,
        reference: u64,
        room: RoomName,
        ticket: Ticket,
    ) {
        self.expect_reply(now, reference, Purpose::Look(room, ticket));
    }

    /// Takes a frame if it is what somebody who looks is waiting for.
    pub(super) fn take_look(&mut self, now: Instant, frame: &Frame, state: &PresenceState) -> bool {
        let Some(reference) = frame.join_ref.as_ref().and_then(Ref::as_number) else {
            return false;
        };
        let Some(Purpose::Look(room, ticket)) =
            self.unanswered.get(&reference).map(|waiting| waiting.purpose.clone())
        else {
            return false;
        };
        self.unanswered.remove(&reference);
        let mut presence = Presence::new();
        presence.sync(state.clone());
        self.outputs.push(Output::Seen(ticket, presence.people().collect()));
        self.send_look(now, &room, reference, Event::Leave);
        true
    }

    fn send_look(&mut self, now: Instant, room: &RoomName, join_ref: u64, event: Event) {
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
