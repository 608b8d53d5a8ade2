//! The people of one room: who is present, in which state, and who left lately.

mod labels;
mod look_alike;
mod variants;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use hullo::Person;
use hullo::protocol::SessionId;
use hullo::protocol::payload::{Mode, State};

pub(crate) use self::labels::Labels;
use self::labels::shown_name;
use self::look_alike::{NameWarning, appearance, mixes_scripts};
pub(crate) use self::variants::{acceptable_variant, numbered_variant};
use crate::text::hash;
use crate::time::Now;

/// How long a typing notice is shown unless it is repeated.
pub(crate) const TYPING_LASTS: Duration = Duration::from_secs(6);

/// How long somebody counts as a newcomer, and as talking.
pub(crate) const NEW_FOR: Duration = Duration::from_secs(60);
pub(crate) const TALKING_FOR: Duration = Duration::from_secs(600);

/// A return within this time is shown as a reconnect.
pub(crate) const BACK_WITHIN: Duration = Duration::from_secs(60);

/// A session that begins so soon after another of the same person has ended is a helo said again.
pub(crate) const AGAIN_WITHIN: Duration = Duration::from_secs(1);

const MAX_GONE: usize = 50;

/// Somebody who is present.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) person: Person,
    label: String,
    /// Why the name may deceive, if it may.
    pub(crate) warning: Option<NameWarning>,
    /// Since when they have been in this state, if we saw the change.
    pub(crate) since: Option<Instant>,
    /// When they arrived, if we saw it.
    pub(crate) came: Option<Instant>,
    /// When they last said something.
    pub(crate) spoke: Option<Instant>,
    /// Until when they are shown as typing to the room.
    pub(crate) typing: Option<Instant>,
}

impl Member {
    /// The name as shown and typed: with a number where two people bear the same one.
    pub(crate) fn label(&self) -> String {
        self.label.clone()
    }

    /// Whether they only watch: they greet nobody, and are greeted by nobody.
    pub(crate) fn is_observer(&self) -> bool {
        self.person.mode == Some(Mode::Observer)
    }

    pub(crate) fn state(&self) -> State {
        self.person.state.unwrap_or(State::Here)
    }

    pub(crate) fn hue(&self) -> u8 {
        hue(self.person.user.as_deref().unwrap_or(&self.person.name))
    }

    pub(crate) fn is_new(&self, now: Now) -> bool {
        within(self.came, now, NEW_FOR)
    }

    pub(crate) fn is_talking(&self, now: Now) -> bool {
        within(self.spoke, now, TALKING_FOR)
    }

    pub(crate) fn is_typing(&self, now: Now) -> bool {
        self.typing.is_some_and(|until| until > now.at)
    }
}

fn within(then: Option<Instant>, now: Now, span: Duration) -> bool {
    then.is_some_and(|then| now.at.saturating_duration_since(then) < span)
}

/// The number that chooses the colour of a name. The same for the same text on every machine.
pub(crate) fn hue(text: &str) -> u8 {
    hash(text).to_be_bytes().into_iter().fold(0, |mixed, byte| mixed ^ byte)
}

/// Somebody who left.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    pub(crate) id: SessionId,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) user: Option<String>,
    pub(crate) hue: u8,
    pub(crate) at: Now,
    /// Whether we were in the room when they left.
    is_witnessed: bool,
}

/// Everybody in one room.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    members: BTreeMap<SessionId, Member>,
    gone: VecDeque<Gone>,
    labels: Labels,
    /// Who has a name of this appearance; whoever comes later with such a name is marked.
    appearances: BTreeMap<String, SessionId>,
}

