//! What notifies us, and what is muted: for good, which is kept, or for a while, which is not.

use std::time::{Duration, Instant};

use hullo::protocol::RoomName;

use super::settings::{set_and_keep, set_named};
use super::{Entry, ON_OR_OFF, entry, info, warn};
use crate::chat::buffer::{ARRIVALS, Buffer, Place, room_title};
use crate::core::event::Effect;
use crate::core::model::{Model, Muted};
use crate::core::update::flash;
use crate::entry::Kind;
use crate::input::command::Arg::{Optional, Required};
use crate::input::command::ArgKind::{self, Mutable, OneOf, Person, ValueOf};
use crate::input::command::Args;
use crate::people::Member;
use crate::settings::{Notify, setting};
use crate::time::span;

pub(super) const COMMANDS: &[Entry] = &[
    entry(
        "watch",
        &[Optional(Person)],
        "always announce when they come and go; again undoes it",
        toggle_listed,
    ),
    entry("ignore", &[Optional(Person)], "hide what they say; again undoes it", toggle_listed),
    entry("notify", &[Optional(ValueOf("notify"))], "what notifies you here", notify),
    entry(
        "mute",
        &[Optional(Mutable), Optional(ArgKind::Duration)],
        "no notifications for a person, a room or arrivals; again undoes it",
        |model, args| mute(model, args.given(), args.duration),
    )
    .runs_when_chosen(),
    entry("bell", &[Required(OneOf(ON_OR_OFF))], "the terminal's bell", set_named),
];

/// Adds a name to the list of people that is called as the command, or removes it; without a name
/// shows the list.
fn toggle_listed(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let list = args.name;
    let names = setting(list).map(|list| list.get(&model.settings)).unwrap_or_default();
    let Some(name) = args.given() else {
        let text = if names.is_empty() { "nobody".into() } else { names };
        return info(model, format!("{list}: {text} · /{list} NAME adds or removes"));
    };
    let mut names: Vec<&str> =
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let before = names.len();
    names.retain(|other| other.to_lowercase() != name.to_lowercase());
    let is_added = names.len() == before;
    if is_added {
        names.push(name);
    }
    let names = names.join(", ");
    let effects = set_and_keep(model, list, &names);
    let name = hullo::text::clean_line(name);
    let listed = match (list, is_added) {
        ("watch", true) => format!("{name} is watched now: announced whenever they come or go"),
        ("watch", false) => format!("{name} is not watched any more"),
        (_, true) => format!("{name} is ignored now"),
        (_, false) => format!("{name} is not ignored any more"),
    };
    flash(model, listed);
    effects
}

/// Shows or changes what notifies us in this buffer.
fn notify(model: &mut Model, args: &Args<'_>) -> Vec<Effect> {
    let title = model.buffer().title();
    let Some(value) = args.given() else {
        let level = model.settings.notify_in(&title);
        let (described, name) = (described(&title, level), level.name());
        return info(model, format!("{described} ({name}) · /notify all, mentions, none"));
    };
    match Notify::named(value) {
        Ok(level) => set(model, &title, level),
        Err(why) => warn(model, why),
    }
}

/// Mutes a room, a person or the arrivals, or the current buffer; for a while or for good.
pub(in crate::core::update) fn mute(
    model: &mut Model,
    what: Option<&str>,
    lasts: Option<Duration>,
) -> Vec<Effect> {
    let title = match what {
        Some(what) => find_title(model, what),
        None => current_title(model),
    };
    let Some(title) = title else {
        let text = match what.map(hullo::text::clean_line) {
            Some(what) => format!("nothing here is called {what} · /mute NAME, #ROOM or arrivals"),
            None => "this list notifies you of nothing · /mute NAME, #ROOM or arrivals".to_owned(),
        };
        return warn(model, text);
    };
    if let Some(lasts) = lasts {
        return for_a_while(model, title, lasts);
    }
    if model.muted.remove(&title).is_some() {
        let text = format!("{} again", described(&title, model.settings.notify_in(&title)));
        flash(model, text);
        return Vec::new();
    }
    toggle(model, &title)
}

