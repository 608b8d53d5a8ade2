//! One member of a room says something to all others. Each of them gets every message once, in
//! order, and from the one who has sent it.

use std::time::{Duration, Instant};

use super::pace::Pace;
use super::{Figures, ROOM, Span, Target, entrance};
use crate::crowd::{Crowd, Outbound, Scene};
use crate::latency::Latency;
use crate::wire::{self, Incoming, Outcome, Push};

/// How many pushes may wait for their reply.
const WINDOW: u32 = 256;

/// How many may be on their way to the members: what the sender is told may be ahead of that.
const ON_THEIR_WAY: u32 = 1024;

struct FanOut {
    others: u64,
    sender: [u8; 36],
    push: Push,
    pushed: u32,
    replied: u32,
    /// The number that each member must get next.
    next: Vec<u32>,
    delivered: u64,
    /// When the last ones were pushed, by their number.
    times: Vec<Instant>,
    latency: Latency,
}

pub(super) fn play(members: usize, per_second: Option<u32>, target: Target) -> Outcome<Figures> {
    let mut crowd = Crowd::new(target.address)?;
    let ids = entrance::enter(&mut crowd, &vec![ROOM.to_owned(); members])?;
    let mut scene = FanOut::new(members, ids[0]);
    let pace = match per_second {
        Some(per_second) => Some(Pace::begin(per_second, crowd.waker()?)),
        None => None,
    };
    run_for(&mut crowd, &mut scene, pace.as_ref(), target.measured / 4)?;
    scene.latency = Latency::default();
    let (span, before) = (Span::begin(target.process), scene.delivered);
    run_for(&mut crowd, &mut scene, pace.as_ref(), target.measured)?;
    let mut figures = span.end(scene.delivered - before);
    figures.push(("p50", scene.latency.quantile(0.5)));
    figures.push(("p99", scene.latency.quantile(0.99)));
    drop(pace);
    crowd.until(&mut scene, FanOut::is_done, FanOut::missing)?;
    crowd.settle(&mut scene)?;
    Ok(figures)
}

fn run_for(crowd: &mut Crowd, scene: &mut FanOut, pace: Option<&Pace>, span: Duration) -> Outcome {
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
        let due = pace.map_or(u64::MAX, |pace| pace.due(now));
        while scene.may_push(due) {
            let number = scene.pushed;
            scene.times[number as usize % ON_THEIR_WAY as usize] = Instant::now();
            crowd.out().push(0, scene.push.numbered(number));
            scene.pushed += 1;
        }
        crowd.turn(Duration::from_millis(20), scene)?;
    }
}

impl FanOut {
    fn new(members: usize, sender: [u8; 36]) -> Self {
        Self {
            others: members as u64 - 1,
            sender,
            push: Push::broadcast(ROOM, 0, 0),
            pushed: 0,
            replied: 0,
            next: vec![0; members],
            delivered: 0,
            times: vec![Instant::now(); ON_THEIR_WAY as usize],
            latency: Latency::default(),
        }
    }

    fn may_push(&self, due: u64) -> bool {
        let on_their_way = u64::from(self.pushed) * self.others - self.delivered;
        u64::from(self.pushed) < due
            && self.pushed - self.replied < WINDOW
            && on_their_way < u64::from(ON_THEIR_WAY) * self.others
    }

    fn is_done(&self) -> bool {
        self.replied == self.pushed
            && self.delivered == u64::from(self.pushed) * self.others
            && self.next[1..].iter().all(|next| *next == self.pushed)
    }

    fn missing(&self) -> String {
        let (pushed, replied) = (self.pushed, self.replied);
        let wanted = u64::from(pushed) * self.others;
        format!("{replied} of {pushed} pushes replied, {} of {wanted} delivered", self.delivered)
    }
}

impl Scene for FanOut {
    fn hear(&mut self, _: &mut Outbound, who: usize, what: Incoming<'_>, now: Instant) -> Outcome {
        match what {
            Incoming::Broadcast(payload) => {
                let mark = wire::mark(payload)?;
                let wanted = self.next[who];
                if who == 0 || mark.sender != 0 || mark.session != self.sender {
                    return Err(format!("misdelivered: {mark:?}"));
                }
                if mark.number != wanted || wanted >= self.pushed {
                    return Err(format!("got number {}, not {wanted}", mark.number));
                }
                self.next[who] = wanted + 1;
                self.delivered += 1;
                let pushed_at = self.times[wanted as usize % ON_THEIR_WAY as usize];
                self.latency.record(now.saturating_duration_since(pushed_at));
                Ok(())
            }
            Incoming::Reply(number, _) if who == 0 && number == self.replied => {
                self.replied += 1;
                Ok(())
            }
            other => Err(format!("not expected: {other:?}")),
        }
    }
}
