//! The effects that the client library performs. Logged without names and messages.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use hullo::client::{Error, JoinOptions, Pending};
use hullo::protocol::payload::Status;
use hullo::protocol::{RoomName, SessionId};
use tracing::debug;

use super::Effects;
use crate::core::event::{Event, Ticket};
use crate::settings::Backlog;
use crate::shell::clock;
use crate::shell::log::CONNECTION;

/// How many earlier messages are read at once.
const PAGE: u64 = 100;

/// How many rooms are listed.
const MOST_ROOMS: u64 = 200;

impl Effects {
    /// The outcome comes as a notice.
    pub(super) fn join(&self, room: &RoomName, options: JoinOptions, backlog: Backlog) {
        debug!(target: CONNECTION, "joins a room");
        let history = if self.shows_backlog { backlog.0.into() } else { 0 };
        drop(self.client.room(room).join(options.history(history)));
    }

    pub(super) fn leave(&self, room: &RoomName) {
        debug!(target: CONNECTION, "leaves a room");
        drop(self.client.room(room).leave());
    }

    pub(super) fn rename(&mut self, ticket: Ticket, room: &RoomName, name: &str) {
        debug!(target: CONNECTION, ticket = ticket.0, "says helo by another name");
        self.await_push(ticket, self.client.room(room).rename(name));
    }

    pub(super) fn say(&mut self, ticket: Ticket, room: &RoomName, text: String) {
        debug!(target: CONNECTION, ticket = ticket.0, "says something to a room");
        self.await_push(ticket, self.client.room(room).say(text));
    }

    pub(super) fn tell(&mut self, ticket: Ticket, room: &RoomName, to: SessionId, text: String) {
        debug!(target: CONNECTION, ticket = ticket.0, "says something to one person");
        self.await_push(ticket, self.client.room(room).respond(to, text));
    }

    /// Reports the outcome of a push.
    pub(super) fn await_push<T: Send + 'static>(&mut self, ticket: Ticket, pending: Pending<T>) {
        self.spawn(async move {
            let outcome: Result<(), Error> = pending.await.map(drop);
            debug!(target: CONNECTION, ticket = ticket.0, ok = outcome.is_ok(), "a push is settled");
            Some(Event::Settled(ticket, outcome))
        });
    }

    /// Answers a newcomer, with `jitter` after a random delay; the outcome does not matter.
    pub(super) fn answer(&mut self, room: RoomName, to: SessionId, text: String, jitter: bool) {
        debug!(target: CONNECTION, jitter, "answers a newcomer");
        let client = self.client.clone();
        if !jitter {
            drop(client.room(&room).auto_respond(to, text));
            return;
        }
        self.greetings.spawn(async move {
            tokio::time::sleep(random_delay()).await;
            drop(client.room(&room).auto_respond(to, text));
        });
        while self.greetings.try_join_next().is_some() {}
    }

    /// The client repeats it with the next helo, so it cannot be lost.
    pub(super) fn set_status(&self, room: &RoomName, status: Status) {
        debug!(target: CONNECTION, "tells a status");
        drop(self.client.room(room).set_status(status));
    }

    pub(super) fn set_typing(&self, room: &RoomName, to: Option<SessionId>, typing: bool) {
        debug!(target: CONNECTION, typing, "tells that we type");
        self.client.room(room).set_typing(to, typing);
    }

    pub(super) fn read_history(&mut self, room: RoomName, before: u64) {
        debug!(target: CONNECTION, before, "reads earlier messages");
        let page = self.client.room(&room).history(PAGE, Some(before));
        self.spawn(async move { Some(Event::HistoryRead { room, outcome: page.await }) });
    }

    pub(super) fn set_topic(&mut self, ticket: Ticket, room: &RoomName, topic: &str) {
        debug!(target: CONNECTION, ticket = ticket.0, "says what a room is about");
        self.await_push(ticket, self.client.room(room).set_topic(topic));
    }

    pub(super) fn list_rooms(&mut self, ticket: Option<Ticket>, matching: &str) {
        debug!(target: CONNECTION, "lists the rooms");
        let matching = Some(matching).filter(|text| !text.is_empty());
        let list = self.client.rooms(matching, MOST_ROOMS);
        self.spawn(async move { Some(Event::RoomsListed(ticket, list.await)) });
    }

    pub(super) fn reconnect(&self) {
        debug!(target: CONNECTION, "tries to connect again");
        self.client.reconnect();
    }
}

/// Between 50 and 800 ms. The random keys of a hash map are random enough for this.
fn random_delay() -> Duration {
    let random = RandomState::new().hash_one(clock().at);
    Duration::from_millis(50 + random % 750)
}
