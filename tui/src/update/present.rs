//! People come, go and change; conversations follow them.

use hullo::Person;
use hullo::presence::Change;
use hullo::protocol::{RoomName, SessionId};

use super::{buffers, flood, notify, offline};
use crate::event::{Effect, Now};
use crate::model::{Direct, Model, Place, Room};
use crate::people::Member;
use crate::transcript::{Card, Folded, Passing, Tone, What};

/// So many newcomers a minute get a card of their own; the others fold.
const CARDS_A_MINUTE: usize = 3;
const A_MINUTE: std::time::Duration = std::time::Duration::from_secs(60);

/// How many arrivals are remembered, to tell each of them once.
const MAX_ANNOUNCED: usize = 1024;

/// Somebody said helo: a card or a folded name, and our answer.
pub(super) fn arrived(
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
    let flooded = flood::is_on(model, at);
    let answered = answer
        && model.settings.greet
        && !model.settings.ignores(who)
        && model.greetings.take(now.at, flooded);
    let mut effects = announce(model, at, id, Some(answered));
    if answered {
        let text = model.settings.greeting_for(who);
        effects.push(Effect::Answer { room: name.clone(), to: id, text, jitter: flooded });
    }
    effects.extend(welcome_back(model, name, id));
    effects
}

/// A conversation that had lost this person goes on; what waited for them is sent. Where there is
/// none nothing can wait, and no log is searched: hundreds may arrive every second.
fn welcome_back(model: &mut Model, name: &RoomName, id: SessionId) -> Vec<Effect> {
    let all_are_back = model.room_mut(name).is_some_and(|room| offline::is_back(room, id));
    if (rebind(model, name, id) || all_are_back) && model.is_live(name) {
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
    let newcomer = !by_presence && !is_back && !ignored;
    let flooded = room.flood.is_some();
    let gets_card = !flooded && (watched && !told || newcomer && take_card(room, now.at));
    if gets_card && (!told || buffer.log.unfold_arrival(id)) {
        let card = card(&member, answered.unwrap_or_default());
        buffer.log.push(now, What::Card(card));
        if !told {
            list(model, at, passed(&member, Passing::Arrived, now));
        }
    } else if !told {
        let passing = if is_back { Passing::Reconnected } else { Passing::Arrived };
        fold(model, at, &member, passing);
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

fn card(member: &Member, answered: bool) -> Card {
    Card {
        who: member.person.id,
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

fn fold(model: &mut Model, at: usize, member: &Member, passing: Passing) {
    let now = model.now;
    let name = &member.person.name;
    let weight = match () {
        () if model.settings.watches(name) => 3,
        () if is_partner(model, name) => 2,
        () => u8::from(member.is_talking(now)),
    };
    let (who, name) = (member.person.id, member.label());
    let folded = Folded { who, name, passing, at: now, weight };
    list(model, at, folded.clone());
    if !flood::takes(model, at, &folded) {
        model.buffers[at].log.fold(folded);
    }
}

/// Tells who came or went while nobody told us.
pub(super) fn tell_passed(model: &mut Model, at: usize, folded: Folded) {
    if folded.passing == Passing::Arrived && !buffers::is_seen(model, at) {
        model.buffers[at].arrivals += 1;
    }
    list(model, at, folded.clone());
    model.buffers[at].log.fold(folded);
}

/// Tells somebody's coming or going in the list of arrivals.
fn list(model: &mut Model, at: usize, folded: Folded) {
    let (now, title) = (model.now, model.buffers[at].title());
    let list = model.open_list(Place::Arrivals);
    model.buffers[list].log.push(now, What::Passed(title, Box::new(folded)));
}

fn passed(member: &Member, passing: Passing, now: Now) -> Folded {
    Folded { who: member.person.id, name: member.label(), passing, at: now, weight: 0 }
}

/// Takes in a presence diff.
pub(super) fn changed(model: &mut Model, name: &RoomName, change: Change) -> Vec<Effect> {
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
        effects.extend(welcome_back(model, name, id));
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
    let is_partner = is_partner(model, &member.person.name);
    let log = &mut model.buffers[at].log;
    let alone = match log.card_mut(id) {
        Some(card) if !card.left && member.is_new(now) => {
            card.left = true;
            true
        }
        _ if watched || is_partner && member.is_talking(now) => {
            log.push(now, What::Told(Tone::Plain, format!("− {text}")));
            true
        }
        _ => false,
    };
    if alone {
        list(model, at, passed(&member, Passing::Left, now));
    } else {
        fold(model, at, &member, Passing::Left);
    }
    if let Some(direct) = buffers::find_direct(model, &name, id) {
        model.buffers[direct].log.push(now, What::Told(Tone::Plain, text.clone()));
        if let Some(direct) = model.buffers[direct].direct_mut() {
            direct.present = false;
            direct.typing = None;
        }
    }
    if watched && !flood::is_on(model, at) {
        notify::ring(model, &title, notify::Worth::Watched, &text)
    } else {
        Vec::new()
    }
}

/// Whether there is a conversation with somebody of this name.
fn is_partner(model: &Model, name: &str) -> bool {
    model.buffers.iter().filter_map(|buffer| buffer.direct()).any(|direct| direct.name == name)
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
        log.push(now, What::Told(Tone::Plain, format!("you are now {}", member.label())));
    } else {
        let passing = Passing::Renamed { to: member.label() };
        let folded = Folded { who: id, name: was.clone(), passing, at: now, weight: 0 };
        log.fold(folded.clone());
        if let Some(card) = log.card_mut(id) {
            card.name = member.label();
        }
        list(model, at, folded);
    }
    if let Some(direct) = buffers::find_direct(model, &name, id) {
        let text = format!("{was} is now {}", member.label());
        model.buffers[direct].log.push(now, What::Told(Tone::Plain, text));
        bind(model, direct, &member);
    }
}

/// After a lost line: every conversation of this room finds its person again.
pub(super) fn rebind_all(model: &mut Model, name: &RoomName) {
    let Some(room) = model.room(name) else { return };
    let (people, me) = (room.people.clone(), room.me());
    for buffer in &mut model.buffers {
        let Some(direct) = buffer.direct_mut().filter(|direct| direct.room == *name) else {
            continue;
        };
        direct.present = people.member(direct.peer).is_some();
    }
    for member in people.iter().filter(|member| me != Some(member.person.id)) {
        rebind(model, name, member.person.id);
    }
}

/// Somebody is here whom a conversation may have lost: by user where they say it, else by name.
/// A conversation whose person is here is never taken over by another of the same name. Tells
/// whether there was one.
fn rebind(model: &mut Model, name: &RoomName, id: SessionId) -> bool {
    let now = model.now;
    if buffers::find_direct(model, name, id).is_some() {
        return false;
    }
    let Some(member) = model.room(name).and_then(|room| room.people.member(id)).cloned() else {
        return false;
    };
    let is_theirs = |direct: &Direct| {
        direct.room == *name
            && !direct.present
            && direct.left_at.as_ref().is_none_or(|server| *server == model.address)
            && match (&direct.user, &member.person.user) {
                (Some(was), Some(is)) => was == is,
                (Some(_), None) | (None, _) => direct.name == member.person.name,
            }
    };
    let found = model.buffers.iter().position(|buffer| buffer.direct().is_some_and(is_theirs));
    if let Some(at) = found {
        bind(model, at, &member);
        let text = format!("{} is back", member.label());
        model.buffers[at].log.push(now, What::Told(Tone::Plain, text));
    }
    found.is_some()
}

fn bind(model: &mut Model, at: usize, member: &Member) {
    if let Some(direct) = model.buffers[at].direct_mut() {
        direct.peer = member.person.id;
        direct.name.clone_from(&member.person.name);
        direct.label = member.label();
        direct.user = member.person.user.clone().or(direct.user.take());
        direct.present = true;
        direct.left_at = None;
    }
}

/// We are out of this room: nobody can be reached by way of it.
pub(super) fn end_conversations(model: &mut Model, name: &RoomName) {
    for buffer in &mut model.buffers {
        if let Some(direct) = buffer.direct_mut().filter(|direct| direct.room == *name) {
            direct.present = false;
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
