//! Frames to text and back, serializer V2: `[join_ref, ref, topic, event, payload]`.
//!
//! The payload is checked to be JSON that every client can read and is otherwise left alone, so a
//! message passes through verbatim. A payload nested too deep is never passed on: see [`parse`].

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::event::MAX_EVENT_BYTES;
use super::frame::MAX_REF_BYTES;
use super::scan::{Fault, scan};
use super::{Event, Frame, Payload, Ref, Topic};

/// How many arrays and objects may be inside each other where a payload is nested deepest. The
/// frame's own array is the first of them, so that the payload itself has 63 at most.
pub const MAX_DEPTH: usize = 64;

/// What stands for a payload that was nested too deep: a string, so that no shape is read from it.
const TOO_DEEP: &str = "\"nested too deep\"";

/// Why a text is not a frame. A server closes the socket that sent it with 1011.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Undecodable {
    /// Not JSON, or not an array that starts with five items of the right kinds.
    #[error("not a V2 frame [join_ref, ref, topic, event, payload]: {0}")]
    Shape(#[from] serde_json::Error),
    /// A number or an escape that is legal JSON, yet that not every client can read.
    #[error("the frame holds {0}, which not every client can read")]
    Unreadable(&'static str),
    /// A ref of more than [`MAX_REF_BYTES`].
    #[error("a ref has at most {MAX_REF_BYTES} bytes")]
    RefTooLong,
    /// An event of more than [`MAX_EVENT_BYTES`].
    #[error("an event has at most {MAX_EVENT_BYTES} bytes")]
    EventTooLong,
}

/// A frame that borrows from its text what it can, which is everything in ordinary frames.
#[derive(Clone, Debug)]
pub struct RawFrame<'a> {
    /// The first item as JSON, as a [`Ref`] has it, or `None` for `null`.
    pub join_ref: Option<Cow<'a, str>>,
    /// The second item, likewise. On the wire: `ref`.
    pub reference: Option<Cow<'a, str>>,
    /// Where it goes.
    pub topic: Cow<'a, str>,
    /// What it means.
    pub event: Event,
    /// What it carries: JSON that every client can read, not parsed yet.
    pub payload: &'a RawValue,
}

/// Reads one text frame without copying it. Items past the fifth are ignored.
///
/// A payload nested deeper than [`MAX_DEPTH`] makes readers fail, so it is replaced by a short
/// string. No shape is read from a string: a server refuses such a push as it refuses every other
/// payload of a wrong shape, and has nothing in hand that it could relay by mistake.
pub fn parse(text: &str) -> Result<RawFrame<'_>, Undecodable> {
    parse_within(text, MAX_DEPTH)
}

/// Reads one text frame as [`parse`] does.
pub fn decode(text: &str) -> Result<Frame, Undecodable> {
    parse(text).map(Frame::from)
}

/// Reads one text frame with a payload of any depth. For clients: what a server sends may be deeper
/// than what was pushed to it, and a deep message of a stranger is no reason to leave the server.
pub fn decode_any_depth(text: &str) -> Result<Frame, Undecodable> {
    parse_within(text, usize::MAX).map(Frame::from)
}

/// Writes one text frame.
#[expect(clippy::missing_panics_doc, reason = "what is made of text is text")]
pub fn encode(frame: &Frame) -> String {
    let Frame { join_ref, reference, topic, event, payload } = frame;
    let payload = payload.as_json();
    let mut head = Vec::with_capacity(payload.len() + topic.as_str().len() + 48);
    let [join_ref, reference] = [join_ref, reference].map(|item| item.as_ref().map(Ref::as_json));
    write_head(&mut head, join_ref, reference, topic.as_str(), event.as_str());
    let mut out = String::from_utf8(head).expect("what is made of text is text");
    out.push_str(payload);
    out.push(']');
    out
}

/// Appends one text frame to `out`. The refs must be JSON, as in [`RawFrame`]; `payload` must
/// append one JSON value.
pub fn write_frame(
    out: &mut Vec<u8>,
    join_ref: Option<&str>,
    reference: Option<&str>,
    topic: &str,
    event: &str,
    payload: impl FnOnce(&mut Vec<u8>),
) {
    write_head(out, join_ref, reference, topic, event);
    payload(out);
    out.push(b']');
}

