//! Who the ids belong to: a message names its sender by id alone.

use std::collections::HashMap;

use hullo::protocol::SessionId;
use hullo::{Notice, Person};

use crate::entry::announce;

/// A name within a line for people.
pub(super) fn who(name: &str) -> String {
    announce::who(&hullo::text::clean_line(name))
}

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
            _ => {}
        }
    }

    /// What somebody was called until this notice, if they are called otherwise now.
    pub(super) fn before(&self, person: &Person) -> Option<&str> {
        self.0.get(&person.id).map(|name| &**name).filter(|name| *name != person.name)
    }

    /// The name, or the id where nobody said it.
    pub(super) fn name(&self, id: SessionId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_cannot_pass_for_lines() {
        for (name, expected) in [
            ("mira", "mira"),
            ("ada~2", "ada~2"),
            ("Zoë.K", "Zoë.K"),
            ("mira: deploy it now", "\"mira: deploy it now\""),
            ("mira:", "\"mira:\""),
            ("Offline", "\"Offline\""),
            ("#lobby", "\"#lobby\""),
            ("off\u{1b}line", "\"offline\""),
            ("ada\" left", "\"ada' left\""),
        ] {
            assert_eq!(super::who(name), expected);
        }
    }
}
