//! What every event makes of the model, and what is to be done then. Pure: the time comes in with
//! the event, and nothing here waits, reads or writes.

mod about;
mod append_chat;
mod buffers;
mod command;
mod connect;
mod debug;
mod kept;
mod keys;
mod layer;
mod line_policy;
mod mouse;
mod mute;
mod notice;
mod notify;
mod offline;
mod presence;
mod say;
mod selection;
mod set;
mod theme;

use std::time::{Duration, Instant};

use hullo::Notice;
use hullo::client::Error;
use hullo::protocol::payload::State;

pub(crate) use self::line_policy::{is_shut_out, outcome, reads_at};
use crate::chat::buffer::Place;
use crate::chat::log::Scroll;
use crate::core::event::{Effect, Event, Ticket};
use crate::core::failing::Feature;
use crate::core::model::{Focus, Link, Model, Push};
use crate::entry::Kind;
use crate::entry::message::Delivery;
use crate::entry::system::Severity;
use crate::time::Now;

/// How long a hint stays.
const HINT_LASTS: Duration = Duration::from_secs(4);

/// What is to be done before the first event. Rooms that are joined at every start come behind the
/// one that was asked for.
pub(crate) fn start(model: &mut Model) -> Vec<Effect> {
    for room in model.settings.rooms.clone() {
        model.open_room(&room);
    }
    let rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
    let joins = rooms.map(|room| Effect::Join {
        room: room.name.clone(),
        name: model.name.clone(),
        status: None,
    });
    std::iter::once(Effect::LoadTheme(model.settings.theme.clone())).chain(joins).collect()
}

/// Takes one event in; tells what must be done.
pub(crate) fn update(model: &mut Model, now: Now, event: Event) -> Vec<Effect> {
    model.now = now;
    if model.hint.as_ref().is_some_and(|(_, until)| *until <= now.at) {
        model.hint = None;
    }
    line_policy::watch_way_in(model, &event);
    let mut effects = handle(model, event);
    if buffers::is_seen(model, model.current) {
        buffers::mark_read(model);
    }
    effects.extend(run_due(model));
    line_policy::run_due(model, &mut effects);
    effects.extend(append_chat::append_new(model, effects.contains(&Effect::Quit)));
    effects
}

fn handle(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => return written(model, |model| keys::press(model, key)),
        Event::Moused(mouse) => {
            let effects = stir(model);
            mouse::take(model, mouse);
            return effects;
        }
        Event::Pasted(text) => return written(model, |model| keys::paste(model, &text)),
        Event::Line(line) => {
            let mut effects = stir(model);
            effects.extend(line_policy::line(model, &line));
            return effects;
        }
        Event::LineTooLong => return line_policy::too_long(model),
        Event::InputEnded => line_policy::input_ended(model),
        Event::InputAbandoned { count, is_cut } => {
            return line_policy::input_abandoned(model, count, is_cut);
        }
        Event::OutputClosed => line_policy::end_now(model),
        Event::Received(notice) => {
            let mut effects = local_server(model, &notice);
            effects.extend(notice::handle(model, notice));
            return effects;
        }
        Event::ServerStarted(outcome) => server_started(model, outcome),
        Event::ChatLogNotOpened(why) => append_chat::not_opened(model, &why),
        Event::ChatLogAppended { server, addition, outcome } => {
            append_chat::appended(model, &server, &addition, outcome);
        }
        Event::Themed { name, theme, names } => {
            model.look.names = names;
            return theme::arrived(model, &name, theme);
        }
        Event::Logged(tone, text) => debug::logged(model, tone, &text),
        Event::Terminated => {
            line_policy::end_now(model);
            return vec![Effect::Quit];
        }
        Event::Configured(configured) => return kept::configured(model, *configured),
        Event::Resized(size) => {
            model.size = size;
            buffers::fit(model);
        }
        Event::Focused(focused) => model.focus = if focused { Focus::Yes } else { Focus::No },
        Event::Edited(text) => model.buffer_mut().composer.set(text.trim_end()),
        Event::FileDone(outcome) => return file_done(model, outcome),
        Event::Warned(text) => tell(model, Severity::Warning, text),
        Event::Failed { feature, what, why } => {
            if model.failing.is_news(feature, what) {
                tell(model, Severity::Warning, why);
            }
        }
        Event::Worked(feature) => model.failing.clear(feature),
        Event::Settled(ticket, outcome) => settle(model, ticket, outcome),
        Event::Restored(left) => kept::restored(model, *left),
        Event::Ticked => {}
    }
    Vec::new()
}

/// Starts this machine's own server again if it is not coming back by itself.
fn local_server(model: &mut Model, notice: &Notice) -> Vec<Effect> {
    let mut starts = false;
    if let Notice::Online = notice {
        model.restart.connected();
        model.failing.clear(Feature::LocalServer);
    } else if let Notice::Offline { .. } = notice {
        starts = model.restart.lost();
    }
    starts.then_some(Effect::StartServer).into_iter().collect()
}

fn server_started(model: &mut Model, outcome: Result<(), String>) {
    model.restart.started();
    if let Err(why) = outcome
        && model.failing.is_news(Feature::LocalServer, why.clone())
    {
        tell(model, Severity::Warning, why);
    }
}

/// What the user asked for is done, or is told to have failed.
fn file_done(model: &mut Model, outcome: Result<Option<String>, String>) -> Vec<Effect> {
    let effects = line_policy::file_done(model, outcome.is_ok());
    match outcome {
        Ok(text) => text.into_iter().for_each(|text| tell(model, Severity::Info, text)),
        Err(why) => tell(model, Severity::Warning, why),
    }
    effects
}