/// The first four items, and all commas.
fn write_head(
    out: &mut Vec<u8>,
    join_ref: Option<&str>,
    reference: Option<&str>,
    topic: &str,
    event: &str,
) {
    out.push(b'[');
    for reference in [join_ref, reference] {
        out.extend_from_slice(reference.unwrap_or("null").as_bytes());
        out.push(b',');
    }
    for text in [topic, event] {
        write_string(out, text);
        out.push(b',');
    }
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("text can be written to memory");
}

impl From<RawFrame<'_>> for Frame {
    fn from(raw: RawFrame<'_>) -> Self {
        let RawFrame { join_ref, reference, topic, event, payload } = raw;
        Self {
            join_ref: join_ref.as_deref().map(Ref::from_json),
            reference: reference.as_deref().map(Ref::from_json),
            topic: Topic::from(&*topic),
            event,
            payload: Payload::from(payload.to_owned()),
        }
    }
}

fn parse_within(text: &str, max_depth: usize) -> Result<RawFrame<'_>, Undecodable> {
    let items = match Items::of_ordinary(text) {
        Some(items) => items,
        None => serde_json::from_str(text)?,
    };
    let event = parse_string(items.event)?;
    if event.len() > MAX_EVENT_BYTES {
        return Err(Undecodable::EventTooLong);
    }
    let payload = match scan(items.payload.get(), max_depth) {
        Ok(()) => items.payload,
        Err(Fault::TooDeep) => serde_json::from_str(TOO_DEEP)?,
        Err(Fault::Unreadable(what)) => return Err(Undecodable::Unreadable(what)),
    };
    Ok(RawFrame {
        join_ref: parse_ref(items.join_ref)?,
        reference: parse_ref(items.reference)?,
        topic: parse_string(items.topic)?,
        event: Event::from(&*event),
        payload,
    })
}

/// The first five items of a frame, each as it is written.
struct Items<'a> {
    join_ref: &'a str,
    reference: &'a str,
    topic: &'a str,
    event: &'a str,
    payload: &'a RawValue,
}

impl<'a> Items<'a> {
    /// Splits a frame of the form in which clients write nearly all of theirs: five items without
    /// blanks between them, the first four `null` or strings without escapes. `None` for any other
    /// text, be it a frame or not: it takes the longer way, through serde.
    fn of_ordinary(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix('[')?;
        let (join_ref, rest) = split_ordinary(rest)?;
        let (reference, rest) = split_ordinary(rest)?;
        let (topic, rest) = split_ordinary(rest)?;
        let (event, rest) = split_ordinary(rest)?;
        // With a sixth item, or anything after the frame, this is not one JSON value.
        let payload = serde_json::from_str(rest.strip_suffix(']')?).ok()?;
        Some(Self { join_ref, reference, topic, event, payload })
    }
}

/// Splits `null` or a string without escapes off, and the comma behind it.
fn split_ordinary(text: &str) -> Option<(&str, &str)> {
    let length = if let Some(inside) = text.strip_prefix('"') {
        let inside = plain_length(inside);
        text[1 + inside..].starts_with('"').then_some(inside + 2)?
    } else {
        text.starts_with("null").then_some("null".len())?
    };
    let (item, rest) = text.split_at(length);
    Some((item, rest.strip_prefix(',')?))
}

/// Bytes up to the first that ends a string, begins an escape or is not allowed in one.
fn plain_length(text: &str) -> usize {
    let special = |byte: u8| byte == b'"' || byte == b'\\' || byte < b' ';
    text.bytes().position(special).unwrap_or(text.len())
}

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
        let mut next = |at| -> Result<&'de RawValue, A::Error> {
            seq.next_element()?.ok_or_else(|| serde::de::Error::invalid_length(at, &ItemsVisitor))
        };
        let items = Items {
            join_ref: next(0)?.get(),
            reference: next(1)?.get(),
            topic: next(2)?.get(),
            event: next(3)?.get(),
            payload: next(4)?,
        };
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

