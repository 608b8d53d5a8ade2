//! People go away without a word and come back on a new connection, all the time. Does the server
//! keep anything of those who are gone, and is everybody shown the same in the end?

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::pace::Pace;
use super::{Figures, ROOM, Span, Target};
use crate::crowd::{Crowd, Outbound, SOME, Scene};
use crate::presence::{Presence, key};
use crate::wire::{self, Incoming, Outcome};

/// A step through all members that comes back to one as late as possible.
const STEP: usize = 617;

struct Churn {
    join: Vec<u8>,
    members: Vec<Member>,
    /// Whether presence is told.
    presence: bool,
}

#[derive(Default)]
struct Member {
    id: Option<[u8; 36]>,
    presence: Presence,
}

pub(super) fn play(members: usize, per_second: u32, target: Target) -> Outcome<Figures> {
    let mut crowd = Crowd::new(&target)?;
    let mut scene = Churn {
        join: wire::join(ROOM, false),
        members: (0..members).map(|_| Member::default()).collect(),
        presence: target.presence,
    };
    crowd.invite(std::iter::repeat_n(ROOM.to_owned(), members), SOME);
    crowd.until(&mut scene, Churn::is_whole, Churn::missing)?;
    crowd.settle(&mut scene)?;
    let pace = Pace::begin(per_second, crowd.waker()?);
    let (span, began) = (Span::begin(target.process), Instant::now());
    let (mut gone, mut at_quarter) = (0, None);
    while began.elapsed() < target.measured {
        while gone < pace.due(Instant::now()) {
            let who = gone as usize * STEP % members;
            // Who was not greeted yet since it came last goes a little later.
            if scene.members[who].id.is_none() {
                break;
            }
            scene.members[who] = Member::default();
            crowd.reconnect(who)?;
            gone += 1;
        }
        crowd.turn(Duration::from_millis(20), &mut scene)?;
        if at_quarter.is_none() && began.elapsed() > target.measured / 4 {
            at_quarter = Some(target.process.resident());
        }
    }
    drop(pace);
    crowd.until(&mut scene, Churn::is_whole, Churn::missing)?;
    let mut figures = span.end(gone);
    figures.push(("resident-quarter", at_quarter.flatten().map(|kib| kib as f64)));
    figures.push(("resident", target.process.resident().map(|kib| kib as f64)));
    crowd.settle(&mut scene)?;
    scene.check()?;
    Ok(figures)
}

impl Churn {
    fn is_whole(&self) -> bool {
        let everybody = self.members.len();
        let sees_all = |member: &Member| !self.presence || member.presence.shows(everybody);
        self.members.iter().all(|member| member.id.is_some() && sees_all(member))
    }

    fn missing(&self) -> String {
        let everybody = self.members.len();
        let greeted = self.members.iter().filter(|member| member.id.is_some()).count();
        let see_all = self.members.iter().filter(|member| member.presence.shows(everybody));
        format!("{greeted} of {everybody} were greeted, {} see all", see_all.count())
    }

    /// Everybody is shown exactly those who are here.
    fn check(&self) -> Outcome {
        let ids = self.members.iter().filter_map(|member| member.id.as_ref());
        let here: HashSet<u64> = ids.map(|id| key(id)).collect();
        let shown = |member: &Member| member.presence.keys().copied().collect::<HashSet<_>>();
        match self.members.iter().position(|member| self.presence && shown(member) != here) {
            Some(who) => Err(format!("member {who} is shown others than those who are here")),
            None => Ok(()),
        }
    }
}

impl Scene for Churn {
    fn hear(&mut self, out: &mut Outbound, who: usize, what: Incoming<'_>, _: Instant) -> Outcome {
        let member = &mut self.members[who];
        match what {
            Incoming::Open => out.push(who, &self.join),
            Incoming::Reply(1, _) => out.push(who, &wire::helo(ROOM, who)),
            Incoming::Reply(2, response) if member.id.is_none() => {
                member.id = Some(wire::id(response, b"\"id\":\"")?);
            }
            Incoming::NewUser(payload) => {
                let newcomer = wire::newcomer(payload)?;
                if newcomer == who {
                    return Err(format!("misdelivered: {who} was announced to itself"));
                }
            }
            Incoming::State(payload) => member.presence.state(payload),
            Incoming::Diff(payload) => member.presence.diff(payload),
            other => return Err(format!("not expected: {other:?}")),
        }
        Ok(())
    }
}
