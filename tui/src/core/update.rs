//! How an event changes the model, and which effects follow. Pure: the time comes in with the event,
//! and nothing here waits, reads or writes.

mod actions;
mod append_chat;
mod buffers;
mod commands;
mod connect;
mod debug;
mod directory;
mod history;
mod keys;
mod line_policy;
mod mouse;
mod notice;
mod notify;
mod offline;
mod picker_keys;
mod presence;
mod quit;
mod restore;
mod say;
mod selection;
mod submit;
mod theme;
mod topics;

use std::time::{Duration, Instant};

use hullo::Notice;
use hullo::client::Error;
use hullo::protocol::Refusal;
use hullo::protocol::payload::State;

pub(crate) use self::commands::COMMANDS;
use self::commands::{notifications, status};
pub(crate) use self::line_policy::{is_shut_out, outcome, reads_at};
use crate::chat::buffer::Place;
use crate::chat::log::Scroll;
use crate::core::event::{Effect, Event, Ticket};
use crate::core::failing::Feature;
use crate::core::model::{Focus, Link, Model, Push, UnderWay};
use crate::entry::Kind;
use crate::entry::message::Delivery;
use crate::entry::system::Severity;
use crate::text;
use crate::time::Now;

/// So much of a message is shown that did not arrive and whose buffer is closed.
const CLOSED_SHOWN: usize = 60;

/// How long a message stays in the status line.
const FLASH_LASTS: Duration = Duration::from_secs(4);

/// The effects before the first event. Rooms that are joined at every start come behind the one that
/// was asked for.
pub(crate) fn start(model: &mut Model) -> Vec<Effect> {
    for room in model.settings.rooms.clone() {
        model.open_room(&room);
    }
    let rooms = model.buffers.iter().filter_map(|buffer| buffer.room());
    let joins = rooms.map(|room| Effect::Join {
        room: room.name.clone(),
        name: model.name.clone(),
        status: (model.status.state != State::Here || model.status.text.is_some())
            .then(|| model.status.clone()),
    });
    let theme = Effect::LoadTheme(model.settings.theme.clone());
    std::iter::once(theme).chain(restore::read_chat_logs(model)).chain(joins).collect()
}

/// Applies an event to the model; returns the effects that follow.
pub(crate) fn update(model: &mut Model, now: Now, event: Event) -> Vec<Effect> {
    model.now = now;
    if model.flash.as_ref().is_some_and(|(_, until)| *until <= now.at) {
        model.flash = None;
    }
    model.silence.note_event(now.at, &event);
    line_policy::watch_way_in(model, &event);
    let mut effects = handle(model, event);
    if buffers::is_seen(model, model.current) {
        buffers::mark_read(model);
    }
    effects.extend(history::ask_for_wanted(model));
    effects.extend(run_due(model));
    model.silence.note_effects(now.at, &effects);
    line_policy::run_due(model, &mut effects);
    effects.extend(append_chat::append_new(model, effects.contains(&Effect::Quit)));
    effects
}

fn handle(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => return after_input(model, |model| keys::press(model, key)),
        Event::Mouse(mouse) => return after_input(model, |model| mouse::handle(model, mouse)),
        Event::Pasted(text) => return after_input(model, |model| keys::paste(model, &text)),
        Event::Line(line) => {
            let mut effects = mark_active(model);
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
        Event::ChatLogRead { buffer, lines } => restore::chat_log_read(model, buffer, lines),
        Event::Themed { name, theme, names } => {
            model.theming.names = names;
            return theme::loaded(model, &name, theme);
        }
        Event::Logged(tone, text) => debug::add(model, tone, &text),
        Event::Terminated => {
            line_policy::end_now(model);
            return vec![Effect::Quit];
        }
        Event::Configured(configured) => return restore::configured(model, *configured),
        Event::Resized(size) => buffers::resize(model, size),
        Event::Focused(focused) => model.focus = if focused { Focus::Yes } else { Focus::No },
        Event::Edited(text) => model.buffer_mut().composer.set(text.trim_end()),
        Event::FileDone(outcome) => return file_done(model, outcome),
        Event::Warned(text) => report(model, Severity::Warning, text),
        Event::Failed { feature, what, why } => {
            if model.failing.is_news(feature, what) {
                report(model, Severity::Warning, why);
            }
        }
        Event::Worked(feature) => model.failing.clear(feature),
        Event::Settled(ticket, outcome) => settle(model, ticket, outcome),
        Event::HistoryRead { room, outcome } => history::on_read(model, &room, outcome),
        Event::RoomsListed(ticket, outcome) => directory::on_listed(model, ticket, outcome),
        Event::Restored(left) => restore::restored(model, *left),
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
        report(model, Severity::Warning, why);
    }
}

