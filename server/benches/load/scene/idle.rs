//! Many are there and say nothing: what each costs in memory, and what their heartbeats cost. Every
//! heartbeat is replied to.

use std::time::Instant;

use hullo_testing::process::Memory;

use super::stream::{self, Stream, Tally};
use super::{Figures, Target, entrance};
use crate::crowd::{Crowd, Outbound, Scene};
use crate::machine;
use crate::wire::{self, Incoming, Outcome};

/// How many people are in a room.
const TOGETHER: usize = 10;

struct Idle {
    members: Vec<Member>,
    tally: Tally,
}

#[derive(Clone)]
struct Member {
    pushed: u32,
    replied: u32,
    at: Instant,
}

pub(super) fn play(wanted: usize, every: u32, target: Target) -> Outcome<Figures> {
    let members = most(wanted);
    let mut crowd = Crowd::new(&target)?;
    let before = target.process.memory();
    let topics: Vec<String> = (0..members).map(|who| format!("room:b{}", who / TOGETHER)).collect();
    entrance::enter(&mut crowd, &topics)?;
    let after = target.process.memory();
    let member = Member { pushed: 0, replied: 0, at: Instant::now() };
    let mut scene = Idle { members: vec![member; members], tally: Tally::default() };
    let per_second = u32::try_from(members).unwrap_or(u32::MAX) / every;
    let mut figures = stream::measure(&mut crowd, &mut scene, Some(per_second), target)?;
    let each = |of: fn(&Memory) -> u64| {
        before
            .as_ref()
            .zip(after.as_ref())
            .map(|(before, after)| (of(after) as f64 - of(before) as f64) * 1024.0 / members as f64)
    };
    figures.push(("members", Some(members as f64)));
    figures.push(("resident-each", each(|memory| memory.resident)));
    figures.push(("anonymous-each", each(|memory| memory.anonymous)));
    Ok(figures)
}

/// As many as may be connected here at once, in whole rooms.
fn most(wanted: usize) -> usize {
    let most = machine::most_files().saturating_sub(200) / TOGETHER * TOGETHER;
    if most < wanted {
        eprintln!("only {most} of {wanted} members: no more files may be open here (ulimit -n)");
    }
    wanted.min(most)
}

impl Stream for Idle {
    fn push_due(&mut self, out: &mut Outbound, due: Option<u64>, now: Instant) -> Outcome {
        while self.tally.pushed < due.unwrap_or(0) {
            let who = self.tally.pushed as usize % self.members.len();
            let member = &mut self.members[who];
            if member.pushed > member.replied {
                return Err(format!("member {who} has still no reply to its last heartbeat"));
            }
            out.push(who, &wire::heartbeat(member.pushed));
            member.pushed += 1;
            member.at = now;
            self.tally.pushed += 1;
        }
        Ok(())
    }

    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn so_far(&self) -> &Tally {
        &self.tally
    }
}

impl Scene for Idle {
    fn hear(&mut self, _: &mut Outbound, who: usize, what: Incoming<'_>, now: Instant) -> Outcome {
        let member = &mut self.members[who];
        match what {
            Incoming::Heartbeat(number) => {
                stream::in_order(number, member.replied, member.pushed)?;
                member.replied += 1;
                self.tally.replied += 1;
                self.tally.delivered += 1;
                self.tally.latency.record(now.saturating_duration_since(member.at));
                Ok(())
            }
            other => Err(format!("not expected: {other:?}")),
        }
    }
}
