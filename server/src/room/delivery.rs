//! Getting what happened to the members: whom to wake when, and what each is still to be sent.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hullo::protocol::{Event, codec};

use super::Room;
use super::log::{Audience, Dialect, Lapped};
use super::members::{Content, Direct, MemberId};
use super::resume::MAX_KEPT_DIRECT_BYTES;
use crate::batch::{Batch, append_seq, framed_text};
use crate::refusal::Refusal;

/// One delivery collects about so many bytes; what is left comes with the next.
pub(crate) const MAX_BATCH_BYTES: usize = 64 * 1024;

/// What a frame takes beside a message, in bytes, roughly.
const FRAME_BYTES: usize = 1024;

/// So many times as much as usual may wait for one member alone while its senders wait for it.
const WAITED_FOR: usize = 4;

/// When to send again what there was no space for.
pub(super) const RETRY: Duration = Duration::from_millis(100);

/// How often members are checked for being far behind: after so many more bytes.
const CHECK_BYTES: u64 = 256 * 1024;

/// Whether a member has been sent everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// Everything there is.
    #[default]
    All,
    /// The batch is full; there is more.
    Some,
}

/// An entry that was appended.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) seq: u64,
    /// Its payload, as JSON.
    pub(super) payload: Bytes,
}

impl Room {
    /// Appends an entry for many, and wakes them: now, or with others in a busy room, or once it is
    /// safe.
    pub(super) fn tell(
        &mut self,
        audience: Audience,
        event: &Event,
        payload: &[u8],
        now: Instant,
    ) -> Told {
        let seq = self.log.next_seq();
        let frame = self.frame(event, payload);
        let payload = frame.slice(frame.len() - 1 - payload.len()..frame.len() - 1);
        let is_durable = self.record_entry(seq, event, &audience, &payload);
        // While a member is waited for, the log may take twice as much.
        let most = self.rules.max_backlog_bytes * if self.is_pressed { 2 } else { 1 };
        let is_numbered = self.members.resumable() > 0;
        self.log.append(audience, frame, is_numbered, most);
        self.check_lapped();
        if !is_durable && self.pace.entry(now) {
            self.members.set_all_busy(&mut self.woken);
        }
        Told { seq, payload }
    }

    /// A frame for everybody: both refs are null, so one encoding serves all.
    pub(super) fn frame(&self, event: &Event, payload: &[u8]) -> Bytes {
        let (topic, event) = (self.topic.as_str(), event.as_str());
        let payload = |json: &mut Vec<u8>| json.extend_from_slice(payload);
        framed_text(|text| codec::write_frame(text, None, None, topic, event, payload))
    }

    /// Finds the members that the log has lost entries for. They are looked for only when it has
    /// lost what the slowest of them had yet to be sent when they were last looked for.
    fn check_lapped(&mut self) {
        let first_kept = self.log.first_kept();
        if first_kept <= self.slowest_position {
            return;
        }
        self.slowest_position = self.log.next_seq();
        for (id, member) in self.members.iter_mut() {
            if member.is_idle() || member.has_lost || member.is_away() {
                continue;
            }
            if member.position < first_kept {
                member.has_lost = true;
                self.lost.push(id);
            } else {
                self.slowest_position = self.slowest_position.min(member.position);
            }
        }
    }

    /// Takes the list of those who have lost something and must be told so.
    pub(crate) fn take_lost(&mut self) -> Vec<MemberId> {
        std::mem::take(&mut self.lost)
    }

    /// Sends something to one member alone.
    pub(super) fn send(&mut self, to: MemberId, direct: Direct, now: Instant) {
        let most = self.rules.max_direct_bytes;
        let Some(member) = self.members.get_mut(to) else { return };
        if member.has_lost {
            return;
        }
        member.direct_bytes += direct.bytes();
        member.directs.push_back(direct);
        if member.is_away() {
            if member.direct_bytes > most.min(MAX_KEPT_DIRECT_BYTES) {
                member.has_lost = true; // it cannot come back
                member.directs = VecDeque::new();
            }
            return self.wake_when_safe(to); // it may be back by then
        }
        let too_much = member.direct_bytes > most && !member.is_waited_for(now);
        if too_much && !std::mem::replace(&mut member.has_lost, true) {
            self.lost.push(to);
        }
        self.wake_when_safe(to);
    }

