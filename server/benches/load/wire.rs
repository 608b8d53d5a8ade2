//! The client's side of the wire, as cheap as it can be: frames are encoded before the measurement
//! begins, and what comes is told apart by where things stand, without reading it as JSON.

use std::fmt;

use hullo_testing::websocket;
use memchr::{memchr, memmem};

/// Sentences say what went wrong; nothing is done about it but to end the run.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The key and its answer are the example of RFC 6455.
const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// How many digits a number has in a message and in a `ref`.
const DIGITS: usize = 7;

/// How many digits a member's index has in a message.
const SENDER_DIGITS: usize = 5;

/// What a client was sent.
#[derive(Clone, Copy)]
pub(crate) enum Incoming<'a> {
    /// The handshake is over.
    Open,
    /// The answer to a push: its number, and what stands in `response`.
    Reply(u32, &'a [u8]),
    /// The answer to a heartbeat: its number.
    Heartbeat(u32),
    /// `client_broadcast`
    Broadcast(&'a [u8]),
    /// `client_response`
    Response(&'a [u8]),
    /// `new_user`
    NewUser(&'a [u8]),
    /// `presence_state`
    State(&'a [u8]),
    /// `presence_diff`
    Diff(&'a [u8]),
    /// `phx_close`
    Closed,
}

/// What is inside a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark<'a> {
    pub(crate) sender: usize,
    pub(crate) number: u32,
    /// The sender's id, as the server tells it.
    pub(crate) session: &'a [u8],
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("the end of a handshake"),
            Self::Reply(number, payload) => write!(f, "reply {number}, {}", lossy(payload)),
            Self::Heartbeat(number) => write!(f, "the reply to heartbeat {number}"),
            Self::Broadcast(payload) => write!(f, "client_broadcast {}", lossy(payload)),
            Self::Response(payload) => write!(f, "client_response {}", lossy(payload)),
            Self::NewUser(payload) => write!(f, "new_user {}", lossy(payload)),
            Self::State(payload) => write!(f, "presence_state {}", lossy(payload)),
            Self::Diff(payload) => write!(f, "presence_diff {}", lossy(payload)),
            Self::Closed => f.write_str("phx_close"),
        }
    }
}

impl fmt::Display for Mark<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sender, number, session } = self;
        write!(f, "number {number} of member {sender}, from session {}", lossy(session))
    }
}

/// How long the answer to the upgrade is, once it is there as a whole.
pub(crate) fn upgraded(input: &[u8]) -> Outcome<Option<usize>> {
    let Some(end) = memmem::find(input, b"\r\n\r\n") else { return Ok(None) };
    let head = &input[..end];
    if head.starts_with(b"HTTP/1.1 101") && memmem::find(head, ACCEPT).is_some() {
        return Ok(Some(end + 4));
    }
    Err(format!("the upgrade was refused: {}", lossy(head)))
}

/// How much of a text a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    Beginning,
    Middle,
    End,
}

/// The first frame of the input: what is in it, and how long it is. Servers do not mask.
pub(crate) fn frame(input: &[u8]) -> Outcome<Option<(Part, &[u8], usize)>> {
    let Some((from, length)) = websocket::read_header(input) else { return Ok(None) };
    let (kind, is_masked) = (input[0], input[1] & 0x80 != 0);
    if is_masked {
        return Err("the server masks its frames".to_owned());
    }
    let Some(body) = input.get(from..from + length) else { return Ok(None) };
    let part = match kind {
        0x81 => Part::Whole,
        0x01 => Part::Beginning,
        0x00 => Part::Middle,
        0x80 => Part::End,
        0x88 => return Err(format!("the server closed a connection: {}", close(body))),
        _ => return Err(format!("frames of kind {kind:#x} are not expected")),
    };
    Ok(Some((part, body, from + length)))
}

/// What a frame of this room is. Anything that is not for this room was misdelivered.
pub(crate) fn classify<'a>(text: &'a [u8], topic: &[u8]) -> Outcome<Incoming<'a>> {
    let strange = || format!("misdelivered or not understood: {}", lossy(text));
    let (number, rest) = match text {
        [b'[', b'n', b'u', b'l', b'l', b',', b'n', b'u', b'l', b'l', b',', b'"', rest @ ..]
        | [b'[', b'"', b'1', b'"', b',', b'n', b'u', b'l', b'l', b',', b'"', rest @ ..] => {
            (None, rest)
        }
        [b'[', b'"', b'1', b'"', b',', b'"', rest @ ..] => {
            let end = memchr(b'"', rest).ok_or_else(strange)?;
            (Some(decimal(&rest[..end])), rest.get(end + 3..).ok_or_else(strange)?)
        }
        _ => return heartbeat_reply(text).map(Incoming::Heartbeat).ok_or_else(strange),
    };
    let rest = rest.strip_prefix(topic).and_then(|rest| rest.strip_prefix(b"\",\""));
    let rest = rest.ok_or_else(strange)?;
    let end = memchr(b'"', rest).ok_or_else(strange)?;
    let payload = rest.get(end + 2..rest.len() - 1).ok_or_else(strange)?;
    Ok(match (&rest[..end], number) {
        (b"client_broadcast", None) => Incoming::Broadcast(payload),
        (b"client_response", None) => Incoming::Response(payload),
        (b"new_user", None) => Incoming::NewUser(payload),
        (b"presence_diff", None) => Incoming::Diff(payload),
        (b"presence_state", None) => Incoming::State(payload),
        (b"phx_close", _) => Incoming::Closed,
        (b"phx_reply", Some(number)) if memmem::find(payload, b"\"status\":\"ok\"").is_some() => {
            Incoming::Reply(number, payload)
        }
        _ => return Err(strange()),
    })
}