impl People {
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// How many are here, without those who only watch.
    pub(crate) fn count(&self) -> usize {
        self.iter().filter(|member| !member.is_observer()).count()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    pub(crate) fn member(&self, id: SessionId) -> Option<&Member> {
        self.members.get(&id)
    }

    pub(crate) fn member_mut(&mut self, id: SessionId) -> Option<&mut Member> {
        self.members.get_mut(&id)
    }

    /// Who left, newest first.
    pub(crate) fn gone(&self) -> impl Iterator<Item = &Gone> {
        self.gone.iter()
    }

    /// Whether somebody present has this label.
    pub(crate) fn has_label(&self, label: &str) -> bool {
        self.labels.is_taken(label)
    }

    /// Somebody who writes to us and is in nobody's presence. A number shows where somebody who is
    /// has the same name.
    pub(crate) fn unlisted(&self, id: SessionId, name: &str) -> Member {
        Member {
            person: Person::new(id, name),
            label: self.labels.free(&shown_name(name)),
            warning: None,
            since: None,
            came: None,
            spoke: None,
            typing: None,
        }
    }

    /// Name and hue of whoever has or had this session.
    pub(crate) fn known(&self, id: SessionId) -> Option<(String, u8)> {
        let here = self.member(id).map(|member| (member.label(), member.hue()));
        here.or_else(|| {
            self.gone.iter().find(|gone| gone.id == id).map(|gone| (gone.label.clone(), gone.hue))
        })
    }

    /// Whether somebody of this name (or this user) left within [`BACK_WITHIN`].
    pub(crate) fn left_lately(&self, name: &str, user: Option<&str>, now: Now) -> bool {
        self.left_within(name, user, BACK_WITHIN, now).next().is_some()
    }

    /// The session of this name (or this user) that ended just before another begins.
    pub(crate) fn left_just_now(
        &self,
        name: &str,
        user: Option<&str>,
        now: Now,
    ) -> Option<SessionId> {
        let mut left = self.left_within(name, user, AGAIN_WITHIN, now);
        left.find(|gone| gone.is_witnessed).map(|gone| gone.id)
    }

    fn left_within(
        &self,
        name: &str,
        user: Option<&str>,
        span: Duration,
        now: Now,
    ) -> impl Iterator<Item = &Gone> {
        self.gone.iter().filter(move |gone| {
            let same = match (user, gone.user.as_deref()) {
                (Some(user), Some(gone)) => user == gone,
                (Some(_), None) | (None, _) => gone.name == name,
            };
            same && now.at.saturating_duration_since(gone.at.at) < span
        })
    }

    /// A session that ended is not listed: its person goes on in another.
    pub(crate) fn forget_gone(&mut self, id: SessionId) {
        self.gone.retain(|gone| gone.id != id);
    }

    /// Replaces the members by those who are present now. What is known of a session that stays is
    /// kept; people whose name is missing now count as gone.
    pub(crate) fn replace(&mut self, mut present: Vec<Person>, now: Now) {
        present.sort_by_key(|person| (person.online_at, person.id));
        let mut before = std::mem::take(&mut self.members);
        self.labels = Labels::default();
        self.labels.put_all(&present);
        self.appearances.clear();
        for person in present {
            let was = before.remove(&person.id);
            let id = person.id;
            self.put(person);
            if let (Some(was), Some(member)) = (was, self.members.get_mut(&id)) {
                (member.since, member.came) = (was.since, was.came);
                (member.spoke, member.typing) = (was.spoke, was.typing);
            }
        }
        for member in before.into_values() {
            if !self.labels.is_taken(&member.label) {
                self.put_gone(&member, now, false);
            }
        }
    }

    /// Adds somebody; `true` if they were not present before.
    pub(crate) fn join(&mut self, person: Person, now: Now) -> bool {
        let id = person.id;
        let is_new = !self.members.contains_key(&id);
        self.put(person);
        if is_new && let Some(member) = self.members.get_mut(&id) {
            member.came = Some(now.at);
        }
        is_new
    }

    /// Updates somebody; returns the old label if the name changed.
    pub(crate) fn update(&mut self, person: Person, now: Now) -> Option<String> {
        let id = person.id;
        let was = self.members.get(&id).cloned();
        self.put(person);
        let (was, member) = (was?, self.members.get_mut(&id)?);
        if was.state() != member.state() {
            member.since = Some(now.at);
        }
        (was.person.name != member.person.name).then(|| was.label())
    }

    /// Removes somebody and returns them.
    pub(crate) fn leave(&mut self, id: SessionId, now: Now) -> Option<Member> {
        let member = self.members.remove(&id)?;
        self.labels.remove(id);
        self.forget_appearance(&member);
        self.put_gone(&member, now, true);
        Some(member)
    }

    fn put_gone(&mut self, member: &Member, now: Now, is_witnessed: bool) {
        self.gone.truncate(MAX_GONE - 1);
        self.gone.push_front(Gone {
            id: member.person.id,
            name: member.person.name.clone(),
            label: member.label(),
            user: member.person.user.clone(),
            hue: member.hue(),
            at: now,
            is_witnessed,
        });
    }

    /// Nobody is shown as typing any more: we would not hear that they stopped.
    pub(crate) fn forget_typing(&mut self) {
        self.members.values_mut().for_each(|member| member.typing = None);
    }

    /// Finds the member whose label `text` starts with, ignoring case, and the rest of the text. The
    /// longest label wins, since names may hold spaces.
    pub(crate) fn addressed<'a>(&self, text: &'a str) -> Option<(&Member, &'a str)> {
        let text = text.strip_prefix('@').unwrap_or(text);
        let matches = self.iter().filter_map(|member| {
            let rest = strip_label(text, &member.label())?;
            Some((member, rest))
        });
        matches.min_by_key(|(_, rest)| rest.len()).map(|(member, rest)| (member, rest.trim_start()))
    }

