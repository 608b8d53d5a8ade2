//! Who is typing: told to whoever keeps up, overwritten by newer news, never kept.

use std::collections::VecDeque;

use super::log::Hears;
use super::members::MemberId;

/// How many notices wait for members who have not taken them; the oldest are dropped.
const MAX_NOTICES: usize = 64;

/// Somebody is typing, or stopped.
#[derive(Debug)]
pub(crate) struct Notice {
    /// Counts up by room.
    pub(crate) number: u64,
    from: MemberId,
    /// The one member that is told; the whole room if there is none.
    to: Option<MemberId>,
    /// The payload, as JSON.
    pub(crate) payload: Box<[u8]>,
}

impl Notice {
    /// Whether a member is told.
    pub(crate) fn is_for(&self, member: MemberId, hears: Hears) -> bool {
        match self.to {
            Some(to) => member == to && hears != Hears::Presence,
            None => member != self.from && hears == Hears::Everything,
        }
    }

    /// Whether it is for one member alone.
    pub(crate) fn is_direct(&self) -> bool {
        self.to.is_some()
    }
}

/// The newest notices.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    notices: VecDeque<Notice>,
    newest: u64,
}

impl Typing {
    /// The number of the newest notice.
    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// Adds a notice, which replaces the sender's last one to the same. Whether another had to be
    /// dropped for it.
    pub(crate) fn add(&mut self, from: MemberId, to: Option<MemberId>, payload: Vec<u8>) -> bool {
        self.notices.retain(|notice| notice.from != from || notice.to != to);
        self.newest += 1;
        let payload = payload.into_boxed_slice();
        self.notices.push_back(Notice { number: self.newest, from, to, payload });
        self.notices.len() > MAX_NOTICES && self.notices.pop_front().is_some()
    }

    /// The sender said something, or left: what it was typing is no news any more.
    pub(crate) fn forget(&mut self, from: MemberId) {
        self.notices.retain(|notice| notice.from != from);
    }

    /// A member left: another may get its place.
    pub(crate) fn forget_member(&mut self, member: MemberId) {
        self.notices.retain(|notice| notice.from != member && notice.to != Some(member));
    }

    /// The notices after a number.
    pub(crate) fn since(&self, number: u64) -> impl Iterator<Item = &Notice> {
        let start = self.notices.partition_point(|notice| notice.number <= number);
        self.notices.range(start..)
    }

    /// Everybody has been told.
    pub(crate) fn clear(&mut self) {
        self.notices = VecDeque::new();
    }
}
