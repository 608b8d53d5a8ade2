//! Pushes that were carried out and could not be stored: nobody has been sent anything of them, so
//! they are taken back as if they had never been.

use std::time::Instant;

use bytes::Bytes;
use hullo::protocol::Event;
use hullo::protocol::payload::{Meta, PresenceDiff};
use uuid::Uuid;

use super::members::{Content, Direct, Member, MemberId};
use super::{Change, Push, Room};
use crate::batch::Batch;
use crate::refusal::Refusal;
use crate::store;

/// What takes a push back.
#[derive(Debug)]
pub(super) struct Undo {
    from: MemberId,
    pub(super) msg_id: Option<Uuid>,
    /// What answers it then.
    refusal: Bytes,
    /// Its first place.
    seq: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    /// For everybody else.
    Broadcast,
    /// For this member.
    Direct(MemberId),
    /// Who the member is.
    Presence(Before),
}

/// What there was of a member before a push that changes who it is.
#[derive(Debug)]
pub(super) struct Before {
    meta: Option<Meta>,
    wanted_history: usize,
    /// How many states of the presence had been shown right after the push.
    states_shown: u64,
    seq: u64,
}

impl Room {
    /// What there is of a member before its push, if that may change it.
    pub(super) fn before(&self, push: &Push<'_>) -> Before {
        let changes = matches!(push.event, Event::Helo | Event::Status);
        let member = self.members.get(push.member).filter(|_| changes);
        let meta = |member: &Member| Some(member.person.as_ref()?.meta.clone());
        Before {
            meta: member.and_then(meta),
            wanted_history: member.map_or(0, |member| member.wanted_history),
            states_shown: 0,
            seq: self.log.next_seq(),
        }
    }

    /// What takes a push back that was carried out, if it changed anything.
    pub(super) fn undo_of(&self, push: &Push<'_>, before: Before) -> Option<Undo> {
        let newest = self.durable.as_ref()?.changes.last()?;
        let (seq, what) = match (push.event, newest) {
            (Event::Helo | Event::Status, _) => {
                let states_shown = self.presence.states_shown();
                (before.seq, What::Presence(Before { states_shown, ..before }))
            }
            (Event::SetTopic, store::Change::Entry(entry)) => (entry.seq, What::Broadcast),
            (event, store::Change::Entry(entry)) if entry.event == *event => {
                match &entry.audience {
                    store::Audience::Chosen(to) => {
                        let to = to.first().and_then(|to| self.member_of(*to));
                        (entry.seq, What::Direct(to.unwrap_or(MemberId::NOBODY)))
                    }
                    store::Audience::Joined
                    | store::Audience::Others
                    | store::Audience::NotChosen(_) => (entry.seq, What::Broadcast),
                }
            }
            (_, _) => return None,
        };
        let mut refusal = Batch::default();
        push.reply_to.refuse(Refusal::Unavailable, &mut refusal);
        let (refusal, _) = refusal.into_frames();
        Some(Undo { from: push.member, msg_id: push.msg_id().ok()?, refusal, seq, what })
    }

    /// Takes a push back, with what was told of presence on that occasion.
    pub(super) fn take_back(
        &mut self,
        undo: Undo,
        presence: Vec<(u64, Event, Bytes)>,
        now: Instant,
    ) {
        let Undo { from, msg_id, refusal, seq, what } = undo;
        let mut had_told = false;
        for (seq, event, payload) in presence {
            self.log.remove(seq);
            // It may be about others, too.
            if event == Event::PresenceDiff
                && let Ok(diff) = serde_json::from_slice::<PresenceDiff>(&payload)
            {
                had_told |= self.tells_of(&diff, from);
                self.presence.give_back(diff, &self.members);
            }
        }
        if let Some(member) = self.members.get_mut(from) {
            member.refuse_instead(seq, msg_id, refusal);
        }
        match what {
            What::Broadcast => {
                self.log.remove(seq);
                self.history.remove(seq);
            }
            What::Direct(to) => {
                if let Some(to) = self.members.get_mut(to) {
                    to.directs.retain(|direct| direct.seq != seq || direct.is_reply());
                    to.direct_bytes = to.directs.iter().map(Direct::bytes).sum();
                }
            }
            What::Presence(before) => self.take_back_presence(from, before, had_told, now),
        }
        if self.presence.has_changes() {
            self.presence_due.get_or_insert(now);
        }
    }

    /// Whether a diff tells of how a member is present now.
    fn tells_of(&self, diff: &PresenceDiff, member: MemberId) -> bool {
        let member = self.members.get(member).and_then(|member| member.person.as_ref());
        let told = member.and_then(|person| Some((person, diff.joins.get(&person.id)?)));
        told.is_some_and(|(person, told)| {
            told.metas.iter().any(|told| told.phx_ref == person.meta.phx_ref)
        })
    }

    /// `had_told` if the push itself had told of it, and nothing else.
    fn take_back_presence(&mut self, id: MemberId, before: Before, had_told: bool, now: Instant) {
        // Where another such push is on its way, that one has what was before both.
        let later = self.durable.iter_mut().flat_map(|durable| &mut durable.in_flight);
        let mut later =
            later.filter_map(|changes| changes.undo.as_mut()).filter(|it| it.from == id);
        let next = later.find_map(|undo| match &mut undo.what {
            What::Presence(next) => Some(next),
            What::Broadcast | What::Direct(_) => None,
        });
        if let Some(next) = next {
            (next.meta, next.wanted_history) = (before.meta, before.wanted_history);
            return;
        }
        let Some(member) = self.members.get_mut(id) else { return };
        let Some(person) = &mut member.person else { return };
        let session = person.id;
        let after = match before.meta.clone() {
            Some(meta) => std::mem::replace(&mut person.meta, meta),
            None => person.meta.clone(),
        };
        member.wanted_history = before.wanted_history;
        if !person.is_quiet() {
            self.presence.take_back(id.index(), session, after, had_told, before.states_shown);
            if let Some(meta) = before.meta.clone() {
                self.presence.stays(session, meta);
            }
        }
        if before.meta.is_none() {
            let is_away = member.is_away();
            self.members.forget_person(id);
            if is_away {
                self.apply(Change::Left { member: id }, now);
            }
        }
    }
}

impl Member {
    /// Its push with this first place is refused instead.
    fn refuse_instead(&mut self, seq: u64, msg_id: Option<Uuid>, refusal: Bytes) {
        if let Some(msg_id) = msg_id {
            self.taken.remove(msg_id);
        }
        for direct in &mut self.directs {
            if let Content::Replies { frames, count, safe_at } = &mut direct.content
                && *safe_at >= seq
            {
                (*frames, *count) = (refusal, 1);
                break;
            }
        }
        self.direct_bytes = self.directs.iter().map(Direct::bytes).sum();
    }
}
