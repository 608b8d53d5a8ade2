//! One room: its members, and what their pushes mean for each other.

mod helo;
mod talk;

use std::collections::BTreeMap;

use hullo::protocol::payload::PresenceDiff;
use hullo::protocol::{Event, Payload, Ref, SessionId, Topic};
use serde::de::DeserializeOwned;

use super::Stamp;
use super::roster::{PhxRefs, Roster};
use crate::config::Greeters;
use crate::delivery::{Ask, Audience, Delivery, Reach, SocketId};
use crate::rate::Bucket;
use crate::refusal::Refusal;

/// The server's side of a topic.
#[derive(Debug)]
pub(crate) struct Room {
    topic: Topic,
    members: BTreeMap<SocketId, Member>,
    roster: Roster,
}

/// One joined channel of one socket.
#[derive(Debug)]
pub(crate) struct Member {
    /// As in the join.
    join_ref: Option<Ref>,
    /// What replies and pushes to this channel carry: the `join_ref`, or else the join's ref.
    mark: Option<Ref>,
    /// What this session's pushes cost.
    pub(crate) bucket: Bucket,
    /// Set by the first helo.
    session: Option<SessionId>,
}

/// A push to a joined channel.
pub(crate) struct Push<'a> {
    pub(crate) from: SocketId,
    pub(crate) ask: Ask,
    pub(crate) mark: Option<Ref>,
    pub(crate) event: &'a Event,
    pub(crate) payload: &'a Payload,
    pub(crate) stamp: &'a Stamp,
}

/// What a session leaves behind.
pub(crate) struct Left {
    /// As in its join.
    pub(crate) join_ref: Option<Ref>,
    /// What the reply to its leave carries.
    pub(crate) mark: Option<Ref>,
    /// What it owes for its pushes.
    pub(crate) bucket: Bucket,
    /// What the others are told, if they knew of it.
    pub(crate) diff: Option<Delivery>,
}

impl Member {
    /// Whether a push with this `join_ref` is for this very join.
    pub(crate) fn is_current(&self, join_ref: Option<&Ref>) -> bool {
        join_ref.is_none() || join_ref == self.mark.as_ref()
    }
}

impl Room {
    /// A room without anybody.
    pub(crate) fn new(topic: Topic) -> Self {
        Self { topic, members: BTreeMap::new(), roster: Roster::default() }
    }

    /// Whether nobody is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The channel of this socket.
    pub(crate) fn member(&self, socket: SocketId) -> Option<&Member> {
        self.members.get(&socket)
    }

    /// The channel of this socket, to be charged.
    pub(crate) fn member_mut(&mut self, socket: SocketId) -> Option<&mut Member> {
        self.members.get_mut(&socket)
    }

    /// What replies to this socket carry.
    pub(crate) fn mark(&self, socket: SocketId) -> Option<Ref> {
        self.member(socket)?.mark.clone()
    }

    /// The sockets of all members within reach, in their order.
    pub(crate) fn within(&self, reach: Reach) -> impl Iterator<Item = SocketId> + '_ {
        let reached = move |member: &Member| match reach {
            Reach::Joined => true,
            Reach::Helo => member.session.is_some(),
        };
        self.members.iter().filter(move |(_, member)| reached(member)).map(|(socket, _)| *socket)
    }

    /// Lets a socket in.
    pub(crate) fn join(&mut self, who: SocketId, join_ref: Option<Ref>, reference: Option<Ref>) {
        let mark = join_ref.clone().or(reference);
        let member = Member { join_ref, mark, bucket: Bucket::default(), session: None };
        self.members.insert(who, member);
    }

    /// Everybody who said helo, to a member that need not have.
    pub(crate) fn show_presence(&self, to: SocketId) -> Option<Delivery> {
        let mark = self.member(to)?.mark.clone();
        Some(Delivery::push(to, mark, &self.topic, Event::PresenceState, self.roster.state()))
    }

    /// Lets a socket out. The others are told if they knew of it, a session that takes its place
    /// on the same socket is not.
    pub(crate) fn leave(&mut self, who: SocketId) -> Option<Left> {
        let Member { join_ref, mark, bucket, session } = self.members.remove(&who)?;
        let diff = session.map(|id| self.roster.untrack(id));
        let others = diff.filter(|_| !self.members.is_empty());
        let diff = others.map(|diff| self.tell_all(&diff, vec![who]));
        Some(Left { join_ref, mark, bucket, diff })
    }

    /// Takes a push of a member.
    pub(crate) fn take(
        &mut self,
        push: &Push<'_>,
        greeters: Greeters,
        phx_refs: &mut PhxRefs,
    ) -> Result<Vec<Delivery>, Refusal> {
        let session = self.member(push.from).and_then(|member| member.session);
        let known = session.ok_or(Refusal::HeloRequired);
        match push.event {
            Event::Helo => self.helo(push, session, greeters, phx_refs),
            Event::Response => self.respond(push, known?),
            Event::Broadcast => self.broadcast(push, known?),
            Event::Status => self.change_status(push, known?, phx_refs),
            Event::Typing => self.tell_typing(push, known?),
            Event::Join
            | Event::Leave
            | Event::Close
            | Event::Error
            | Event::Reply
            | Event::Heartbeat
            | Event::PresenceState
            | Event::PresenceDiff
            | Event::NewUser
            | Event::Other(_) => Err(Refusal::UnknownEvent),
        }
    }

    /// A diff for everybody who joined, helo or not, as Phoenix sends it.
    fn tell_all(&self, diff: &PresenceDiff, except: Vec<SocketId>) -> Delivery {
        let to = Audience::Room { topic: self.topic.clone(), reach: Reach::Joined, except };
        Delivery::broadcast(to, &self.topic, Event::PresenceDiff, Payload::encode(diff))
    }

    /// Everybody else who said helo.
    fn others(&self, than: SocketId) -> Audience {
        Audience::Room { topic: self.topic.clone(), reach: Reach::Helo, except: vec![than] }
    }
}

impl Push<'_> {
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        self.payload.decode().map_err(|_| Refusal::InvalidPayload)
    }

    fn ok(&self) -> Delivery {
        Delivery::ok(self.from, self.mark.clone(), &self.ask)
    }
}
