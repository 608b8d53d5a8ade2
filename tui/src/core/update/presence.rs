//! People come, go and change; conversations follow them.

use hullo::Person;
use hullo::presence::Change;
use hullo::protocol::{RoomName, SessionId};

use super::{buffers, notify, offline};
use crate::chat::buffer::{Direct, Partner, Place, Room};
use crate::core::event::Effect;
use crate::core::model::Model;
use crate::entry::Kind;
use crate::entry::newcomer::Newcomer;
use crate::entry::presence::{ListedPresence, PresenceChange, PresenceEvent};
use crate::people::Member;
use crate::time::Now;

/// So many newcomers a minute get a card of their own; the others fold.
const CARDS_A_MINUTE: usize = 3;
const A_MINUTE: std::time::Duration = std::time::Duration::from_secs(60);

/// How many arrivals are remembered, to tell each of them once.
const MAX_ANNOUNCED: usize = 1024;

/// Somebody said helo: a card or a folded name, and our answer.
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
    let person =
        Person { id, name: who.to_owned(), state: None, text: None, user: None, online_at: 0 };
    if room.people.member(id).is_none() {
        room.people.join(person, now);
    }
    let flooded = model.buffers[at].log.flood().is_some();
    let answered = answer
        && model.settings.greet
        && !model.settings.ignores(who)
        && model.greetings.take(now.at, flooded);
    let mut effects = announce(model, at, id, Some(answered));
    if answered {
        let text = model.settings.greeting_for(who);
        effects.push(Effect::Answer { room: name.clone(), to: id, text, jitter: flooded });
    }
    effects.extend(is_here(model, name, id));
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

/// Tells an arrival once: by helo (then `answered` says what we did), or by presence alone, which
/// a helo makes up for if it comes later.
fn announce(model: &mut Model, at: usize, id: SessionId, answered: Option<bool>) -> Vec<Effect> {
    let now = model.now;
    let by_presence = answered.is_none();
    let buffer = &mut model.buffers[at];
    let title = buffer.title();
    let flooded = buffer.log.flood().is_some();
    let Some(room) = buffer.room_mut() else { return Vec::new() };
    let told = room.announced.contains(&id);
    let Some(member) = room.people.member(id).cloned() else { return Vec::new() };
    if told && by_presence {
        return Vec::new();
    }
    let watched = model.settings.watches(&member.person.name);
    let ignored = model.settings.ignores(&member.person.name);
    room.announced.push_front(id);
    room.announced.truncate(MAX_ANNOUNCED);
    let user = member.person.user.as_deref();
    let is_back = room.people.left_lately(&member.person.name, user, now);
    if is_back && let Some(member) = room.people.member_mut(id) {
        member.came = None;
    }
    let is_newcomer = !by_presence && !is_back && !ignored;

    let gets_card = !flooded && (watched && !told || is_newcomer && take_card(room, now.at));
    if gets_card && (!told || buffer.log.unfold_arrival(id)) {
        let newcomer = newcomer(&member, answered.unwrap_or_default());
        buffer.log.push(now, Kind::Newcomer(newcomer));
        if !told {
            list(model, at, passed(&member, PresenceChange::Arrived, now));
        }
    } else if !told {
        let change = if is_back { PresenceChange::Reconnected } else { PresenceChange::Arrived };
        fold(model, at, &member, change);
    }
    if !(told || buffers::is_seen(model, at)) {
        model.buffers[at].arrivals += 1;
    }
    if watched && !told && !flooded {
        let body = format!("{} is here", member.label());
        return notify::ring(model, &title, notify::Worth::Watched, &body);
    }
    Vec::new()
}

fn newcomer(member: &Member, answered: bool) -> Newcomer {
    Newcomer {
        session: member.person.id,
        name: member.label(),
        hue: member.hue(),
        answered,
        waved: None,
        left: false,
    }
}

fn take_card(room: &mut Room, now: std::time::Instant) -> bool {
    room.cards.retain(|given| now.saturating_duration_since(*given) < A_MINUTE);
    if room.cards.len() >= CARDS_A_MINUTE {
        return false;
    }
    room.cards.push_back(now);
    true
}

fn fold(model: &mut Model, at: usize, member: &Member, change: PresenceChange) {
    let now = model.now;
    let name = &member.person.name;
    let weight = match () {
        () if model.settings.watches(name) => 3,
        () if model.talks_with(member.person.id) => 2,
        () => u8::from(member.is_talking(now)),
    };
    let event = PresenceEvent { weight, ..passed(member, change, now) };
    list(model, at, event.clone());
    model.buffers[at].log.add_presence(event);
}

