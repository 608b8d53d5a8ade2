//! How people of one name are told apart, on the screen and wherever else names are written.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use hullo::Person;
use hullo::protocol::SessionId;

/// The names of those who are present, as they are shown and typed: the second of one name is
/// `mira~2`. A label stays while its session and its name do, so that nobody takes over that of
/// somebody who left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    by_session: BTreeMap<SessionId, Label>,
    taken: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Label {
    name: String,
    shown: String,
}

impl Labels {
    /// Gives somebody a label, or keeps theirs if they are called as before.
    pub(crate) fn put(&mut self, person: &Person) -> &str {
        let known = self.by_session.get(&person.id);
        if known.is_none_or(|label| label.name != person.name) {
            self.remove(person.id);
            let shown = self.free(&shown_name(&person.name));
            self.taken.insert(shown.clone());
            let label = Label { name: person.name.clone(), shown };
            self.by_session.insert(person.id, label);
        }
        &self.by_session[&person.id].shown
    }

    /// Gives everybody a label, in the order in which they came. So all who list the same people
    /// call them the same.
    pub(crate) fn put_all(&mut self, present: &[Person]) {
        let mut present: Vec<&Person> = present.iter().collect();
        present.sort_by_key(|person| (person.online_at, person.id));
        for person in present {
            self.put(person);
        }
    }

    pub(crate) fn remove(&mut self, id: SessionId) {
        if let Some(label) = self.by_session.remove(&id) {
            self.taken.remove(&label.shown);
        }
    }

    pub(crate) fn get(&self, id: SessionId) -> Option<&str> {
        self.by_session.get(&id).map(|label| &*label.shown)
    }

    pub(crate) fn is_taken(&self, label: &str) -> bool {
        self.taken.contains(label)
    }

    /// The name with the least number that nobody has; the first is not shown.
    pub(super) fn free(&self, name: &str) -> String {
        let numbered = |number: usize| match number {
            1 => name.to_owned(),
            number => format!("{name}~{number}"),
        };
        // Among one more labels than are taken, one is free.
        let mut labels = (1..=self.taken.len() + 1).map(numbered);
        labels.find(|label| !self.taken.contains(label)).unwrap_or_default()
    }
}

/// A name with single blanks: several would look like the gap between two columns.
pub(super) fn shown_name(name: &str) -> Cow<'_, str> {
    let is_plain = !name.contains(|c: char| c.is_whitespace() && c != ' ') && !name.contains("  ");
    if is_plain {
        name.into()
    } else {
        name.split_whitespace().collect::<Vec<_>>().join(" ").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{id, named};

    #[test]
    fn a_label_stays_while_its_session_and_its_name_do() {
        let mut labels = Labels::default();
        let mut later = named(1, "ada");
        later.online_at = 5;
        labels.put_all(&[later.clone(), named(2, "ada"), named(3, "ada  zoe")]);
        let shown = |labels: &Labels, n| labels.get(id(n)).map(str::to_owned);
        assert_eq!([1, 2, 3].map(|n| shown(&labels, n).unwrap()), ["ada~2", "ada", "ada zoe"]);
        labels.remove(id(2));
        assert_eq!(labels.put(&later), "ada~2");
        assert!(!labels.is_taken("ada"));
        assert_eq!(labels.put(&named(4, "ada")), "ada");
        assert_eq!(labels.put(&named(1, "zoe")), "zoe");
        assert_eq!(labels.put(&named(5, "ada")), "ada~2");
    }
}
