//! What goes to one channel alone: replies to its pushes, and pushes of the server's own.

use hullo::protocol::payload::{Nothing, Reply};
use hullo::protocol::{Event, codec};
use serde::Serialize;

use crate::batch::Batch;
use crate::refusal::Refusal;
use crate::room::append_json;

/// What a reply repeats of the push it answers. Refs are JSON, as they came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplyTo<'a> {
    /// The channel's `join_ref`, or that of the push where there is no channel.
    pub(crate) join_ref: Option<&'a str>,
    /// The push's ref.
    pub(crate) reference: Option<&'a str>,
    /// The push's topic.
    pub(crate) topic: &'a str,
}

impl ReplyTo<'_> {
    /// ok, and nothing more.
    pub(crate) fn ok(&self, batch: &mut Batch) {
        self.ok_with(&Nothing {}, batch);
    }

    /// ok, with a response.
    pub(crate) fn ok_with(&self, response: &impl Serialize, batch: &mut Batch) {
        self.ok_with_json(batch, |json| append_json(json, response));
    }

    /// ok, with a response that is appended as JSON.
    pub(crate) fn ok_with_json(&self, batch: &mut Batch, response: impl FnOnce(&mut Vec<u8>)) {
        self.reply(batch, |json| {
            json.extend_from_slice(br#"{"status":"ok","response":"#);
            response(json);
            json.push(b'}');
        });
    }

    /// A "no", with its reason.
    pub(crate) fn refuse(&self, refusal: Refusal, batch: &mut Batch) {
        let reply = Reply::error(&refusal.reason());
        self.reply(batch, |json| append_json(json, &reply));
    }

    /// The channel is over: both refs are that of its join.
    pub(crate) fn phx_close(&self, join_ref: Option<&str>, batch: &mut Batch) {
        batch.text(|text| {
            let event = Event::Close.as_str();
            codec::write_frame(text, join_ref, join_ref, self.topic, event, |payload| {
                payload.extend_from_slice(b"{}");
            });
        });
    }

    fn reply(&self, batch: &mut Batch, payload: impl FnOnce(&mut Vec<u8>)) {
        let Self { join_ref, reference, topic } = *self;
        let event = Event::Reply.as_str();
        batch.text(|text| codec::write_frame(text, join_ref, reference, topic, event, payload));
    }
}
