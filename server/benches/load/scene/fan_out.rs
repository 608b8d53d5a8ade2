//! One member of each room says something to all others of it. Each of them gets every message once,
//! in order, and from the one who has sent it.

use std::time::Instant;

use super::stream::{self, Stream, Tally};
use super::{Figures, Rooms, Target, entrance};
use crate::crowd::{Crowd, Outbound, Scene};
use crate::wire::{self, Incoming, Outcome, Push};

/// How many messages of one room may be on their way, unless it is said. With many more they merge
/// into writes so large that a message costs nearly nothing, which no room of people ever sees.
const WINDOW: u32 = 8;

/// How many may be on their way at a pace, before the server is too slow for it.
const MOST: usize = 8192;

struct FanOut {
    rooms: Vec<Room>,
    /// How many members a room has.
    members: usize,
    /// How many of them are sent a room's messages and read them.
    others: usize,
    /// Whether one of each room never reads.
    has_deaf: bool,
    window: u32,
    /// The number that each member must get next.
    next: Vec<u32>,
    tally: Tally,
}

struct Room {
    sender: usize,
    session: [u8; 36],
    push: Push,
    pushed: u32,
    replied: u32,
    /// How many messages have come to all.
    everywhere: u32,
    /// The last ones, by their number.
    messages: Vec<Message>,
}

#[derive(Clone)]
struct Message {
    pushed_at: Instant,
    /// To how many it has not come yet.
    left: usize,
}

pub(super) fn play(shape: Rooms, target: Target) -> Outcome<Figures> {
    let mut crowd = Crowd::new(&target)?;
    let topics: Vec<String> =
        (0..shape.count * shape.members).map(|who| topic(who / shape.members)).collect();
    let ids = entrance::enter(&mut crowd, &topics)?;
    let mut scene = FanOut::new(&shape, &ids, target.window.unwrap_or(WINDOW));
    if shape.deaf {
        (1..=shape.count).try_for_each(|room| crowd.deafen(room * shape.members - 1))?;
    }
    stream::measure(&mut crowd, &mut scene, shape.per_second, target)
}

fn topic(room: usize) -> String {
    format!("room:b{room}")
}

impl FanOut {
    fn new(shape: &Rooms, ids: &[[u8; 36]], window: u32) -> Self {
        let room = |room| {
            let sender = room * shape.members;
            Room {
                sender,
                session: ids[sender],
                push: Push::broadcast(&topic(room), sender, shape.size),
                pushed: 0,
                replied: 0,
                everywhere: 0,
                messages: vec![Message { pushed_at: Instant::now(), left: 0 }; MOST],
            }
        };
        Self {
            rooms: (0..shape.count).map(room).collect(),
            members: shape.members,
            others: shape.members - 1 - usize::from(shape.deaf),
            has_deaf: shape.deaf,
            window,
            next: vec![0; ids.len()],
            tally: Tally::default(),
        }
    }

    fn push(&mut self, out: &mut Outbound, room: usize, now: Instant) {
        let room = &mut self.rooms[room];
        room.messages[room.pushed as usize % MOST] = Message { pushed_at: now, left: self.others };
        out.push(room.sender, room.push.numbered(room.pushed));
        room.pushed += 1;
        self.tally.pushed += 1;
    }

    fn hear_broadcast(&mut self, who: usize, payload: &[u8], now: Instant) -> Outcome {
        let mark = wire::mark(payload)?;
        let room = &mut self.rooms[who / self.members];
        if who == room.sender || mark.sender != room.sender || mark.session != room.session {
            return Err(format!("misdelivered: {mark}"));
        }
        stream::in_order(mark.number, self.next[who], room.pushed)?;
        self.next[who] += 1;
        self.tally.delivered += 1;
        let message = &mut room.messages[mark.number as usize % MOST];
        message.left -= 1;
        // What has come to the last one had come to all others in order.
        room.everywhere += u32::from(message.left == 0);
        self.tally.latency.record(now.saturating_duration_since(message.pushed_at));
        Ok(())
    }
}

impl Stream for FanOut {
    fn push_due(&mut self, out: &mut Outbound, due: Option<u64>, now: Instant) -> Outcome {
        let Some(due) = due else {
            for room in 0..self.rooms.len() {
                while self.rooms[room].on_their_way() < self.window {
                    self.push(out, room, now);
                }
            }
            return Ok(());
        };
        while self.tally.pushed < due {
            let room = self.tally.pushed as usize % self.rooms.len();
            if self.rooms[room].on_their_way() as usize >= MOST {
                return Err(format!("{MOST} messages of one room are on their way: too slow"));
            }
            self.push(out, room, now);
        }
        Ok(())
    }

    fn deliveries_of_each(&self) -> u64 {
        self.others as u64
    }

    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn so_far(&self) -> &Tally {
        &self.tally
    }
}

impl Room {
    /// What is not replied to, or has not come to all, whichever is more.
    fn on_their_way(&self) -> u32 {
        self.pushed - self.everywhere.min(self.replied)
    }
}

impl Scene for FanOut {
    fn hear(&mut self, _: &mut Outbound, who: usize, what: Incoming<'_>, now: Instant) -> Outcome {
        match what {
            Incoming::Broadcast(payload) => self.hear_broadcast(who, payload, now),
            Incoming::Reply(number, _) if number == self.rooms[who / self.members].replied => {
                self.rooms[who / self.members].replied += 1;
                self.tally.replied += 1;
                Ok(())
            }
            // A server may close who never reads; then all others are told.
            Incoming::Diff(_) if self.has_deaf => Ok(()),
            other => Err(format!("not expected: {other:?}")),
        }
    }
}
