//! The registry: who is in which room, and what every frame means for whom.
//!
//! A pure machine: frames in, deliveries out. It is told the time and the ids, cannot fail, and
//! answers a "no" with a reply. What the wire's description leaves open is decided here:
//!
//! - A `join_ref` of null on a joined topic means the current one, and replies carry the channel's
//!   own. A join without a `join_ref` lends the channel its ref for that.
//! - Replies of "unmatched topic" carry no `join_ref`, as Phoenix does it.
//! - An event that only a server may send is `unknown_event`, like any other stranger.
//! - Pushes are charged to their session; whatever belongs to no session is charged to the socket.
//!   A stale push is charged, too, yet stays unanswered; a leave is charged, yet never refused.
//!   What a session owes when it leaves, its socket owes, so that joining anew is no way around
//!   the rate.

mod room;
mod roster;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use hullo::protocol::payload::Join;
use hullo::protocol::{Event, Frame, Topic, TopicKind};
use uuid::Uuid;

use crate::close::Close;
use crate::config::Greeters;
use crate::delivery::{Ask, Audience, Delivery, SocketId};
use crate::rate::{Bucket, Pace, Verdict};
use crate::refusal::Refusal;

use room::{Left, Push, Room};
use roster::PhxRefs;

/// The time and the id that one push may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    /// Now, to measure with.
    pub(crate) now: Instant,
    /// Now, to tell people.
    pub(crate) unix_seconds: u64,
    /// Random, and never given twice.
    pub(crate) id: Uuid,
}

/// What the operator decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// How many are asked to answer a newcomer.
    pub(crate) greeters: Greeters,
    /// How many channels one socket may join.
    pub(crate) max_channels: usize,
    /// How fast one session may push.
    pub(crate) pace: Pace,
}

/// All sockets and all rooms.
#[derive(Debug)]
pub(crate) struct Registry {
    rules: Rules,
    sockets: HashMap<SocketId, Socket>,
    rooms: HashMap<Topic, Room>,
    phx_refs: PhxRefs,
}

#[derive(Debug, Default)]
struct Socket {
    joined: BTreeSet<Topic>,
    bucket: Bucket,
}

/// What a frame turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A join of a topic that may be a room.
    Join,
    /// Answered by the socket itself.
    Heartbeat,
    /// A leave of what is not joined: fine.
    LeftAlready,
    /// To a channel that was joined once, or by another.
    Stale,
    /// To a joined channel, to end it.
    Leave,
    /// To a joined channel.
    Push,
    /// To nowhere.
    Unmatched,
}

impl Registry {
    /// No sockets, no rooms. `seed` makes the `phx_ref`s differ from those of other lives.
    pub(crate) fn new(rules: Rules, seed: u32) -> Self {
        let (sockets, rooms) = (HashMap::new(), HashMap::new());
        Self { rules, sockets, rooms, phx_refs: PhxRefs::new(seed) }
    }

    /// A socket is there.
    pub(crate) fn connect(&mut self, socket: SocketId) {
        self.sockets.insert(socket, Socket::default());
    }

    /// A socket is gone, and so are its sessions.
    pub(crate) fn disconnect(&mut self, socket: SocketId) -> Vec<Delivery> {
        let joined = self.sockets.remove(&socket).unwrap_or_default().joined;
        joined.iter().filter_map(|topic| self.leave(socket, topic)?.diff).collect()
    }

    /// How many sockets are there.
    pub(crate) fn population(&self) -> usize {
        self.sockets.len()
    }

