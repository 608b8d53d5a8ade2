//! What the client reports of the network.

use hullo::Notice;
use hullo::client::{Departure, Error};
use hullo::protocol::{self, Refusal, RoomName, SessionId};

use super::commands::status;
use super::{buffers, history, notify, offline, presence, topics, why};
use crate::chat::buffer::{Membership, Place};
use crate::core::event::Effect;
use crate::core::model::{Link, Model};
use crate::entry::Kind;
use crate::entry::helo::{Answer, ResponseKind};
use crate::entry::mention::{Mention, Source};
use crate::entry::message::Message;
use crate::people::{People, TYPING_LASTS};
use crate::time::Now;

pub(super) fn handle(model: &mut Model, notice: Notice) -> Vec<Effect> {
    match notice {
        Notice::Online => model.link = Link::Online,
        Notice::RoundTrip(took) => model.round_trip = Some(took),
        Notice::Offline { reason, retry_at } => offline::disconnected(model, &reason, retry_at),
        Notice::Entered { room, me, present, topic } => {
            let effects = offline::entered(model, &room, &me, present);
            topics::on_entered(model, &room, topic);
            return effects;
        }
        Notice::Resumed { room, me, present } => {
            return offline::resumed(model, &room, &me, present);
        }
        Notice::Gap { room, is_filled } => history::on_gap(model, &room, is_filled),
        Notice::History { room, messages } => return history::on_history(model, &room, messages),
        Notice::Left { room, departure } => on_left(model, &room, departure),
        Notice::Arrived { room, id, name, answer } => {
            return presence::on_arrived(model, &room, id, &name, answer);
        }
        Notice::Changed { room, change } => return presence::on_changed(model, &room, change),
        Notice::Responded { room, from, message, auto, name, .. } => {
            return on_responded(model, &room, (from, name.as_deref()), &message, auto);
        }
        Notice::Said { room, from, message, name, seq } => {
            return on_said(model, &room, (from, name.as_deref()), &message, seq);
        }
        Notice::TopicSet { room, topic, from, name } => {
            topics::on_set(model, &room, topic, from, name.as_deref());
        }
        Notice::Typing { room, from, direct, typing } => {
            on_typing(model, &room, from, direct, typing);
        }
        _ => {} // of a newer library
    }
    Vec::new()
}

/// We are out of a room.
fn on_left(model: &mut Model, name: &RoomName, departure: Departure) {
    let (now, wanted) = (model.now, model.name.clone());
    let Some(buffer) = model.room_buffer(name) else { return };
    let Some(room) = buffer.room_mut() else { return };
    room.membership = match departure {
        Departure::Refused(_) => Membership::Refused,
        _ => Membership::Out,
    };
    room.people = People::default();
    room.gap = None;
    let mut is_name_refused = false;
    let text = match departure {
        Departure::Left => return,
        Departure::Refused(error @ Error::Refused(Refusal::InvalidName)) => {
            is_name_refused = true;
            format!(
                "the server does not accept the name {wanted}: {} · /nick NAME to try another",
                why(&error)
            )
        }
        Departure::Refused(error) => {
            format!("the server does not let us in: {} · /join {name} to try again", why(&error))
        }
        _ => format!("the server closed this room for us · /join {name} to come back"),
    };
    buffer.log.push(now, Kind::error(text));
    if is_name_refused && let Some(at) = model.room_at(name) {
        status::propose_name(model, at, &wanted, &format!("{wanted} was refused"));
    }
    presence::end_conversations(model, name);
}

