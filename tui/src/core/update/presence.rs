//! People arrive, leave and change their name or state.

use std::time::{Duration, Instant};

use hullo::Person;
use hullo::presence::Change;
use hullo::protocol::payload::Mode;
use hullo::protocol::{RoomName, SessionId};

use super::{buffers, notify, offline};
use crate::chat::buffer::{Direct, Partner, Place, Room};
use crate::chat::log::Log;
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::Kind;
use crate::entry::newcomer::Newcomer;
use crate::entry::presence::{ListedPresence, PresenceChange, PresenceEvent};
use crate::entry::system::System;
use crate::people::Member;

/// How many newcomers a minute get a card of their own; the others are folded into a group.
const CARDS_A_MINUTE: usize = 3;
const A_MINUTE: Duration = Duration::from_secs(60);

/// How many entries are searched for what was told of a session that ended just now.
const SEARCHED: usize = 50;

/// How many sessions are remembered whose arrival is shown already.
const MAX_ANNOUNCED: usize = 1024;

/// Somebody said helo.
pub(super) fn on_arrived(
    model: &mut Model,
    name: &RoomName,
    id: SessionId,
    who: &str,
    answer: bool,
) -> Vec<Effect> {
    let now = model.now;
    let Some(at) = room_at(model, name) else { return Vec::new() };
    let Some(room) = model.buffers[at].room_mut() else { return Vec::new() };
    let person = Person::new(id, who);
    if room.people.member(id).is_none() {
        room.people.join(person, now);
    }
    let is_flood = model.buffers[at].log.flood().is_some();
    let answered = answer
        && model.settings.greet
        && !model.settings.ignores(who)
        && model.greetings.take(now.at, is_flood);
    let mut effects = show_arrival(model, at, id, Some(answered));
    if answered {
        let text = model.settings.greeting_for(who);
        effects.push(Effect::Answer { room: name.clone(), to: id, text, jitter: is_flood });
    }
    effects.extend(is_here(model, name, id));
    effects
}

/// Takes in a presence diff.
pub(super) fn on_changed(model: &mut Model, name: &RoomName, change: Change) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(at) = room_at(model, name) else { return effects };
    for person in change.left {
        effects.extend(on_left(model, at, person.id));
    }
    for person in change.joined {
        let (id, now) = (person.id, model.now);
        let is_observer = person.mode == Some(Mode::Observer);
        let Some(room) = model.buffers[at].room_mut() else { continue };
        if room.people.member(id).is_some() {
            room.people.update(person, now);
        } else {
            room.people.join(person, now);
        }
        if !is_observer {
            effects.extend(show_arrival(model, at, id, None));
        }
        effects.extend(is_here(model, name, id));
    }
    for person in change.updated {
        on_updated(model, at, person);
    }
    effects
}

/// Somebody is here. If they are the last of those who were expected back after a restart of the
/// server, what waited for them is sent.
fn is_here(model: &mut Model, name: &RoomName, id: SessionId) -> Vec<Effect> {
    let all_are_back = model.room_mut(name).is_some_and(|room| offline::is_back(room, id));
    if all_are_back && model.is_live(name) {
        super::say::send_waiting(model, name)
    } else {
        Vec::new()
    }
}

/// Shows an arrival once, as a card or in a group: it is known by helo (then `answered` says whether
/// we answered), by presence, or by both in either order.
fn show_arrival(
    model: &mut Model,
    at: usize,
    id: SessionId,
    answered: Option<bool>,
) -> Vec<Effect> {
    let now = model.now;
    let buffer = &mut model.buffers[at];
    let (title, is_flood) = (buffer.title(), buffer.log.flood().is_some());
    let Some(room) = buffer.room_mut() else { return Vec::new() };
    let is_shown = room.announced.contains(&id);
    let Some(member) = room.people.member(id).cloned() else { return Vec::new() };
    if is_shown && answered.is_none() {
        return Vec::new();
    }
    let (name, user) = (&member.person.name, member.person.user.as_deref());
    let is_watched = model.settings.watches(name);
    room.announced.push_front(id);
    room.announced.truncate(MAX_ANNOUNCED);
    let is_back = room.people.left_lately(name, user, now);
    let before = room.people.left_just_now(name, user, now);
    if is_back && let Some(member) = room.people.member_mut(id) {
        member.came = None;
    }
    if let Some(before) = before.filter(|_| !is_shown) {
        show_helo_again(model, at, before, &member);
        return Vec::new();
    }
    let is_newcomer = answered.is_some() && !is_back && !model.settings.ignores(name);
    let gets_card = !is_flood
        && (is_watched && !is_shown || is_newcomer && is_card_left(room, now.at))
        && (!is_shown || buffer.log.unfold_arrival(id));
    if gets_card {
        let newcomer = Newcomer {
            session: id,
            name: member.label(),
            hue: member.hue(),
            answered: answered.unwrap_or_default(),
            waved: None,
            left: None,
        };
        buffer.log.push(now, Kind::Newcomer(newcomer));
    }
    if is_shown {
        return Vec::new();
    }
    let change = if is_back { PresenceChange::Reconnected } else { PresenceChange::Arrived };
    if gets_card {
        list(model, at, event(model, &member, PresenceChange::Arrived));
    } else {
        fold(model, at, event(model, &member, change));
    }
    model.buffers[at].arrivals += usize::from(!buffers::is_seen(model, at));
    if is_watched && !is_flood {
        let body = format!("{} is here", member.label());
        return notify::ring(model, &title, notify::Worth::Watched, &body);
    }
    Vec::new()
}