    /// A busy room tells of typing with the next entries.
    pub(super) fn wake_for_typing(&mut self) {
        if self.pace.droppable() {
            self.members.set_all_busy(&mut self.woken);
        }
    }

    pub(super) fn wake(&mut self, member: MemberId) {
        if self.members.set_busy(member) {
            self.woken.push(member);
        }
    }

    /// Takes the list of those there is something for.
    pub(crate) fn take_woken(&mut self) -> Vec<MemberId> {
        std::mem::take(&mut self.woken)
    }

    /// Whether the room wants to be told of the next tick.
    pub(crate) fn wants_tick(&self) -> bool {
        self.pace.is_gathering() || self.presence_due.is_some()
    }

    /// Tells what has been gathered and merged for long enough.
    pub(crate) fn tick(&mut self, now: Instant) {
        if self.presence_due.is_some_and(|due| due <= now) {
            self.tell_presence(now);
        }
        if self.pace.tick(now) {
            self.members.set_all_busy(&mut self.woken);
        }
    }

    /// Whether senders should wait a moment: a member is far behind, and is waited for.
    pub(crate) fn is_pressed(&mut self, now: Instant) -> bool {
        let half = self.rules.max_backlog_bytes / 2;
        let check_bytes = CHECK_BYTES.min(half as u64 / 4);
        if self.log.bytes() < half {
            self.is_pressed = false;
        } else if self.is_pressed || self.log.appended_bytes() >= self.checked_bytes + check_bytes {
            self.checked_bytes = self.log.appended_bytes();
            self.is_pressed = self.is_anybody_behind(half as u64, now);
        }
        std::mem::take(&mut self.is_recipient_pressed) || self.is_pressed
    }

    /// Whether a member that is waited for has yet to be sent more than so many bytes of the log.
    fn is_anybody_behind(&mut self, bytes: u64, now: Instant) -> bool {
        let (log, members) = (&self.log, self.members.iter_mut());
        let behind = members
            .filter(|(_, member)| !member.has_lost && !member.is_away())
            .filter(|(_, member)| log.bytes_since(member.position) > bytes);
        // Each of them is asked, for from then on its time runs.
        behind.fold(false, |any, (_, member)| member.is_waited_for(now) || any)
    }

    /// Refuses a message for many which the log could take only by losing what a member that is
    /// waited for has yet to be sent.
    pub(super) fn check_space(&mut self, bytes: usize, now: Instant) -> Result<(), Refusal> {
        let left = (2 * self.rules.max_backlog_bytes).saturating_sub(bytes + FRAME_BYTES);
        if self.is_pressed && self.is_anybody_behind(left as u64, now) {
            return Err(Refusal::RateLimited(RETRY));
        }
        Ok(())
    }

    /// Refuses a message for one member for which too many wait, as long as it is waited for.
    pub(super) fn check_space_for(&mut self, to: MemberId, now: Instant) -> Result<(), Refusal> {
        let most = self.rules.max_direct_bytes;
        let Some(member) = self.members.get_mut(to) else { return Ok(()) };
        if member.direct_bytes > most / 2 && !member.is_away() && member.is_waited_for(now) {
            self.is_recipient_pressed = true;
            if member.direct_bytes > most.saturating_mul(WAITED_FOR) {
                return Err(Refusal::RateLimited(RETRY));
            }
        }
        Ok(())
    }

