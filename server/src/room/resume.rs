//! Members that lost their connection, and may come back to what they have not had.
//!
//! What a connection was sent last may never have arrived, so what a resumable member was sent is
//! kept for a while: entries in the log, and beside it the messages that were for it alone. All of
//! it is bounded; if any of it is gone, the member cannot come back, and is never left with a hole.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hullo::protocol::SessionId;

use super::Room;
use super::members::{Content, Direct, Held, Member, MemberId};

/// How many bytes of messages to one member alone are kept after they were sent, and how many may
/// wait for it while it is away.
pub(super) const MAX_KEPT_DIRECT_BYTES: usize = 256 * 1024;

/// How long the end of a connection may stay unnoticed on either side.
const UNNOTICED: Duration = Duration::from_secs(60);

/// What is kept of a member that may come back.
#[derive(Debug, Default)]
pub(crate) struct Resumable {
    /// Set while it is away: when it leaves, unless it comes back.
    pub(super) away_until: Option<Instant>,
    /// It can have again what happened from here on.
    since: u64,
    /// What it alone was sent, and may not have got.
    sent: VecDeque<Direct>,
    sent_bytes: usize,
}

impl Resumable {
    /// It said helo: what happened before is not for it.
    pub(super) fn begin(&mut self, position: u64) {
        self.since = position;
    }

    /// It can have again what happened from here on.
    pub(super) fn since(&self) -> u64 {
        self.since
    }

    /// Keeps what was sent, and returns by how many bytes more is kept.
    pub(super) fn keep(&mut self, direct: Direct) -> isize {
        let before = self.sent_bytes;
        self.sent_bytes += direct.bytes();
        self.sent.push_back(direct);
        while self.sent_bytes > MAX_KEPT_DIRECT_BYTES {
            self.forget_oldest();
        }
        self.sent_bytes.cast_signed() - before.cast_signed()
    }

    /// Forgets what was sent before a place in the order.
    fn forget_before(&mut self, seq: u64) {
        while self.sent.front().is_some_and(|oldest| oldest.seq < seq) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.sent.pop_front() {
            self.sent_bytes -= oldest.bytes();
            self.since = oldest.seq + 1;
        }
    }
}

/// What keeps a room's past within its time.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    /// When members that are away leave, in order.
    ends: VecDeque<(Instant, Held)>,
    /// What came before a place in the order is older than a moment.
    ages: VecDeque<(Instant, u64)>,
    /// How many bytes are kept of what members alone were sent.
    pub(super) sent_bytes: usize,
}

/// A member that has been taken back.
#[derive(Debug)]
pub(crate) struct Back {
    pub(crate) held: Held,
    pub(crate) id: SessionId,
    pub(crate) name: String,
    /// How much it is sent again.
    pub(crate) replayed: usize,
}

impl Room {
    /// The member with this session.
    pub(crate) fn member_of(&self, session: SessionId) -> Option<MemberId> {
        self.members.by_session(session)
    }

    /// A member's connection is gone. It leaves, or if it can come back (and there is space for one
    /// more who is away) it stays for a while; whether it stays.
    pub(crate) fn detach(&mut self, id: MemberId, has_space: bool, now: Instant) -> bool {
        let may_return = |member: &Member| {
            member.resumable.is_some() && member.person.is_some() && !member.has_lost
        };
        let window = self.rules.resume_window;
        let stays = has_space && !window.is_zero() && self.members.get(id).is_some_and(may_return);
        if !stays {
            self.leave(id, now);
            return false;
        }
        self.typing.forget_member(id);
        self.set_away(id, now + window);
        self.clear_if_all_idle();
        true
    }

    /// A member is away, and leaves then unless it comes back.
    pub(super) fn set_away(&mut self, id: MemberId, until: Instant) {
        self.members.set_away(id, Some(until));
        let Some(member) = self.members.get_mut(id) else { return };
        // Replies are for the connection that is gone.
        member.directs.retain(|direct| matches!(direct.content, Content::Message { .. }));
        member.direct_bytes = member.directs.iter().map(Direct::bytes).sum();
        let held = Held { member: id, attachment: member.attachment };
        self.upkeep.ends.push_back((until, held));
    }

