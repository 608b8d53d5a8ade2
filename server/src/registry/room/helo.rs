//! Helo: how a member becomes somebody, and who is asked to greet it.
//!
//! The newcomer gets the state before any diff that is not in it, then its reply; the others get
//! `new_user`; then all who joined get the diff, the newcomer included, as in Phoenix.

use hullo::protocol::payload::{Helo, Meta, NewUser, Reply, Status, Welcome};
use hullo::protocol::{Event, Payload, SessionId};
use hullo::text;

use super::super::roster::PhxRefs;
use super::{Push, Room};
use crate::config::Greeters;
use crate::delivery::{Audience, Delivery, Reach, SocketId};
use crate::refusal::Refusal;

impl Room {
    /// The first helo of a session introduces it, every other one renames it.
    pub(super) fn helo(
        &mut self,
        push: &Push<'_>,
        session: Option<SessionId>,
        greeters: Greeters,
        phx_refs: &mut PhxRefs,
    ) -> Result<Vec<Delivery>, Refusal> {
        let said = clean_helo(push.read()?)?;
        let phx_ref = phx_refs.make();
        Ok(match session {
            None => self.introduce(push, said, greeters, phx_ref),
            Some(id) => self.rename(push, said, id, phx_ref),
        })
    }

    fn introduce(
        &mut self,
        push: &Push<'_>,
        said: Helo,
        greeters: Greeters,
        phx_ref: String,
    ) -> Vec<Delivery> {
        let id = SessionId(push.stamp.id);
        let name = said.name.clone();
        let meta = meta(said, None, phx_ref, push.stamp.unix_seconds);
        let diff = self.roster.track(id, push.from, meta);
        if let Some(member) = self.members.get_mut(&push.from) {
            member.session = Some(id);
        }
        let mut out = self.welcome(push, id, &name);
        out.extend(self.announce(push, id, &name, greeters));
        out.push(self.tell_all(&diff, Vec::new()));
        out
    }

    fn rename(
        &mut self,
        push: &Push<'_>,
        said: Helo,
        id: SessionId,
        phx_ref: String,
    ) -> Vec<Delivery> {
        let name = said.name.clone();
        let meta = meta(said, self.roster.meta(id), phx_ref, push.stamp.unix_seconds);
        let diff = self.roster.update(id, meta);
        let mut out = self.welcome(push, id, &name);
        out.push(self.tell_all(&diff, Vec::new()));
        out
    }

    fn welcome(&self, push: &Push<'_>, id: SessionId, name: &str) -> Vec<Delivery> {
        let (to, mark, topic) = (push.from, push.mark.clone(), &self.topic);
        let reply = Reply::ok(&Welcome { id, name: name.to_owned() });
        vec![
            Delivery::push(to, mark.clone(), topic, Event::PresenceState, self.roster.state()),
            Delivery::reply(to, mark, &push.ask, &reply),
        ]
    }

    /// `new_user` to the others: to those who are asked to answer, then to the rest.
    fn announce(
        &self,
        push: &Push<'_>,
        id: SessionId,
        name: &str,
        greeters: Greeters,
    ) -> Vec<Delivery> {
        let tell = |to, answer| {
            let payload = Payload::encode(&NewUser { id, name: name.to_owned(), answer });
            Delivery::broadcast(to, &self.topic, Event::NewUser, payload)
        };
        let others = self.roster.len() - 1;
        if others == 0 {
            return Vec::new();
        }
        match greeters {
            Greeters::AtMost(0) => vec![tell(self.others(push.from), false)],
            Greeters::AtMost(most) if others > most => {
                let candidates = self.within(Reach::Helo).filter(|other| *other != push.from);
                let asked = choose(most, others, candidates, push.stamp.id.as_u64_pair().1);
                let rest = self.others_without(push.from, &asked);
                vec![tell(Audience::Chosen(asked), true), tell(rest, false)]
            }
            Greeters::All | Greeters::AtMost(_) => vec![tell(self.others(push.from), true)],
        }
    }

    fn others_without(&self, newcomer: SocketId, asked: &[SocketId]) -> Audience {
        let mut except = asked.to_vec();
        except.push(newcomer);
        except.sort_unstable();
        Audience::Room { topic: self.topic.clone(), reach: Reach::Helo, except }
    }
}

/// A helo as others may see it.
fn clean_helo(said: Helo) -> Result<Helo, Refusal> {
    Ok(Helo {
        name: text::clean_name(&said.name).ok_or(Refusal::InvalidName)?,
        status: said.status.map(clean_status).transpose()?,
        user: said.user.as_deref().map(clean_user).transpose()?,
    })
}

/// A status as others may see it; a text without anything to see is no text.
pub(super) fn clean_status(status: Status) -> Result<Status, Refusal> {
    let clean = |text: String| text::clean_status(&text).ok_or(Refusal::InvalidName);
    let text = status.text.map(clean).transpose()?.filter(|text| !text.is_empty());
    Ok(Status { state: status.state, text })
}

fn clean_user(user: &str) -> Result<String, Refusal> {
    text::clean_user(user).ok_or(Refusal::InvalidPayload)
}

/// What a helo did not say stays as it was.
fn meta(said: Helo, before: Option<&Meta>, phx_ref: String, unix_seconds: u64) -> Meta {
    let status = said.status.map(|status| (Some(status.state), status.text));
    let (state, text) = status.unwrap_or_else(|| {
        before.map(|before| (before.state, before.text.clone())).unwrap_or_default()
    });
    Meta {
        name: said.name,
        state,
        text,
        user: said.user.or_else(|| before.and_then(|before| before.user.clone())),
        phx_ref,
        phx_ref_prev: None,
        online_at: before.map_or_else(|| unix_seconds.to_string(), |meta| meta.online_at.clone()),
    }
}

/// Chooses `wanted` of `among` sockets, each as likely as any other (Knuth's selection sampling).
fn choose(
    wanted: usize,
    among: usize,
    sockets: impl Iterator<Item = SocketId>,
    seed: u64,
) -> Vec<SocketId> {
    let mut chance = SplitMix64(seed);
    let mut chosen = Vec::with_capacity(wanted);
    for (passed, socket) in sockets.enumerate() {
        let (left, missing) = (among - passed, wanted - chosen.len());
        if chance.below(left as u64) < missing as u64 {
            chosen.push(socket);
        }
    }
    chosen
}

/// Enough chance to choose greeters by, from the one random number a stamp brings.
struct SplitMix64(u64);

impl SplitMix64 {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let scaled = u128::from(z ^ (z >> 31)) * u128::from(limit);
        (scaled >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_as_many_as_wanted_are_chosen() {
        for wanted in 0..=40 {
            for seed in 0..20 {
                let mut chosen = choose(wanted, 40, (0..40).map(SocketId), seed);
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
            for SocketId(socket) in choose(3, 10, (0..10).map(SocketId), seed) {
                times[usize::try_from(socket).unwrap()] += 1;
            }
        }
        assert!(times.iter().all(|times| (2800..3200).contains(times)), "{times:?}");
    }
}
