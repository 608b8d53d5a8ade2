//! What the core asks to be sent, and to whom. The registry says this much; how it gets there is
//! the hub's business.

use hullo::protocol::payload::{Nothing, Reply};
use hullo::protocol::{Event, Frame, Payload, Ref, Topic};

use crate::close::Close;
use crate::refusal::Refusal;

/// One connection, from its handshake to its end. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SocketId(pub(crate) u64);

/// Something to be done to sockets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Delivery {
    /// Send this frame.
    Send {
        /// Who gets it.
        to: Audience,
        /// What they get.
        frame: Frame,
        /// What may happen to it on the way.
        care: Care,
    },
    /// End this socket; the registry hears of it as of any other end.
    Close(SocketId, Close),
}

/// Who gets a frame. A room is resolved after the whole push was handled, so whoever left by it
/// gets nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// This socket.
    One(SocketId),
    /// These sockets.
    Chosen(Vec<SocketId>),
    /// The room of this topic, as far as `reach` goes, without those in `except` (sorted).
    Room { topic: Topic, reach: Reach, except: Vec<SocketId> },
}

/// How far into a room a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To every joined member.
    Joined,
    /// To every member that said helo.
    Helo,
}

/// What may happen to a frame on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// It arrives, or its socket is closed.
    Must,
    /// It is left out where much is waiting already.
    MayDrop,
}

impl Delivery {
    /// The answer to one push.
    pub(crate) fn reply(to: SocketId, join_ref: Option<Ref>, push: &Ask, reply: &Reply) -> Self {
        let payload = Payload::encode(reply);
        let Ask { reference, topic } = push.clone();
        let frame = Frame { join_ref, reference, topic, event: Event::Reply, payload };
        Self::Send { to: Audience::One(to), frame, care: Care::Must }
    }

    /// The ok reply that holds nothing.
    pub(crate) fn ok(to: SocketId, join_ref: Option<Ref>, push: &Ask) -> Self {
        Self::reply(to, join_ref, push, &Reply::ok(&Nothing {}))
    }

    /// A "no" to one push.
    pub(crate) fn refuse(to: SocketId, join_ref: Option<Ref>, push: &Ask, no: Refusal) -> Self {
        Self::reply(to, join_ref, push, &Reply::error(&no.reason()))
    }

    /// A push from the server to one channel.
    pub(crate) fn push(
        to: SocketId,
        join_ref: Option<Ref>,
        topic: &Topic,
        event: Event,
        payload: Payload,
    ) -> Self {
        let frame = Frame { join_ref, reference: None, topic: topic.clone(), event, payload };
        Self::Send { to: Audience::One(to), frame, care: Care::Must }
    }

    /// One frame for many: both refs are null, so one encoding serves all of them.
    pub(crate) fn broadcast(to: Audience, topic: &Topic, event: Event, payload: Payload) -> Self {
        let topic = topic.clone();
        let frame = Frame { join_ref: None, reference: None, topic, event, payload };
        Self::Send { to, frame, care: Care::Must }
    }

    /// The end of one channel: both refs are the `join_ref`.
    pub(crate) fn phx_close(to: SocketId, join_ref: Option<Ref>, topic: &Topic) -> Self {
        let frame = Frame {
            reference: join_ref.clone(),
            join_ref,
            topic: topic.clone(),
            event: Event::Close,
            payload: Payload::empty(),
        };
        Self::Send { to: Audience::One(to), frame, care: Care::Must }
    }

    /// The same, but it may be left out where much is waiting.
    pub(crate) fn droppable(self) -> Self {
        match self {
            Self::Send { to, frame, care: _ } => Self::Send { to, frame, care: Care::MayDrop },
            Self::Close(socket, close) => Self::Close(socket, close),
        }
    }
}

/// What a reply must repeat of the push it answers.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// The push's ref.
    pub(crate) reference: Option<Ref>,
    /// The push's topic.
    pub(crate) topic: Topic,
}

impl From<&Frame> for Ask {
    fn from(frame: &Frame) -> Self {
        Self { reference: frame.reference.clone(), topic: frame.topic.clone() }
    }
}
