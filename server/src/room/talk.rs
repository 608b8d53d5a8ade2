//! What members who said helo say to each other.

use hullo::protocol::SessionId;
use hullo::protocol::payload::{
    Broadcast, DeliveredBroadcast, DeliveredResponse, DeliveredTyping, HistoryRequest, Meta,
    Response, Status, Typing,
};

use super::helo::clean_status;
use super::members::{Member, MemberId};
use super::{Batch, Change, Push, Room, Stamp, append_json};
use crate::refusal::Refusal;

impl Room {
    /// `client_response`: to its recipient alone.
    pub(super) fn respond(
        &mut self,
        push: &Push<'_>,
        sender: SessionId,
        batch: &mut Batch,
    ) -> Result<(), Refusal> {
        let Response { message, recipient, auto } = push.read()?;
        let (recipient, to) = self.recipient(&recipient)?;
        let now = push.stamp.now;
        self.check_space_for(to, now)?;
        let mut payload = Vec::with_capacity(message.as_json().len() + 144);
        let from = self.unlisted_name(push.member);
        let delivered =
            DeliveredResponse { message, recipient, client_session_id: sender, auto, from };
        append_json(&mut payload, &delivered);
        self.apply(Change::Response { from: push.member, to, payload }, now);
        if to == push.member {
            // What one says to oneself comes before the reply, as it does for everybody else.
            self.deliver(to, push.reply_to.join_ref, batch, usize::MAX).unwrap_or_default();
        }
        push.reply_to.ok(batch);
        Ok(())
    }

    /// `client_broadcast`: to everybody else.
    pub(super) fn broadcast(
        &mut self,
        push: &Push<'_>,
        sender: SessionId,
        batch: &mut Batch,
    ) -> Result<(), Refusal> {
        let Broadcast { message } = push.read()?;
        self.check_space(message.as_json().len(), push.stamp.now)?;
        let mut payload = Vec::with_capacity(message.as_json().len() + 80);
        let from = self.unlisted_name(push.member);
        append_json(&mut payload, &DeliveredBroadcast { message, client_session_id: sender, from });
        let Stamp { now, unix_seconds, .. } = *push.stamp;
        self.apply(Change::Broadcast { from: push.member, payload, unix_seconds }, now);
        push.reply_to.ok(batch);
        Ok(())
    }

    /// `client_status`: one presence update.
    pub(super) fn change_status(
        &mut self,
        push: &Push<'_>,
        batch: &mut Batch,
    ) -> Result<(), Refusal> {
        let Status { state, text } = clean_status(push.read()?)?;
        let phx_ref = self.phx_refs.next();
        let person = self.members.get(push.member).and_then(|member| member.person.as_deref());
        let before = &person.ok_or(Refusal::HeloRequired)?.meta;
        let phx_ref_prev = Some(before.phx_ref.clone());
        let meta = Meta { state: Some(state), text, phx_ref, phx_ref_prev, ..before.clone() };
        self.apply(Change::Updated { member: push.member, meta }, push.stamp.now);
        push.reply_to.ok(batch);
        Ok(())
    }

    /// `client_typing`: to one or to everybody else, if they keep up. A push without a ref is not
    /// answered.
    pub(super) fn tell_typing(
        &mut self,
        push: &Push<'_>,
        sender: SessionId,
        batch: &mut Batch,
    ) -> Result<(), Refusal> {
        let Typing { typing, recipient } = push.read()?;
        let to = recipient.map(|recipient| self.recipient(&recipient)).transpose()?;
        let to = to.map(|(_, member)| member);
        let mut payload = Vec::new();
        append_json(&mut payload, &DeliveredTyping { typing, client_session_id: sender });
        if self.typing.add(push.member, to, payload) {
            self.typing_dropped += 1;
        }
        match to {
            Some(member) => self.wake(member),
            None => self.wake_for_typing(),
        }
        if push.reply_to.reference.is_some() {
            push.reply_to.ok(batch);
        }
        Ok(())
    }

    /// `client_history`: what was broadcast before.
    pub(super) fn look_back(&mut self, push: &Push<'_>, batch: &mut Batch) -> Result<(), Refusal> {
        let HistoryRequest { history, before } = push.read()?;
        let wanted = usize::try_from(history).unwrap_or(usize::MAX);
        let count = if self.is_quiet(push.member) { 0 } else { wanted };
        push.reply_to.ok_with_json(batch, |json| {
            json.extend_from_slice(br#"{"history":"#);
            json.append(&mut self.history_page(count, before.unwrap_or(u64::MAX)).json);
            json.push(b'}');
        });
        Ok(())
    }

    /// The name of a sender that is in nobody's presence.
    fn unlisted_name(&self, sender: MemberId) -> Option<String> {
        self.members.get(sender).and_then(Member::unlisted_name)
    }

    fn recipient(&self, text: &str) -> Result<(SessionId, MemberId), Refusal> {
        let id: SessionId = text.parse().map_err(|_| Refusal::UnknownRecipient)?;
        let member = self.members.by_session(id).ok_or(Refusal::UnknownRecipient)?;
        Ok((id, member))
    }
}
