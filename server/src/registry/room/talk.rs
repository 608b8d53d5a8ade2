//! What members who said helo say to each other.

use hullo::protocol::payload::{
    Broadcast, DeliveredBroadcast, DeliveredResponse, DeliveredTyping, Meta, Response, Status,
    Typing,
};
use hullo::protocol::{Event, Payload, SessionId};

use super::super::roster::PhxRefs;
use super::helo::clean_status;
use super::{Push, Room};
use crate::delivery::{Delivery, SocketId};
use crate::refusal::Refusal;

impl Room {
    /// `client_response`: to its recipient alone.
    pub(super) fn respond(
        &self,
        push: &Push<'_>,
        sender: SessionId,
    ) -> Result<Vec<Delivery>, Refusal> {
        let Response { message, recipient, auto } = push.read()?;
        let (recipient, socket) = self.recipient(&recipient)?;
        let delivered = DeliveredResponse { message, recipient, client_session_id: sender, auto };
        let payload = Payload::encode(&delivered);
        let to_recipient =
            Delivery::push(socket, self.mark(socket), &self.topic, Event::Response, payload);
        Ok(vec![to_recipient, push.ok()])
    }

    /// `client_broadcast`: to everybody else.
    pub(super) fn broadcast(
        &self,
        push: &Push<'_>,
        sender: SessionId,
    ) -> Result<Vec<Delivery>, Refusal> {
        let Broadcast { message } = push.read()?;
        let payload = Payload::encode(&DeliveredBroadcast { message, client_session_id: sender });
        let to_others =
            Delivery::broadcast(self.others(push.from), &self.topic, Event::Broadcast, payload);
        Ok(vec![to_others, push.ok()])
    }

    /// `client_status`: one presence update.
    pub(super) fn change_status(
        &mut self,
        push: &Push<'_>,
        who: SessionId,
        phx_refs: &mut PhxRefs,
    ) -> Result<Vec<Delivery>, Refusal> {
        let Status { state, text } = clean_status(push.read()?)?;
        let before = self.roster.meta(who).cloned().ok_or(Refusal::HeloRequired)?;
        let meta = Meta { state: Some(state), text, phx_ref: phx_refs.make(), ..before };
        let diff = self.roster.update(who, meta);
        Ok(vec![push.ok(), self.tell_all(&diff, Vec::new())])
    }

    /// `client_typing`: to one or to everybody else, if they have time for it. Whoever sends no
    /// ref wants no answer.
    pub(super) fn tell_typing(
        &self,
        push: &Push<'_>,
        sender: SessionId,
    ) -> Result<Vec<Delivery>, Refusal> {
        let Typing { typing, recipient } = push.read()?;
        let payload = Payload::encode(&DeliveredTyping { typing, client_session_id: sender });
        let told = if let Some(recipient) = recipient {
            let (_, socket) = self.recipient(&recipient)?;
            Delivery::push(socket, self.mark(socket), &self.topic, Event::Typing, payload)
        } else {
            Delivery::broadcast(self.others(push.from), &self.topic, Event::Typing, payload)
        };
        let reply = push.ask.reference.is_some().then(|| push.ok());
        Ok(std::iter::once(told.droppable()).chain(reply).collect())
    }

    fn recipient(&self, text: &str) -> Result<(SessionId, SocketId), Refusal> {
        let id: SessionId = text.parse().map_err(|_| Refusal::UnknownRecipient)?;
        let socket = self.roster.socket(id).ok_or(Refusal::UnknownRecipient)?;
        Ok((id, socket))
    }
}