/// The text of a string. `json` must be one JSON value.
fn parse_string(json: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) if !inside.contains('\\') => Ok(Cow::Borrowed(inside)),
        _ => serde_json::from_str(json).map(Cow::Owned),
    }
}

/// A ref as [`Ref`] compares it: a string without escapes that need not be, anything else as it is
/// written. `json` must be one JSON value.
fn parse_ref(json: &str) -> Result<Option<Cow<'_, str>>, Undecodable> {
    if json == "null" {
        return Ok(None);
    }
    if json.len() > MAX_REF_BYTES {
        return Err(Undecodable::RefTooLong);
    }
    if !json.starts_with('"') {
        // Its depth is no matter: it is short, and goes back to its sender alone.
        if let Err(Fault::Unreadable(what)) = scan(json, usize::MAX) {
            return Err(Undecodable::Unreadable(what));
        }
        return Ok(Some(Cow::Borrowed(json)));
    }
    Ok(Some(match parse_string(json)? {
        Cow::Borrowed(_) => Cow::Borrowed(json),
        Cow::Owned(text) => Cow::Owned(serde_json::to_string(&text)?),
    }))
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

    /// An array in an array, and so on: `levels` in all.
    fn nested(levels: usize) -> String {
        format!("{}{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn a_payload_may_be_64_deep_and_the_frame_is_the_first_level() {
        same(&format!(r#"["1","2","t","e",{}]"#, nested(63)));
        same(&format!(r#"["1","2","t","e",{{"message":{}}}]"#, nested(62)));
        reads(
            &format!(r#"["1","2","t","e",{{}},{}]"#, nested(5000)), // nobody reads a sixth item
            r#"["1","2","t","e",{}]"#,
        );
    }

    #[test]
    fn a_payload_that_is_deeper_is_never_passed_on_yet_its_sender_can_be_answered() {
        let replaced = format!(r#"["1","2","t","e",{TOO_DEEP}]"#);
        reads(&format!(r#"["1","2","t","e",{}]"#, nested(64)), &replaced);
        reads(&format!(r#"["1","2","t","e",{{"message":{}}}]"#, nested(63)), &replaced);
        reads(&format!(r#" ["1","2","t","e",{}] "#, nested(30_000)), &replaced);
        let objects = format!("{}7{}", r#"{"a":"#.repeat(64), "}".repeat(64));
        reads(&format!(r#"["1","2","t","e",{objects}]"#), &replaced);

        let push = format!(r#"["1","2","t","client_broadcast",{{"message":{}}}]"#, nested(63));
        let frame = decode(&push).unwrap();
        assert!(frame.payload.decode::<crate::protocol::payload::Broadcast>().is_err());
        assert!(frame.payload.decode::<crate::protocol::payload::Join>().is_err());
    }

    #[test]
    fn a_client_reads_what_a_server_sends_at_any_depth() {
        let text = format!(r#"["1","2","t","e",{}]"#, nested(30_000));
        assert_eq!(encode(&decode_any_depth(&text).unwrap()), text);
    }

    #[test]
    fn an_ordinary_frame_is_borrowed_whole() {
        for (text, join_ref) in [
            (r#"["1","27","room:lobby","client_broadcast",{"message":"hi"}]"#, Some("\"1\"")),
            (r#"[null,"27","room:lobby","client_broadcast",{"message":"hi"}]"#, None),
            (r#" [1, "27" ,"room:lobby","client_broadcast",{"message":"hi"},6] "#, Some("1")),
        ] {
            let frame = parse(text).unwrap();
            assert_eq!(frame.join_ref.as_deref(), join_ref);
            assert!(matches!(frame.join_ref, None | Some(Cow::Borrowed(_))));
            assert!(matches!(frame.reference, Some(Cow::Borrowed("\"27\""))));
            assert!(matches!(frame.topic, Cow::Borrowed("room:lobby")));
            assert_eq!(frame.event, Event::Broadcast);
            assert_eq!(frame.payload.get(), r#"{"message":"hi"}"#);
        }
    }

    #[test]
    fn refs_come_back_as_they_were() {
        for reference in
            ["0", "18446744073709551616", "-0", "1.50", "1e2", "370e22", "true", "[ 1, {}]"]
        {
            same(&format!(r#"[{reference},{reference},"t","e",7]"#));
        }
        reads(r#"["\u0041\/","\n","t","e",7]"#, r#"["A/","\n","t","e",7]"#);
        refused(r#"[01,null,"t","e",{}]"#);
        refused("[\"a\u{7}b\",null,\"t\",\"e\",{}]");
        refused(r#"[null,"\ud800","t","e",{}]"#);
        refused(r#"[null,["\ud800"],"t","e",{}]"#);
        refused(r#"[null,1e400,"t","e",{}]"#);
    }

    #[test]
    fn a_frame_is_appended_to_what_is_there() {
        let mut out = b"before".to_vec();
        write_frame(&mut out, None, Some("7"), "room:\"\u{1}é", "phx_reply", |out| {
            out.extend_from_slice(b"{}");
        });
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, r#"before[null,7,"room:\"\u0001é","phx_reply",{}]"#);
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

    /// JSON, mostly: refs, texts and payloads of all kinds, some of them broken.
    fn item() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "\"[a-z:0-9]{0,8}\"",
            2 => Just("null".to_owned()),
            1 => "-?[0-9]{1,22}",
            1 => "-?[0-9]{1,3}(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,4})?",
            1 => any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
            1 => "\"(\\\\[nu\"]|\\\\ud83d|\\\\ude42|[a\"\u{1}é]){0,4}\"",
            1 => "[ \\[\\]{}:,a-z0-9\"\\\\]{0,8}",
            1 => (0..70_usize).prop_map(nested),
            1 => "\\{\"m\":(\\[[0-9]\\]|\"x\"|null) ?\\}",
        ]
    }

    proptest! {
        #[test]
        fn the_short_way_and_the_long_way_read_the_same(
            items in proptest::collection::vec(item(), 4..7), separator in ",|,|,| , ",
        ) {
            let text = format!("[{}]", items.join(&separator));
            // A blank in front makes it a frame that is not ordinary.
            match (decode(&text), decode(&format!(" {text}"))) {
                (Ok(frame), Ok(other)) => {
                    prop_assert_eq!(&frame, &other);
                    prop_assert_eq!(decode(&encode(&frame)).unwrap(), frame);
                }
                (Err(error), Err(other)) => prop_assert_eq!(
                    std::mem::discriminant(&error), std::mem::discriminant(&other)
                ),
                (read, other) => prop_assert!(false, "{text}: {read:?}, but then {other:?}"),
            }
        }

        #[test]
        fn what_is_borrowed_is_what_is_owned(
            items in proptest::collection::vec(item(), 5..6), blank in " ?",
        ) {
            let text = format!("{blank}[{}]", items.join(","));
            let Ok(raw) = parse(&text) else { return Ok(()) };
            let frame = decode(&text).unwrap();
            prop_assert_eq!(raw.join_ref.as_deref(), frame.join_ref.as_ref().map(Ref::as_json));
            prop_assert_eq!(raw.reference.as_deref(), frame.reference.as_ref().map(Ref::as_json));
            prop_assert_eq!(&*raw.topic, frame.topic.as_str());
            prop_assert_eq!(&raw.event, &frame.event);
            prop_assert_eq!(raw.payload.get(), frame.payload.as_json());
            // Against serde_json alone, which knows nothing of short ways.
            let values: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&values[2], &serde_json::Value::from(frame.topic.as_str()));
            prop_assert_eq!(&values[3], &serde_json::Value::from(frame.event.as_str()));
            for (value, reference) in values.iter().zip([&frame.join_ref, &frame.reference]) {
                let json = reference.as_ref().map_or("null", Ref::as_json);
                prop_assert_eq!(value, &serde_json::from_str::<serde_json::Value>(json).unwrap());
            }
        }

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