    /// How many channels are joined, and how many rooms there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.sockets.values().map(|socket| socket.joined.len()).sum(), self.rooms.len())
    }

    /// Takes one frame from one socket.
    pub(crate) fn handle(&mut self, stamp: &Stamp, from: SocketId, frame: Frame) -> Vec<Delivery> {
        let sort = self.sort(from, &frame);
        match self.charge(stamp.now, from, &frame.topic, sort) {
            Some(Verdict::Fine) => self.carry_out(stamp, from, frame, sort),
            // phoenix.js does not try again: refused, it would stay for as long as its socket does.
            Some(Verdict::Refuse(_)) if sort == Sort::Leave => {
                self.carry_out(stamp, from, frame, sort)
            }
            Some(Verdict::Refuse(wait)) => self.refuse(from, frame, sort, wait),
            Some(Verdict::Enough) => vec![Delivery::Close(from, Close::RateLimited)],
            None => Vec::new(),
        }
    }

    /// Calls `each` for every socket of an audience.
    pub(crate) fn reach(&self, audience: &Audience, mut each: impl FnMut(SocketId)) {
        match audience {
            Audience::One(socket) => each(*socket),
            Audience::Chosen(sockets) => sockets.iter().copied().for_each(each),
            Audience::Room { topic, reach, except } => {
                let members =
                    self.rooms.get(topic).into_iter().flat_map(|room| room.within(*reach));
                members.filter(|socket| except.binary_search(socket).is_err()).for_each(each);
            }
        }
    }

    fn sort(&self, from: SocketId, frame: &Frame) -> Sort {
        if frame.event == Event::Join {
            return match frame.topic.kind() {
                TopicKind::Room(_) | TopicKind::NoSuchRoom(_) => Sort::Join,
                TopicKind::Phoenix | TopicKind::Unknown => Sort::Unmatched,
            };
        }
        let member = self.rooms.get(&frame.topic).and_then(|room| room.member(from));
        match (member, &frame.event) {
            (Some(member), event) if member.is_current(frame.join_ref.as_ref()) => {
                if *event == Event::Leave { Sort::Leave } else { Sort::Push }
            }
            (Some(_), _) => Sort::Stale,
            (None, Event::Leave) => Sort::LeftAlready,
            (None, Event::Heartbeat) if frame.topic == Topic::phoenix() => Sort::Heartbeat,
            (None, _) => Sort::Unmatched,
        }
    }

    /// `None`: there is no such socket any more.
    fn charge(&mut self, now: Instant, from: SocketId, at: &Topic, sort: Sort) -> Option<Verdict> {
        let socket = self.sockets.get_mut(&from)?;
        let bucket = match sort {
            Sort::Leave | Sort::Push => &mut self.rooms.get_mut(at)?.member_mut(from)?.bucket,
            Sort::Join | Sort::Heartbeat | Sort::LeftAlready | Sort::Stale | Sort::Unmatched => {
                &mut socket.bucket
            }
        };
        Some(bucket.charge(self.rules.pace, now))
    }

    fn refuse(&self, from: SocketId, frame: Frame, sort: Sort, wait: Duration) -> Vec<Delivery> {
        let ask = Ask::from(&frame);
        let join_ref = match sort {
            Sort::Leave | Sort::Push => {
                self.rooms.get(&frame.topic).and_then(|room| room.mark(from))
            }
            Sort::Stale => return Vec::new(),
            Sort::Join | Sort::Heartbeat | Sort::LeftAlready | Sort::Unmatched => frame.join_ref,
        };
        vec![Delivery::refuse(from, join_ref, &ask, Refusal::RateLimited(wait))]
    }

    fn carry_out(
        &mut self,
        stamp: &Stamp,
        from: SocketId,
        frame: Frame,
        sort: Sort,
    ) -> Vec<Delivery> {
        let ask = Ask::from(&frame);
        match sort {
            Sort::Join => self.join(from, frame, &ask),
            Sort::Heartbeat => vec![Delivery::ok(from, None, &ask)],
            Sort::LeftAlready => vec![Delivery::ok(from, frame.join_ref, &ask)],
            Sort::Stale => Vec::new(),
            Sort::Leave => self.leave_as_asked(from, &ask),
            Sort::Push => self.push(stamp, from, &frame, ask),
            Sort::Unmatched => vec![Delivery::refuse(from, None, &ask, Refusal::UnmatchedTopic)],
        }
    }

    fn join(&mut self, from: SocketId, frame: Frame, ask: &Ask) -> Vec<Delivery> {
        let Join { presence } = match self.may_join(from, &frame) {
            Ok(join) => join,
            Err(no) => return vec![Delivery::refuse(from, frame.join_ref, ask, no)],
        };
        let mut out = vec![Delivery::ok(from, frame.join_ref.clone(), ask)];
        if let Some(old) = self.leave(from, &ask.topic) {
            out.push(Delivery::phx_close(from, old.join_ref, &ask.topic));
            out.extend(old.diff);
        }
        self.sockets.entry(from).or_default().joined.insert(ask.topic.clone());
        let room = self.rooms.entry(ask.topic.clone());
        let room = room.or_insert_with(|| Room::new(ask.topic.clone()));
        room.join(from, frame.join_ref, frame.reference);
        if presence {
            out.extend(room.show_presence(from));
        }
        out
    }

    /// A second join of a joined topic takes no further channel.
    fn may_join(&self, from: SocketId, frame: &Frame) -> Result<Join, Refusal> {
        if let TopicKind::NoSuchRoom(_) = frame.topic.kind() {
            return Err(Refusal::InvalidRoom);
        }
        let join = frame.payload.decode().map_err(|_| Refusal::InvalidPayload)?;
        let joined = self.sockets.get(&from).map(|socket| &socket.joined);
        let full = joined.is_some_and(|joined| {
            joined.len() >= self.rules.max_channels && !joined.contains(&frame.topic)
        });
        if full { Err(Refusal::TooManyChannels) } else { Ok(join) }
    }

    fn leave_as_asked(&mut self, from: SocketId, ask: &Ask) -> Vec<Delivery> {
        let Some(left) = self.leave(from, &ask.topic) else { return Vec::new() };
        let mut out = vec![
            Delivery::ok(from, left.mark, ask),
            Delivery::phx_close(from, left.join_ref, &ask.topic),
        ];
        out.extend(left.diff);
        out
    }

    /// The one way out of a room, whatever ended the session.
    fn leave(&mut self, who: SocketId, topic: &Topic) -> Option<Left> {
        let room = self.rooms.get_mut(topic)?;
        let left = room.leave(who)?;
        if room.is_empty() {
            self.rooms.remove(topic);
        }
        if let Some(socket) = self.sockets.get_mut(&who) {
            socket.joined.remove(topic);
            socket.bucket.inherit(left.bucket);
        }
        Some(left)
    }

    fn push(&mut self, stamp: &Stamp, from: SocketId, frame: &Frame, ask: Ask) -> Vec<Delivery> {
        let Some(room) = self.rooms.get_mut(&frame.topic) else { return Vec::new() };
        let mark = room.mark(from);
        let (event, payload) = (&frame.event, &frame.payload);
        let push = Push { from, ask, mark, event, payload, stamp };
        let greeters = self.rules.greeters;
        match room.take(&push, greeters, &mut self.phx_refs) {
            Ok(out) => out,
            Err(no) => vec![Delivery::refuse(from, push.mark, &push.ask, no)],
        }
    }
}
