//! What the machine does for the user.

use std::time::Instant;

use super::{Output, Purpose, Socket};
use crate::client::channel::{Channel, Phase};
use crate::client::command::{Answer, Command, Delivery, Push, RequestId};
use crate::client::socket::Link;
use crate::client::{Departure, Error, JoinOptions};
use crate::protocol::payload::{Helo, Status};
use crate::protocol::{Event, Payload, RoomName};

impl Socket {
    pub(super) fn on_command(&mut self, now: Instant, request: RequestId, command: Command) {
        match command {
            Command::Join { room, options } => self.join(now, &room, options, request),
            Command::Leave { room } => self.leave(now, &room, request),
            Command::Rename { room, name } => {
                let payload = Payload::encode(&Helo { name, status: None, user: None });
                self.push(now, &room, Push { event: Event::Helo, payload, request });
            }
            Command::SetStatus { room, status } => self.set_status(now, &room, status, request),
            Command::Push { room, event, payload, delivery } => {
                let push = Push { event, payload, request };
                match delivery {
                    Delivery::Reliable => self.push(now, &room, push),
                    Delivery::Droppable => self.push_now(now, &room, push),
                }
            }
            Command::Peek { room } => self.start_peek(now, room, request),
            Command::Reconnect => {
                self.reconnect(now);
                self.resolve(request, Ok(Answer::Done));
            }
        }
    }

    fn join(&mut self, now: Instant, room: &RoomName, options: JoinOptions, request: RequestId) {
        let mut channel = Channel::new(room.clone(), options, request);
        if self.channels.get(room).is_some_and(Channel::is_leaving) {
            self.remove(room, Departure::Left, &Error::Closed);
        } else if let Some(before) = self.channels.remove(room) {
            // Joined again: the old join gives way, as it does on the server.
            channel.backlog = before.backlog;
            if let Some(earlier) = before.join_request {
                self.resolve(earlier, Err(Error::Closed));
            }
        }
        self.channels.insert(room.clone(), channel);
        if self.is_up() {
            self.begin_join(now, room);
        }
    }

    fn set_status(&mut self, now: Instant, room: &RoomName, status: Status, request: RequestId) {
        let payload = Payload::encode(&status);
        if let Some(channel) = self.channels.get_mut(room) {
            channel.options.status = Some(status);
        }
        self.push(now, room, Push { event: Event::Status, payload, request });
    }

    /// Pushes now, or once the room is entered.
    fn push(&mut self, now: Instant, room: &RoomName, push: Push) {
        let backlog = self.channels.values().map(|channel| channel.backlog.len());
        let waiting = self.unanswered.len() + backlog.sum::<usize>();
        let Some(channel) = self.channels.get_mut(room) else {
            return self.resolve(push.request, Err(Error::NotJoined));
        };
        if waiting >= self.options.backlog {
            return self.resolve(push.request, Err(Error::Full));
        }
        if channel.is_entered() {
            self.send_to_room(now, room, push);
        } else {
            channel.backlog.push_back(push);
        }
    }

    fn push_now(&mut self, now: Instant, room: &RoomName, push: Push) {
        if self.channels.get(room).is_some_and(Channel::is_entered) {
            self.push(now, room, push);
        } else {
            self.resolve(push.request, Err(Error::Offline));
        }
    }

    fn leave(&mut self, now: Instant, room: &RoomName, request: RequestId) {
        let Some(channel) = self.channels.get_mut(room) else {
            return self.resolve(request, Err(Error::NotJoined));
        };
        let Some(join_ref) = channel.join_ref() else {
            self.remove(room, Departure::Left, &Error::Closed);
            return self.resolve(request, Ok(Answer::Done));
        };
        channel.phase = Phase::Leaving { join_ref };
        let reference = self.next_ref();
        self.send_push(now, room, reference, Event::Leave, Payload::empty());
        self.expect_reply(now, reference, Purpose::Leave(room.clone(), request));
    }

    pub(super) fn leave_all(&mut self, now: Instant) {
        for room in self.channels.keys().cloned().collect::<Vec<_>>() {
            let reference = self.next_ref();
            self.send_push(now, &room, reference, Event::Leave, Payload::empty());
        }
    }

    fn reconnect(&mut self, now: Instant) {
        match &self.link {
            Link::Down { .. } => self.connect(),
            Link::Connecting => {}
            Link::Up { .. } => {
                self.outputs.push(Output::Disconnect);
                self.drop_connection(now, "reconnecting as asked".to_owned());
                self.connect();
            }
        }
    }
}