fn heartbeat_reply(text: &[u8]) -> Option<u32> {
    let rest = text.strip_prefix(b"[null,\"")?;
    let end = memchr(b'"', rest)?;
    let payload = rest[end..].strip_prefix(b"\",\"phoenix\",\"phx_reply\",")?;
    memmem::find(payload, b"\"status\":\"ok\"")?;
    Some(decimal(&rest[..end]))
}

/// What is inside a message of ours, and who the server says has sent it.
pub(crate) fn mark(payload: &[u8]) -> Outcome<Mark<'_>> {
    let strange = || format!("no message of ours: {}", lossy(payload));
    let text = field(payload, b"\"message\":\"@").ok_or_else(strange)?;
    let digits = text.get(..SENDER_DIGITS + 1 + DIGITS).ok_or_else(strange)?;
    let session = field(payload, b"\"client_session_id\":\"").ok_or_else(strange)?;
    Ok(Mark {
        sender: decimal(&digits[..SENDER_DIGITS]) as usize,
        number: decimal(&digits[SENDER_DIGITS + 1..]),
        session: session.get(..36).ok_or_else(strange)?,
    })
}

/// What follows a key. It mostly stands at one of the two ends, where no search is needed.
pub(crate) fn field<'a>(payload: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    if let Some(rest) = payload.get(1..).and_then(|inside| inside.strip_prefix(key)) {
        return Some(rest);
    }
    let last = payload.len().checked_sub(key.len() + 38).map(|at| &payload[at..]);
    if let Some(rest) = last.and_then(|tail| tail.strip_prefix(key)) {
        return Some(rest);
    }
    memmem::find(payload, key).map(|at| &payload[at + key.len()..])
}

/// The index of the member that `new_user` announces: we have named it so.
pub(crate) fn newcomer(payload: &[u8]) -> Outcome<usize> {
    let name = field(payload, b"\"name\":\"n").and_then(|rest| rest.first_chunk::<5>());
    Ok(decimal(name.ok_or("a newcomer without a name")?) as usize)
}

/// The id that follows a key.
pub(crate) fn id(payload: &[u8], key: &[u8]) -> Outcome<[u8; 36]> {
    let id = field(payload, key).and_then(|rest| rest.first_chunk::<36>());
    id.copied().ok_or_else(|| format!("no id: {}", lossy(payload)))
}

/// A text, as a frame of a client.
fn masked(text: &str) -> Vec<u8> {
    websocket::frame(websocket::TEXT, text.as_bytes())
}

/// `phx_join`, with 1 as its number.
pub(crate) fn join(topic: &str, resumable: bool) -> Vec<u8> {
    let payload = if resumable { r#"{"resumable":true}"# } else { "{}" };
    masked(&format!(r#"["1","1","{topic}","phx_join",{payload}]"#))
}

/// `client_helo`, with 2 as its number.
pub(crate) fn helo(topic: &str, index: usize) -> Vec<u8> {
    masked(&format!(r#"["1","2","{topic}","client_helo",{{"name":"n{index:05}"}}]"#))
}

/// A heartbeat of this number.
pub(crate) fn heartbeat(number: u32) -> Vec<u8> {
    masked(&format!(r#"[null,"{number}","phoenix","heartbeat",{{}}]"#))
}

/// A push that differs from the next one in its number alone.
#[derive(Clone, Debug)]
pub(crate) struct Push {
    bytes: Vec<u8>,
    reference: usize,
    number: usize,
}

impl Push {
    /// To everybody, of so many bytes.
    pub(crate) fn broadcast(topic: &str, sender: usize, size: usize) -> Self {
        let padding = size.saturating_sub(SENDER_DIGITS + DIGITS + 2);
        Self::new(topic, "client_broadcast", sender, &format!("{}\"", "x".repeat(padding)))
    }

    /// To one.
    pub(crate) fn response(topic: &str, sender: usize, recipient: &[u8; 36]) -> Self {
        let recipient = String::from_utf8_lossy(recipient);
        Self::new(topic, "client_response", sender, &format!(r#"","recipient":"{recipient}""#))
    }

    fn new(topic: &str, event: &str, sender: usize, tail: &str) -> Self {
        let reference = r#"["1",""#;
        let before =
            format!(r#"0000000","{topic}","{event}",{{"message":"@{sender:0SENDER_DIGITS$}:"#);
        let bytes = masked(&format!("{reference}{before}0000000{tail}}}]"));
        let number = bytes.len() - (DIGITS + tail.len() + 2);
        Self { reference: number - before.len(), number, bytes }
    }

    /// The push with this number.
    pub(crate) fn numbered(&mut self, number: u32) -> &[u8] {
        let mut left = number;
        for place in (0..DIGITS).rev() {
            let digit = b'0' + (left % 10) as u8;
            self.bytes[self.reference + place] = digit;
            self.bytes[self.number + place] = digit;
            left /= 10;
        }
        &self.bytes
    }
}

/// The number that these digits are.
pub(crate) fn decimal(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0')))
}

fn close(body: &[u8]) -> String {
    match body {
        [high, low, reason @ ..] => {
            format!("{} {}", u16::from_be_bytes([*high, *low]), lossy(reason))
        }
        _ => "without a code".to_owned(),
    }
}

/// The beginning of it, for a sentence.
fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned()
}