/// A message to the whole room; of a sender that is in nobody's presence, the name comes with it.
fn on_said(
    model: &mut Model,
    name: &RoomName,
    (from, unlisted): (SessionId, Option<&str>),
    said: &protocol::Message,
    seq: Option<u64>,
) -> Vec<Effect> {
    let is_room = |room: &crate::chat::buffer::Room| room.name == *name;
    let Some(at) = model.buffers.iter().position(|buffer| buffer.room().is_some_and(is_room))
    else {
        return Vec::new();
    };
    if is_ignored(model, name, from, unlisted) {
        return Vec::new();
    }
    let text = readable(said);
    let mention = is_mention(model, &text);
    let (name, hue) = speaker(model, name, from, unlisted, false);
    receive(model, at, Message { mention, seq, ..Message::from_other(from, name, hue, text) })
}

/// Whether a message to a room mentions us.
pub(super) fn is_mention(model: &Model, text: &str) -> bool {
    let mut ours = std::iter::once(&model.name).chain(&model.settings.highlight);
    ours.any(|word| names_us(text, word))
}

/// A message to us alone: an answer to our helo, or part of a conversation.
fn on_responded(
    model: &mut Model,
    room: &RoomName,
    (from, unlisted): (SessionId, Option<&str>),
    said: &protocol::Message,
    auto: bool,
) -> Vec<Effect> {
    if is_ignored(model, room, from, unlisted) {
        return Vec::new();
    }
    let now = model.now;
    let text = readable(said);
    let (name, hue) = speaker(model, room, from, unlisted, auto);
    let Some(buffer) = model.room_buffer(room) else { return Vec::new() };
    let helo = buffer.log.helo();
    let kind = helo.map_or(ResponseKind::Direct, |helo| helo.classify(now, from, &text, auto));
    if kind != ResponseKind::Direct {
        buffer.log.add_answer(Answer::new(now, from, &name, hue, &text, auto));
    }
    let is_known = buffers::find_direct(model, room, from).is_some();
    match kind {
        ResponseKind::Automatic => return Vec::new(),
        ResponseKind::Quick if !is_known => return Vec::new(),
        // A program that repeats itself is not the beginning of a conversation.
        ResponseKind::Direct if auto && !is_known => return Vec::new(),
        ResponseKind::Quick | ResponseKind::Typed | ResponseKind::Direct => {}
    }
    let member = model.room(room).and_then(|room| {
        let unlisted = || Some(room.people.unlisted(from, unlisted?));
        room.people.member(from).cloned().or_else(unlisted)
    });
    let Some(member) = member else { return Vec::new() };
    let at = buffers::open_direct(model, room, &member);
    if kind == ResponseKind::Typed && !is_known {
        // The new conversation begins with this answer already.
        return on_conversation_begun(model, at);
    }
    let message = Message::from_other(from, name, hue, text);
    if auto {
        // What a program says is kept, but rings for nobody.
        model.buffers[at].log.push(now, Kind::Message(message));
        return Vec::new();
    }
    receive(model, at, message)
}

/// Counts as unread what a new conversation begins with.
fn on_conversation_begun(model: &mut Model, at: usize) -> Vec<Effect> {
    let is_seen = buffers::is_seen(model, at);
    let buffer = &mut model.buffers[at];
    buffer.heard_at = Some(model.now.at);
    if !is_seen {
        buffer.unread += 1;
        buffer.mentions += 1;
        buffer.log.unread_from = buffer.log.unread_from.or(buffer.log.last_id());
    }
    notify::ring(model, &model.buffers[at].title(), notify::Worth::Ours, "")
}

/// Takes a message from somebody else in, and notifies those who look elsewhere.
fn receive(model: &mut Model, at: usize, message: Message) -> Vec<Effect> {
    let now = model.now;
    let buffer = &mut model.buffers[at];
    let is_for_us = message.mention || buffer.direct().is_some();
    if let Some(direct) = buffer.direct_mut() {
        direct.typing = None;
        buffer.heard_at = Some(now.at);
    }
    let (title, body) = (buffer.title(), format!("{}: {}", message.name, message.text));
    let is_muted = model.mutes(&message.name);
    add(model, at, now, message);
    let worth = if is_for_us { notify::Worth::Ours } else { notify::Worth::Talk };
    if is_muted { Vec::new() } else { notify::ring(model, &title, worth, &body) }
}

