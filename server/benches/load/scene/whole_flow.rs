//! The whole flow: one after another says helo, and everybody who came before answers. In the end
//! each has one answer from each of those.

use std::collections::HashSet;
use std::time::Instant;

use super::{Figures, ROOM, Span, Target, entrance};
use crate::crowd::{Crowd, Outbound, Scene};
use crate::latency::Latency;
use crate::wire::{self, Incoming, Outcome, Push};

struct WholeFlow {
    members: Vec<Member>,
    greeted: usize,
    announced: usize,
    answered: usize,
    replied: usize,
    latency: Latency,
}

struct Member {
    id: Option<[u8; 36]>,
    said_helo: Instant,
    /// Whom it has answered, in order: their indexes are the numbers of its pushes.
    answers: Vec<u32>,
    replied: usize,
    /// Who has answered it, and under which id.
    heard: HashSet<(usize, [u8; 36])>,
}

pub(super) fn play(clients: usize, target: Target) -> Outcome<Figures> {
    let mut crowd = Crowd::new(&target)?;
    entrance::join(&mut crowd, &vec![ROOM.to_owned(); clients])?;
    let mut scene = WholeFlow::new(clients);
    let span = Span::begin(target.process);
    scene.helo(crowd.out(), 0);
    crowd.until(&mut scene, WholeFlow::is_done, WholeFlow::missing)?;
    let mut figures = span.end((scene.answered + scene.announced) as u64);
    figures.push(("p50", scene.latency.quantile(0.5)));
    figures.push(("p99", scene.latency.quantile(0.99)));
    crowd.settle(&mut scene)?;
    scene.check()?;
    Ok(figures)
}

impl WholeFlow {
    fn new(clients: usize) -> Self {
        let member = |_| Member {
            id: None,
            said_helo: Instant::now(),
            answers: Vec::new(),
            replied: 0,
            heard: HashSet::new(),
        };
        Self {
            members: (0..clients).map(member).collect(),
            greeted: 0,
            announced: 0,
            answered: 0,
            replied: 0,
            latency: Latency::default(),
        }
    }

    fn pairs(&self) -> usize {
        self.members.len() * (self.members.len() - 1) / 2
    }

    fn is_done(&self) -> bool {
        let (everybody, pairs) = (self.members.len(), self.pairs());
        self.greeted == everybody && self.answered == pairs && self.replied == pairs
    }

    fn missing(&self) -> String {
        let (Self { greeted, answered, announced, .. }, pairs) = (self, self.pairs());
        format!("{greeted} were greeted, {announced} announced and {answered} answers of {pairs}")
    }

    fn check(&self) -> Outcome {
        for (who, member) in self.members.iter().enumerate() {
            let answered_by = |other: usize| {
                self.members[other].id.is_some_and(|id| member.heard.contains(&(other, id)))
            };
            if member.heard.len() != who || !(0..who).all(answered_by) {
                return Err(format!("member {who} was not answered by each who came before"));
            }
        }
        Ok(())
    }

    fn helo(&mut self, out: &mut Outbound, who: usize) {
        self.members[who].said_helo = Instant::now();
        out.push(who, &wire::helo(ROOM, who));
    }

    fn announce(&mut self, out: &mut Outbound, who: usize, payload: &[u8]) -> Outcome {
        let newcomer = wire::newcomer(payload)?;
        let last = self.members[who].answers.last().map_or(who, |last| *last as usize);
        if newcomer != last + 1 {
            return Err(format!("{newcomer} was announced after {last}"));
        }
        let id = wire::id(payload, b"\"id\":\"")?;
        let number = newcomer as u32;
        self.members[who].answers.push(number);
        self.announced += 1;
        out.push(who, Push::response(ROOM, who, &id).numbered(number));
        Ok(())
    }

    fn answer(&mut self, who: usize, payload: &[u8], now: Instant) -> Outcome {
        let mark = wire::mark(payload)?;
        let session = *mark.session.first_chunk::<36>().ok_or("an id too short")?;
        let member = &mut self.members[who];
        let is_new = member.heard.insert((mark.sender, session));
        if !is_new || mark.number as usize != who || mark.sender >= who {
            return Err(format!("misdelivered, or came twice: {mark}"));
        }
        self.latency.record(now.saturating_duration_since(member.said_helo));
        self.answered += 1;
        Ok(())
    }
}

impl Scene for WholeFlow {
    fn hear(
        &mut self,
        out: &mut Outbound,
        who: usize,
        what: Incoming<'_>,
        now: Instant,
    ) -> Outcome {
        match what {
            Incoming::Reply(2, response) if self.members[who].id.is_none() => {
                self.members[who].id = Some(wire::id(response, b"\"id\":\"")?);
                self.greeted += 1;
                if who + 1 < self.members.len() {
                    self.helo(out, who + 1);
                }
            }
            Incoming::NewUser(payload) => return self.announce(out, who, payload),
            Incoming::Response(payload) => return self.answer(who, payload, now),
            Incoming::Reply(number, _) => {
                let member = &mut self.members[who];
                if member.answers.get(member.replied) != Some(&number) {
                    return Err(format!("{number} was replied to out of order"));
                }
                member.replied += 1;
                self.replied += 1;
            }
            Incoming::Diff(_) | Incoming::State(_) => {}
            other => return Err(format!("not expected: {other:?}")),
        }
        Ok(())
    }
}
