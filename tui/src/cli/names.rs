//! The names of people by id: a message carries only the id of its sender.

use std::collections::HashMap;

use hullo::protocol::SessionId;
use hullo::{Notice, Person};

use crate::entry::announce;

/// A name inside a sentence.
pub(super) fn quoted(name: &str) -> String {
    announce::who(&hullo::text::clean_line(name))
}

/// Names by id. People who left are kept, for a message of theirs may arrive later.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<SessionId, String>);

impl Names {
    pub(super) fn of(present: &[Person]) -> Self {
        Self(present.iter().map(|person| (person.id, person.name.clone())).collect())
    }

    pub(super) fn learn(&mut self, notice: &Notice) {
        match notice {
            Notice::Entered { present, .. } => *self = Self::of(present),
            Notice::Resumed { present, .. } => {
                self.0.extend(present.iter().map(|person| (person.id, person.name.clone())));
            }
            Notice::Arrived { id, name, .. } => {
                self.0.insert(*id, name.clone());
            }
            Notice::Changed { change, .. } => {
                let known = change.joined.iter().chain(&change.updated);
                self.0.extend(known.map(|person| (person.id, person.name.clone())));
            }
            _ => {}
        }
    }

    /// The previous name of someone whose name has changed.
    pub(super) fn before(&self, person: &Person) -> Option<&str> {
        self.0.get(&person.id).map(|name| &**name).filter(|name| *name != person.name)
    }

    /// The name, or the id if the name is unknown.
    pub(super) fn name(&self, id: SessionId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_cannot_imitate_a_line() {
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
            assert_eq!(super::quoted(name), expected);
        }
    }
}