/// Adds a message from somebody else, and counts it as unread unless the user sees it.
pub(super) fn add(model: &mut Model, at: usize, said_at: Now, message: Message) {
    let is_seen = buffers::is_seen(model, at);
    if message.mention {
        list_mention(model, at, said_at, message.clone());
    }
    model.buffers[at].hear(said_at, message, is_seen);
}

/// Adds to the list of mentions what is about to be added to the room.
fn list_mention(model: &mut Model, at: usize, said_at: Now, message: Message) {
    let now = model.now;
    let buffer = &model.buffers[at];
    let entry = buffer.log.next_id(said_at);
    let source = Box::new(Source { buffer: buffer.id, entry, title: buffer.title() });
    let list = model.open_list(Place::Mentions);
    model.buffers[list].log.push(now, Kind::Mention(Mention { source, message }));
}

fn on_typing(model: &mut Model, name: &RoomName, from: SessionId, direct: bool, typing: bool) {
    if is_ignored(model, name, from, None) {
        return;
    }
    let until = typing.then(|| model.now.at + TYPING_LASTS);
    if direct {
        let found = buffers::find_direct(model, name, from);
        if let Some(direct) = found.and_then(|at| model.buffers[at].direct_mut()) {
            direct.typing = until;
        }
        return;
    }
    let room = model.room_mut(name);
    if let Some(member) = room.and_then(|room| room.people.member_mut(from)) {
        member.typing = until;
    }
}

/// Name and hue of who sent a message; they have stopped typing. A program that answers does not
/// count as somebody who talks.
pub(super) fn speaker(
    model: &mut Model,
    name: &RoomName,
    from: SessionId,
    unlisted: Option<&str>,
    auto: bool,
) -> (String, u8) {
    let now = model.now;
    let somebody = || ("somebody".to_owned(), 0);
    let Some(room) = model.room_mut(name) else { return somebody() };
    if let Some(member) = room.people.member_mut(from) {
        member.typing = None;
        if !auto {
            member.spoke = Some(now.at);
        }
    }
    let unlisted = || {
        let member = room.people.unlisted(from, unlisted?);
        Some((member.label(), member.hue()))
    };
    room.people.known(from).or_else(unlisted).unwrap_or_else(somebody)
}

/// Whether this is somebody whom the user does not want to hear.
fn is_ignored(model: &Model, name: &RoomName, from: SessionId, unlisted: Option<&str>) -> bool {
    let member = model.room(name).and_then(|room| room.people.member(from));
    let who = member.map(|member| &*member.person.name).or(unlisted);
    who.is_some_and(|who| model.settings.ignores(who))
}

/// The text of a message without what could drive a terminal.
pub(super) fn readable(message: &protocol::Message) -> String {
    hullo::text::clean_text(&message.as_text()).trim_end().replace('\t', "    ")
}

/// Whether the text holds our name, or another word that means us, as a word of its own.
fn names_us(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    // An underscore joins words, as in `ada_x`; around one it only stresses it.
    let joins = |next: Option<char>| next.is_some_and(char::is_alphanumeric);
    !name.is_empty()
        && text.match_indices(&name).any(|(at, _)| {
            let before = text[..at].trim_end_matches('_').chars().next_back();
            let after = text[at + name.len()..].trim_start_matches('_').chars().next();
            !joins(before) && !joins(after)
        })
}

#[cfg(test)]
mod tests {
    use super::names_us;

    #[test]
    fn a_name_counts_as_a_word() {
        for text in ["ada: hi", "hi ada", "@Ada?", "so (ada)", "_ada_ hi", "*ada*"] {
            assert!(names_us(text, "ada"), "{text}");
        }
        for text in ["adam", "canada", "ada_x", ""] {
            assert!(!names_us(text, "ada"), "{text}");
        }
        assert!(!names_us("anything", ""));
    }
}
