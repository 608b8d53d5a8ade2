//! Rooms for the micro-benchmarks, which see only what is public.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hullo::protocol::{Event, Topic};
use uuid::Uuid;

use crate::batch::Batch;
use crate::config::Greeters;
use crate::reply::ReplyTo;
use crate::room::delivery::MAX_BATCH_BYTES;
use crate::room::members::{Joining, MemberId};
use crate::room::{Push, Room, Rules, Stamp};
use crate::token::TokenKey;

/// A room and its members, without locks and sockets.
#[derive(Debug)]
pub struct BenchRoom {
    room: Room,
    members: Vec<MemberId>,
    batch: Batch,
    now: Instant,
    ids: std::cell::Cell<u64>,
}

impl BenchRoom {
    /// A room of so many members who said helo and have been sent everything.
    ///
    /// # Panics
    /// If a room refuses to let them in, which is a defect.
    pub fn new(members: usize, now: Instant) -> Self {
        let rules = Rules {
            greeters: Greeters::AtMost(32),
            max_members: usize::MAX,
            max_backlog_bytes: 16 * 1024 * 1024,
            max_direct_bytes: 1024 * 1024,
            resume_window: Duration::from_secs(30),
            max_kept_log_bytes: 4 * 1024 * 1024,
            history: 200,
            max_history_bytes: 1024 * 1024,
        };
        let key = Arc::new(TokenKey::new(&[0; 32]));
        let room = Room::new(Topic::from("room:bench"), rules, (1, Uuid::nil()), key);
        let (batch, ids) = (Batch::default(), std::cell::Cell::new(0));
        let mut this = Self { room, members: Vec::new(), batch, now, ids };
        for _ in 0..members {
            let held = this.room.join(Joining::default()).expect("it is not full");
            let member = held.member;
            this.members.push(member);
            this.push(member, &Event::Helo, r#"{"name":"somebody"}"#);
        }
        this.deliver();
        this
    }

    /// One of them broadcasts.
    pub fn broadcast(&mut self) {
        self.now += Duration::from_millis(6); // a calm room tells at once
        self.push(self.members[0], &Event::Broadcast, r#"{"message":"hello everybody"}"#);
    }

    /// One of them changes its status, and is sent the reply.
    pub fn change_status(&mut self) {
        self.now += Duration::from_secs(1);
        self.push(self.members[0], &Event::Status, r#"{"state":"away","text":"lunch"}"#);
    }

    /// One of them says helo again, and is sent the whole presence.
    pub fn rename(&mut self) {
        self.now += Duration::from_secs(1);
        self.push(self.members[0], &Event::Helo, r#"{"name":"somebody else"}"#);
    }

    /// Everybody is sent what there is; how many frames that was.
    ///
    /// # Panics
    /// If one of them has lost something.
    pub fn deliver(&mut self) -> u64 {
        self.room.tick(self.now + Duration::from_secs(1));
        self.room.take_woken();
        let mut frames = 0;
        for member in &self.members {
            self.batch.clear();
            self.room
                .deliver(*member, Some("\"1\""), &mut self.batch, MAX_BATCH_BYTES)
                .expect("nobody is far behind");
            frames += self.batch.frames();
        }
        frames
    }

    fn push(&mut self, member: MemberId, event: &Event, payload: &str) {
        let new_id = || {
            self.ids.set(self.ids.get() + 1);
            Uuid::from_u64_pair(self.ids.get(), self.ids.get())
        };
        let stamp = Stamp { now: self.now, unix_seconds: 0, new_id: &new_id };
        let reply_to =
            ReplyTo { join_ref: Some("\"1\""), reference: Some("\"2\""), topic: "room:bench" };
        let push = Push { member, event, payload, reply_to, stamp: &stamp };
        self.batch.clear();
        self.room.take(&push, &mut self.batch).expect("a push that makes sense");
    }
}
