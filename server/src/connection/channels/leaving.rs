//! How a channel ends: at once, or where a store has yet to answer its pushes, after their replies.

use std::time::Instant;

use hullo::protocol::Ref;
use hullo::protocol::codec::RawFrame;

use super::{Channels, Context};
use crate::batch::Batch;
use crate::connection::channel::{Channel, Destination};
use crate::reply::ReplyTo;
use crate::rooms::{Rooms, Woken};

/// A leave that waits for the replies before it.
#[derive(Debug)]
pub(in crate::connection) struct Leaving {
    reference: Option<Ref>,
}

impl Channels {
    pub(super) fn leave(&mut self, place: usize, frame: &RawFrame<'_>, context: &mut Context<'_>) {
        let Some(Some(channel)) = self.places.get_mut(place) else { return };
        channel.leaving =
            Some(Leaving { reference: frame.reference.as_deref().map(Ref::from_json) });
        let Context { rooms, stamp, batch, woken, .. } = context;
        self.finish_leaves(rooms, stamp.now, batch, woken);
    }

    /// Ends the channels that were left and have their replies.
    pub(crate) fn finish_leaves(
        &mut self,
        rooms: &Rooms,
        now: Instant,
        batch: &mut Batch,
        woken: &mut Woken,
    ) {
        for place in 0..self.places.len() {
            let channel = self.channel(place).filter(|channel| channel.leaving.is_some());
            if channel.is_none_or(Channel::has_waiting_replies) {
                continue;
            }
            let Some(channel) = self.end(place, rooms, now, batch, woken) else { continue };
            let reference = channel.leaving.as_ref().and_then(|leaving| leaving.reference.as_ref());
            let reply_to = ReplyTo {
                join_ref: channel.current_ref(),
                reference: reference.map(Ref::as_json),
                topic: channel.topic.as_str(),
            };
            reply_to.ok(batch);
            reply_to.phx_close(channel.join_ref.as_ref().map(Ref::as_json), batch);
        }
    }

    /// Whether a leave waits.
    pub(crate) fn is_leaving(&self) -> bool {
        self.places.iter().flatten().any(|channel| channel.leaving.is_some())
    }

    /// Ends a channel, after whatever it is still to be sent.
    pub(super) fn end(
        &mut self,
        place: usize,
        rooms: &Rooms,
        now: Instant,
        batch: &mut Batch,
        woken: &mut Woken,
    ) -> Option<Channel> {
        let channel = self.places.get_mut(place)?.take()?;
        if let Destination::Room(room, held) = &channel.destination {
            room.deliver(*held, channel.current_ref(), batch, usize::MAX).unwrap_or_default();
            rooms.leave(room, *held, now, woken);
        }
        self.meter.inherit(channel.pushes);
        Some(channel)
    }

    /// Loses its place in all rooms; sessions that may be taken back stay there for a while.
    pub(crate) fn detach_all(&mut self, rooms: &Rooms, now: Instant, woken: &mut Woken) {
        for channel in std::mem::take(&mut self.places).into_iter().flatten() {
            let Destination::Room(room, held) = &channel.destination else { continue };
            match channel.leaving {
                Some(_) => rooms.leave(room, *held, now, woken),
                None => rooms.detach(room, *held, now, woken),
            }
        }
    }
}
