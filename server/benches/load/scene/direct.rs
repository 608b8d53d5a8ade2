//! Pairs in one room, who write to each other alone. Each gets every message of its partner once,
//! in order, and nobody else's.

use std::time::Instant;

use super::stream::{self, Stream, Tally};
use super::{Figures, ROOM, Target, entrance};
use crate::crowd::{Crowd, Outbound, Scene};
use crate::wire::{self, Incoming, Outcome, Push};

/// How many messages of one member may be on their way, unless it is said.
const WINDOW: u32 = 2;

/// How many may be on their way at a pace, before the server is too slow for it.
const MOST: usize = 64;

struct Direct {
    members: Vec<Member>,
    ids: Vec<[u8; 36]>,
    window: u32,
    /// Whose partner has just got something, or who has just got a reply: they may push more.
    ready: Vec<usize>,
    tally: Tally,
}

struct Member {
    push: Push,
    pushed: u32,
    replied: u32,
    /// The number that must come from the partner next.
    next: u32,
    times: [Instant; MOST],
}

pub(super) fn play(pairs: usize, per_second: Option<u32>, target: Target) -> Outcome<Figures> {
    let mut crowd = Crowd::new(&target)?;
    let ids = entrance::enter(&mut crowd, &vec![ROOM.to_owned(); pairs * 2])?;
    let mut scene = Direct::new(ids, target.window.unwrap_or(WINDOW).min(MOST as u32));
    stream::measure(&mut crowd, &mut scene, per_second, target)
}

fn partner(who: usize) -> usize {
    who ^ 1
}

impl Direct {
    fn new(ids: Vec<[u8; 36]>, window: u32) -> Self {
        let member = |who| Member {
            push: Push::response(ROOM, who, &ids[partner(who)]),
            pushed: 0,
            replied: 0,
            next: 0,
            times: [Instant::now(); MOST],
        };
        let members = (0..ids.len()).map(member).collect();
        Self { members, ready: (0..ids.len()).collect(), ids, window, tally: Tally::default() }
    }

    /// What is not replied to, or not there yet, whichever is more.
    fn on_their_way(&self, who: usize) -> u32 {
        let member = &self.members[who];
        member.pushed - self.members[partner(who)].next.min(member.replied)
    }

    fn push(&mut self, out: &mut Outbound, who: usize, now: Instant) {
        let member = &mut self.members[who];
        member.times[member.pushed as usize % MOST] = now;
        out.push(who, member.push.numbered(member.pushed));
        member.pushed += 1;
        self.tally.pushed += 1;
    }

    fn hear_response(&mut self, who: usize, payload: &[u8], now: Instant) -> Outcome {
        let (mark, from) = (wire::mark(payload)?, partner(who));
        if mark.sender != from || mark.session != self.ids[from] {
            return Err(format!("misdelivered: {mark}"));
        }
        stream::in_order(mark.number, self.members[who].next, self.members[from].pushed)?;
        self.members[who].next += 1;
        self.tally.delivered += 1;
        let pushed_at = self.members[from].times[mark.number as usize % MOST];
        self.tally.latency.record(now.saturating_duration_since(pushed_at));
        self.ready.push(from);
        Ok(())
    }
}

impl Stream for Direct {
    fn push_due(&mut self, out: &mut Outbound, due: Option<u64>, now: Instant) -> Outcome {
        let ready = std::mem::take(&mut self.ready);
        let Some(due) = due else {
            for who in ready {
                while self.on_their_way(who) < self.window {
                    self.push(out, who, now);
                }
            }
            return Ok(());
        };
        while self.tally.pushed < due {
            // One of each pair after another, then their partners.
            let everybody = self.members.len();
            let nth = self.tally.pushed as usize % everybody * 2;
            let who = nth % everybody + nth / everybody;
            if self.on_their_way(who) as usize >= MOST {
                return Err(format!("{MOST} messages of one member are on their way: too slow"));
            }
            self.push(out, who, now);
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

impl Scene for Direct {
    fn hear(&mut self, _: &mut Outbound, who: usize, what: Incoming<'_>, now: Instant) -> Outcome {
        match what {
            Incoming::Response(payload) => self.hear_response(who, payload, now),
            Incoming::Reply(number, _) if number == self.members[who].replied => {
                self.members[who].replied += 1;
                self.tally.replied += 1;
                self.ready.push(who);
                Ok(())
            }
            other => Err(format!("not expected: {other:?}")),
        }
    }
}
