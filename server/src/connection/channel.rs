//! One channel of a connection: where it leads, and what a push to it costs beyond its own bytes.

use std::sync::Arc;

use hullo::protocol::payload::{Join, Resumed};
use hullo::protocol::{Event, Ref, Topic};

use super::channels::Context;
use super::channels::leaving::Leaving;
use crate::rate::Bucket;
use crate::refusal::Refusal;
use crate::room;
use crate::room::members::{Held, Joining};
use crate::rooms::{Rooms, SharedRoom};

/// What is charged for each member that is to be told of a helo, a rename, a status or a topic, in
/// bytes, and for how many members at most.
const TELLING_BYTES: usize = 64;
const MOST_CHARGED_MEMBERS: usize = 4096;

/// What asking for history is charged, in bytes.
const HISTORY_BYTES: usize = 8 * 1024;

/// What asking for the list of rooms is charged, in bytes, and beside that for each room that has to
/// be looked at.
const LIST_BYTES: usize = 8 * 1024;
const LISTED_ROOM_BYTES: usize = 16;

/// One joined topic.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) topic: Topic,
    pub(super) destination: Destination,
    /// As in the join.
    pub(super) join_ref: Option<Ref>,
    /// What replies and pushes to this channel carry: the `join_ref`, or else the join's ref.
    pub(super) current_ref: Option<Ref>,
    pub(super) pushes: Bucket,
    /// It was left; what comes to it is ignored.
    pub(super) leaving: Option<Leaving>,
}

/// What a joined topic is.
#[derive(Debug)]
pub(super) enum Destination {
    Room(Arc<SharedRoom>, Held),
    /// The list of all rooms.
    Directory,
}

impl Channel {
    pub(super) fn current_ref(&self) -> Option<&str> {
        self.current_ref.as_ref().map(Ref::as_json)
    }

    /// Whether a push with this `join_ref` is for this very join, which was not left.
    pub(super) fn is_meant_by(&self, join_ref: Option<&str>) -> bool {
        self.leaving.is_none() && (join_ref.is_none() || join_ref == self.current_ref())
    }

    /// Whether replies to what was pushed wait for a store.
    pub(super) fn has_waiting_replies(&self) -> bool {
        match &self.destination {
            Destination::Room(room, held) => room.has_waiting_replies(*held),
            Destination::Directory => false,
        }
    }

    /// What a push is charged beyond its own bytes.
    pub(super) fn more_bytes(&self, event: &Event, rooms: &Rooms) -> usize {
        match (&self.destination, event) {
            (Destination::Room(room, _), Event::Helo | Event::Status | Event::SetTopic) => {
                TELLING_BYTES * room.len().min(MOST_CHARGED_MEMBERS)
            }
            (Destination::Room(..), Event::History) => HISTORY_BYTES,
            (Destination::Directory, Event::List) => LIST_BYTES + LISTED_ROOM_BYTES * rooms.count(),
            (Destination::Room(..) | Destination::Directory, _) => 0,
        }
    }
}

pub(super) type Back = (Arc<SharedRoom>, room::resume::Back);

/// Takes the session back that a join asks for, if it does and it can be had.
pub(super) fn resume(
    join: &Join,
    topic: &Topic,
    place: usize,
    context: &mut Context<'_>,
) -> Option<Back> {
    let resume = join.resume.as_ref().filter(|_| join.resumable)?;
    let Context { rooms, me, stamp, woken, .. } = context;
    rooms.resume(topic, resume, (me, place), stamp.now, woken)
}

/// What a join is answered that asked for a session back.
pub(super) fn resumed(back: Option<Back>) -> Resumed {
    match back {
        Some((_, back)) => Resumed { resumed: true, id: Some(back.id), name: Some(back.name) },
        None => Resumed { resumed: false, id: None, name: None },
    }
}

/// Joins a topic, unless a session in it was taken back.
pub(super) fn enter(
    back: Option<&Back>,
    join: &Join,
    topic: &Topic,
    place: usize,
    context: &mut Context<'_>,
) -> Result<Destination, Refusal> {
    if let Some((room, back)) = back {
        return Ok(Destination::Room(Arc::clone(room), back.held));
    }
    if topic.as_str() == Topic::DIRECTORY {
        return Ok(Destination::Directory);
    }
    let history = usize::try_from(join.history.unwrap_or_default()).unwrap_or(usize::MAX);
    let joining = Joining { is_resumable: join.resumable, history };
    let (room, held) = context.rooms.join(topic, joining, context.me, place)?;
    Ok(Destination::Room(room, held))
}
