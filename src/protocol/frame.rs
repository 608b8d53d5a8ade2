//! One frame, decoded: `[join_ref, ref, topic, event, payload]`.

use compact_str::{CompactString, format_compact};

use super::{Event, Payload, Topic};

/// The longest ref in bytes of JSON; binary frames have one byte for its length.
pub const MAX_REF_BYTES: usize = 255;

/// A `ref` or `join_ref`: chosen by the client, opaque to everybody else, sent back as it came.
///
/// Compared as JSON is written, so `1` is neither `"1"` nor `1.0`; but strings that say the same are
/// the same ref, `"A"` and `"\u0041"`. Cheap to clone: a ref of up to 24 bytes is held inline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ref(CompactString);

impl Ref {
    /// The ref that is the JSON string `text`.
    pub fn text(text: &str) -> Self {
        Self::from_json(&serde_json::Value::from(text).to_string())
    }

    /// The ref that is the JSON string of `n`, as Phoenix clients count theirs.
    pub fn number(n: u64) -> Self {
        Self(format_compact!("\"{n}\""))
    }

    /// The number in a ref made by [`Ref::number`], if it is one.
    pub fn as_number(&self) -> Option<u64> {
        self.0.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
    }

    /// The ref that is `json`, as [`RawFrame`](super::codec::RawFrame) has it.
    pub fn from_json(json: &str) -> Self {
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
    /// The push that this replies to; in a push, what its reply is to repeat. On the wire: `ref`.
    pub reference: Option<Ref>,
    /// Where it goes.
    pub topic: Topic,
    /// What it means.
    pub event: Event,
    /// What it carries.
    pub payload: Payload,
}
