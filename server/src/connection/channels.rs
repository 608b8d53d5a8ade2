//! The channels of one connection: what each frame is, what it costs, and which room it goes to.
//!
//! What the wire's description leaves open is decided here:
//!
//! - A `join_ref` of null on a joined topic means the current one, and replies carry the channel's
//!   own. A join without a `join_ref` lends the channel its ref for that.
//! - Replies of "unmatched topic" carry no `join_ref`, as Phoenix does it.
//! - A stale push is charged, yet stays unanswered; a leave is charged, yet never refused. What a
//!   room must tell all its members of is charged by their number.

pub(super) mod leaving;

use std::sync::Arc;
use std::time::Duration;

use hullo::protocol::codec::RawFrame;
use hullo::protocol::payload::{self, Join};
use hullo::protocol::{Event, Ref, Topic, TopicKind};

use super::channel::{Channel, Destination, enter, resume, resumed};
use super::meter::{Limits, Meter};
use crate::batch::Batch;
use crate::close::Close;
use crate::rate::{Bucket, Verdict};
use crate::refusal::Refusal;
use crate::reply::ReplyTo;
use crate::room::delivery::{Delivered, MAX_BATCH_BYTES};
use crate::room::{Push, Stamp};
use crate::rooms::{Pressed, Recipient, Rooms, Woken};

/// What a frame turned out to be; with the place of its channel, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameKind {
    /// A join of the directory, or of a topic that may be a room.
    Join,
    /// Answered by the connection itself.
    Heartbeat,
    /// A leave of what is not joined: fine.
    LeftAlready,
    /// To a channel that was joined once, or by another.
    Stale,
    /// To a joined channel, to end it.
    Leave(usize),
    /// To a joined channel.
    Push(usize),
    /// To nowhere.
    Unmatched,
}

/// All that a frame is handled with.
pub(crate) struct Context<'a> {
    pub(crate) rooms: &'a Rooms,
    pub(crate) me: &'a Arc<dyn Recipient>,
    pub(crate) stamp: &'a Stamp<'a>,
    pub(crate) batch: &'a mut Batch,
    pub(crate) woken: &'a mut Woken,
    /// Told each refusal, to be counted.
    pub(crate) refused: &'a mut dyn FnMut(Refusal),
}

impl Context<'_> {
    fn refuse(&mut self, reply_to: ReplyTo<'_>, refusal: Refusal) {
        (self.refused)(refusal);
        reply_to.refuse(refusal, self.batch);
    }

    /// Replies come in the order of the pushes, and some may yet wait.
    fn refuse_push(&mut self, channel: &Channel, reply_to: ReplyTo<'_>, refusal: Refusal) {
        (self.refused)(refusal);
        match &channel.destination {
            Destination::Room(room, held) => room.refuse(*held, reply_to, refusal, self.batch),
            Destination::Directory => reply_to.refuse(refusal, self.batch),
        }
    }
}

/// The channels of one connection.
#[derive(Debug)]
pub(crate) struct Channels {
    meter: Meter,
    places: Vec<Option<Channel>>,
}

impl Channels {
    /// No channels.
    pub(crate) fn new(limits: Arc<Limits>) -> Self {
        Self { meter: Meter::new(limits), places: Vec::new() }
    }

    /// Handles one frame of `bytes` bytes.
    pub(crate) fn handle(
        &mut self,
        frame: &RawFrame<'_>,
        bytes: usize,
        context: &mut Context<'_>,
    ) -> Result<Pressed, Close> {
        let kind = self.classify(frame);
        match self.charge(kind, frame, bytes, context) {
            Verdict::Accept => Ok(self.carry_out(kind, frame, context)),
            // phoenix.js does not try again: refused, it would stay for as long as its socket does.
            Verdict::Refuse(_) if matches!(kind, FrameKind::Leave(_)) => {
                Ok(self.carry_out(kind, frame, context))
            }
            Verdict::Refuse(wait) => {
                self.refuse(kind, frame, wait, context);
                Ok(Pressed::default())
            }
            Verdict::Close => Err(Close::RateLimited),
        }
    }