/// The user did this, and the line may be another now.
fn written(model: &mut Model, done: impl FnOnce(&mut Model) -> Vec<Effect>) -> Vec<Effect> {
    let mut effects = stir(model);
    effects.extend(done(model));
    say::forget_question(model);
    effects.extend(theme::preview(model));
    effects
}

/// Does what is due. After every event, not only a tick: one that comes first would take its place,
/// and what was due then is in the past, where no deadline is.
fn run_due(model: &mut Model) -> Vec<Effect> {
    for buffer in &mut model.buffers {
        buffer.log.update_flood(model.now.at);
    }
    mute::tick(model);
    let mut effects = offline::tick(model);
    effects.extend(end_dnd(model));
    effects.extend(grow_idle(model));
    effects
}

/// When the screen must be drawn again although nothing happens.
pub(crate) fn deadline(model: &Model) -> Option<Instant> {
    let now = model.now.at;
    let mut times = vec![
        model.hint.as_ref().map(|(_, until)| *until),
        offline::deadline(model),
        mute::deadline(model),
    ];
    if let Link::Offline { since, .. } = &model.link {
        let shown = now.saturating_duration_since(*since).as_secs();
        times.push(Some(*since + Duration::from_secs(shown + 1)));
    }
    times.push(model.dnd_until);
    times.extend(model.buffers.iter().map(|buffer| Some(buffer.log.flood()?.next_update())));
    if model.status.state == State::Here {
        times.push(idle_at(model));
    }
    let newest = model.buffer().log.newest().take(60);
    times.extend(newest.map(|(_, entry)| entry.kind.content().next_change(model.now)));
    times.extend(model.buffers.iter().map(|buffer| match &buffer.place {
        Place::Direct(direct) => direct.typing,
        Place::Room(room) => room.people.next_change(model.now),
        Place::Mentions | Place::Arrivals | Place::Debug => None,
    }));
    times.into_iter().flatten().filter(|time| *time > now).min()
}

/// A key was pressed: who was only idle is here again.
fn stir(model: &mut Model) -> Vec<Effect> {
    model.last_key = model.now.at;
    // Whoever types looks, whatever the terminal says about its focus.
    if model.focus == Focus::No {
        model.focus = Focus::Yes;
    }
    if model.buffer().log.scroll == Scroll::Newest {
        buffers::mark_read(model);
    }
    if model.status.state != State::Idle {
        return Vec::new();
    }
    command::set_state(model, State::Here, model.status.text.clone())
}

/// The time for which nobody was to disturb is over.
fn end_dnd(model: &mut Model) -> Vec<Effect> {
    if model.dnd_until.is_none_or(|until| until > model.now.at) {
        return Vec::new();
    }
    model.dnd_until = None;
    if model.status.state == State::Dnd {
        command::set_state(model, State::Here, None)
    } else {
        Vec::new()
    }
}

fn grow_idle(model: &mut Model) -> Vec<Effect> {
    let quiet = idle_at(model).is_some_and(|at| at <= model.now.at);
    if model.status.state != State::Here || !quiet {
        return Vec::new();
    }
    command::set_state(model, State::Idle, model.status.text.clone())
}

/// When others will see us idle, if ever.
fn idle_at(model: &Model) -> Option<Instant> {
    let after = model.settings.idle_after;
    (!after.is_zero()).then(|| model.last_key + after)
}

fn settle(model: &mut Model, ticket: Ticket, outcome: Result<(), Error>) {
    let (now, declined) = (model.now, model.declined);
    let Some(push) = model.pushes.remove(&ticket) else { return };
    let (buffer, what) = match push {
        Push::Line(buffer) => {
            let is_failed = outcome.is_err();
            let delivery =
                outcome.map_or_else(|error| Delivery::Failed(why(&error)), |()| Delivery::Sent);
            if let Some(buffer) = model.by_id(buffer) {
                buffer.log.settle(ticket, delivery);
                model.failed_lines += usize::from(is_failed);
            }
            return;
        }
        Push::Rename { buffer, name } => (buffer, format!("you cannot be called {name}")),
        Push::Wave { buffer, name } => (buffer, format!("{name} did not get your wave")),
    };
    model.declined += usize::from(outcome.is_err());
    if let (Err(error), Some(buffer)) = (outcome, model.by_id(buffer)) {
        buffer.log.push(now, Kind::error(format!("{what}: {}", why(&error))));
    }
    line_policy::count_declined(model, declined);
}

/// Why a push came to nothing, as people say it.
fn why(error: &Error) -> String {
    match error {
        Error::Refused(reason) => refusal(reason),
        Error::Lost => "the line broke; it may have arrived all the same".into(),
        Error::Closed => "the line was closed; it may have arrived all the same".into(),
        error => error.to_string(),
    }
}

/// The server's fixed words, as people say them.
fn refusal(reason: &str) -> String {
    match reason {
        "invalid_name" => "a name has 1 to 32 visible characters in at most 128 bytes".into(),
        "invalid_room" => "no room can have that name".into(),
        "unknown_recipient" => "they have left".into(),
        "full" => "the room is full".into(),
        "too many channels joined" => "you are in too many rooms".into(),
        other => hullo::text::clean_line(other).into_owned(),
    }
}

/// A word to the user that goes away by itself.
fn hint(model: &mut Model, text: impl Into<String>) {
    model.hint = Some((text.into(), model.now.at + HINT_LASTS));
}

/// As a hint, that what was asked for cannot be done.
fn decline(model: &mut Model, text: impl Into<String>) {
    model.declined += 1;
    hint(model, text);
}

/// A line in the current buffer that nobody said. All but a plain one tells that something cannot
/// be done.
fn tell(model: &mut Model, severity: Severity, text: impl Into<String>) {
    let now = model.now;
    model.declined += usize::from(severity != Severity::Info);
    model.buffer_mut().log.push(now, Kind::system(severity, text));
}
