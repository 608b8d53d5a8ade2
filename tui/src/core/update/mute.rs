//! What rings no more: until it is asked to again, which is kept, or for a while, which is not.

use std::time::{Duration, Instant};

use hullo::protocol::RoomName;

use super::{hint, tell};
use crate::chat::buffer::{ARRIVALS, Buffer, Place, room_title};
use crate::core::event::Effect;
use crate::core::model::{Model, Muted};
use crate::entry::Kind;
use crate::entry::system::Severity;
use crate::people::Member;
use crate::settings::Notify;
use crate::time::span;

/// `/mute`: a room, a person or the arrivals; without any of them, where we are.
pub(super) fn mute(model: &mut Model, what: Option<&str>, lasts: Option<Duration>) -> Vec<Effect> {
    let title = match what {
        Some(what) => meant(model, what),
        None => here(model),
    };
    let Some(title) = title else {
        let text = match what.map(hullo::text::clean_line) {
            Some(what) => format!("nothing here is called {what} · /mute NAME, #ROOM or arrivals"),
            None => "nothing rings for this list · /mute NAME, #ROOM or arrivals".to_owned(),
        };
        tell(model, Severity::Warning, text);
        return Vec::new();
    };
    if let Some(lasts) = lasts {
        return for_a_while(model, title, lasts);
    }
    if model.muted.remove(&title).is_some() {
        let text = format!("{} again", told(&title, model.settings.notify_in(&title)));
        hint(model, text);
        return Vec::new();
    }
    toggle(model, &title)
}

/// Mutes for good, or lets ring again: as it would if nobody had asked, if that rings.
fn toggle(model: &mut Model, title: &str) -> Vec<Effect> {
    match (model.settings.notify_in(title), model.settings.notify) {
        (Notify::All | Notify::Mentions, _) => set(model, title, Notify::None),
        (Notify::None, Notify::None) => set(model, title, Notify::Mentions),
        (Notify::None, level @ (Notify::All | Notify::Mentions)) => {
            hint(model, format!("{} again", told(title, level)));
            vec![forget(model, title)]
        }
    }
}

/// What rings for the buffer of this title from now on.
pub(super) fn set(model: &mut Model, title: &str, level: Notify) -> Vec<Effect> {
    hint(model, told(title, level));
    model.muted.remove(title);
    model.settings.notify_by_buffer.insert(title.to_owned(), level);
    vec![Effect::Keep { name: format!("notify.{title}"), value: Some(level.name().into()) }]
}

fn forget(model: &mut Model, title: &str) -> Effect {
    model.settings.notify_by_buffer.remove(title);
    Effect::Keep { name: format!("notify.{title}"), value: None }
}

/// Mutes for so long, also what was muted for good until now.
fn for_a_while(model: &mut Model, title: String, lasts: Duration) -> Vec<Effect> {
    let muted = Muted { until: model.now.at + lasts, asked_in: model.buffer().id };
    let for_good = model.settings.mutes(&title).then(|| forget(model, &title));
    hint(model, format!("{} for {}", told(&title, Notify::None), span(lasts)));
    model.muted.insert(title, muted);
    for_good.into_iter().collect()
}

/// What was muted for a while rings again, and says so where that was asked for.
pub(super) fn tick(model: &mut Model) {
    let now = model.now;
    let over = model.muted.iter().filter(|(_, muted)| muted.until <= now.at);
    let over: Vec<String> = over.map(|(title, _)| title.clone()).collect();
    for title in over {
        let Some(Muted { asked_in, .. }) = model.muted.remove(&title) else { continue };
        let text = format!("{} again", told(&title, model.settings.notify_in(&title)));
        let at = model.index_of(asked_in).unwrap_or(model.current);
        model.buffers[at].log.push(now, Kind::info(text));
    }
}

/// When [`tick`] has something to do next.
pub(super) fn deadline(model: &Model) -> Option<Instant> {
    model.muted.values().map(|muted| muted.until).min()
}

/// What rings for it at this level, as a sentence.
pub(super) fn told(title: &str, level: Notify) -> String {
    let rings = if title == ARRIVALS { "ring" } else { "rings" };
    let what = match level {
        Notify::All | Notify::Mentions if title == ARRIVALS => "for those whom you watch",
        Notify::All => "for all that is said",
        Notify::Mentions => "for what is for you",
        Notify::None => "for nothing",
    };
    format!("{title} {rings} {what}")
}

/// The title of the current buffer, if anything rings for it.
fn here(model: &Model) -> Option<String> {
    let buffer = model.buffer();
    match buffer.place {
        Place::Room(_) | Place::Direct(_) | Place::Arrivals => Some(buffer.title()),
        Place::Mentions | Place::Debug => None,
    }
}

/// The title that is meant: of a buffer, a room, somebody here, or of what is muted already.
fn meant(model: &Model, what: &str) -> Option<String> {
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
