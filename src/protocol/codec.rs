//! Frames to text and back, serializer V2: `[join_ref, ref, topic, event, payload]`.
//!
//! The payload is checked to be JSON that every client can read and is otherwise left alone, so a
//! message passes through verbatim whatever its depth.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::event::MAX_EVENT_BYTES;
use super::frame::MAX_REF_BYTES;
use super::{Event, Frame, Payload, Ref, Topic};

/// Why a text is not a frame. A server closes the socket that sent it with 1011.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// Not JSON, or not an array that starts with five items of the right kinds.
    #[error("not a V2 frame [join_ref, ref, topic, event, payload]: {0}")]
    Shape(#[from] serde_json::Error),
    /// A number or an escape that is legal JSON, yet that not every client can read.
    #[error("the payload holds {0}, which not every client can read")]
    Unreadable(&'static str),
    /// A ref of more than [`MAX_REF_BYTES`].
    #[error("a ref has at most {MAX_REF_BYTES} bytes")]
    RefTooLong,
    /// An event of more than [`MAX_EVENT_BYTES`].
    #[error("an event has at most {MAX_EVENT_BYTES} bytes")]
    EventTooLong,
}

/// Reads one text frame. Items past the fifth are ignored.
pub fn decode(text: &str) -> Result<Frame, Undecodable> {
    let Items([join_ref, reference, topic, event, payload]) = serde_json::from_str(text)?;
    let event = string(event)?;
    if event.len() > MAX_EVENT_BYTES {
        return Err(Undecodable::EventTooLong);
    }
    if let Some(what) = unreadable(payload.get()) {
        return Err(Undecodable::Unreadable(what));
    }
    Ok(Frame {
        join_ref: decode_ref(join_ref)?,
        reference: decode_ref(reference)?,
        topic: Topic::from(&*string(topic)?),
        event: Event::from(&*event),
        payload: Payload::from(payload.to_owned()),
    })
}

/// Writes one text frame.
pub fn encode(frame: &Frame) -> String {
    let Frame { join_ref, reference, topic, event, payload } = frame;
    let payload = payload.as_json();
    let mut out = String::with_capacity(payload.len() + topic.as_str().len() + 48);
    out.push('[');
    push_ref(&mut out, join_ref.as_ref());
    push_ref(&mut out, reference.as_ref());
    push_string(&mut out, topic.as_str());
    push_string(&mut out, event.as_str());
    out.push_str(payload);
    out.push(']');
    out
}

/// The first five items of an array, unread.
struct Items<'a>([&'a RawValue; 5]);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of five items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<'de>, A::Error> {
        let mut next = |at| {
            seq.next_element()?.ok_or_else(|| serde::de::Error::invalid_length(at, &ItemsVisitor))
        };
        let items = [next(0)?, next(1)?, next(2)?, next(3)?, next(4)?];
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Items(items))
    }
}

fn string(raw: &RawValue) -> Result<Cow<'_, str>, serde_json::Error> {
    /// `Cow<str>` by itself always copies; this one borrows where it can.
    #[derive(serde::Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    serde_json::from_str(raw.get()).map(|Text(text)| text)
}

fn decode_ref(raw: &RawValue) -> Result<Option<Ref>, Undecodable> {
    if raw.get() == "null" {
        return Ok(None);
    }
    if raw.get().len() > MAX_REF_BYTES {
        return Err(Undecodable::RefTooLong);
    }
    let value: serde_json::Value = serde_json::from_str(raw.get())?;
    Ok(Some(Ref::from_json(value.to_string())))
}

fn push_ref(out: &mut String, reference: Option<&Ref>) {
    out.push_str(reference.map_or("null", Ref::as_json));
    out.push(',');
}

fn push_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
    out.push(',');
}

/// Finds what is legal JSON but makes readers fail: a number beyond every float, or half of a
/// surrogate pair. `json` must be valid JSON. Phoenix refuses both as well.
fn unreadable(json: &str) -> Option<&'static str> {
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b'"' => {
                let length = string_length(&bytes[at..]);
                if has_lone_surrogate(&json[at..at + length]) {
                    return Some("a lone surrogate escape");
                }
                length
            }
            b'-' | b'0'..=b'9' => {
                let length = number_length(&bytes[at..]);
                if is_beyond_floats(&json[at..at + length]) {
                    return Some("a number too large");
                }
                length
            }
            _ => 1,
        };
        at += length;
    }
    None
}

fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

fn has_lone_surrogate(quoted: &str) -> bool {
    quoted.contains("\\u") && serde_json::from_str::<Cow<'_, str>>(quoted).is_err()
}

