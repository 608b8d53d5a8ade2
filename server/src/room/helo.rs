//! Helo: how a member becomes somebody, and who is asked to greet it.
//!
//! The newcomer is sent the presence state, then its reply; the others are sent `new_user`; then all
//! who joined are told of the new presence, the newcomer included, as in Phoenix.

use std::time::Instant;

use fastrand::Rng;
use hullo::protocol::payload::{Helo, Meta, NewUser, Resume, Status, Welcome};
use hullo::protocol::{Event, SessionId};
use hullo::text;

use super::log::Audience;
use super::members::MemberId;
use super::person::Person;
use super::{Batch, Change, Push, Room, append_json};
use crate::config::Greeters;
use crate::refusal::Refusal;

/// Who is asked to answer a newcomer.
#[derive(Debug)]
pub(super) enum Asked {
    /// Everybody else, but the observers.
    All,
    /// Nobody.
    None,
    /// These; sorted.
    These(Vec<MemberId>),
}

impl Room {
    /// The first helo of a session introduces it, every other one renames it.
    pub(super) fn helo(&mut self, push: &Push<'_>, batch: &mut Batch) -> Result<(), Refusal> {
        let said = clean_helo(push.read()?)?;
        let phx_ref = self.phx_refs.next();
        let person = self.members.get(push.member).and_then(|member| member.person.as_deref());
        let change = if let Some(person) = person {
            if said.mode.is_some() && said.mode != person.meta.mode {
                return Err(Refusal::InvalidPayload);
            }
            Change::Updated { member: push.member, meta: renamed(said, &person.meta, phx_ref) }
        } else {
            let uuid = (push.stamp.new_id)();
            let seed = uuid.as_u64_pair().1;
            let asked = said.mode.is_none().then(|| self.choose_greeters(push.member, seed));
            let meta = first_meta(said, phx_ref, push.stamp.unix_seconds);
            Change::Arrived { member: push.member, id: SessionId(uuid), meta, asked }
        };
        self.apply(change, push.stamp.now);
        self.show_presence(push, batch);
        self.welcome(push, batch);
        Ok(())
    }

    /// Who said helo is told who is there, unless it is quiet.
    fn show_presence(&mut self, push: &Push<'_>, batch: &mut Batch) {
        if !self.is_quiet(push.member) {
            self.send_presence(push.reply_to.join_ref, batch);
        }
    }

    /// Whether a member hears nothing but what is for it alone.
    pub(super) fn is_quiet(&self, member: MemberId) -> bool {
        let person = self.members.get(member).and_then(|member| member.person.as_deref());
        person.is_some_and(Person::is_quiet)
    }

