//! What a room is about, which rooms there are, and who need not be greeted.

use serde::de::Deserializer;
use serde::{Deserialize, Serialize};

use super::SessionId;

/// How a session takes part in its room, where that is not as everybody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Is in the presence and hears everything, but is not announced and asked for no answers.
    Observer,
    /// May push, and hears only what is addressed to it. It is in nobody's presence.
    Quiet,
}

/// The mode in a presence, which another server may have another word for.
pub(super) fn known_mode<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Mode>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
}

/// `client_topic`: what the room is about from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTopic {
    /// Nothing takes the topic away.
    pub topic: String,
}

/// `room_topic`: what the room is about from now on, to every other member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveredTopic {
    /// Nothing if the topic was taken away.
    pub topic: String,
    /// The session that said so; set by the server.
    pub client_session_id: SessionId,
    /// The name of a quiet sender, which no presence tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// What a room is about, in the reply to a helo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTopic {
    /// The topic; never empty.
    pub text: String,
    /// The name of who set it, at that time.
    pub by: String,
    /// When: Unix seconds.
    pub at: u64,
}

/// `list`, on the topic `rooms`: which rooms are there?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRequest {
    /// Only those whose name or topic contains this, in any case.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<String>,
    /// How many at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The reply to `list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    /// Those with the most people first.
    pub rooms: Vec<ListedRoom>,
    /// Whether there are more than these.
    pub more: bool,
}

/// A room in a [`RoomList`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedRoom {
    /// Its name, without `room:`.
    pub name: String,
    /// How many are present.
    pub here: u64,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}