/// Shows that somebody said helo again: it is not told that their session of before has ended.
fn show_helo_again(model: &mut Model, at: usize, before: SessionId, member: &Member) {
    let id = member.person.id;
    let again = event(model, member, PresenceChange::HeloAgain);
    if let Some(room) = model.buffers[at].room_mut() {
        room.people.forget_gone(before);
    }
    let log = &mut model.buffers[at].log;
    if let Some(newcomer) = log.newcomer_mut(before) {
        (newcomer.session, newcomer.left) = (id, None);
    }
    let left = departure(&member.label());
    let is_told = mend(log, |kind| match kind {
        Kind::System(System { text, .. }) if *text == left => {
            *text = again.change.sentence(&again.name);
            true
        }
        _ => false,
    });
    if !is_told {
        log.add_presence(again.clone());
    }
    let list = model.open_list(Place::Arrivals);
    mend(&mut model.buffers[list].log, |kind| match kind {
        Kind::ListedPresence(listed) if listed.event.session == before => {
            *listed.event = again.clone();
            true
        }
        _ => false,
    });
}

/// Changes the newest entry of which `change` says that it is the one. False if none is.
fn mend(log: &mut Log, mut change: impl FnMut(&mut Kind) -> bool) -> bool {
    log.entries_mut().rev().take(SEARCHED).any(|entry| change(&mut entry.kind))
}

/// The line that says of somebody the user knows that they left.
fn departure(name: &str) -> String {
    format!("− {name} left")
}

/// Whether one more newcomer gets a card in this minute; if so, it is counted.
fn is_card_left(room: &mut Room, now: Instant) -> bool {
    room.cards.retain(|shown| now.saturating_duration_since(*shown) < A_MINUTE);
    let is_left = room.cards.len() < CARDS_A_MINUTE;
    if is_left {
        room.cards.push_back(now);
    }
    is_left
}

fn on_left(model: &mut Model, at: usize, id: SessionId) -> Vec<Effect> {
    let now = model.now;
    let title = model.buffers[at].title();
    let Some(room) = model.buffers[at].room_mut() else { return Vec::new() };
    let name = room.name.clone();
    let Some(member) = room.people.leave(id, now) else { return Vec::new() };
    if member.is_observer() {
        return Vec::new(); // they came unannounced, too
    }
    let is_watched = model.settings.watches(&member.person.name);
    let is_partner = model.talks_with(id) && member.is_talking(now);
    let text = format!("{} left", member.label());
    let left = event(model, &member, PresenceChange::Left);
    let log = &mut model.buffers[at].log;
    let newcomer =
        log.newcomer_mut(id).filter(|newcomer| newcomer.left.is_none() && member.is_new(now));
    if let Some(newcomer) = newcomer {
        newcomer.left = Some(now.at);
        list(model, at, left);
    } else if is_watched || is_partner {
        log.push(now, Kind::info(departure(&member.label())));
        list(model, at, left);
    } else {
        fold(model, at, left);
    }
    if let Some(direct) = buffers::find_direct(model, &name, id) {
        let buffer = &mut model.buffers[direct];
        buffer.log.push(now, Kind::info(text.clone()));
        if let Some(direct) = buffer.direct_mut() {
            direct.partner = Partner::Left;
            direct.typing = None;
        }
    }
    if is_watched && model.buffers[at].log.flood().is_none() {
        notify::ring(model, &title, notify::Worth::Watched, &text)
    } else {
        Vec::new()
    }
}

