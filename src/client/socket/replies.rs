//! What the machine does with replies to its pushes.

use std::time::Instant;

use serde::Deserialize;

use super::frames::{Unreadable, read};
use super::peek::Peek;
use super::{Link, Purpose, Socket, Unanswered};
use crate::client::channel::{Entry, Phase, past_messages};
use crate::client::command::{Answer, Push, RequestId};
use crate::client::{Departure, Error, Notice};
use crate::protocol::payload::{
    HistoryPage, Reason, Reply, ReplyStatus, Resumed, RoomList, Welcome,
};
use crate::protocol::{Event, Frame, Payload, Ref, Refusal, RoomName};

impl Socket {
    pub(super) fn on_reply(&mut self, now: Instant, frame: &Frame) -> Result<(), Unreadable> {
        let reference = frame.reference.as_ref().and_then(Ref::as_number);
        let waiting = reference.and_then(|number| Some((number, self.unanswered.remove(&number)?)));
        let Some((number, Unanswered { purpose, sent, .. })) = waiting else {
            self.on_pong(now, reference); // or a reply that is too late
            return Ok(());
        };
        if matches!(purpose, Purpose::Join(_)) {
            self.notify_round_trip(now, sent);
        }
        let (status, response) = match read(frame) {
            Ok(Reply { status, response }) => (status, response.into_payload()),
            Err(unreadable) => {
                self.on_refused(now, purpose, sent, Error::Unreadable(unreadable.0.clone()));
                return Err(unreadable);
            }
        };
        match status {
            ReplyStatus::Ok => self.on_ok(now, number, purpose, &response),
            ReplyStatus::Error => {
                self.on_refused(now, purpose, sent, refusal(&response));
                Ok(())
            }
        }
    }

    fn on_pong(&mut self, now: Instant, reference: Option<u64>) {
        if let Link::Up { pinged, ping, .. } = self.link
            && reference == Some(ping)
        {
            self.notify_round_trip(now, pinged);
        }
    }

    fn notify_round_trip(&mut self, now: Instant, sent: Instant) {
        self.notify(Notice::RoundTrip(now.saturating_duration_since(sent)));
    }

    fn on_ok(
        &mut self,
        now: Instant,
        number: u64,
        purpose: Purpose,
        response: &Payload,
    ) -> Result<(), Unreadable> {
        match purpose {
            Purpose::Join(room) => self.on_joined(now, &room, response),
            Purpose::Helo(room) => match decode(response) {
                Ok(welcome) => self.enter(now, &room, welcome),
                Err(unreadable) => {
                    self.postpone_join(now, &room);
                    return Err(unreadable);
                }
            },
            Purpose::Push(room, Push { event, request, .. }) => {
                if event == Event::Helo {
                    self.on_renamed(&room, request, decode(response));
                } else {
                    self.resolve(request, Ok(Answer::Done));
                }
                self.flush(now, &room);
            }
            Purpose::Leave(room, request) => self.finish_leave(&room, request),
            Purpose::History(request) => self.on_history(request, decode(response)),
            Purpose::List(request) => self.on_listed(request, decode(response)),
            Purpose::Peek(peek) => self.expect_presence(now, number, peek),
        }
        Ok(())
    }

    fn on_renamed(
        &mut self,
        room: &RoomName,
        request: RequestId,
        welcome: Result<Welcome, Unreadable>,
    ) {
        let outcome = match (welcome, self.channels.get_mut(room)) {
            (Ok(Welcome { id, name, .. }), Some(channel)) => {
                Ok(Answer::Me(channel.rename(id, name)))
            }
            (Ok(_), None) => Err(Error::NotJoined),
            (Err(Unreadable(why)), _) => Err(Error::Unreadable(why)),
        };
        self.resolve(request, outcome);
    }

    fn on_history(&mut self, request: RequestId, page: Result<HistoryPage, Unreadable>) {
        let outcome = match page {
            Ok(HistoryPage { history }) => Ok(Answer::History(past_messages(history).collect())),
            Err(Unreadable(why)) => Err(Error::Unreadable(why)),
        };
        self.resolve(request, outcome);
    }

