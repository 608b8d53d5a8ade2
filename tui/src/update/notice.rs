//! What the network tells.

use hullo::Notice;
use hullo::client::{Departure, Error};
use hullo::protocol::{Message, Refusal, RoomName, SessionId};

use super::{buffers, notify, offline, present, why};
use crate::event::Effect;
use crate::model::{Link, Membership, Model, Place};
use crate::people::{People, TYPING_LASTS};
use crate::transcript::{Answer, Origin, Said, Sort, Tone, What};

pub(super) fn take(model: &mut Model, notice: Notice) -> Vec<Effect> {
    match notice {
        Notice::Online => model.link = Link::Online,
        Notice::RoundTrip(took) => model.round_trip = Some(took),
        Notice::Offline { reason, retry_at } => offline::line_lost(model, &reason, retry_at),
        Notice::Entered { room, me, present } => {
            return offline::entered(model, &room, &me, present, true);
        }
        Notice::Resumed { room, me, present } => {
            return offline::entered(model, &room, &me, present, false);
        }
        Notice::Left { room, departure } => left(model, &room, departure),
        Notice::Arrived { room, id, name, answer } => {
            return present::arrived(model, &room, id, &name, answer);
        }
        Notice::Changed { room, change } => return present::changed(model, &room, change),
        Notice::Responded { room, from, message, auto, .. } => {
            return responded(model, &room, from, &message, auto);
        }
        Notice::Said { room, from, message, .. } => return said(model, &room, from, &message),
        Notice::Typing { room, from, direct, typing } => {
            typing_told(model, &room, from, direct, typing);
        }
        _ => {} // of a newer library
    }
    Vec::new()
}

fn left(model: &mut Model, name: &RoomName, departure: Departure) {
    let (now, wanted) = (model.now, model.name.clone());
    let Some(buffer) = model.room_buffer(name) else { return };
    let Some(room) = buffer.room_mut() else { return };
    room.membership = match departure {
        Departure::Refused(_) => Membership::Refused,
        _ => Membership::Out,
    };
    room.people = People::default();
    let text = match departure {
        Departure::Left => return,
        Departure::Refused(error @ Error::Refused(Refusal::InvalidName)) => format!(
            "the server does not take the name {wanted}: {} · /nick NAME to try another",
            why(&error)
        ),
        Departure::Refused(error) => {
            format!("the server does not let us in: {} · /join {name} to try again", why(&error))
        }
        _ => format!("the server closed this room for us · /join {name} to come back"),
    };
    buffer.log.push(now, What::Told(Tone::Bad, text));
    present::end_conversations(model, name);
}

/// Something for the whole room.
fn said(model: &mut Model, name: &RoomName, from: SessionId, message: &Message) -> Vec<Effect> {
    let Some(at) = model
        .buffers
        .iter()
        .position(|buffer| buffer.room().is_some_and(|room| room.name == *name))
    else {
        return Vec::new();
    };
    if is_ignored(model, name, from) {
        return Vec::new();
    }
    let text = shown(message);
    let mut ours = std::iter::once(&model.name).chain(&model.settings.highlight);
    let mention = ours.any(|word| names_us(&text, word));
    let (label, hue) = heard(model, name, from, false);
    let said = Said { name: label, hue, text, mention, own: None };
    hear(model, at, said)
}

