//! Telling somebody who looks elsewhere: by bell, by the desktop, or not at all.

use std::time::Duration;

use hullo::protocol::payload::State;

use crate::chat::buffer::ARRIVALS;
use crate::core::event::Effect;
use crate::core::model::{Focus, Model};
use crate::settings::{Notification, Notify};

/// Where the terminal does not tell about its focus, whoever pressed a key so lately is looking.
const LOOKING_FOR: Duration = Duration::from_secs(60);

/// How much something is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// It names us, or is for us alone.
    Ours,
    /// Somebody whom we watch came or went.
    Watched,
    /// It was said to a room.
    Talk,
}

/// Whether somebody is looking at the screen, as far as can be known.
pub(super) fn is_watched(model: &Model) -> bool {
    match model.focus {
        Focus::Yes => true,
        Focus::No => false,
        Focus::Unknown => model.now.at.saturating_duration_since(model.last_key) < LOOKING_FOR,
    }
}

/// Rings for something in the buffer of this title, if it is worth it and nobody is looking.
pub(super) fn ring(model: &Model, title: &str, worth: Worth, body: &str) -> Vec<Effect> {
    let enough = match (model.settings.notify_in(title), worth) {
        (Notify::All, _) | (Notify::Mentions, Worth::Ours | Worth::Watched) => true,
        (Notify::Mentions, Worth::Talk) | (Notify::None, _) => false,
    };
    let muted = model.mutes(title) || worth == Worth::Watched && model.mutes(ARRIVALS);
    if !enough || muted || is_watched(model) || model.status.state == State::Dnd {
        return Vec::new();
    }
    let mut effects = Vec::new();
    effects.extend(model.settings.bell.then_some(Effect::Ring));
    if model.settings.notification != Notification::Off {
        effects.push(Effect::Notify { title: format!("hullo · {title}"), body: body.to_owned() });
    }
    effects
}
