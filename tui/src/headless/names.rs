//! Who the ids belong to: a message names its sender by id alone.

use std::collections::HashMap;

use hullo::protocol::SessionId;
use hullo::{Notice, Person};

/// Names by id; whoever left is remembered, since what they said may still be under way.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<SessionId, String>);

impl Names {
    /// The names of all who are present.
    pub(super) fn of(present: &[Person]) -> Self {
        Self(present.iter().map(|who| (who.id, who.name.clone())).collect())
    }

    /// Learns from a notice.
    pub(super) fn learn(&mut self, notice: &Notice) {
        match notice {
            Notice::Entered { present, .. } => *self = Self::of(present),
            Notice::Arrived { id, name, .. } => {
                self.0.insert(*id, name.clone());
            }
            Notice::Changed { change, .. } => {
                let known = change.joined.iter().chain(&change.updated);
                self.0.extend(known.map(|who| (who.id, who.name.clone())));
            }
            Notice::Online
            | Notice::Offline { .. }
            | Notice::RoundTrip(_)
            | Notice::Left { .. }
            | Notice::Responded { .. }
            | Notice::Said { .. }
            | Notice::Typing { .. } => {}
        }
    }

    /// The name, or the id where nobody said it.
    pub(super) fn name(&self, id: SessionId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}