/// Tells who came or went while nobody told us.
pub(super) fn on_missed(model: &mut Model, at: usize, event: PresenceEvent) {
    if event.change == PresenceChange::Arrived && !buffers::is_seen(model, at) {
        model.buffers[at].arrivals += 1;
    }
    list(model, at, event.clone());
    model.buffers[at].log.fold(event);
}

/// Tells somebody's coming or going in the list of arrivals.
fn list(model: &mut Model, at: usize, event: PresenceEvent) {
    let (now, room) = (model.now, model.buffers[at].title());
    let list = model.open_list(Place::Arrivals);
    let listed = ListedPresence { room, event: Box::new(event) };
    model.buffers[list].log.push(now, Kind::ListedPresence(listed));
}

fn passed(member: &Member, change: PresenceChange, now: Now) -> PresenceEvent {
    let (session, name) = (member.person.id, member.label());
    PresenceEvent { session, name, change, at: now, weight: 0 }
}

/// Takes in a presence diff.
pub(super) fn on_changed(model: &mut Model, name: &RoomName, change: Change) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(at) = room_at(model, name) else { return effects };
    for person in change.left {
        effects.extend(left(model, at, person.id));
    }
    for person in change.joined {
        let (id, now) = (person.id, model.now);
        let Some(room) = model.buffers[at].room_mut() else { continue };
        if room.people.member(id).is_some() {
            room.people.update(person, now);
        } else {
            room.people.join(person, now);
        }
        effects.extend(announce(model, at, id, None));
        effects.extend(is_here(model, name, id));
    }
    for person in change.updated {
        updated(model, at, person);
    }
    effects
}

fn left(model: &mut Model, at: usize, id: SessionId) -> Vec<Effect> {
    let now = model.now;
    let title = model.buffers[at].title();
    let Some(room) = model.buffers[at].room_mut() else { return Vec::new() };
    let name = room.name.clone();
    let Some(member) = room.people.leave(id, now) else { return Vec::new() };
    let watched = model.settings.watches(&member.person.name);
    let text = format!("{} left", member.label());
    let is_partner = model.talks_with(id);
    let log = &mut model.buffers[at].log;
    let alone = match log.newcomer_mut(id) {
        Some(newcomer) if !newcomer.left && member.is_new(now) => {
            newcomer.left = true;
            true
        }
        _ if watched || is_partner && member.is_talking(now) => {
            log.push(now, Kind::info(format!("− {text}")));
            true
        }
        _ => false,
    };
    if alone {
        list(model, at, passed(&member, PresenceChange::Left, now));
    } else {
        fold(model, at, &member, PresenceChange::Left);
    }
    if let Some(direct) = buffers::find_direct(model, &name, id) {
        model.buffers[direct].log.push(now, Kind::info(text.clone()));
        if let Some(direct) = model.buffers[direct].direct_mut() {
            direct.partner = Partner::Left;
            direct.typing = None;
        }
    }
    if watched && model.buffers[at].log.flood().is_none() {
        notify::ring(model, &title, notify::Worth::Watched, &text)
    } else {
        Vec::new()
    }
}

fn updated(model: &mut Model, at: usize, person: Person) {
    let (now, id) = (model.now, person.id);
    let Some(room) = model.buffers[at].room_mut() else { return };
    let (name, is_me) = (room.name.clone(), room.me() == Some(id));
    let was = room.people.update(person, now);
    let Some(member) = room.people.member(id).cloned() else { return };
    if is_me {
        model.name.clone_from(&member.person.name);
    }
    let Some(was) = was else { return };
    let log = &mut model.buffers[at].log;
    if is_me {
        log.push(now, Kind::info(format!("you are now {}", member.label())));
    } else {
        let change = PresenceChange::Renamed { to: member.label() };
        let event = PresenceEvent { name: was.clone(), ..passed(&member, change, now) };
        log.fold(event.clone());
        if let Some(newcomer) = log.newcomer_mut(id) {
            newcomer.name = member.label();
        }
        list(model, at, event);
    }
    if let Some(direct) = buffers::find_direct(model, &name, id) {
        let text = format!("{was} is now {}", member.label());
        model.buffers[direct].log.push(now, Kind::info(text));
        if let Some(direct) = model.buffers[direct].direct_mut() {
            follow(direct, &member);
        }
    }
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