    /// Writes what a member is still to be sent, in the room's order, until the batch is full.
    pub(crate) fn deliver(
        &mut self,
        to: MemberId,
        join_ref: Option<&str>,
        batch: &mut Batch,
        max_batch_bytes: usize,
    ) -> Result<Delivered, Lapped> {
        let Some(member) = self.members.get_mut(to) else { return Ok(Delivered::All) };
        if member.has_lost {
            return Err(Lapped);
        }
        self.deliver_merged(to, batch)?;
        let committed = self.committed();
        let Some(member) = self.members.get_mut(to) else { return Ok(Delivered::All) };
        let (hears, dialect) = (member.hears, member.dialect());
        let topic = self.topic.as_str();
        let entries = self.log.since(member.position)?;
        let up_to = if committed < member.welcome_safe_at { 0 } else { committed };
        let mut entries = entries.take_while(|entry| entry.seq <= up_to).peekable();
        let delivered = loop {
            if batch.bytes() >= max_batch_bytes {
                break Delivered::Some;
            }
            let next = entries.peek().map_or(u64::MAX, |entry| entry.seq);
            let comes_now = |direct: &Direct| direct.seq < next && direct.safe_at() <= committed;
            let is_direct = member.directs.front().is_some_and(comes_now);
            if is_direct && let Some(direct) = member.directs.pop_front() {
                member.direct_bytes -= direct.bytes();
                member.position = member.position.max(direct.seq + 1);
                write_direct(batch, join_ref, topic, &direct, dialect);
                if matches!(direct.content, Content::Replies { .. }) {
                    continue; // whoever comes back pushes again
                }
                if let Some(resumable) = &mut member.resumable {
                    let more = resumable.keep(direct);
                    self.upkeep.sent_bytes = self.upkeep.sent_bytes.saturating_add_signed(more);
                }
            } else if let Some(entry) = entries.next() {
                member.position = entry.seq + 1;
                let is_known = member.came_before.contains(&entry.seq);
                if entry.audience.includes(to, hears) && !is_known {
                    batch.framed(entry.frame(dialect), 1);
                }
            } else {
                break Delivered::All;
            }
        };
        drop(entries);
        if member.behind.is_some()
            && member.direct_bytes <= self.rules.max_direct_bytes / 2
            && self.log.bytes_since(member.position) <= self.rules.max_backlog_bytes as u64 / 2
        {
            member.behind = None;
        }
        if delivered == Delivered::Some {
            return Ok(delivered);
        }
        if member.directs.is_empty() {
            member.directs.shrink_to(4);
        }
        self.deliver_typing(to, join_ref, batch);
        self.members.set_idle(to);
        self.clear_if_all_idle();
        Ok(delivered)
    }

    fn deliver_typing(&mut self, to: MemberId, join_ref: Option<&str>, batch: &mut Batch) {
        let Some(member) = self.members.get_mut(to) else { return };
        let (hears, topic) = (member.hears, self.topic.as_str());
        for notice in self.typing.since(member.typing_position) {
            member.typing_position = notice.number;
            if notice.is_for(to, hears) {
                let join_ref = if notice.is_direct() { join_ref } else { None };
                write_payload(batch, join_ref, topic, &Event::Typing, |json| {
                    json.extend_from_slice(&notice.payload);
                });
            }
        }
    }

    /// Whether all who are connected have been sent everything there is.
    pub(super) fn all_have_all(&self) -> bool {
        self.members.all_idle() && self.committed() >= self.log.next_seq() - 1
    }

    /// Where everybody has been sent everything, nothing needs to be kept but for those who may
    /// come back.
    pub(super) fn clear_if_all_idle(&mut self) {
        if !self.pace.has_untold() && self.all_have_all() {
            if self.members.resumable() == 0 || self.rules.resume_window.is_zero() {
                self.log.clear();
            } else {
                self.log.trim(self.rules.max_kept_log_bytes);
            }
            self.typing.clear();
            self.presence.drop_small_state();
            self.merged = [None, None];
        }
    }
}

fn write_direct(
    batch: &mut Batch,
    join_ref: Option<&str>,
    topic: &str,
    direct: &Direct,
    dialect: Dialect,
) {
    match &direct.content {
        Content::Message { event, payload } => {
            write_payload(batch, join_ref, topic, event, |json| {
                json.extend_from_slice(payload);
                if dialect == Dialect::Numbered {
                    json.pop(); // the object's end
                    append_seq(json, direct.seq);
                }
            });
        }
        Content::Replies { frames, count, .. } => batch.framed(frames, *count),
    }
}

fn write_payload(
    batch: &mut Batch,
    join_ref: Option<&str>,
    topic: &str,
    event: &Event,
    payload: impl FnOnce(&mut Vec<u8>),
) {
    batch.text(|text| {
        codec::write_frame(text, join_ref, None, topic, event.as_str(), payload);
    });
}
