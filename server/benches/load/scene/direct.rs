//! Pairs in one room, who write to each other alone. Each gets every message of its partner once,
//! in order, and nobody else's.

use std::time::{Duration, Instant};

use super::pace::Pace;
use super::{Figures, ROOM, Span, Target, entrance};
use crate::crowd::{Crowd, Outbound, Scene};
use crate::latency::Latency;
use crate::wire::{self, Incoming, Outcome, Push};

/// How many messages of one member may be on their way; at a pace, before it is too much.
const WINDOW: u32 = 2;
const MOST: usize = 64;

struct Direct {
    members: Vec<Member>,
    ids: Vec<[u8; 36]>,
    /// Whether a message that has come makes room for the next one.
    at_once: bool,
    pushed: u64,
    replied: u64,
    delivered: u64,
    latency: Latency,
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
    let mut crowd = Crowd::new(target.address)?;
    let ids = entrance::enter(&mut crowd, &vec![ROOM.to_owned(); pairs * 2])?;
    let mut scene = Direct::new(ids, per_second.is_none());
    let pace = match per_second {
        Some(per_second) => Some(Pace::begin(per_second, crowd.waker()?)),
        None => None,
    };
    if scene.at_once {
        (0..pairs * 2).try_for_each(|who| scene.push_more(crowd.out(), who))?;
    }
    run_for(&mut crowd, &mut scene, pace.as_ref(), target.measured / 4)?;
    scene.latency = Latency::default();
    let (span, before) = (Span::begin(target.process), scene.delivered);
    run_for(&mut crowd, &mut scene, pace.as_ref(), target.measured)?;
    let mut figures = span.end(scene.delivered - before);
    figures.push(("p50", scene.latency.quantile(0.5)));
    figures.push(("p99", scene.latency.quantile(0.99)));
    drop(pace);
    scene.at_once = false;
    crowd.until(&mut scene, Direct::is_done, Direct::missing)?;
    crowd.settle(&mut scene)?;
    Ok(figures)
}

fn run_for(crowd: &mut Crowd, scene: &mut Direct, pace: Option<&Pace>, span: Duration) -> Outcome {
    let began = Instant::now();
    let mut heard = (began, scene.delivered);
    loop {
        let now = Instant::now();
        if now - began >= span {
            return Ok(());
        }
        if heard.1 != scene.delivered {
            heard = (now, scene.delivered);
        } else if now - heard.0 > Duration::from_secs(10) {
            return Err(format!("nothing came for ten seconds: {}", scene.missing()));
        }
        while pace.is_some_and(|pace| scene.pushed < pace.due(now)) {
            // One of each pair after another, then their partners.
            let everybody = scene.members.len();
            let nth = scene.pushed as usize % everybody * 2;
            scene.push(crowd.out(), nth % everybody + nth / everybody, now)?;
        }
        crowd.turn(Duration::from_millis(20), scene)?;
    }
}

fn partner(who: usize) -> usize {
    who ^ 1
}

impl Direct {
    fn new(ids: Vec<[u8; 36]>, at_once: bool) -> Self {
        let member = |who| Member {
            push: Push::response(ROOM, who, &ids[partner(who)]),
            pushed: 0,
            replied: 0,
            next: 0,
            times: [Instant::now(); MOST],
        };
        let members = (0..ids.len()).map(member).collect();
        let latency = Latency::default();
        Self { members, ids, at_once, pushed: 0, replied: 0, delivered: 0, latency }
    }

    /// As many as the window lets through: what is not replied to, or not there yet, is on its way.
    fn push_more(&mut self, out: &mut Outbound, who: usize) -> Outcome {
        loop {
            let member = &self.members[who];
            let there = self.members[partner(who)].next.min(member.replied);
            if member.pushed - there >= WINDOW {
                return Ok(());
            }
            self.push(out, who, Instant::now())?;
        }
    }

    fn push(&mut self, out: &mut Outbound, who: usize, now: Instant) -> Outcome {
        let there = self.members[partner(who)].next;
        let member = &mut self.members[who];
        if (member.pushed - there) as usize >= MOST {
            return Err(format!("{MOST} messages of one member are on their way: too slow"));
        }
        member.times[member.pushed as usize % MOST] = now;
        out.push(who, member.push.numbered(member.pushed));
        member.pushed += 1;
        self.pushed += 1;
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.delivered == self.pushed && self.replied == self.pushed
    }

    fn missing(&self) -> String {
        let Self { pushed, replied, delivered, .. } = self;
        format!("{replied} of {pushed} pushes replied, {delivered} delivered")
    }
}

impl Scene for Direct {
    fn hear(
        &mut self,
        out: &mut Outbound,
        who: usize,
        what: Incoming<'_>,
        now: Instant,
    ) -> Outcome {
        let from = partner(who);
        let may_push = match what {
            Incoming::Response(payload) => {
                let mark = wire::mark(payload)?;
                let wanted = self.members[who].next;
                if mark.sender != from || mark.session != self.ids[from] {
                    return Err(format!("misdelivered: {mark:?}"));
                }
                if mark.number != wanted || wanted >= self.members[from].pushed {
                    return Err(format!("got number {}, not {wanted}", mark.number));
                }
                self.members[who].next = wanted + 1;
                self.delivered += 1;
                let pushed_at = self.members[from].times[wanted as usize % MOST];
                self.latency.record(now.saturating_duration_since(pushed_at));
                from
            }
            Incoming::Reply(number, _) if number == self.members[who].replied => {
                self.members[who].replied += 1;
                self.replied += 1;
                who
            }
            other => return Err(format!("not expected: {other:?}")),
        };
        if self.at_once { self.push_more(out, may_push) } else { Ok(()) }
    }
}
