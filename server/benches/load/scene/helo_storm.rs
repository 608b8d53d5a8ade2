//! Everybody comes at once: until all were answered and all are shown to all.

use std::collections::HashSet;
use std::time::Instant;

use super::{Figures, ROOM, Span, Target};
use crate::crowd::{Crowd, Outbound, Scene};
use crate::presence::{Presence, key};
use crate::wire::{self, Incoming, Outcome};

struct HeloStorm {
    join: Vec<u8>,
    members: Vec<Member>,
    greeted: usize,
    announced: usize,
    complete: usize,
}

#[derive(Default)]
struct Member {
    id: Option<[u8; 36]>,
    presence: Presence,
    diffs: u64,
    /// Who was announced to this one, by index.
    announced: HashSet<usize>,
}

pub(super) fn play(clients: usize, target: Target) -> Outcome<Figures> {
    let mut crowd = Crowd::new(&target)?;
    let mut scene = HeloStorm {
        join: wire::join(ROOM, target.resumable),
        members: (0..clients).map(|_| Member::default()).collect(),
        greeted: 0,
        announced: 0,
        complete: 0,
    };
    crowd.invite(std::iter::repeat_n(ROOM.to_owned(), clients), clients);
    let span = Span::begin(target.process);
    crowd.until(&mut scene, |now| now.is_done(target.presence), HeloStorm::missing)?;
    let mut figures = span.end(scene.announced as u64);
    figures.retain(|(name, _)| !matches!(*name, "cpu-per-million" | "per-second"));
    crowd.settle(&mut scene)?;
    scene.check(target.presence)?;
    let diffs: u64 = scene.members.iter().map(|member| member.diffs).sum();
    figures.push(("diffs", target.presence.then_some(diffs as f64 / clients as f64)));
    Ok(figures)
}

impl HeloStorm {
    fn is_done(&self, presence: bool) -> bool {
        let everybody = self.members.len();
        self.greeted == everybody
            && self.announced == everybody * (everybody - 1) / 2
            && (self.complete == everybody || !presence)
    }

    fn missing(&self) -> String {
        let Self { greeted, announced, complete, .. } = self;
        format!(
            "{greeted} of {} were greeted, {announced} announcements heard, {complete} see all",
            self.members.len()
        )
    }

    /// Of each two, one was announced to the other; and all that are shown are those who are here.
    fn check(&self, presence: bool) -> Outcome {
        for (who, member) in self.members.iter().enumerate() {
            let earlier = |other: &usize| self.members[*other].announced.contains(&who);
            if let Some(other) = member.announced.iter().find(|other| earlier(other)) {
                return Err(format!("{who} and {other} were each announced to the other"));
            }
        }
        let ids: HashSet<u64> =
            self.members.iter().filter_map(|member| member.id.as_ref()).map(|id| key(id)).collect();
        let shown = |member: &Member| member.presence.keys().copied().collect::<HashSet<_>>();
        match self.members.iter().position(|member| presence && shown(member) != ids) {
            Some(who) => Err(format!("member {who} is shown others than those who are here")),
            None => Ok(()),
        }
    }

    fn fold(&mut self, who: usize, fold: impl FnOnce(&mut Presence)) {
        let everybody = self.members.len();
        let presence = &mut self.members[who].presence;
        let before = presence.shows(everybody);
        fold(presence);
        let after = presence.shows(everybody);
        self.complete = self.complete + usize::from(after) - usize::from(before);
    }

    fn announce(&mut self, who: usize, payload: &[u8]) -> Outcome {
        let newcomer = wire::newcomer(payload)?;
        if newcomer == who || !self.members[who].announced.insert(newcomer) {
            return Err(format!("misdelivered: {newcomer} was announced twice, or to itself"));
        }
        self.announced += 1;
        Ok(())
    }
}

impl Scene for HeloStorm {
    fn hear(&mut self, out: &mut Outbound, who: usize, what: Incoming<'_>, _: Instant) -> Outcome {
        match what {
            Incoming::Open => out.push(who, &self.join),
            Incoming::Reply(1, _) => out.push(who, &wire::helo(ROOM, who)),
            Incoming::Reply(2, response) if self.members[who].id.is_none() => {
                self.members[who].id = Some(wire::id(response, b"\"id\":\"")?);
                self.greeted += 1;
            }
            Incoming::NewUser(payload) => return self.announce(who, payload),
            Incoming::State(payload) => self.fold(who, |presence| presence.state(payload)),
            Incoming::Diff(payload) => {
                self.members[who].diffs += 1;
                self.fold(who, |presence| presence.diff(payload));
            }
            other => return Err(format!("not expected: {other:?}")),
        }
        Ok(())
    }
}
