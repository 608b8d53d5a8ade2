//! Whether the server answers: an old round-trip time says nothing while it does not.

use std::time::{Duration, Instant};

use hullo::client::Error;

use super::{Link, Model};
use crate::core::event::{Effect, Event};

/// A push is answered within this time, unless something is wrong.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);

/// The client library sends a heartbeat after 15 s of silence, so something comes within this time.
const HEARD_WITHIN: Duration = Duration::from_secs(18);

/// When the server was heard last, and when something was sent that it may answer unseen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silence {
    heard: Instant,
    pushed: Instant,
}

impl Silence {
    pub(super) fn new(now: Instant) -> Self {
        Self { heard: now, pushed: now }
    }

    pub(crate) fn note_event(&mut self, now: Instant, event: &Event) {
        let is_heard = match event {
            Event::Received(_) => true,
            Event::Settled(_, outcome) => {
                matches!(outcome, Ok(()) | Err(Error::Refused(_) | Error::RefusedOther(_)))
            }
            Event::RoomsListed(_, outcome) => {
                matches!(outcome, Ok(_) | Err(Error::Refused(_) | Error::RefusedOther(_)))
            }
            _ => false,
        };
        if is_heard {
            self.heard = now;
        }
    }

    pub(crate) fn note_effects(&mut self, now: Instant, effects: &[Effect]) {
        let is_push = |effect: &Effect| {
            matches!(
                effect,
                Effect::Answer { .. } | Effect::SetStatus { .. } | Effect::Typing { .. }
            )
        };
        if effects.iter().any(is_push) {
            self.pushed = now;
        }
    }
}

impl Model {
    /// Since when the server owes an answer, and when it is time to say so.
    fn owed(&self) -> Option<(Instant, Instant)> {
        if self.link != Link::Online {
            return None;
        }
        let Silence { heard, pushed } = self.silence;
        let under_way = self.pushes.values().map(|under_way| under_way.since).min();
        let quiet = heard.max(pushed);
        let (since, told) = match under_way {
            Some(since) => (since.max(heard), since.max(heard) + ANSWERED_WITHIN),
            None => (heard, quiet + HEARD_WITHIN),
        };
        Some((since, told))
    }

    /// For how long the server has not answered, if that is too long.
    pub(crate) fn silent_for(&self) -> Option<Duration> {
        let (since, told) = self.owed()?;
        (told <= self.now.at).then(|| self.now.at.saturating_duration_since(since))
    }

    /// When what [`Self::silent_for`] says changes although nothing happens.
    pub(crate) fn silence_changes_at(&self) -> Option<Instant> {
        let (since, told) = self.owed()?;
        let seconds = self.now.at.saturating_duration_since(since).as_secs();
        Some(told.max(since + Duration::from_secs(seconds + 1)))
    }
}