    /// Takes a member back that has everything up to `seq`. If it cannot have all that came since,
    /// it leaves.
    pub(crate) fn resume(&mut self, id: MemberId, seq: u64, now: Instant) -> Option<Back> {
        if !self.members.get(id).is_some_and(|member| self.can_replay(member, seq, now)) {
            self.leave(id, now);
            return None;
        }
        self.members.set_away(id, None);
        let typing_position = self.typing.newest();
        let member = self.members.get_mut(id)?;
        let (resumable, person) = (member.resumable.as_mut()?, member.person.as_ref()?);
        member.position = seq + 1;
        member.typing_position = typing_position;
        member.behind = None;
        resumable.since = resumable.since.max(seq + 1); // it has what came before
        self.upkeep.sent_bytes -= std::mem::take(&mut resumable.sent_bytes);
        let mut directs = std::mem::take(&mut resumable.sent);
        directs.append(&mut member.directs);
        directs.retain(|direct| direct.seq > seq);
        member.direct_bytes = directs.iter().map(Direct::bytes).sum();
        member.directs = directs;
        let hears = member.hears;
        let entries = self.log.since(seq + 1).into_iter().flatten();
        let replayed = entries.filter(|entry| entry.audience.includes(id, hears)).count();
        let held = Held { member: id, attachment: member.attachment };
        let replayed = replayed + member.directs.len();
        let (id, name) = (person.id, person.meta.name.clone());
        self.woken.push(held.member);
        Some(Back { held, id, name, replayed })
    }

    fn can_replay(&self, member: &Member, seq: u64, now: Instant) -> bool {
        let Some(resumable) = &member.resumable else { return false };
        !self.rules.resume_window.is_zero()
            && !member.has_lost
            && resumable.away_until.is_none_or(|until| now < until)
            && seq < self.log.next_seq()
            && resumable.since <= seq + 1
            && self.log.since(seq + 1).is_ok()
    }

    /// Whether time makes something end here.
    pub(crate) fn wants_sweep(&self) -> bool {
        !self.upkeep.ends.is_empty()
            || self.members.resumable() > 0 && (self.log.bytes() > 0 || self.upkeep.sent_bytes > 0)
    }

    /// Lets out whose time is over, and forgets what nobody will come back for.
    pub(crate) fn sweep(&mut self, now: Instant) {
        while let Some((_, held)) = self.upkeep.ends.front().copied().filter(|end| end.0 <= now) {
            self.upkeep.ends.pop_front();
            if let Some(member) = self.members.held(held) {
                self.leave(member, now);
            }
        }
        let keep = self.rules.resume_window + UNNOTICED;
        let newest = self.upkeep.ages.back().map(|(at, _)| *at);
        if newest.is_none_or(|newest| now.saturating_duration_since(newest) >= keep / 4) {
            self.upkeep.ages.push_back((now, self.log.next_seq()));
        }
        let mut old = None;
        let oldest = |ages: &VecDeque<(Instant, u64)>| ages.front().copied();
        while let Some((_, seq)) = oldest(&self.upkeep.ages).filter(|age| age.0 + keep <= now) {
            self.upkeep.ages.pop_front();
            old = Some(seq);
        }
        if let Some(seq) = old {
            self.forget_before(seq);
        }
    }

    /// How many bytes are kept beyond what members have yet to be sent.
    pub(crate) fn kept_bytes(&self) -> usize {
        let log = if self.members.resumable() > 0 { self.log.bytes() } else { 0 };
        self.history.bytes() + log + self.upkeep.sent_bytes
    }

    /// Keeps so many bytes less, as far as nobody has yet to be sent them.
    pub(crate) fn keep_less(&mut self, bytes: usize) {
        let left = bytes.saturating_sub(self.history.bytes());
        self.history.trim(self.history.bytes().saturating_sub(bytes));
        if left > 0 && self.all_have_all() {
            self.log.trim(self.log.bytes().saturating_sub(left));
        }
        if left > 0 {
            self.forget_sent_before(self.log.next_seq());
        }
    }

    fn forget_before(&mut self, seq: u64) {
        if self.all_have_all() {
            self.log.forget_before(seq);
        }
        self.forget_sent_before(seq);
    }

    fn forget_sent_before(&mut self, seq: u64) {
        if self.upkeep.sent_bytes == 0 {
            return;
        }
        self.upkeep.sent_bytes = 0;
        for (_, member) in self.members.iter_mut() {
            if let Some(resumable) = &mut member.resumable {
                resumable.forget_before(seq);
                self.upkeep.sent_bytes += resumable.sent_bytes;
            }
        }
    }

    /// Takes note that a member left, with what was kept for it.
    pub(super) fn forget_kept(&mut self, left: &Member) {
        if let Some(resumable) = &left.resumable {
            self.upkeep.sent_bytes -= resumable.sent_bytes;
        }
    }
}
