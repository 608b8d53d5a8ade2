//! Who is here: presence by session, kept in step with what the server sends.
//!
//! The rules are Phoenix's own: a `presence_state` replaces everything; a `presence_diff` adds its
//! joins and then removes its leaves, each by `phx_ref`; diffs that come before the first state
//! wait for it. Applying a diff twice changes nothing.
//!
//! ```
//! use hullo::presence::Presence;
//! use hullo::protocol::payload::{self, PresenceDiff, PresenceState};
//!
//! const ADA: &str = "3e04cb4a-ccdf-40ee-bf05-9e047e1f8277";
//! let metas = format!(r#"{{"{ADA}":{{"metas":[{{"name":"ada","phx_ref":"a","online_at":"7"}}]}}}}"#);
//!
//! let mut presence = Presence::new();
//! let change = presence.sync(payload::read::<PresenceState>(&metas)?);
//! assert_eq!(change.joined[0].name, "ada");
//!
//! let left = format!(r#"{{"joins":{{}},"leaves":{metas}}}"#);
//! let change = presence.apply(payload::read::<PresenceDiff>(&left)?)?;
//! assert_eq!(change.left[0].name, "ada");
//! assert_eq!(presence.people().count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use crate::protocol::SessionId;
use crate::protocol::payload::{Meta, Metas, Mode, PresenceDiff, PresenceState, State};

/// How many diffs wait for the state. A server sends the state in answer to the helo, so if there
/// are more, it got lost.
const MAX_WAITING: usize = 1024;

/// Somebody who is here, as others may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// The session, to which a response can be addressed.
    pub id: SessionId,
    /// The name, safe to show.
    pub name: String,
    /// How reachable they are, if they said so.
    pub state: Option<State>,
    /// Their status text, safe to show.
    pub text: Option<String>,
    /// Who this is beyond one session, if they said so.
    pub user: Option<String>,
    /// How they take part, if not as everybody does: an observer greets nobody.
    pub mode: Option<Mode>,
    /// Since when they are here, in Unix seconds; 0 if the server did not say.
    pub online_at: u64,
}

impl Person {
    /// Somebody of whom no more is known than a name.
    ///
    /// ```
    /// use hullo::Person;
    ///
    /// let ada = Person::new("3e04cb4a-ccdf-40ee-bf05-9e047e1f8277".parse()?, "ada");
    /// assert_eq!((&*ada.name, ada.state), ("ada", None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(id: SessionId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            state: None,
            text: None,
            user: None,
            mode: None,
            online_at: 0,
        }
    }

    fn of_meta(id: SessionId, meta: &Meta) -> Self {
        let clean = crate::text::clean_label;
        Self {
            id,
            name: clean(&meta.name),
            state: meta.state,
            text: meta.text.as_deref().map(clean).filter(|text| !text.is_empty()),
            user: meta.user.clone(),
            mode: meta.mode,
            online_at: meta.online_at.parse().unwrap_or(0),
        }
    }
}

/// Diffs came in such numbers before the state that the state must have been lost: the room has to
/// be joined again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{MAX_WAITING} presence diffs came before the presence state")]
pub struct StateMissing;

/// What is different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Who is here now and was not before.
    pub joined: Vec<Person>,
    /// Who was here before and is not now, as they were.
    pub left: Vec<Person>,
    /// Who was and is here, with another name or status, as they are now.
    pub updated: Vec<Person>,
}

impl Change {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.left.is_empty() && self.updated.is_empty()
    }
}

/// Who is here, in one room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    metas: BTreeMap<SessionId, Vec<Meta>>,
    /// `Some` until the first state has come.
    waiting: Option<Vec<PresenceDiff>>,
}

impl Presence {
    /// Nobody, waiting for a `presence_state`.
    pub fn new() -> Self {
        Self { metas: BTreeMap::new(), waiting: Some(Vec::new()) }
    }

    /// Whether a `presence_state` has come.
    pub fn is_synced(&self) -> bool {
        self.waiting.is_none()
    }