    fn on_listed(&mut self, request: RequestId, list: Result<RoomList, Unreadable>) {
        let outcome = match list {
            Ok(list) => Ok(Answer::Rooms(list.into())),
            Err(Unreadable(why)) => Err(Error::Unreadable(why)),
        };
        self.resolve(request, outcome);
    }

    fn on_joined(&mut self, now: Instant, room: &RoomName, response: &Payload) {
        let Some(channel) = self.channels.get_mut(room) else { return };
        let Phase::Joining { join_ref } = channel.phase else { return };
        // Servers that do not know sessions answer with an empty payload.
        let is_resumed = response.decode().is_ok_and(|Resumed { resumed, .. }| resumed);
        if is_resumed && let Some(me) = channel.resume(join_ref) {
            let present = channel.present(&me);
            self.notify(Notice::Resumed { room: room.clone(), me, present });
            self.flush(now, room);
        } else {
            channel.phase = Phase::Greeting { join_ref };
            self.end_session(room);
            self.say_helo(now, room);
        }
    }

    fn enter(&mut self, now: Instant, room: &RoomName, welcome: Welcome) {
        let Some(channel) = self.channels.get_mut(room) else { return };
        let Phase::Greeting { join_ref } = channel.phase else { return };
        let Entry { me, gap, history, topic } = channel.enter(join_ref, welcome);
        let present = channel.present(&me);
        if let Some(request) = channel.join_request.take() {
            self.resolve(request, Ok(Answer::Me(me.clone())));
        }
        if let Some(is_filled) = gap {
            self.notify(Notice::Gap { room: room.clone(), is_filled });
        }
        self.notify(Notice::Entered { room: room.clone(), me, present, topic });
        if !history.is_empty() {
            self.notify(Notice::History { room: room.clone(), messages: history });
        }
        self.flush(now, room);
    }

    /// The server refused, or its answer cannot be read.
    fn on_refused(&mut self, now: Instant, purpose: Purpose, sent: Instant, error: Error) {
        match purpose {
            Purpose::Join(room) | Purpose::Helo(room) => self.on_join_refused(now, &room, error),
            Purpose::Leave(room, request) => self.finish_leave(&room, request),
            Purpose::History(request)
            | Purpose::List(request)
            | Purpose::Peek(Peek { request, .. }) => {
                self.resolve(request, Err(error));
            }
            Purpose::Push(room, push) => self.on_push_refused(now, &room, push, sent, error),
        }
    }

    fn on_join_refused(&mut self, now: Instant, room: &RoomName, error: Error) {
        let Some(channel) = self.channels.get_mut(room) else { return };
        match error {
            Error::Refused(Refusal::RateLimited(wait)) => {
                channel.phase = Phase::Rejoining { at: now + wait };
            }
            Error::Unreadable(_) => channel.postpone(now),
            // A server that does not know modes may refuse a helo that has one.
            Error::Refused(Refusal::InvalidPayload)
                if channel.options.mode.is_some()
                    && matches!(channel.phase, Phase::Greeting { .. }) =>
            {
                channel.options.mode = None;
                self.say_helo(now, room);
            }
            // Nobody waits for the join: the connection was made anew.
            Error::Refused(Refusal::Unavailable) if channel.join_request.is_none() => {
                channel.postpone(now);
            }
            error => {
                if let Phase::Greeting { .. } = channel.phase {
                    let reference = self.next_ref();
                    self.send_push(now, room, reference, Event::Leave, Payload::empty());
                }
                self.remove(room, Departure::Refused(error.clone()), &error);
            }
        }
    }
}

fn decode<'a, T: Deserialize<'a>>(payload: &'a Payload) -> Result<T, Unreadable> {
    payload.decode().map_err(|error| Unreadable(format!("a reply: {error}")))
}

fn refusal(response: &Payload) -> Error {
    match response.decode::<Reason>() {
        Ok(reason) => reason.into(),
        Err(_) => Error::RefusedOther("no reason given".to_owned()),
    }
}
