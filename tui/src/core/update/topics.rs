//! What rooms are about: found on the way in, heard of, and set.

use hullo::client::Error;
use hullo::protocol::payload::RoomTopic;
use hullo::protocol::{Refusal, RoomName, SessionId};

use super::history::wall;
use super::{flash, notice, report, why};
use crate::chat::buffer::Buffer;
use crate::chat::topic::{Topic, sentence};
use crate::core::event::Effect;
use crate::core::model::{Model, Push};
use crate::entry::Kind;
use crate::entry::system::Severity;
use crate::ids::BufferId;
use crate::input::command::Args;
use crate::time::Now;

/// What takes a topic away, as in other programs.
const DELETE: &str = "-delete";

/// We have entered a room that is about this.
pub(super) fn on_entered(model: &mut Model, name: &RoomName, found: Option<RoomTopic>) {
    let (now, hours) = (model.now, model.settings.time);
    let found =
        found.map(|RoomTopic { text, by, at }| Topic { text, by, at: wall(&model.zone, at) });
    let Some(buffer) = model.room_buffer(name) else { return };
    let Some(room) = buffer.room_mut() else { return };
    let is_same = |before: &Topic| found.as_ref().is_some_and(|found| found.text == before.text);
    if room.topic.as_ref().is_some_and(is_same) {
        return room.topic = found; // back again, and told already
    }
    let text = match (&found, &room.topic) {
        (Some(topic), _) => Some(topic.told(now.wall, hours)),
        (None, Some(_)) => Some("this room has no topic any more".to_owned()),
        (None, None) => None,
    };
    room.topic = found;
    if let Some(text) = text {
        buffer.log.push(now, Kind::info(text));
    }
}

/// Somebody else said what a room is about.
pub(super) fn on_set(
    model: &mut Model,
    name: &RoomName,
    topic: Option<String>,
    from: SessionId,
    unlisted: Option<&str>,
) {
    let (by, _) = notice::speaker(model, name, from, unlisted, true);
    let now = model.now;
    if let Some(buffer) = model.room_buffer(name) {
        let text = sentence(&by, topic.as_deref());
        put(buffer, topic, by, now);
        buffer.log.push(now, Kind::info(text));
    }
}

fn put(buffer: &mut Buffer, topic: Option<String>, by: String, now: Now) {
    if let Some(room) = buffer.room_mut() {
        room.topic = topic.map(|text| Topic { text, by, at: now.wall });
    }
}

/// `/topic`: shows what this room is about, or says what it is about from now on.
pub(super) fn command(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let (now, hours, id) = (model.now, model.settings.time, model.buffer().id);
    let Some(room) = model.buffer().room() else {
        flash(model, "only rooms have topics; /buffer goes to one");
        return Vec::new();
    };
    let name = room.name.clone();
    let Some(wanted) = args.given() else {
        let text = match &room.topic {
            Some(topic) => topic.told(now.wall, hours),
            None => "this room has no topic · /topic TEXT sets one".to_owned(),
        };
        model.buffer_mut().log.push(now, Kind::info(text));
        return Vec::new();
    };
    if room.is_out() {
        report(
            model,
            Severity::Warning,
            format!("you are not in #{name} · /join {name} to come back"),
        );
        return Vec::new();
    }
    let Some(topic) = hullo::text::clean_room_topic(if wanted == DELETE { "" } else { wanted })
    else {
        let why = "that is too long for a topic; 140 characters in 560 bytes are the most";
        report(model, Severity::Warning, why);
        return Vec::new();
    };
    let ticket = model.ticket(Push::Topic { buffer: id, topic: topic.clone() });
    vec![Effect::SetTopic { ticket, room: name, topic }]
}

/// The server took our topic, or not.
pub(super) fn on_settled(
    model: &mut Model,
    id: BufferId,
    topic: String,
    outcome: Result<(), Error>,
) {
    let (now, by) = (model.now, model.name.clone());
    model.rejected += usize::from(outcome.is_err());
    let Some(buffer) = model.by_id(id) else { return };
    let kind = match outcome {
        Ok(()) => {
            let topic = Some(topic).filter(|topic| !topic.is_empty());
            let text = sentence("you", topic.as_deref());
            put(buffer, topic, by, now);
            Kind::info(text)
        }
        Err(Error::Refused(Refusal::UnknownEvent)) => Kind::error("this server keeps no topics"),
        Err(error) => Kind::error(format!("the topic was not set: {}", why(&error))),
    };
    buffer.log.push(now, kind);
}
