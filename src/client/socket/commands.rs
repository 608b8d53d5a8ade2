//! What the machine does for the user.

use std::time::Instant;

use serde::Serialize;
use uuid::Uuid;

use super::{Link, Output, Purpose, Socket};
use crate::client::channel::{Channel, Phase};
use crate::client::command::{Answer, Command, Delivery, Push, RequestId};
use crate::client::{Departure, Error, JoinOptions};
use crate::protocol::payload::{Helo, HistoryRequest, ListRequest, Status};
use crate::protocol::{Event, Frame, Payload, Ref, RoomName, Topic};

/// A push by which the server recognizes that it is repeated.
#[derive(Serialize)]
struct Repeatable<T> {
    #[serde(flatten)]
    push: T,
    msg_id: Uuid,
}

impl Socket {
    pub(super) fn on_command(&mut self, now: Instant, request: RequestId, command: Command) {
        match command {
            Command::Join { room, options } => self.join(now, &room, options, request),
            Command::Leave { room } => self.leave(now, &room, request),
            Command::Rename { room, name } => {
                let helo = Helo { name, status: None, user: None, mode: None };
                let payload = Payload::encode(&helo);
                self.push(now, &room, reliable(Event::Helo, payload, request));
            }
            Command::SetStatus { room, status } => self.set_status(now, &room, status, request),
            Command::Say { room, broadcast } => {
                let payload = self.encode_repeatable(broadcast);
                self.push(now, &room, reliable(Event::Broadcast, payload, request));
            }
            Command::Respond { room, response } if response.auto => {
                self.push_now(now, &room, Event::Response, Payload::encode(&response), request);
            }
            Command::Respond { room, response } => {
                let payload = self.encode_repeatable(response);
                self.push(now, &room, reliable(Event::Response, payload, request));
            }
            Command::SetTyping { room, typing } => {
                self.push_now(now, &room, Event::Typing, Payload::encode(&typing), request);
            }
            Command::Peek { room } => self.start_peek(now, room, request),
            Command::History { room, request: wanted } => {
                self.ask_for_history(now, &room, wanted, request);
            }
            Command::SetTopic { room, topic } => {
                let payload = self.encode_repeatable(topic);
                self.push(now, &room, reliable(Event::SetTopic, payload, request));
            }
            Command::List { request: wanted } => self.list(now, &wanted, request),
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
        }
        // Joined again: the old join gives way, as it does on the server.
        self.end_session(room);
        if let Some(before) = self.channels.remove(room) {
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
        self.push(now, room, reliable(Event::Status, payload, request));
    }

    fn encode_repeatable(&mut self, push: impl Serialize) -> Payload {
        let random = self.random.u128(..).to_be_bytes();
        let msg_id = uuid::Builder::from_random_bytes(random).into_uuid();
        Payload::encode(&Repeatable { push, msg_id })
    }

    fn ask_for_history(
        &mut self,
        now: Instant,
        room: &RoomName,
        wanted: HistoryRequest,
        request: RequestId,
    ) {
        if !self.channels.get(room).is_some_and(Channel::is_entered) {
            return self.resolve(request, Err(Error::Offline));
        }
        let reference = self.next_ref();
        self.send_push(now, room, reference, Event::History, Payload::encode(&wanted));
        self.expect_reply(now, reference, Purpose::History(request));
    }

    /// Asks the directory: joins it, asks and leaves at once. A server carries the three out in their
    /// order, so several who ask at the same time are not in each other's way.
    fn list(&mut self, now: Instant, wanted: &ListRequest, request: RequestId) {
        if !self.is_up() {
            return self.resolve(request, Err(Error::Offline));
        }
        let join_ref = self.next_ref();
        self.push_to_directory(now, (join_ref, join_ref), Event::Join, Payload::empty());
        let reference = self.next_ref();
        self.push_to_directory(now, (join_ref, reference), Event::List, Payload::encode(wanted));
        self.expect_reply(now, reference, Purpose::List(request));
        let last = self.next_ref();
        self.push_to_directory(now, (join_ref, last), Event::Leave, Payload::empty());
    }

    fn push_to_directory(
        &mut self,
        now: Instant,
        (join_ref, reference): (u64, u64),
        event: Event,
        payload: Payload,
    ) {
        let (join_ref, reference) = (Some(Ref::number(join_ref)), Some(Ref::number(reference)));
        let topic = Topic::directory();
        self.send(now, &Frame { join_ref, reference, topic, event, payload });
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

fn reliable(event: Event, payload: Payload, request: RequestId) -> Push {
    Push { event, payload, request, delivery: Delivery::Reliable, is_repeated: false }
}