/// Something for us alone: an answer to our helo, or part of a conversation.
fn responded(
    model: &mut Model,
    name: &RoomName,
    from: SessionId,
    message: &Message,
    auto: bool,
) -> Vec<Effect> {
    if is_ignored(model, name, from) {
        return Vec::new();
    }
    let now = model.now;
    let text = shown(message);
    let (label, hue) = heard(model, name, from, auto);
    let Some(buffer) = model.room_buffer(name) else { return Vec::new() };
    let helo = buffer.log.helo_mut();
    let sort = helo.as_ref().map_or(Sort::Direct, |helo| helo.sort(now, from, auto));
    if let (Some(helo), true) = (helo, sort != Sort::Direct) {
        let words = text.clone();
        helo.answers.push(Answer { from, name: label.clone(), hue, words, auto, at: now });
    }
    let is_known = buffers::find_direct(model, name, from).is_some();
    match sort {
        Sort::Automatic => return Vec::new(),
        Sort::Quick if !is_known => return Vec::new(),
        // A program that repeats itself is not the beginning of a conversation.
        Sort::Direct if auto && !is_known => return Vec::new(),
        Sort::Quick | Sort::Typed | Sort::Direct => {}
    }
    let Some(member) = model.room(name).and_then(|room| room.people.member(from)).cloned() else {
        return Vec::new();
    };
    let at = buffers::open_direct(model, name, &member);
    if sort == Sort::Typed && !is_known {
        // The new conversation begins with these very words: the card holds them.
        return count(model, at);
    }
    let said = Said { name: label, hue, text, mention: false, own: None };
    if auto {
        // A program's chatter is kept, but rings for nobody.
        model.buffers[at].log.push(now, What::Said(said));
        return Vec::new();
    }
    hear(model, at, said)
}

/// Counts what stands in a conversation already.
fn count(model: &mut Model, at: usize) -> Vec<Effect> {
    let seen = buffers::is_seen(model, at);
    let buffer = &mut model.buffers[at];
    buffer.heard_at = Some(model.now.at);
    if !seen {
        buffer.unread += 1;
        buffer.mentions += 1;
        buffer.log.unread_from = buffer.log.unread_from.or(buffer.log.last_id());
    }
    ring(model, at, notify::Worth::Ours, "")
}

/// Tells those who look elsewhere that something was said here.
fn ring(model: &Model, at: usize, worth: notify::Worth, said: &str) -> Vec<Effect> {
    let title = model.buffers[at].title();
    notify::ring(model, &title, worth, said)
}

fn hear(model: &mut Model, at: usize, said: Said) -> Vec<Effect> {
    let (now, seen) = (model.now, buffers::is_seen(model, at));
    let buffer = &mut model.buffers[at];
    let wants_us = said.mention || buffer.direct().is_some();
    if let Some(direct) = buffer.direct_mut() {
        direct.typing = None;
        buffer.heard_at = Some(now.at);
    }
    let muted = model.mutes(&said.name);
    let (worth, told) = (
        if wants_us { notify::Worth::Ours } else { notify::Worth::Talk },
        format!("{}: {}", said.name, said.text),
    );
    if said.mention {
        list_mention(model, at, said.clone());
    }
    model.buffers[at].hear(now, said, seen);
    if muted { Vec::new() } else { ring(model, at, worth, &told) }
}

/// Tells in the list of mentions what is about to be told in the room.
fn list_mention(model: &mut Model, at: usize, said: Said) {
    let now = model.now;
    let buffer = &model.buffers[at];
    let entry = buffer.log.next_id(now);
    let origin = Origin { buffer: buffer.id, entry, title: buffer.title() };
    let list = model.open_list(Place::Mentions);
    model.buffers[list].log.push(now, What::Named(Box::new(origin), said));
}

fn typing_told(model: &mut Model, name: &RoomName, from: SessionId, direct: bool, typing: bool) {
    if is_ignored(model, name, from) {
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

/// Name and hue of who speaks; they have stopped typing. A program that answers is not talking.
fn heard(model: &mut Model, name: &RoomName, from: SessionId, by_itself: bool) -> (String, u8) {
    let now = model.now;
    let somebody = || ("somebody".to_owned(), 0);
    let Some(room) = model.room_mut(name) else { return somebody() };
    if let Some(member) = room.people.member_mut(from) {
        member.typing = None;
        if !by_itself {
            member.spoke = Some(now.at);
        }
    }
    room.people.known(from).unwrap_or_else(somebody)
}

/// Whether this is somebody whom the user does not want to hear.
fn is_ignored(model: &Model, name: &RoomName, from: SessionId) -> bool {
    let member = model.room(name).and_then(|room| room.people.member(from));
    member.is_some_and(|member| model.settings.ignores(&member.person.name))
}

/// A message as it may be shown.
fn shown(message: &Message) -> String {
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
