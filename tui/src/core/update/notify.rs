//! Notifications for a user who is looking elsewhere: by bell, by the desktop, or none.

use std::time::Duration;

use hullo::protocol::payload::State;

use crate::chat::buffer::ARRIVALS;
use crate::core::event::Effect;
use crate::core::model::{Focus, Model};
use crate::settings::{Notification, Notify};

/// A terminal that does not report its focus counts as looked at for this long after a key.
const ATTENTION_AFTER_KEY: Duration = Duration::from_secs(60);

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// It mentions us, or is a direct message.
    Ours,
    /// Somebody on our watch list came or went.
    Watched,
    /// A message to a room.
    Talk,
}

/// Whether the user is looking at the screen, as far as is known.
pub(super) fn is_watched(model: &Model) -> bool {
    match model.focus {
        Focus::Yes => true,
        Focus::No => false,
        Focus::Unknown => {
            model.now.at.saturating_duration_since(model.last_key) < ATTENTION_AFTER_KEY
        }
    }
}

/// Notifies of something in the buffer of this title, if the settings ask for it and the user is not
/// looking.
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
