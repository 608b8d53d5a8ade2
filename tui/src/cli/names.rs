//! The names of people by id: a message carries only the id of its sender.

use std::collections::HashMap;

use hullo::protocol::SessionId;
use hullo::{Notice, Person};

use crate::entry::announce;
use crate::people::Labels;

/// A name inside a sentence.
pub(super) fn quoted(name: &str) -> String {
    announce::who(&hullo::text::clean_line(name))
}

/// Names by id. People who left are kept, for a message of theirs may arrive later.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<SessionId, Name>,
    labels: Labels,
    /// Whoever left with the latest notice: their labels are free after it.
    leaving: Vec<SessionId>,
    /// The names that were changed by the latest notice.
    before: HashMap<SessionId, Name>,
}

/// What somebody is called.
#[derive(Clone, Debug)]
struct Name {
    name: String,
    /// With a number while somebody else has the same name.
    label: String,
}

impl Names {
    pub(super) fn of(present: &[Person]) -> Self {
        let mut names = Self::default();
        names.labels.put_all(present);
        for person in present {
            names.put(person);
        }
        names
    }

    pub(super) fn learn(&mut self, notice: &Notice) {
        self.before.clear();
        for id in std::mem::take(&mut self.leaving) {
            self.labels.remove(id);
        }
        match notice {
            Notice::Entered { present, .. } => *self = Self::of(present),
            Notice::Resumed { present, .. } => present.iter().for_each(|person| self.put(person)),
            Notice::Arrived { id, name, .. } => self.put(&Person::new(*id, name)),
            Notice::Changed { change, .. } => {
                self.leaving.extend(change.left.iter().map(|person| person.id));
                change.joined.iter().chain(&change.updated).for_each(|person| self.put(person));
            }
            // A quiet sender is in nobody's presence, and its label is free again afterwards.
            Notice::Said { from, name: Some(name), .. }
            | Notice::Responded { from, name: Some(name), .. }
            | Notice::TopicSet { from, name: Some(name), .. } => {
                self.put(&Person::new(*from, name));
                self.leaving.push(*from);
            }
            _ => {}
        }
    }

    fn put(&mut self, person: &Person) {
        let label = self.labels.put(person).to_owned();
        let name = Name { name: person.name.clone(), label };
        let before = self.known.insert(person.id, name);
        if let Some(before) = before.filter(|before| before.name != person.name) {
            self.before.insert(person.id, before);
        }
    }

    /// The name before the latest notice of somebody whose name that changed.
    pub(super) fn before(&self, id: SessionId) -> Option<&str> {
        self.before.get(&id).map(|before| &*before.name)
    }

    /// The same within a sentence, as it was shown.
    pub(super) fn quoted_before(&self, id: SessionId) -> Option<String> {
        self.before.get(&id).map(|before| quoted(&before.label))
    }

    /// The name, or the id if the name is unknown.
    pub(super) fn name(&self, id: SessionId) -> String {
        self.known.get(&id).map_or_else(|| id.to_string(), |known| known.name.clone())
    }

    /// Within a sentence: told apart from others of the same name.
    pub(super) fn quoted(&self, id: SessionId) -> String {
        quoted(&self.known.get(&id).map_or_else(|| id.to_string(), |known| known.label.clone()))
    }
}

#[cfg(test)]
mod tests {
    use hullo::Notice;
    use hullo::presence::Change;

    use super::Names;
    use crate::tests::play::room;
    use crate::tests::{id, named};

    #[test]
    fn people_of_one_name_are_told_apart_until_after_they_left() {
        let mut names = Names::of(&[named(1, "ada")]);
        let joined = vec![named(2, "ada")];
        let change = |change| Notice::Changed { room: room("lobby"), change };
        names.learn(&change(Change { joined, ..Change::default() }));
        let called = |names: &Names| [1, 2].map(|n| names.quoted(id(n)));
        assert_eq!(called(&names), ["ada", "ada~2"]);
        assert_eq!(names.name(id(2)), "ada");
        let left = vec![named(1, "ada")];
        names.learn(&change(Change { left, ..Change::default() }));
        assert_eq!(called(&names), ["ada", "ada~2"]);
        let updated = vec![named(2, "zoe")];
        names.learn(&change(Change { updated, ..Change::default() }));
        assert_eq!(names.quoted_before(id(2)).as_deref(), Some("ada~2"));
        assert_eq!((names.before(id(2)), &*names.quoted(id(2))), (Some("ada"), "zoe"));
        names.learn(&Notice::Online);
        assert_eq!(names.before(id(2)), None);
    }

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
