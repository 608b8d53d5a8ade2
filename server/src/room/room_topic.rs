//! What a room is about, as its members say.

use std::time::Instant;

use hullo::protocol::Event;
use hullo::protocol::payload::{DeliveredTopic, RoomTopic, SetTopic};
use hullo::text;

use super::log::Audience;
use super::members::{Member, MemberId};
use super::{Batch, Change, Push, Room, append_json};
use crate::refusal::Refusal;

/// What a room is about.
#[derive(Debug, Default)]
pub(super) struct About {
    topic: Option<RoomTopic>,
    /// Whether it is another one than when that was last asked.
    is_new: bool,
}

impl Room {
    /// `client_topic`: to everybody else, and to those who come later.
    pub(super) fn set_topic(&mut self, push: &Push<'_>, batch: &mut Batch) -> Result<(), Refusal> {
        let SetTopic { topic } = push.read()?;
        let text = text::clean_room_topic(&topic).ok_or(Refusal::InvalidPayload)?;
        self.check_space(text.len(), push.stamp.now)?;
        let person = self.members.get(push.member).and_then(|member| member.person.as_deref());
        let by = person.ok_or(Refusal::HeloRequired)?.meta.name.clone();
        let topic =
            (!text.is_empty()).then_some(RoomTopic { text, by, at: push.stamp.unix_seconds });
        self.apply(Change::TopicSet { from: push.member, topic }, push.stamp.now);
        push.reply_to.ok(batch);
        Ok(())
    }

    /// Tells the others of a topic. With a store, those who come are told only once it is safe.
    pub(super) fn tell_topic(&mut self, from: MemberId, topic: Option<RoomTopic>, now: Instant) {
        let member = self.members.get(from);
        let Some(client_session_id) = member.and_then(Member::session) else { return };
        let from_name = member.and_then(Member::unlisted_name);
        let text = topic.as_ref().map(|topic| topic.text.clone()).unwrap_or_default();
        let delivered = DeliveredTopic { topic: text, client_session_id, from: from_name };
        let mut payload = Vec::new();
        append_json(&mut payload, &delivered);
        if !self.record_topic(topic.as_ref()) {
            self.put_topic(topic);
        }
        self.tell(Audience::Others(from), &Event::RoomTopic, &payload, now);
    }

    /// From now on, this is what the room is about.
    pub(super) fn put_topic(&mut self, topic: Option<RoomTopic>) {
        self.about = About { topic, is_new: true };
    }

    /// What the room is about.
    pub(crate) fn about(&self) -> Option<&RoomTopic> {
        self.about.topic.as_ref()
    }

    /// How many bytes the topic takes.
    pub(crate) fn topic_bytes(&self) -> usize {
        self.about.topic.as_ref().map_or(0, |topic| topic.text.len() + topic.by.len())
    }

    /// Whether it is about something else than when this was last asked.
    pub(crate) fn take_is_topic_new(&mut self) -> bool {
        std::mem::take(&mut self.about.is_new)
    }

    /// How many are present, as others see it.
    pub(crate) fn here(&self) -> usize {
        self.members.present()
    }
}