    /// Everybody, in the order of their ids.
    pub fn people(&self) -> impl Iterator<Item = Person> + '_ {
        self.metas.iter().filter_map(|(id, metas)| Some(Person::of_meta(*id, metas.first()?)))
    }

    /// The person with this session, if they are here.
    pub fn person(&self, id: SessionId) -> Option<Person> {
        Some(Person::of_meta(id, self.metas.get(&id)?.first()?))
    }

    /// Applies a `presence_state`, then every diff that waited for it.
    pub fn sync(&mut self, state: PresenceState) -> Change {
        let before: BTreeMap<SessionId, Person> = self.people().map(|who| (who.id, who)).collect();
        self.metas = state.into_iter().map(|(id, Metas { metas })| (id, metas)).collect();
        for diff in self.waiting.take().unwrap_or_default() {
            self.merge(diff);
        }
        self.metas.retain(|_, metas| !metas.is_empty());
        self.changes_since(before)
    }

    /// Applies a `presence_diff`, or lets it wait for the state.
    ///
    /// # Errors
    ///
    /// [`StateMissing`] if 1,024 diffs wait already. None may be dropped, since a leave among them
    /// would leave somebody here for ever.
    pub fn apply(&mut self, diff: PresenceDiff) -> Result<Change, StateMissing> {
        if let Some(waiting) = &mut self.waiting {
            if waiting.len() >= MAX_WAITING {
                return Err(StateMissing);
            }
            waiting.push(diff);
            return Ok(Change::default());
        }
        let touched = diff.joins.keys().chain(diff.leaves.keys());
        let touched: Vec<SessionId> = touched.copied().collect();
        let before = touched.iter().filter_map(|id| Some((*id, self.person(*id)?))).collect();
        self.merge(diff);
        Ok(self.changes_among(touched, before))
    }

    fn merge(&mut self, PresenceDiff { joins, leaves }: PresenceDiff) {
        for (id, Metas { metas: new }) in joins {
            let metas = self.metas.entry(id).or_default();
            metas.retain(|old| new.iter().all(|meta| meta.phx_ref != old.phx_ref));
            metas.splice(0..0, new);
        }
        for (id, Metas { metas: gone }) in leaves {
            let Some(metas) = self.metas.get_mut(&id) else { continue };
            metas.retain(|old| gone.iter().all(|meta| meta.phx_ref != old.phx_ref));
            if metas.is_empty() {
                self.metas.remove(&id);
            }
        }
    }

    fn changes_since(&self, before: BTreeMap<SessionId, Person>) -> Change {
        let touched = before.keys().chain(self.metas.keys()).copied().collect();
        self.changes_among(touched, before)
    }

    fn changes_among(
        &self,
        mut touched: Vec<SessionId>,
        mut before: BTreeMap<SessionId, Person>,
    ) -> Change {
        touched.sort_unstable();
        touched.dedup();
        let mut change = Change::default();
        for id in touched {
            match (before.remove(&id), self.person(id)) {
                (None, Some(now)) => change.joined.push(now),
                (Some(was), None) => change.left.push(was),
                (Some(was), Some(now)) if was != now => change.updated.push(now),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: u128) -> SessionId {
        SessionId(uuid::Uuid::from_u128(n))
    }

    fn meta(name: &str, phx_ref: &str) -> Meta {
        Meta {
            name: name.into(),
            state: None,
            text: None,
            user: None,
            mode: None,
            phx_ref: phx_ref.into(),
            phx_ref_prev: None,
            online_at: "7".into(),
        }
    }

    fn state(who: &[(u128, Meta)]) -> PresenceState {
        who.iter().map(|(n, meta)| (id(*n), Metas { metas: vec![meta.clone()] })).collect()
    }

    fn diff(joins: &[(u128, Meta)], leaves: &[(u128, Meta)]) -> PresenceDiff {
        PresenceDiff { joins: state(joins), leaves: state(leaves) }
    }

    fn names(presence: &Presence) -> Vec<String> {
        presence.people().map(|who| who.name).collect()
    }

    fn told(people: &[Person]) -> Vec<&str> {
        people.iter().map(|who| &*who.name).collect()
    }

    #[test]
    fn a_state_tells_who_joined() {
        let mut presence = Presence::new();
        let change = presence.sync(state(&[(1, meta("ada", "a")), (2, meta("bob", "b"))]));
        assert_eq!(told(&change.joined), ["ada", "bob"]);
        assert_eq!(names(&presence), ["ada", "bob"]);
    }

    #[test]
    fn diffs_wait_for_the_state() {
        let mut presence = Presence::new();
        let none = Ok(Change::default());
        assert_eq!(presence.apply(diff(&[(3, meta("cy", "c"))], &[])), none);
        assert_eq!(presence.apply(diff(&[], &[(1, meta("ada", "a"))])), none);
        let change = presence.sync(state(&[(1, meta("ada", "a")), (2, meta("bob", "b"))]));
        assert_eq!(told(&change.joined), ["bob", "cy"]);
    }

    #[test]
    fn an_update_is_no_leave() {
        let mut presence = Presence::new();
        presence.sync(state(&[(1, meta("ada", "a"))]));
        let change =
            presence.apply(diff(&[(1, meta("ada l.", "b"))], &[(1, meta("ada", "a"))])).unwrap();
        assert_eq!(
            (told(&change.updated), change.left.len(), change.joined.len()),
            (vec!["ada l."], 0, 0)
        );
    }

    #[test]
    fn a_diff_that_repeats_the_state_changes_nothing() {
        let mut presence = Presence::new();
        presence.sync(state(&[(1, meta("ada", "a"))]));
        assert_eq!(presence.apply(diff(&[(1, meta("ada", "a"))], &[])), Ok(Change::default()));
        assert_eq!(names(&presence), ["ada"]);
    }

    #[test]
    fn a_leave_of_another_meta_changes_nothing() {
        let mut presence = Presence::new();
        presence.sync(state(&[(1, meta("ada", "b"))]));
        let none = Ok(Change::default());
        assert_eq!(presence.apply(diff(&[], &[(1, meta("ada", "a"))])), none);
        assert_eq!(presence.apply(diff(&[], &[(2, meta("bob", "x"))])), none);
    }

    #[test]
    fn no_diff_is_dropped_in_silence_when_too_many_wait() {
        let mut presence = Presence::new();
        for _ in 0..MAX_WAITING {
            presence.apply(diff(&[(1, meta("ada", "a"))], &[])).unwrap();
        }
        assert_eq!(presence.apply(diff(&[], &[(1, meta("ada", "a"))])), Err(StateMissing));
    }

    #[test]
    fn a_second_state_tells_only_what_differs() {
        let mut presence = Presence::new();
        presence.sync(state(&[(1, meta("ada", "a")), (2, meta("bob", "b"))]));
        let change = presence.sync(state(&[(2, meta("bob", "b2")), (3, meta("cy", "c"))]));
        assert_eq!((told(&change.joined), told(&change.left)), (vec!["cy"], vec!["ada"]));
        assert_eq!(change.updated, []);
    }

    #[test]
    fn names_are_made_harmless() {
        let mut presence = Presence::new();
        presence.sync(state(&[(1, meta("a\u{1b}[2Jda\u{202e}", "a"))]));
        assert_eq!(names(&presence), ["a[2Jda"]);
    }

    proptest! {
        /// However a history of joins and leaves is cut into a state and the diffs after it, the
        /// same people are here in the end; repeated diffs included.
        #[test]
        fn the_cut_does_not_matter(
            steps in proptest::collection::vec((0..5_u128, any::<bool>()), 0..40),
            cut in 0..40_usize, early in 0..8_usize,
        ) {
            let mut here: BTreeMap<u128, Meta> = BTreeMap::new();
            let mut diffs = Vec::new();
            let mut states = vec![PresenceState::new()];
            for (at, (who, join)) in steps.into_iter().enumerate() {
                let gone = here.remove(&who).map(|meta| (who, meta));
                let new = join.then(|| (who, meta(&format!("n{at}"), &format!("r{at}"))));
                here.extend(new.clone());
                diffs.push(diff(new.as_slice(), gone.as_slice()));
                let now: Vec<(u128, Meta)> = here.clone().into_iter().collect();
                states.push(state(&now));
            }
            let cut = cut.min(diffs.len());
            let mut presence = Presence::new();
            for diff in &diffs[cut.saturating_sub(early)..cut] {
                presence.apply(diff.clone()).unwrap();
            }
            presence.sync(states[cut].clone());
            for diff in &diffs[cut..] {
                presence.apply(diff.clone()).unwrap();
            }
            let mut whole = Presence::new();
            whole.sync(states[diffs.len()].clone());
            prop_assert_eq!(names(&presence), names(&whole));
        }
    }
}
