//! Somebody who said helo, and how they take part.

use hullo::protocol::SessionId;
use hullo::protocol::payload::{Meta, Mode};

use super::log::Hears;
use super::members::{Member, MemberId, Members};

/// What the others know of a member who said helo.
#[derive(Debug)]
pub(crate) struct Person {
    /// The id of the session.
    pub(crate) id: SessionId,
    /// Its presence.
    pub(crate) meta: Meta,
}

impl Person {
    /// Whether it hears nothing but what is for it alone, and is in nobody's presence.
    pub(crate) fn is_quiet(&self) -> bool {
        self.meta.mode == Some(Mode::Quiet)
    }

    /// What it is sent beside what is for it alone.
    pub(crate) fn hears(&self) -> Hears {
        if self.is_quiet() { Hears::Nothing } else { Hears::Everything }
    }
}

impl Member {
    /// Its name, if it is in nobody's presence.
    pub(crate) fn unlisted_name(&self) -> Option<String> {
        let person = self.person.as_ref().filter(|person| person.is_quiet())?;
        Some(person.meta.name.clone())
    }

    /// Whether it can be asked to answer a newcomer.
    pub(crate) fn answers(&self) -> bool {
        !self.is_away() && self.person.as_ref().is_some_and(|person| person.meta.mode.is_none())
    }
}

impl Members {
    /// How many are present, as others see it.
    pub(crate) fn present(&self) -> usize {
        self.people() - self.quiet
    }

    /// How many can be asked to answer a newcomer.
    pub(crate) fn answering(&self) -> usize {
        if self.observers + self.quiet == 0 {
            return self.people() - self.away();
        }
        self.iter().filter(|(_, member)| member.answers()).count()
    }

    /// Those who hear everything and are asked for no answers, in their order.
    pub(crate) fn observers(&self) -> Vec<MemberId> {
        if self.observers == 0 {
            return Vec::new();
        }
        let is_observer = |member: &Member| {
            member.person.as_ref().is_some_and(|person| person.meta.mode == Some(Mode::Observer))
        };
        self.iter().filter(|(_, member)| is_observer(member)).map(|(id, _)| id).collect()
    }

    /// A member has not said who it is after all.
    pub(crate) fn forget_person(&mut self, id: MemberId) {
        let Some(member) = self.get_mut(id) else { return };
        member.hears = Hears::Presence;
        if let Some(person) = member.person.take() {
            self.forget_session(&person);
        }
    }

    /// Somebody is no longer among those who said helo.
    pub(super) fn forget_session(&mut self, person: &Person) {
        self.by_session.remove(&person.id);
        self.observers -= usize::from(person.meta.mode == Some(Mode::Observer));
        self.quiet -= usize::from(person.is_quiet());
    }
}