fn number_length(bytes: &[u8]) -> usize {
    let part = |b: &u8| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
    bytes.iter().position(|b| !part(b)).unwrap_or(bytes.len())
}

/// Whole numbers of any length are fine: clients round them.
fn is_beyond_floats(number: &str) -> bool {
    number.contains(['e', 'E', '.']) && number.parse::<f64>().is_ok_and(f64::is_infinite)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: &str) {
        match decode(text) {
            Ok(frame) => assert_eq!(encode(&frame), expected),
            Err(error) => panic!("{text}: {error}"),
        }
    }

    #[track_caller]
    fn same(text: &str) {
        reads(text, text);
    }

    #[track_caller]
    fn refused(text: &str) {
        assert!(decode(text).is_err(), "{text} was read");
    }

    #[test]
    fn golden_frames_come_back_as_they_were() {
        same(r#"["1","1","room:lobby","phx_join",{}]"#);
        same(r#"[null,"6","phoenix","heartbeat",{}]"#);
        same(r#"[null,null,"room:lobby","new_user",{"id":"x","name":"ada"}]"#);
        same(r#"[1,2,"t","e",null]"#); // refs are whatever the client chose
        same(r#"["1","2","room:Grüße","client_broadcast",{"message":"🙂"}]"#);
        same(r#"["1","2","t","e",{"message" : [1,  2]}]"#); // payloads are verbatim, blanks too
        same(r#"["1","2","t","e","not an object"]"#);
        same(r#"["1","2","t","e",{"n":1.50,"big":123456789012345678901234567890}]"#);
        same(r#"["1","2","t","e",{"pair":"\ud83d\ude42"}]"#);
        same(r#"["1","2","","",{}]"#);
    }

    #[test]
    fn what_only_looks_different_is_evened_out() {
        reads(r#" [ "1" , "2" , "t" , "e" , {} ] "#, r#"["1","2","t","e",{}]"#);
        reads(r#"["1","2","t","e",{},"sixth",[7]]"#, r#"["1","2","t","e",{}]"#);
        reads(r#"["\u0041","2","\u0074","e",{}]"#, r#"["A","2","t","e",{}]"#);
    }

    #[test]
    fn deep_payloads_pass() {
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        same(&format!(r#"["1","2","t","e",{deep}]"#));
        reads(&format!(r#"["1","2","t","e",{{}},{deep}]"#), r#"["1","2","t","e",{}]"#);
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        refused("");
        refused("hello");
        refused("{}");
        refused("null");
        refused(r#"["1","1","t","e"]"#);
        refused(r#"["1","1","t","e",{}"#);
        refused(r#"["1","1","t","e",{}] ["#);
        refused(r#"["1","1",7,"e",{}]"#);
        refused(r#"["1","1","t",null,{}]"#);
        refused("\u{feff}[null,\"1\",\"t\",\"e\",{}]"); // a byte order mark
        refused(r#"["1","1","t\ud800","e",{}]"#);
        refused(r#"["1","1","t","e",{"m":"\ud800"}]"#); // half a surrogate pair
        refused(r#"["1","1","t","e",{"m":"\ude42\ud83d"}]"#);
        refused(r#"["1","1","t","e",{"m":1e400}]"#); // beyond every float
        refused(r#"["1","1","t","e",{"m":[-1.5E+999]}]"#);
        refused(&format!(r#"["1","1","t","{}",{{}}]"#, "e".repeat(256)));
        refused(&format!(r#"["1","{}","t","e",{{}}]"#, "9".repeat(256)));
    }

    #[test]
    fn text_that_looks_like_a_number_is_not_checked_as_one() {
        same(r#"["1","2","t","e",{"1e400":"1e400 \" 1e400","\\":1}]"#);
    }

    proptest! {
        #[test]
        fn every_frame_survives_the_wire(
            join_ref in proptest::option::of(".{0,40}"), topic in ".{0,80}", event in ".{0,60}",
            message in ".*",
        ) {
            let frame = Frame {
                join_ref: join_ref.as_deref().map(Ref::text),
                reference: Some(Ref::number(7)),
                topic: Topic::from(&*topic),
                event: Event::from(&*event),
                payload: Payload::encode(&message),
            };
            prop_assert_eq!(decode(&encode(&frame)).unwrap(), frame);
        }

        #[test]
        fn no_text_makes_the_codec_panic(text in ".*") {
            let _ = decode(&text).is_ok();
        }
    }
}