    /// When the list changes by itself next, as when a typing notice runs out.
    pub(crate) fn next_change(&self, now: Now) -> Option<Instant> {
        let times = self.iter().flat_map(|member| {
            let new = member.came.map(|came| came + NEW_FOR);
            [member.typing, new, member.since.map(|since| next_minute(since, now.at))]
        });
        times.flatten().filter(|time| *time > now.at).min()
    }

    fn put(&mut self, person: Person) {
        let id = person.id;
        let was = self.members.remove(&id);
        if let Some(was) = &was {
            self.forget_appearance(was);
        }
        let label = self.labels.put(&person).to_owned();
        let warning = self.warning(&person);
        let (since, came, spoke, typing) =
            was.map(|was| (was.since, was.came, was.spoke, was.typing)).unwrap_or_default();
        let member = Member { person, label, warning, since, came, spoke, typing };
        self.members.insert(id, member);
    }

    /// Why a name may deceive. Whoever has a name of this appearance first is remembered for it.
    fn warning(&mut self, person: &Person) -> Option<NameWarning> {
        let appearance = appearance(&shown_name(&person.name));
        let first = *self.appearances.entry(appearance).or_insert(person.id);
        let other = self.member(first).filter(|first| first.person.name != person.name);
        let looks_like = other.map(|other| NameWarning::LooksLike(other.label()));
        looks_like.or_else(|| mixes_scripts(&person.name).then_some(NameWarning::MixesScripts))
    }

    fn forget_appearance(&mut self, member: &Member) {
        let appearance = appearance(&shown_name(&member.person.name));
        if self.appearances.get(&appearance) == Some(&member.person.id) {
            self.appearances.remove(&appearance);
        }
    }
}

/// When the next full minute since then is over.
fn next_minute(since: Instant, now: Instant) -> Instant {
    let minutes = now.saturating_duration_since(since).as_secs() / 60;
    since + Duration::from_secs((minutes + 1) * 60)
}

/// What follows `label` in `text`, if `text` starts with it as a whole word.
fn strip_label<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in label.chars() {
        let found = rest.next()?;
        if !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    let rest = rest.as_str();
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{at, named};

    fn labels(people: &People) -> Vec<String> {
        people.iter().map(Member::label).collect()
    }

    #[test]
    fn people_of_one_name_can_be_told_apart() {
        let mut people = People::default();
        for id in 1..=3 {
            people.join(named(id, "ada"), at(0));
        }
        assert_eq!(labels(&people), ["ada", "ada~2", "ada~3"]);
        people.leave(named(2, "ada").id, at(1));
        people.join(named(4, "ada"), at(2));
        assert_eq!(labels(&people), ["ada", "ada~3", "ada~2"]);
    }

    #[test]
    fn the_longest_label_is_addressed() {
        let mut people = People::default();
        for (id, name) in [(1, "ada"), (2, "ada lovelace"), (3, "ada"), (4, "Ärmel")] {
            people.join(named(id, name), at(0));
        }
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let found = people.addressed(text).map(|(member, rest)| (member.label(), rest));
            assert_eq!(found.as_ref().map(|(label, rest)| (&**label, *rest)), expected, "{text:?}");
        };
        check("ada hi", Some(("ada", "hi")));
        check("ada lovelace  hi you", Some(("ada lovelace", "hi you")));
        check("ADA~2 hi", Some(("ada~2", "hi")));
        check("ärmel", Some(("Ärmel", "")));
        check("adam hi", None);
        check("", None);
    }

    #[test]
    fn names_that_may_deceive_are_marked() {
        let mut people = People::default();
        for (id, name) in [(1, "ada"), (2, "mira"), (3, "m\u{456}ra"), (4, "ada        you")] {
            people.join(named(id, name), at(0));
        }
        let warnings: Vec<_> =
            people.iter().map(|who| (who.label(), who.warning.clone())).collect();
        let looks_like = Some(NameWarning::LooksLike("mira".into()));
        let expected =
            [("ada", None), ("mira", None), ("m\u{456}ra", looks_like), ("ada you", None)];
        assert_eq!(warnings, expected.map(|(label, warning)| (label.to_owned(), warning)));
        people.leave(named(2, "mira").id, at(1));
        people.update(named(3, "m\u{456}ra"), at(2));
        let mira = people.member(named(3, "").id).unwrap();
        assert_eq!(mira.warning, Some(NameWarning::MixesScripts));
    }
}
