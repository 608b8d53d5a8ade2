//! What the machine makes of frames from the server.

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::{Line, Output, Purpose, Socket, Unanswered};
use crate::client::channel::{Channel, Phase};
use crate::client::{Departure, Error, Notice};
use crate::presence::Change;
use crate::protocol::payload::{
    DeliveredBroadcast, DeliveredResponse, DeliveredTyping, NewUser, PresenceDiff, PresenceState,
    Reason, Reply, ReplyStatus, Welcome,
};
use crate::protocol::{Event, Frame, Payload, Ref, RoomName, TopicKind, codec};

/// The server sent something that no server of this protocol sends.
struct Nonsense(String);

impl Socket {
    pub(super) fn receive(&mut self, now: Instant, text: &str) {
        if let Line::Up { heard, unanswered, .. } = &mut self.line {
            *heard = now;
            *unanswered = 0;
        }
        let read = codec::decode_any_depth(text).map_err(|error| Nonsense(error.to_string()));
        if let Err(Nonsense(why)) = read.and_then(|frame| self.take(now, &frame)) {
            self.outputs.push(Output::Disconnect);
            self.drop_line(now, format!("the server does not speak this protocol: {why}"));
        }
    }

    fn take(&mut self, now: Instant, frame: &Frame) -> Result<(), Nonsense> {
        if frame.event == Event::Reply {
            return self.take_reply(now, frame);
        }
        if frame.event == Event::PresenceState && self.take_look(now, frame, &read(frame)?) {
            return Ok(());
        }
        let TopicKind::Room(room) = frame.topic.kind() else { return Ok(()) };
        let Some(channel) = self.channels.get_mut(&room) else { return Ok(()) };
        if !channel.is_current(frame.join_ref.as_ref()) {
            return Ok(());
        }
        match frame.event {
            Event::Close => self.take_close(&room),
            Event::Error => self.postpone(now, &room),
            Event::PresenceState => {
                let change = channel.presence.sync(read::<PresenceState>(frame)?);
                self.tell_change(room, change);
            }
            Event::PresenceDiff => {
                let change = channel.presence.apply(read::<PresenceDiff>(frame)?);
                self.tell_change(room, change);
            }
            _ => {
                if let Some(notice) = heard(room, channel, frame)? {
                    self.outputs.push(Output::Tell(notice));
                }
            }
        }
        Ok(())
    }

    fn take_close(&mut self, room: &RoomName) {
        if !self.channels.get(room).is_some_and(Channel::is_leaving) {
            self.remove(room, Departure::Closed, &Error::Closed);
        }
    }

    fn tell_change(&mut self, room: RoomName, change: Change) {
        let entered = self.channels.get(&room).is_some_and(|channel| channel.me().is_some());
        if entered && !change.is_empty() {
            self.outputs.push(Output::Tell(Notice::Changed { room, change }));
        }
    }

    fn take_reply(&mut self, now: Instant, frame: &Frame) -> Result<(), Nonsense> {
        let reference = frame.reference.as_ref().and_then(Ref::as_number);
        let waiting = reference.and_then(|number| Some((number, self.unanswered.remove(&number)?)));
        let Some((number, Unanswered { purpose, asked })) = waiting else {
            self.take_pong(now, reference); // or too late
            return Ok(());
        };
        if matches!(purpose, Purpose::Join(_)) {
            self.tell_round_trip(now, asked);
        }
        let Reply { status, response } = read(frame)?;
        let response = response.into_payload();
        match status {
            ReplyStatus::Ok => self.take_ok(now, number, purpose, &response),
            ReplyStatus::Error => {
                self.take_refusal(now, purpose, &response);
                Ok(())
            }
        }
    }

    fn take_pong(&mut self, now: Instant, reference: Option<u64>) {
        if let Line::Up { pinged, ping, .. } = self.line
            && reference == Some(ping)
        {
            self.tell_round_trip(now, pinged);
        }
    }

    fn tell_round_trip(&mut self, now: Instant, asked: Instant) {
        let round_trip = now.saturating_duration_since(asked);
        self.outputs.push(Output::Tell(Notice::RoundTrip(round_trip)));
    }

    fn take_ok(
        &mut self,
        now: Instant,
        number: u64,
        purpose: Purpose,
        response: &Payload,
    ) -> Result<(), Nonsense> {
        match purpose {
            Purpose::Join(room) => {
                let Some(channel) = self.channels.get_mut(&room) else { return Ok(()) };
                if let Phase::Joining { join_ref } = channel.phase {
                    channel.phase = Phase::Greeting { join_ref };
                    self.say_helo(now, &room);
                }
            }
            Purpose::Helo(room) => self.enter(now, &room, decode(response)?),
            Purpose::Rename(room, ticket) => {
                let Welcome { id, name, .. } = decode(response)?;
                if let Some(channel) = self.channels.get_mut(&room) {
                    let me = channel.renamed(id, name);
                    self.outputs.push(Output::Welcomed(ticket, me));
                }
            }
            Purpose::Leave(room, ticket) => self.finish_leave(&room, ticket),
            Purpose::Push(_, ticket) => self.outputs.push(Output::Done(ticket)),
            Purpose::Look(room, ticket) => self.keep_looking(now, number, room, ticket),
        }
        Ok(())
    }

