//! One frame, decoded: `[join_ref, ref, topic, event, payload]`.

use super::{Event, Payload, Topic};

/// The longest ref in bytes of JSON; binary frames have one byte for its length.
pub const MAX_REF_BYTES: usize = 255;

/// A `ref` or `join_ref`: chosen by the client, opaque to everybody else, sent back as it came.
///
/// Compared as JSON, so `1` is not `"1"`, but `"A"` and `"\u0041"` are the same ref.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ref(Box<str>);

impl Ref {
    /// The ref that is the JSON string `text`.
    pub fn text(text: &str) -> Self {
        Self(serde_json::Value::from(text).to_string().into())
    }

    /// The ref that is the JSON string of `n`, as Phoenix clients count theirs.
    pub fn number(n: u64) -> Self {
        Self(format!("\"{n}\"").into())
    }

    /// The number in a ref made by [`Ref::number`], if it is one.
    pub fn as_number(&self) -> Option<u64> {
        self.0.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
    }

    /// Takes `json`, which must be one compact JSON value.
    pub(super) fn from_json(json: String) -> Self {
        Self(json.into())
    }

    /// The ref as JSON.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

/// One decoded `[join_ref, ref, topic, event, payload]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Which join of the topic this belongs to; `None` for broadcasts and the socket itself.
    pub join_ref: Option<Ref>,
    /// The push this answers, or the mark a push wants its answer to bear. On the wire: `ref`.
    pub reference: Option<Ref>,
    /// Where it goes.
    pub topic: Topic,
    /// What it is about.
    pub event: Event,
    /// What it carries.
    pub payload: Payload,
}
