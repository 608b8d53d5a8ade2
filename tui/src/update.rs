//! What every event means: the one place that changes the model.

mod command;
mod complete;
mod keys;
mod notice;
mod say;

use std::time::{Duration, Instant};

use hullo::client::Error;

pub(crate) use self::command::COMMANDS;
use crate::event::{Effect, Event, Now, Ticket};
use crate::model::{Link, Model};
use crate::transcript::{ANSWERS_WITHIN, Delivery, Tone, What};

/// Takes one event; what the shell must do comes back in order.
pub(crate) fn update(model: &mut Model, now: Now, event: Event) -> Vec<Effect> {
    model.now = now;
    match event {
        Event::Key(key) => keys::press(model, key),
        Event::Pasted(text) => {
            model.completion = None;
            let clean = hullo::text::clean_text(&text.replace("\r\n", "\n").replace('\r', "\n")).into_owned();
            model.buffer_mut().composer.insert(&clean);
            Vec::new()
        }
        Event::Resized(size) => {
            model.size = size;
            Vec::new()
        }
        Event::Focused(focused) => {
            model.focused = focused;
            if focused {
                model.buffer_mut().see();
            }
            Vec::new()
        }
        Event::Received(notice) => notice::take(model, notice),
        Event::Settled(ticket, outcome) => settle(model, ticket, outcome),
        Event::Ticked => Vec::new(),
        Event::Terminated => vec![Effect::Quit],
    }
}

fn settle(model: &mut Model, ticket: Ticket, outcome: Result<(), Error>) -> Vec<Effect> {
    let delivery = match &outcome {
        Ok(()) => Delivery::Sent,
        Err(Error::Refused(why)) if why == "unknown_recipient" => Delivery::Failed("they have left".into()),
        Err(error) => Delivery::Failed(error.to_string()),
    };
    let found = model.buffers.iter_mut().any(|buffer| buffer.log.settle(ticket, &delivery));
    if let (false, Err(error)) = (found, outcome) {
        let why = match error {
            Error::Refused(why) if why == "invalid_name" => {
                "the server does not take that name: it needs 1 to 32 visible characters".to_owned()
            }
            error => error.to_string(),
        };
        tell(model, Tone::Bad, why);
    }
    Vec::new()
}

/// A line in the buffer on screen that nobody said.
fn tell(model: &mut Model, tone: Tone, text: impl Into<String>) {
    let now = model.now;
    model.buffer_mut().log.push(now, What::Told(tone, text.into()));
}

/// Brings another buffer on screen.
fn show(model: &mut Model, index: usize) {
    if index >= model.buffers.len() {
        return;
    }
    if index != model.current {
        model.buffer_mut().log.unread_from = None;
    }
    model.current = index;
    model.completion = None;
    model.buffer_mut().see();
}

/// When something on screen changes by itself.
pub(crate) fn deadline(model: &Model) -> Option<Instant> {
    let now = model.now.at;
    let retry = match model.link {
        Link::Offline { .. } => Some(now + Duration::from_secs(1)),
        Link::Connecting | Link::Online => None,
    };
    let log = &model.buffer().log;
    let answers = log.newest().take(40).find_map(|(_, entry)| match &entry.what {
        What::Helo(helo) if !helo.is_over(model.now) => Some(helo.at.at + ANSWERS_WITHIN),
        _ => None,
    });
    let sending = log.newest().take(40).find_map(|(_, entry)| entry.shows_sending_at(now));
    let people = model.people(model.room());
    let typing = people.and_then(|people| {
        people.iter().filter_map(|who| who.typing.filter(|until| *until > now)).min()
    });
    [retry, answers, sending, typing, model.quit_armed.filter(|at| *at > now)]
        .into_iter()
        .flatten()
        .min()
}