    /// The reply to a helo.
    fn welcome(&mut self, push: &Push<'_>, batch: &mut Batch) {
        let Some(member) = self.members.get_mut(push.member) else { return };
        let wanted = std::mem::take(&mut member.wanted_history);
        let Some(person) = member.person.as_deref() else { return };
        let count = if person.is_quiet() { 0 } else { wanted };
        let Person { id, meta } = person;
        // Everything before its position has been sent; what follows from this helo comes later.
        let (id, name, seq) = (*id, meta.name.clone(), member.position - 1);
        let may_return = member.resumable.is_some() && !self.rules.resume_window.is_zero();
        self.has_told_epoch |= may_return;
        let epoch = self.epoch.simple().to_string();
        let resume = may_return.then(|| Resume {
            token: self.token_key.sign(id, &epoch, &self.topic),
            epoch,
            seq,
        });
        push.reply_to.ok_with_json(batch, |json| {
            let page = (count > 0).then(|| self.history_page(count, u64::MAX));
            let history_after = page.as_ref().filter(|_| may_return).map(|page| page.after);
            let topic = self.about().cloned();
            append_json(json, &Welcome { id, name, topic, resume, history: None, history_after });
            if let Some(mut page) = page {
                json.pop(); // the object's end
                json.extend_from_slice(br#","history":"#);
                json.append(&mut page.json);
                json.push(b'}');
            }
        });
    }

    /// Answers a push that was carried out before.
    pub(super) fn answer_again(&mut self, push: &Push<'_>, batch: &mut Batch) {
        if *push.event == Event::Helo {
            self.show_presence(push, batch);
            self.welcome(push, batch);
        } else {
            push.reply_to.ok(batch);
        }
    }

    fn choose_greeters(&self, newcomer: MemberId, seed: u64) -> Asked {
        let others = self.members.answering();
        match self.rules.greeters {
            Greeters::AtMost(0) => Asked::None,
            Greeters::AtMost(most) if others > most => {
                let people =
                    self.members.iter().filter(|(id, member)| *id != newcomer && member.answers());
                Asked::These(choose(most, people.map(|(id, _)| id), seed))
            }
            Greeters::All | Greeters::AtMost(_) => Asked::All,
        }
    }

    /// `new_user` to the others: to those who are asked to answer, then to the rest.
    pub(super) fn announce(
        &mut self,
        newcomer: MemberId,
        id: SessionId,
        name: &str,
        asked: Asked,
        now: Instant,
    ) {
        if self.members.people() < 2 {
            return;
        }
        let payload = |answer| {
            let mut json = Vec::new();
            append_json(&mut json, &NewUser { id, name: name.to_owned(), answer });
            json
        };
        let event = &Event::NewUser;
        let others = Audience::Others(newcomer);
        let all_but = |mut but: Vec<MemberId>| {
            but.insert(but.partition_point(|other| *other < newcomer), newcomer);
            Audience::NotChosen(but.into())
        };
        match asked {
            Asked::All => match self.members.observers() {
                none if none.is_empty() => drop(self.tell(others, event, &payload(true), now)),
                observers => {
                    self.tell(all_but(observers.clone()), event, &payload(true), now);
                    self.tell(Audience::Chosen(observers.into()), event, &payload(false), now);
                }
            },
            Asked::None => drop(self.tell(others, event, &payload(false), now)),
            Asked::These(asked) => {
                let rest = all_but(asked.clone());
                self.tell(Audience::Chosen(asked.into()), event, &payload(true), now);
                self.tell(rest, event, &payload(false), now);
            }
        }
    }
}

/// A helo as others may see it.
fn clean_helo(said: Helo) -> Result<Helo, Refusal> {
    let user = said.user.map(|user| text::clean_user(&user).ok_or(Refusal::InvalidPayload));
    Ok(Helo {
        name: text::clean_name(&said.name).ok_or(Refusal::InvalidName)?,
        status: said.status.map(clean_status).transpose()?,
        user: user.transpose()?,
        mode: said.mode,
    })
}

/// A status as others may see it; a text without anything to see is no text.
pub(super) fn clean_status(status: Status) -> Result<Status, Refusal> {
    let clean = |text: String| text::clean_status(&text).ok_or(Refusal::InvalidName);
    let text = status.text.map(clean).transpose()?.filter(|text| !text.is_empty());
    Ok(Status { state: status.state, text })
}

fn first_meta(said: Helo, phx_ref: String, unix_seconds: u64) -> Meta {
    let (state, text) = said.status.map(|status| (status.state, status.text)).unzip();
    Meta {
        name: said.name,
        state,
        text: text.flatten(),
        user: said.user,
        mode: said.mode,
        phx_ref,
        phx_ref_prev: None,
        online_at: unix_seconds.to_string(),
    }
}

/// What a second helo did not say stays as it was.
fn renamed(said: Helo, before: &Meta, phx_ref: String) -> Meta {
    let phx_ref_prev = Some(before.phx_ref.clone());
    let meta = Meta { name: said.name, phx_ref, phx_ref_prev, ..before.clone() };
    let meta = match said.status {
        Some(Status { state, text }) => Meta { state: Some(state), text, ..meta },
        None => meta,
    };
    Meta { user: said.user.or(meta.user), ..meta }
}

/// Chooses `wanted` of the members, each as likely as any other; sorted.
fn choose(wanted: usize, members: impl Iterator<Item = MemberId>, seed: u64) -> Vec<MemberId> {
    let mut chosen = Rng::with_seed(seed).choose_multiple(members, wanted);
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(count: u32) -> impl Iterator<Item = MemberId> {
        (0..count).map(MemberId::from)
    }

    #[test]
    fn exactly_as_many_as_wanted_are_chosen() {
        for wanted in 0..=40 {
            for seed in 0..20 {
                let mut chosen = choose(wanted, members(40), seed);
                assert!(chosen.is_sorted());
                chosen.dedup();
                assert_eq!(chosen.len(), wanted);
            }
        }
    }

    #[test]
    fn everybody_is_as_likely_to_be_chosen() {
        let mut times = [0_u32; 10];
        for seed in 0..10_000 {
            for member in choose(3, members(10), seed) {
                times[member.index()] += 1;
            }
        }
        assert!(times.iter().all(|times| (2800..3200).contains(times)), "{times:?}");
    }
}
