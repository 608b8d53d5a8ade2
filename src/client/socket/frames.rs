//! What the machine does with frames from the server. A frame that cannot be read is skipped, and
//! the user is told: one mistake of a server is no reason to lose the connection.

use std::time::Instant;

use serde::Deserialize;

use super::{Link, Socket};
use crate::client::channel::Channel;
use crate::client::{Departure, Error, Notice};
use crate::presence::{Change, StateMissing};
use crate::protocol::payload::{
    DeliveredBroadcast, DeliveredResponse, DeliveredTopic, DeliveredTyping, NewUser, Numbered,
    PresenceDiff, PresenceState,
};
use crate::protocol::{Event, Frame, RoomName, TopicKind, codec};
use crate::text::clean_label;

/// What is wrong with a frame.
pub(super) struct Unreadable(pub(super) String);

impl Socket {
    pub(super) fn on_received(&mut self, now: Instant, text: &str) {
        if let Link::Up { heard, unanswered_pings, .. } = &mut self.link {
            *heard = now;
            *unanswered_pings = 0;
        }
        let frame = codec::decode_any_depth(text).map_err(|error| Unreadable(error.to_string()));
        let handled = frame.and_then(|frame| self.on_frame(now, &frame));
        if let Err(Unreadable(reason)) = handled {
            self.notify(Notice::Unreadable { reason });
        }
    }

    fn on_frame(&mut self, now: Instant, frame: &Frame) -> Result<(), Unreadable> {
        if frame.event == Event::Reply {
            return self.on_reply(now, frame);
        }
        if frame.event == Event::PresenceState && self.on_peeked(now, frame, &read(frame)?) {
            return Ok(());
        }
        let TopicKind::Room(room) = frame.topic.kind() else { return Ok(()) };
        let Some(channel) = self.channels.get_mut(&room) else { return Ok(()) };
        if !channel.is_current(frame.join_ref.as_ref()) {
            return Ok(());
        }
        let Numbered { seq } = read_number(frame)?;
        if !channel.accept(seq) {
            return Ok(()); // heard before
        }
        match frame.event {
            Event::Close => self.on_close(&room),
            Event::Error => self.postpone_join(now, &room),
            Event::PresenceState => {
                let change = channel.presence.sync(read::<PresenceState>(frame)?);
                self.notify_change(room, change);
            }
            Event::PresenceDiff => {
                let applied = channel.presence.apply(read::<PresenceDiff>(frame)?);
                self.on_presence_diff(now, room, applied);
            }
            _ => {
                if let Some(notice) = notice_of(room, channel, frame, seq)? {
                    self.notify(notice);
                }
            }
        }
        Ok(())
    }

    fn on_presence_diff(
        &mut self,
        now: Instant,
        room: RoomName,
        applied: Result<Change, StateMissing>,
    ) {
        let Ok(change) = applied else {
            // A new session begins with a new state.
            self.end_session(&room);
            return self.postpone_join(now, &room);
        };
        self.notify_change(room, change);
    }

    fn on_close(&mut self, room: &RoomName) {
        if !self.channels.get(room).is_some_and(Channel::is_leaving) {
            self.remove(room, Departure::Closed, &Error::Closed);
        }
    }

    fn notify_change(&mut self, room: RoomName, change: Change) {
        let entered = self.channels.get(&room).is_some_and(Channel::is_entered);
        if entered && !change.is_empty() {
            self.notify(Notice::Changed { room, change });
        }
    }
}

/// What the user is told of a frame that changes nothing here, once the room is entered.
fn notice_of(
    room: RoomName,
    channel: &Channel,
    frame: &Frame,
    seq: Option<u64>,
) -> Result<Option<Notice>, Unreadable> {
    let Some(me) = channel.me() else { return Ok(None) };
    let notice = match frame.event {
        Event::NewUser => {
            let NewUser { id, name, answer } = read(frame)?;
            if id == me {
                return Ok(None);
            }
            let name = clean_label(&name);
            Notice::Arrived { room, id, name, answer }
        }
        Event::Response => {
            let DeliveredResponse { message, client_session_id, auto, from, .. } = read(frame)?;
            let (from, name) = (client_session_id, from.map(|name| clean_label(&name)));
            Notice::Responded { room, from, message, auto, name, seq }
        }
        Event::Broadcast => {
            let DeliveredBroadcast { message, client_session_id, from } = read(frame)?;
            let (from, name) = (client_session_id, from.map(|name| clean_label(&name)));
            Notice::Said { room, from, message, name, seq }
        }
        Event::RoomTopic => {
            let DeliveredTopic { topic, client_session_id, from } = read(frame)?;
            let topic = Some(clean_label(&topic)).filter(|topic| !topic.is_empty());
            let (from, name) = (client_session_id, from.map(|name| clean_label(&name)));
            Notice::TopicSet { room, topic, from, name }
        }
        Event::Typing => {
            let DeliveredTyping { typing, client_session_id: from } = read(frame)?;
            Notice::Typing { room, from, direct: frame.join_ref.is_some(), typing }
        }
        _ => return Ok(None), // events of a newer server
    };
    Ok(Some(notice))
}

/// The frame's number in the order of the room, for those that have one if the server counts.
fn read_number(frame: &Frame) -> Result<Numbered, Unreadable> {
    match frame.event {
        Event::NewUser
        | Event::Response
        | Event::Broadcast
        | Event::PresenceDiff
        | Event::RoomTopic => read(frame),
        _ => Ok(Numbered::default()),
    }
}

pub(super) fn read<'a, T: Deserialize<'a>>(frame: &'a Frame) -> Result<T, Unreadable> {
    frame.payload.decode().map_err(|error| Unreadable(format!("{}: {error}", frame.event)))
}