    /// Writes what the rooms of marked channels have for this connection, until the batch is full.
    /// `marks` has a bit for each, and comes back with those that have more.
    pub(crate) fn deliver(&self, marks: &mut u64, batch: &mut Batch) -> Result<(), Close> {
        let marked = std::mem::take(marks);
        for (place, channel) in self.places.iter().enumerate() {
            let mark = mark(place);
            let Some(channel) = channel.as_ref().filter(|_| marked & mark != 0) else { continue };
            let Destination::Room(room, held) = &channel.destination else { continue };
            if batch.bytes() >= MAX_BATCH_BYTES {
                *marks |= mark;
                continue;
            }
            let join_ref = channel.current_ref.as_ref().map(Ref::as_json);
            let delivered = room.deliver(*held, join_ref, batch, MAX_BATCH_BYTES);
            match delivered {
                Ok(Delivered::All) => {}
                Ok(Delivered::Some) => *marks |= mark,
                Err(_lapped) => return Err(Close::TooSlow),
            }
        }
        Ok(())
    }

    fn channel(&self, place: usize) -> Option<&Channel> {
        self.places.get(place)?.as_ref()
    }

    fn find(&self, topic: &str) -> Option<(usize, &Channel)> {
        let channels = self.places.iter().enumerate();
        let mut channels = channels.filter_map(|(place, channel)| Some((place, channel.as_ref()?)));
        channels.find(|(_, channel)| channel.topic.as_str() == topic)
    }

    fn classify(&self, frame: &RawFrame<'_>) -> FrameKind {
        if frame.event == Event::Join {
            return match Topic::from(&*frame.topic).kind() {
                TopicKind::Directory | TopicKind::Room(_) | TopicKind::NoSuchRoom(_) => {
                    FrameKind::Join
                }
                TopicKind::Phoenix | TopicKind::Unknown => FrameKind::Unmatched,
            };
        }
        match (self.find(&frame.topic), &frame.event) {
            (Some((place, channel)), event) if channel.is_meant_by(frame.join_ref.as_deref()) => {
                if *event == Event::Leave {
                    FrameKind::Leave(place)
                } else {
                    FrameKind::Push(place)
                }
            }
            (Some(_), _) => FrameKind::Stale,
            (None, Event::Leave) => FrameKind::LeftAlready,
            (None, Event::Heartbeat) if frame.topic == Topic::PHOENIX => FrameKind::Heartbeat,
            (None, _) => FrameKind::Unmatched,
        }
    }

    fn charge(
        &mut self,
        kind: FrameKind,
        frame: &RawFrame<'_>,
        bytes: usize,
        context: &Context<'_>,
    ) -> Verdict {
        let now = context.stamp.now;
        let (FrameKind::Leave(place) | FrameKind::Push(place)) = kind else {
            return self.meter.charge(None, bytes, now);
        };
        let Some(Some(channel)) = self.places.get_mut(place) else { return Verdict::Accept };
        let bytes = bytes + channel.more_bytes(&frame.event, context.rooms);
        self.meter.charge(Some(&mut channel.pushes), bytes, now)
    }

    fn refuse(
        &self,
        kind: FrameKind,
        frame: &RawFrame<'_>,
        wait: Duration,
        context: &mut Context<'_>,
    ) {
        let refusal = Refusal::RateLimited(wait);
        let join_ref = match kind {
            FrameKind::Leave(place) | FrameKind::Push(place) => {
                let Some(channel) = self.channel(place) else { return };
                let reply_to = reply_to(frame, channel.current_ref());
                return context.refuse_push(channel, reply_to, refusal);
            }
            FrameKind::Stale => return,
            FrameKind::Join
            | FrameKind::Heartbeat
            | FrameKind::LeftAlready
            | FrameKind::Unmatched => frame.join_ref.as_deref(),
        };
        context.refuse(reply_to(frame, join_ref), refusal);
    }

    fn carry_out(
        &mut self,
        kind: FrameKind,
        frame: &RawFrame<'_>,
        context: &mut Context<'_>,
    ) -> Pressed {
        match kind {
            FrameKind::Join => self.join(frame, context),
            FrameKind::Heartbeat => reply_to(frame, None).ok(context.batch),
            FrameKind::LeftAlready => {
                reply_to(frame, frame.join_ref.as_deref()).ok(context.batch);
            }
            FrameKind::Stale => {}
            FrameKind::Leave(place) => self.leave(place, frame, context),
            FrameKind::Push(place) => return self.push(place, frame, context),
            FrameKind::Unmatched => {
                context.refuse(reply_to(frame, None), Refusal::UnmatchedTopic);
            }
        }
        Pressed::default()
    }

