//! A room as a store had it: its members are away, and may come back to what they have not had.

use std::sync::Arc;
use std::time::Instant;

use hullo::protocol::{Event, SessionId};

use super::durable::GAP;
use super::history::Past;
use super::log::Audience;
use super::members::{Content, Direct, Joining, MemberId};
use super::person::Person;
use super::{Change, Room, Rules};
use crate::store::{self, LoadedRoom, Session};
use crate::token::TokenKey;

impl Room {
    /// The room that a store has loaded. Who was in it and can come back may do so from now on.
    pub(crate) fn restore(
        rules: Rules,
        seed: u64,
        token_key: Arc<TokenKey>,
        loaded: LoadedRoom,
        now: Instant,
    ) -> Self {
        let LoadedRoom { topic, epoch, room_topic, newest_seq, complete_after, entries, sessions } =
            loaded;
        let mut room = Self::new(topic, rules, (seed, epoch), token_key);
        room.put_topic(room_topic);
        room.log.begin_at(complete_after + 1);
        room.history.skip_to(complete_after);
        let members: Vec<MemberId> =
            sessions.into_iter().map(|session| room.restore_session(session)).collect();
        let unix_seconds = entries.last().map_or(0, |entry| entry.unix_seconds);
        for entry in entries {
            room.restore_entry(entry);
        }
        room.log.skip_to(newest_seq + 1);
        room.make_durable();
        if let Some(durable) = &mut room.durable {
            durable.unix_seconds = unix_seconds;
        }
        for member in members {
            let is_resumable = room.members.get(member).is_some_and(|it| it.resumable.is_some());
            room.has_told_epoch |= is_resumable;
            if is_resumable && !room.rules.resume_window.is_zero() {
                room.set_away(member, now + room.rules.resume_window);
            } else {
                room.apply(Change::Left { member }, now);
            }
        }
        room.clear_if_all_idle();
        room
    }

    fn restore_session(&mut self, session: Session) -> MemberId {
        let Session { id, is_resumable, since, meta } = session;
        let joining = Joining { is_resumable, history: 0 };
        let member = self.members.insert(self.log.next_seq(), 0, joining).member;
        self.members.introduce(member, Person { id, meta });
        if let Some(member) = self.members.get_mut(member)
            && let Some(resumable) = &mut member.resumable
        {
            resumable.begin(since);
        }
        member
    }

    fn restore_entry(&mut self, entry: store::Entry) {
        let store::Entry { seq, event, audience, sender, name, msg_id, unix_seconds, payload } =
            entry;
        self.log.skip_to(seq);
        let member = |id: &SessionId| self.members.by_session(*id);
        let from = sender.as_ref().and_then(member);
        let all = |ids: &[SessionId]| {
            let mut members: Vec<MemberId> = ids.iter().filter_map(member).collect();
            members.sort_unstable();
            members.into_boxed_slice()
        };
        let audience = match audience {
            store::Audience::Joined => Audience::Joined,
            store::Audience::Others => Audience::Others(from.unwrap_or(MemberId::NOBODY)),
            store::Audience::Chosen(these) => Audience::Chosen(all(&these)),
            store::Audience::NotChosen(but) => Audience::NotChosen(all(&but)),
        };
        if let (Some(msg_id), Some(from)) = (msg_id, from.and_then(|id| self.members.get_mut(id))) {
            from.taken.insert(msg_id);
        }
        match (&event, audience) {
            (Event::Response, Audience::Chosen(to)) => {
                let direct = |payload: &[u8]| {
                    let content =
                        Content::Message { event: event.clone(), payload: payload.into() };
                    Direct { seq, content }
                };
                self.log.skip_to(seq + 1);
                for to in to {
                    let Some(member) = self.members.get_mut(to) else { continue };
                    let Some(resumable) = &mut member.resumable else { continue };
                    let more = resumable.keep(direct(&payload));
                    self.upkeep.sent_bytes = self.upkeep.sent_bytes.saturating_add_signed(more);
                }
            }
            (Event::Other(name), _) if **name == *GAP => self.log.begin_at(seq + 1),
            (_, audience) => {
                let frame = self.frame(&event, &payload);
                if event == Event::Broadcast {
                    let past = Past { seq, at: unix_seconds, name, payload };
                    self.history.add(past, self.rules.history, self.rules.max_history_bytes);
                }
                self.log.append(audience, frame, true, self.rules.max_kept_log_bytes);
            }
        }
    }
}
