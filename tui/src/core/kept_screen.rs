//! What is on screen, as it is kept for the next run.

use hullo::protocol::payload::State;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::chat::buffer::Buffer;
use crate::core::model::Model;

/// The rooms and conversations that are open, which one is shown, and our status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptScreen {
    pub(crate) rooms: Vec<String>,
    pub(crate) conversations: Vec<KeptConversation>,
    /// What is shown: [`Buffer::draft_key`].
    pub(crate) current: String,
    pub(crate) state: Option<State>,
    pub(crate) text: Option<String>,
}

/// A conversation with one session, which another of the same name never takes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptConversation {
    pub(crate) room: String,
    pub(crate) session: String,
    pub(crate) name: String,
    pub(crate) user: Option<String>,
    /// When it began: earlier lines of that name in the chat log may be of somebody else.
    pub(crate) since: Option<DateTime>,
}

impl KeptScreen {
    /// What is worth keeping: no room that we left, and no conversation whose partner is gone. A
    /// status that ends by itself ends with the run.
    pub(crate) fn of(model: &Model) -> Self {
        let rooms = model.buffers.iter().filter_map(Buffer::room);
        let rooms = rooms.filter(|room| !room.is_out()).map(|room| room.name.to_string()).collect();
        let directs = model.buffers.iter().filter_map(|buffer| Some((buffer, buffer.direct()?)));
        let conversations = directs.filter(|(_, direct)| direct.is_present());
        let conversations = conversations.map(|(buffer, direct)| KeptConversation {
            since: buffer.log.entry(buffer.log.first_id()).map(|first| whole_second(first.at.wall)),
            room: direct.room.to_string(),
            session: direct.peer.to_string(),
            name: direct.name.clone(),
            user: direct.user.clone(),
        });
        let lasts = model.dnd_until.is_none();
        let is_kept = |state: &State| matches!(state, State::Away | State::Dnd) && lasts;
        Self {
            rooms,
            conversations: conversations.collect(),
            current: model.buffer().draft_key(),
            state: Some(model.status.state).filter(is_kept),
            text: model.status.text.clone().filter(|_| lasts),
        }
    }
}

/// The chat logs have no parts of seconds.
fn whole_second(at: DateTime) -> DateTime {
    at.with().subsec_nanosecond(0).build().unwrap_or(at)
}