fn on_updated(model: &mut Model, at: usize, person: Person) {
    let (now, id) = (model.now, person.id);
    let Some(room) = model.buffers[at].room_mut() else { return };
    let (room_name, is_me) = (room.name.clone(), room.me() == Some(id));
    let old_name = room.people.update(person, now);
    let Some(member) = room.people.member(id).cloned() else { return };
    if is_me {
        model.name.clone_from(&member.person.name);
    }
    let Some(name) = old_name else { return };
    let change = PresenceChange::Renamed { to: member.label() };
    let text = change.sentence(&name);
    let renamed = PresenceEvent { name, weight: 0, ..event(model, &member, change) };
    let log = &mut model.buffers[at].log;
    if is_me {
        log.push(now, Kind::info(format!("you are now {}", member.label())));
    } else {
        if let Some(newcomer) = log.newcomer_mut(id) {
            newcomer.name = member.label();
        }
        log.fold(renamed.clone());
        list(model, at, renamed);
    }
    if let Some(direct) = buffers::find_direct(model, &room_name, id) {
        let buffer = &mut model.buffers[direct];
        buffer.log.push(now, Kind::info(text));
        if let Some(direct) = buffer.direct_mut() {
            follow(direct, &member);
        }
    }
}

/// Somebody came or went while we were offline.
pub(super) fn on_missed(model: &mut Model, at: usize, event: PresenceEvent) {
    if event.change == PresenceChange::Arrived && !buffers::is_seen(model, at) {
        model.buffers[at].arrivals += 1;
    }
    list(model, at, event.clone());
    model.buffers[at].log.fold(event);
}

/// Folds an event into a group of the room, or counts it in a flood.
fn fold(model: &mut Model, at: usize, event: PresenceEvent) {
    list(model, at, event.clone());
    model.buffers[at].log.add_presence(event);
}

/// Adds an event to the list of arrivals.
fn list(model: &mut Model, at: usize, event: PresenceEvent) {
    let (now, room) = (model.now, model.buffers[at].title());
    let list = model.open_list(Place::Arrivals);
    let listed = ListedPresence { room, event: Box::new(event) };
    model.buffers[list].log.push(now, Kind::ListedPresence(listed));
}

fn event(model: &Model, member: &Member, change: PresenceChange) -> PresenceEvent {
    let (session, name) = (member.person.id, member.label());
    let weight = match () {
        () if model.settings.watches(&member.person.name) => 3,
        () if model.talks_with(session) => 2,
        () => u8::from(member.is_talking(model.now)),
    };
    PresenceEvent { session, name, change, at: model.now, weight }
}

/// After a reconnect: tells in each conversation of this room whether its partner is still here.
pub(super) fn refresh_conversations(model: &mut Model, name: &RoomName) {
    let now = model.now;
    let Some(people) = model.room(name).map(|room| room.people.clone()) else { return };
    for buffer in &mut model.buffers {
        let Some(direct) = buffer.direct_mut().filter(|direct| direct.room == *name) else {
            continue;
        };
        let was_present = direct.is_present();
        let text = match people.member(direct.peer) {
            Some(member) => {
                follow(direct, member);
                (!was_present).then(|| format!("{} is here", direct.label))
            }
            None if was_present => {
                direct.partner = Partner::Left;
                Some(format!("{} left while you were offline", direct.label))
            }
            None => None,
        };
        if let Some(text) = text {
            buffer.log.push(now, Kind::info(text));
        }
    }
}

/// The conversation takes over the present name of its partner.
fn follow(direct: &mut Direct, member: &Member) {
    direct.name.clone_from(&member.person.name);
    direct.label = member.label();
    direct.user = member.person.user.clone().or(direct.user.take());
    direct.partner = Partner::Present;
}

/// We are out of this room: nobody can be reached by way of it.
pub(super) fn end_conversations(model: &mut Model, name: &RoomName) {
    for buffer in &mut model.buffers {
        if let Some(direct) = buffer.direct_mut().filter(|direct| direct.room == *name) {
            if direct.is_present() {
                direct.partner = Partner::Left;
            }
            direct.typing = None;
        }
    }
}

/// The index of a room that we are in.
fn room_at(model: &Model, name: &RoomName) -> Option<usize> {
    model
        .buffers
        .iter()
        .position(|buffer| buffer.room().is_some_and(|room| room.name == *name && !room.is_out()))
}