    /// A second join of a joined topic takes the place of the first: its reply comes first, then
    /// the end of the old channel. A session that it takes back is the same in both.
    fn join(&mut self, frame: &RawFrame<'_>, context: &mut Context<'_>) {
        let reply_to = reply_to(frame, frame.join_ref.as_deref());
        let join = match self.may_join(frame) {
            Ok(join) => join,
            Err(refusal) => return context.refuse(reply_to, refusal),
        };
        let topic = Topic::from(&*frame.topic);
        let old = self.find(&frame.topic).map(|(place, _)| place);
        let free = || self.places.iter().position(Option::is_none).unwrap_or(self.places.len());
        let place = old.unwrap_or_else(free);
        let back = resume(&join, &topic, place, context);
        let Context { rooms, stamp, batch, woken, .. } = context;
        let old = old.and_then(|old| self.end(old, rooms, stamp.now, batch, woken));
        let close_old = |context: &mut Context<'_>| {
            if let Some(old) = &old {
                reply_to.phx_close(old.join_ref.as_ref().map(Ref::as_json), context.batch);
            }
        };
        let destination = match enter(back.as_ref(), &join, &topic, place, context) {
            Ok(destination) => destination,
            Err(refusal) => {
                context.refuse(reply_to, refusal);
                return close_old(context);
            }
        };
        match join.resume {
            None => reply_to.ok(context.batch),
            Some(_) => reply_to.ok_with(&resumed(back), context.batch),
        }
        close_old(context);
        let join_ref = frame.join_ref.as_deref().map(Ref::from_json);
        let current_ref =
            join_ref.clone().or_else(|| frame.reference.as_deref().map(Ref::from_json));
        let pushes = Bucket::default();
        let channel = Channel { topic, destination, join_ref, current_ref, pushes, leaving: None };
        if let Destination::Room(room, _) = &channel.destination
            && join.presence
        {
            room.send_presence(channel.current_ref(), context.batch);
        }
        if place == self.places.len() {
            self.places.reserve_exact(1);
            self.places.push(None);
        }
        self.places[place] = Some(channel);
    }

    fn may_join(&self, frame: &RawFrame<'_>) -> Result<Join, Refusal> {
        if let TopicKind::NoSuchRoom(_) = Topic::from(&*frame.topic).kind() {
            return Err(Refusal::InvalidRoom);
        }
        let join = payload::read(frame.payload.get()).map_err(|_| Refusal::InvalidPayload)?;
        let joined = self.places.iter().flatten().count();
        let full = joined >= self.meter.limits.max_channels && self.find(&frame.topic).is_none();
        if full { Err(Refusal::TooManyChannels) } else { Ok(join) }
    }

    fn push(&self, place: usize, frame: &RawFrame<'_>, context: &mut Context<'_>) -> Pressed {
        let Some(channel) = self.channel(place) else { return Pressed::default() };
        let reply_to = reply_to(frame, channel.current_ref());
        let payload = frame.payload.get();
        let pushed = match &channel.destination {
            Destination::Room(room, held) => {
                let (event, stamp) = (&frame.event, context.stamp);
                let push = Push { member: held.member, event, payload, reply_to, stamp };
                room.push(context.rooms, *held, &push, context.batch, context.woken)
            }
            Destination::Directory => {
                let list = context.rooms.directory(&frame.event, payload);
                list.map(|list| reply_to.ok_with(&list, context.batch)).map(|()| Pressed::default())
            }
        };
        match pushed {
            Ok(pressed) => pressed,
            Err(refusal) => {
                context.refuse_push(channel, reply_to, refusal);
                Pressed(matches!(refusal, Refusal::RateLimited(_)))
            }
        }
    }
}

/// The bit of a channel's place; with more than 64 channels, some share one.
pub(crate) fn mark(place: usize) -> u64 {
    1 << (place % 64)
}

fn reply_to<'a>(frame: &'a RawFrame<'_>, join_ref: Option<&'a str>) -> ReplyTo<'a> {
    ReplyTo { join_ref, reference: frame.reference.as_deref(), topic: &frame.topic }
}
