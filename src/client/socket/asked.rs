//! What the machine makes of the user's wishes.

use std::time::Instant;

use super::{Command, Line, Output, Purpose, Socket, Ticket};
use crate::client::channel::{Channel, Held, Introduction, Phase};
use crate::client::{Departure, Error};
use crate::protocol::payload::{Helo, Status};
use crate::protocol::{Event, Payload, RoomName};

/// How many pushes may wait for the server at once.
const MAX_WAITING: usize = 256;

impl Socket {
    pub(super) fn ask(&mut self, now: Instant, command: Command) {
        match command {
            Command::Join { room, introduction, ticket } => {
                self.join(now, &room, introduction, ticket);
            }
            Command::Leave { room, ticket } => self.leave(now, &room, ticket),
            Command::Rename { room, name, ticket } => self.rename(now, &room, name, ticket),
            Command::SetStatus { room, status, ticket } => {
                self.set_status(now, &room, status, ticket);
            }
            Command::Push { room, event, payload, ticket } => {
                self.push(now, &room, Held { event, payload, ticket });
            }
            Command::PushNow { room, event, payload, ticket } => {
                self.push_now(now, &room, Held { event, payload, ticket });
            }
            Command::Look { room, ticket } => self.look(now, room, ticket),
            Command::Reconnect => self.reconnect(now),
            Command::LeaveAll => self.leave_all(now),
        }
    }

    fn join(&mut self, now: Instant, room: &RoomName, introduction: Introduction, ticket: Ticket) {
        let mut channel = Channel::new(room.clone(), introduction, ticket);
        if self.channels.get(room).is_some_and(Channel::is_leaving) {
            self.remove(room, Departure::Asked, &Error::Closed);
        } else if let Some(before) = self.channels.remove(room) {
            // Joined again: the old join gives way, as it does on the server.
            channel.held = before.held;
            self.outputs.extend(before.asked.map(|asked| Output::Failed(asked, Error::Closed)));
        }
        self.channels.insert(room.clone(), channel);
        if matches!(self.line, Line::Up { .. }) {
            self.begin_join(now, room);
        }
    }

    fn rename(&mut self, now: Instant, room: &RoomName, name: String, ticket: Ticket) {
        let payload = Payload::encode(&Helo { name, status: None, user: None });
        self.push(now, room, Held { event: Event::Helo, payload, ticket });
    }

    fn set_status(&mut self, now: Instant, room: &RoomName, status: Status, ticket: Ticket) {
        let Some(channel) = self.channels.get_mut(room) else {
            return self.outputs.push(Output::Failed(ticket, Error::NotJoined));
        };
        let payload = Payload::encode(&status);
        channel.introduction.status = Some(status);
        self.push(now, room, Held { event: Event::Status, payload, ticket });
    }

    fn push(&mut self, now: Instant, room: &RoomName, held: Held) {
        let waiting = self.unanswered.len() + self.held();
        let Some(channel) = self.channels.get_mut(room) else {
            return self.outputs.push(Output::Failed(held.ticket, Error::NotJoined));
        };
        if waiting >= MAX_WAITING {
            return self.outputs.push(Output::Failed(held.ticket, Error::Full));
        }
        if channel.me().is_some() {
            self.send_held(now, room, held);
        } else {
            channel.held.push_back(held);
        }
    }

    fn push_now(&mut self, now: Instant, room: &RoomName, held: Held) {
        if self.channels.get(room).is_some_and(|channel| channel.me().is_some()) {
            self.push(now, room, held);
        } else {
            self.outputs.push(Output::Failed(held.ticket, Error::Offline));
        }
    }

    fn leave(&mut self, now: Instant, room: &RoomName, ticket: Ticket) {
        let Some(channel) = self.channels.get_mut(room) else {
            return self.outputs.push(Output::Failed(ticket, Error::NotJoined));
        };
        let Some(join_ref) = channel.join_ref() else {
            self.remove(room, Departure::Asked, &Error::Closed);
            return self.outputs.push(Output::Done(ticket));
        };
        channel.phase = Phase::Leaving { join_ref };
        let reference = self.next_ref();
        self.send_push(now, room, reference, Event::Leave, Payload::empty());
        self.expect_reply(now, reference, Purpose::Leave(room.clone(), ticket));
    }

    fn leave_all(&mut self, now: Instant) {
        if !matches!(self.line, Line::Up { .. }) {
            return;
        }
        for room in self.channels.keys().cloned().collect::<Vec<_>>() {
            let reference = self.next_ref();
            self.send_push(now, &room, reference, Event::Leave, Payload::empty());
        }
    }

    fn reconnect(&mut self, now: Instant) {
        match &self.line {
            Line::Down { .. } => self.connect(),
            Line::Connecting => {}
            Line::Up { .. } => {
                self.outputs.push(Output::Disconnect);
                self.drop_line(now, "reconnecting as asked".to_owned());
                self.connect();
            }
        }
    }
}