/// A file that the user named was written or read, or not.
fn file_done(model: &mut Model, outcome: Result<Option<String>, String>) -> Vec<Effect> {
    let effects = line_policy::file_done(model, outcome.is_ok());
    match outcome {
        Ok(text) => text.into_iter().for_each(|text| report(model, Severity::Info, text)),
        Err(why) => report(model, Severity::Warning, why),
    }
    effects
}

/// Handles a key, the mouse or a paste, after which the draft may be another.
fn after_input(model: &mut Model, done: impl FnOnce(&mut Model) -> Vec<Effect>) -> Vec<Effect> {
    let mut effects = mark_active(model);
    effects.extend(done(model));
    submit::forget_question(model);
    effects.extend(theme::preview(model));
    effects
}

/// Does what is due. After every event, not only after a tick: an event that comes just before a tick
/// takes its place, and [`deadline`] only looks ahead.
fn run_due(model: &mut Model) -> Vec<Effect> {
    for buffer in &mut model.buffers {
        buffer.log.update_flood(model.now.at);
    }
    notifications::unmute_due(model);
    let mut effects = offline::tick(model);
    effects.extend(end_dnd(model));
    effects.extend(become_idle(model));
    effects
}

/// When something on screen changes although nothing happens.
pub(crate) fn deadline(model: &Model) -> Option<Instant> {
    let now = model.now.at;
    let mut times = vec![
        model.flash.as_ref().map(|(_, until)| *until),
        offline::deadline(model),
        notifications::deadline(model),
    ];
    if let Link::Offline { since, .. } = &model.link {
        let shown = now.saturating_duration_since(*since).as_secs();
        times.push(Some(*since + Duration::from_secs(shown + 1)));
    }
    times.push(model.dnd_until);
    times.push(model.silence_changes_at());
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

/// The user pressed a key, so they are not idle.
fn mark_active(model: &mut Model) -> Vec<Effect> {
    model.last_key = model.now.at;
    // Whoever types is looking, whatever the terminal reports about its focus.
    if model.focus == Focus::No {
        model.focus = Focus::Yes;
    }
    if model.buffer().log.scroll == Scroll::Newest {
        buffers::mark_read(model);
    }
    if model.status.state != State::Idle {
        return Vec::new();
    }
    status::set_state(model, State::Here, model.status.text.clone())
}

/// Ends "do not disturb" when its time is over.
fn end_dnd(model: &mut Model) -> Vec<Effect> {
    if model.dnd_until.is_none_or(|until| until > model.now.at) {
        return Vec::new();
    }
    model.dnd_until = None;
    if model.status.state == State::Dnd {
        status::set_state(model, State::Here, None)
    } else {
        Vec::new()
    }
}

fn become_idle(model: &mut Model) -> Vec<Effect> {
    let quiet = idle_at(model).is_some_and(|at| at <= model.now.at);
    if model.status.state != State::Here || !quiet {
        return Vec::new();
    }
    status::set_state(model, State::Idle, model.status.text.clone())
}

/// When we become idle, if ever.
fn idle_at(model: &Model) -> Option<Instant> {
    let after = model.settings.idle;
    (!after.is_zero()).then(|| model.last_key + after)
}

fn settle(model: &mut Model, ticket: Ticket, outcome: Result<(), Error>) {
    let (now, rejected) = (model.now, model.rejected);
    let Some(UnderWay { push, .. }) = model.pushes.remove(&ticket) else { return };
    let (buffer, what, wanted) = match push {
        Push::Line(buffer) => {
            let delivery = match outcome {
                Ok(()) => Delivery::Sent,
                Err(Error::Lost | Error::TimedOut | Error::Closed) => Delivery::Unconfirmed,
                Err(error) => Delivery::Failed(why(&error)),
            };
            if let Some(buffer) = model.by_id(buffer) {
                let is_failed = matches!(delivery, Delivery::Failed(_));
                buffer.log.settle(ticket, delivery);
                model.failed_lines += usize::from(is_failed);
            }
            return;
        }
        Push::ClosedLine { title, text } => return settle_closed(model, &title, &text, outcome),
        Push::Rename { buffer, name } => {
            (buffer, format!("you cannot be called {name}"), Some(name))
        }
        Push::Wave { buffer, name } => (buffer, format!("{name} did not get your wave"), None),
        Push::Topic { buffer, topic } => {
            topics::on_settled(model, buffer, topic, outcome);
            line_policy::count_rejected(model, rejected);
            return;
        }
        Push::List { .. } => return, // its outcome is another event
    };
    model.rejected += usize::from(outcome.is_err());
    if let (Some(name), Err(Error::Refused(Refusal::InvalidName))) = (wanted, &outcome) {
        let at = model.current;
        status::propose_name(model, at, &name, &format!("{name} was refused"));
    }
    if let (Err(error), Some(buffer)) = (outcome, model.by_id(buffer)) {
        buffer.log.push(now, Kind::error(format!("{what}: {}", why(&error))));
    }
    line_policy::count_rejected(model, rejected);
}

/// What was sent from a buffer that is closed is told where the user is, if it did not arrive.
fn settle_closed(model: &mut Model, title: &str, text: &str, outcome: Result<(), Error>) {
    let Err(error) = outcome else { return };
    let is_unknown = matches!(error, Error::Lost | Error::TimedOut | Error::Closed);
    let what = if is_unknown { "not confirmed" } else { "not sent" };
    let shown = text::clip(text, CLOSED_SHOWN).replace('\n', " ");
    let told = format!("{what} to {title}: {shown} · {} · Up recalls it", why(&error));
    let now = model.now;
    model.buffer_mut().log.push(now, Kind::error(told));
    model.history.add(text);
    model.failed_lines += usize::from(!is_unknown);
}

/// Why a push failed, in words for the user.
fn why(error: &Error) -> String {
    match error {
        Error::Refused(reason) => refusal(*reason),
        Error::RefusedOther(reason) => hullo::text::clean_line(reason).into_owned(),
        Error::Lost => "the connection was lost; it may have arrived all the same".into(),
        Error::Closed => "the connection was closed; it may have arrived all the same".into(),
        error => error.to_string(),
    }
}

/// The server's reasons for a refusal, in words for the user.
fn refusal(reason: Refusal) -> String {
    match reason {
        Refusal::InvalidName => "a name has 1 to 32 visible characters in at most 128 bytes".into(),
        Refusal::InvalidRoom => "that is not a valid name for a room".into(),
        Refusal::UnknownRecipient => "they have left".into(),
        Refusal::Full => "the room is full".into(),
        Refusal::TooManyChannels => "you are in too many rooms; leave one first".into(),
        other => other.to_string(),
    }
}

/// Shows a message in the status line, which goes away by itself.
fn flash(model: &mut Model, text: impl Into<String>) {
    model.flash = Some((text.into(), model.now.at + FLASH_LASTS));
}

/// Says in the status line that what was asked for cannot be done.
fn reject(model: &mut Model, text: impl Into<String>) {
    model.rejected += 1;
    flash(model, text);
}

/// Adds a line of hullo's own to the current buffer. Warnings and errors say that something cannot be
/// done.
fn report(model: &mut Model, severity: Severity, text: impl Into<String>) {
    let now = model.now;
    model.rejected += usize::from(severity != Severity::Info);
    model.buffer_mut().log.push(now, Kind::system(severity, text));
}
