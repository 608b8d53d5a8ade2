//! What a connection is charged for, and when it has had enough.
//!
//! Pushes are charged to their session, and those that a session may make also to the connection;
//! what belongs to no session is charged to the connection alone. Every frame is charged by its
//! bytes, too. What a session was charged when it leaves, its connection inherits, so that joining
//! anew is no way around the rate.

use std::sync::Arc;
use std::time::Instant;

use crate::rate::{Bucket, Rate, Verdict};

/// What the operator decided about connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many channels one connection may join.
    pub(crate) max_channels: usize,
    /// How many pushes one session may make.
    pub(crate) session_pushes: Rate,
    /// How many pushes all sessions of one connection may make.
    pub(crate) connection_pushes: Rate,
    /// How many bytes one connection may push.
    pub(crate) bytes: Rate,
}

/// What one connection has been charged.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: Arc<Limits>,
    /// For what belongs to no session.
    unowned: Bucket,
    pushes: Bucket,
    bytes: Bucket,
}

impl Meter {
    /// Nothing so far.
    pub(crate) fn new(limits: Arc<Limits>) -> Self {
        let [unowned, pushes, bytes] = [Bucket::default(); 3];
        Self { limits, unowned, pushes, bytes }
    }

    /// Charges a frame; `session` is the bucket of the session that pushed it, if one did.
    pub(crate) fn charge(
        &mut self,
        session: Option<&mut Bucket>,
        bytes: usize,
        now: Instant,
    ) -> Verdict {
        let Limits { session_pushes, connection_pushes, bytes: byte_rate, .. } = *self.limits;
        let by_count = match session {
            None => self.unowned.charge(session_pushes, 1, now),
            Some(session) => match session.charge(session_pushes, 1, now) {
                Verdict::Accept => self.pushes.charge(connection_pushes, 1, now),
                refused @ (Verdict::Refuse(_) | Verdict::Close) => refused,
            },
        };
        match by_count {
            Verdict::Accept => self.bytes.charge(byte_rate, bytes as u64, now),
            Verdict::Refuse(_) | Verdict::Close => by_count,
        }
    }

    /// Takes over what a session was charged.
    pub(crate) fn inherit(&mut self, session: Bucket) {
        self.unowned.inherit(session);
    }
}