/// Mutes for good, or ends that: what is set for all rooms applies again, unless that is nothing.
fn toggle(model: &mut Model, title: &str) -> Vec<Effect> {
    match (model.settings.notify_in(title), model.settings.notify) {
        (Notify::All | Notify::Mentions, _) => set(model, title, Notify::None),
        (Notify::None, Notify::None) => set(model, title, Notify::Mentions),
        (Notify::None, level @ (Notify::All | Notify::Mentions)) => {
            flash(model, format!("{} again", described(title, level)));
            vec![forget(model, title)]
        }
    }
}

/// Sets what notifies us in the buffer of this title.
fn set(model: &mut Model, title: &str, level: Notify) -> Vec<Effect> {
    flash(model, described(title, level));
    model.muted.remove(title);
    model.settings.notify_by_buffer.insert(title.to_owned(), level);
    vec![Effect::SaveSetting { name: format!("notify.{title}"), value: Some(level.name()) }]
}

fn forget(model: &mut Model, title: &str) -> Effect {
    model.settings.notify_by_buffer.remove(title);
    Effect::SaveSetting { name: format!("notify.{title}"), value: None }
}

/// Mutes for so long, also what was muted for good before.
fn for_a_while(model: &mut Model, title: String, lasts: Duration) -> Vec<Effect> {
    let muted = Muted { until: model.now.at + lasts, asked_in: model.buffer().id };
    let for_good = model.settings.mutes(&title).then(|| forget(model, &title));
    flash(model, format!("{} for {}", described(&title, Notify::None), span(lasts)));
    model.muted.insert(title, muted);
    for_good.into_iter().collect()
}

/// Unmutes what was muted for a while that is over, and says so where it was muted.
pub(in crate::core::update) fn unmute_due(model: &mut Model) {
    let now = model.now;
    let due = model.muted.iter().filter(|(_, muted)| muted.until <= now.at);
    let due: Vec<String> = due.map(|(title, _)| title.clone()).collect();
    for title in due {
        let Some(Muted { asked_in, .. }) = model.muted.remove(&title) else { continue };
        let text = format!("{} again", described(&title, model.settings.notify_in(&title)));
        let at = model.index_of(asked_in).unwrap_or(model.current);
        model.buffers[at].log.push(now, Kind::info(text));
    }
}

/// When [`unmute_due`] has something to do next.
pub(in crate::core::update) fn deadline(model: &Model) -> Option<Instant> {
    model.muted.values().map(|muted| muted.until).min()
}

/// What notifies us in the buffer of this title, as a sentence.
fn described(title: &str, level: Notify) -> String {
    match level {
        Notify::None if title == ARRIVALS => "arrivals are muted".to_owned(),
        Notify::None => format!("{title} is muted"),
        Notify::All | Notify::Mentions if title == ARRIVALS => {
            "arrivals notify you of those whom you watch".to_owned()
        }
        Notify::All => format!("{title} notifies you of every message"),
        Notify::Mentions if title.starts_with('#') => format!("{title} notifies you of mentions"),
        Notify::Mentions => format!("{title} notifies you of messages to you"),
    }
}

/// The title of the current buffer, if it can notify us.
fn current_title(model: &Model) -> Option<String> {
    let buffer = model.buffer();
    match buffer.place {
        Place::Room(_) | Place::Direct(_) | Place::Arrivals => Some(buffer.title()),
        Place::Mentions | Place::Debug => None,
    }
}

/// The title of what is meant: a buffer, a room, somebody here, or what is muted already.
fn find_title(model: &Model, what: &str) -> Option<String> {
    let wanted = what.to_lowercase();
    let is = |title: &String| title.to_lowercase() == wanted;
    let talks = model.buffers.iter().filter(|buffer| buffer.by_way_of().is_some());
    let members = model.buffers.iter().filter_map(Buffer::room).flat_map(|room| room.people.iter());
    let known = talks.map(Buffer::title).chain(members.map(Member::label));
    let muted = model.settings.notify_by_buffer.keys().chain(model.muted.keys()).cloned();
    let room = || {
        let name = hullo::text::clean_line(what.strip_prefix('#')?).into_owned();
        RoomName::try_from(&*name).ok().map(|name| room_title(&name))
    };
    known.chain([ARRIVALS.to_owned()]).chain(muted).find(is).or_else(room).or_else(|| {
        let rooms = model.buffers.iter().filter(|buffer| buffer.room().is_some());
        rooms.map(Buffer::title).find(|title| title.to_lowercase() == format!("#{wanted}"))
    })
}
