//! Joining a room, and coming back to it: sessions that are resumed, retries and history.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Message, Payload, RoomTopic, SessionId, is_no};

/// `phx_join`. Clients may join with whatever else they like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// hullo's own: push the `presence_state` right after the reply, without waiting for a helo.
    #[serde(default, skip_serializing_if = "is_no")]
    pub presence: bool,
    /// Tell each payload's place in the room's order, and how to take the session back.
    #[serde(default, skip_serializing_if = "is_no")]
    pub resumable: bool,
    /// The session to take back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// How many of the newest broadcasts the reply to the first helo shall hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<u64>,
}

/// The reply to a helo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// The session's id.
    pub id: SessionId,
    /// The name as others see it, cleaned.
    pub name: String,
    /// What the room is about, if somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<RoomTopic>,
    /// For resumable sessions: how to take this one back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// If the join asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// The place in the room's order after which the history holds everything that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_after: Option<u64>,
}

/// What a resumable session is taken back with: in the reply to a helo, and in a later join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// Proves whose session it is. A secret of the client's.
    pub token: String,
    /// Names this life of the room: after another, its order began anew.
    pub epoch: String,
    /// The newest place in the room's order that the client has.
    pub seq: u64,
}

/// The reply to a join that asked for a session back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// Whether it is back. If not, the client is new in the room and says helo.
    pub resumed: bool,
    /// The same id as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<SessionId>,
    /// The same name as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a payload may hold beside its own fields: its place in the room's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// Counts up by room. Only resumable members are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// What any push but typing may hold beside its own fields: which one it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retryable {
    /// The same when it is pushed again: it takes effect once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<Uuid>,
}

/// Broadcasts of a room, each with its event, oldest first.
pub type History = Vec<(String, Payload)>;

/// `client_history`: what was broadcast before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest {
    /// How many at most.
    pub history: u64,
    /// Only those before this place in the room's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// The reply to `client_history`. Where there is nothing before, it is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// The newest that were asked for, oldest first.
    pub history: History,
}

/// `client_broadcast` in a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastBroadcast {
    /// What was said.
    pub message: Message,
    /// The session that said it.
    pub client_session_id: SessionId,
    /// Its place in the room's order.
    pub seq: u64,
    /// The name of who said it, at that time.
    pub name: String,
    /// When: Unix seconds.
    pub at: u64,
}