    fn enter(&mut self, now: Instant, room: &RoomName, welcome: Welcome) {
        let Some(channel) = self.channels.get_mut(room) else { return };
        let Phase::Greeting { join_ref } = channel.phase else { return };
        let me = channel.enter(join_ref, welcome);
        let mut present: Vec<_> = channel.presence.people().collect();
        if present.iter().all(|person| person.id != me.id) {
            present.push(me.clone());
        }
        let asked = channel.asked.take();
        let held = std::mem::take(&mut channel.held);
        self.outputs.extend(asked.map(|ticket| Output::Welcomed(ticket, me.clone())));
        self.outputs.push(Output::Tell(Notice::Entered { room: room.clone(), me, present }));
        for push in held {
            self.send_held(now, room, push);
        }
    }

    fn take_refusal(&mut self, now: Instant, purpose: Purpose, response: &Payload) {
        let error = refusal(response);
        match purpose {
            Purpose::Join(room) | Purpose::Helo(room) => self.take_join_refusal(now, &room, error),
            Purpose::Leave(room, ticket) => self.finish_leave(&room, ticket),
            Purpose::Look(_, ticket) => self.outputs.push(Output::Failed(ticket, error)),
            Purpose::Rename(room, ticket) | Purpose::Push(room, ticket) => {
                if error == Error::Refused("unmatched topic".to_owned()) {
                    self.postpone(now, &room); // the server has forgotten us there
                }
                self.outputs.push(Output::Failed(ticket, error));
            }
        }
    }

    fn take_join_refusal(&mut self, now: Instant, room: &RoomName, error: Error) {
        let Some(channel) = self.channels.get_mut(room) else { return };
        match error {
            Error::RateLimited { retry_after_ms } => {
                channel.phase =
                    Phase::Rejoining { at: now + Duration::from_millis(retry_after_ms) };
            }
            error => {
                if let Phase::Greeting { .. } = channel.phase {
                    let reference = self.next_ref();
                    self.send_push(now, room, reference, Event::Leave, Payload::empty());
                }
                let departure = Departure::Refused(refused_word(&error));
                self.remove(room, departure, &error);
            }
        }
    }
}

/// What a frame that changes nothing here tells the user, once the room is entered.
fn heard(room: RoomName, channel: &Channel, frame: &Frame) -> Result<Option<Notice>, Nonsense> {
    let Some(me) = channel.me() else { return Ok(None) };
    let notice = match frame.event {
        Event::NewUser => {
            let NewUser { id, name, answer } = read(frame)?;
            if id == me {
                return Ok(None);
            }
            let name = crate::text::clean_label(&name);
            Notice::Arrived { room, id, name, answer }
        }
        Event::Response => {
            let DeliveredResponse { message, client_session_id: from, auto, .. } = read(frame)?;
            Notice::Responded { room, from, message, auto }
        }
        Event::Broadcast => {
            let DeliveredBroadcast { message, client_session_id: from } = read(frame)?;
            Notice::Said { room, from, message }
        }
        Event::Typing => {
            let DeliveredTyping { typing, client_session_id: from } = read(frame)?;
            Notice::Typing { room, from, direct: frame.join_ref.is_some(), typing }
        }
        _ => return Ok(None), // events of a newer server
    };
    Ok(Some(notice))
}

fn read<'a, T: Deserialize<'a>>(frame: &'a Frame) -> Result<T, Nonsense> {
    frame.payload.decode().map_err(|error| Nonsense(format!("{}: {error}", frame.event)))
}

fn decode<'a, T: Deserialize<'a>>(payload: &'a Payload) -> Result<T, Nonsense> {
    payload.decode().map_err(|error| Nonsense(format!("a reply: {error}")))
}

fn refusal(response: &Payload) -> Error {
    match response.decode() {
        Ok(Reason { reason, retry_after_ms: Some(retry_after_ms) }) if reason == "rate_limited" => {
            Error::RateLimited { retry_after_ms }
        }
        Ok(Reason { reason, .. }) => Error::Refused(crate::text::clean_line(&reason).into_owned()),
        Err(_) => Error::Refused("no reason given".to_owned()),
    }
}

fn refused_word(error: &Error) -> String {
    match error {
        Error::Refused(reason) => reason.clone(),
        other => other.to_string(),
    }
}
