//! The reading half of a WebSocket: bytes in, messages out, by RFC 6455.
//!
//! Frames are unmasked and looked at where they were read: in a buffer that belongs to the thread,
//! not to the connection. A connection keeps bytes of its own only while a frame is incomplete or a
//! message is fragmented.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Control, Data, OpCode};

use crate::close::Close;

/// The largest payload of a control frame.
const MAX_CONTROL_BYTES: u64 = 125;

/// Bytes that a message may take beyond its own limit before it is given up: its headers, if each
/// of its bytes comes as a fragment, and then some.
const FRAGMENT_OVERHEAD: u64 = 64 * 1024;

/// One message or control frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    /// A whole text message.
    Text(&'a str),
    /// A whole binary message.
    Binary,
    /// To be answered with a pong that holds the same.
    Ping(&'a [u8]),
    /// Needs no answer.
    Pong,
    /// The client says goodbye; the payload of its close frame, checked.
    Close(&'a [u8]),
}

/// What is left of earlier reads.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// The beginning of a frame.
    partial: Vec<u8>,
    /// The beginning of a fragmented message.
    fragments: Option<Fragments>,
    /// Bytes that the fragments of the current message took.
    unfinished: u64,
}

#[derive(Debug)]
struct Fragments {
    is_text: bool,
    payload: Vec<u8>,
}

impl Input {
    /// Takes the bytes of one read and calls `each` for every message they complete, as long as it
    /// returns `Ok`. An error ends the connection.
    pub(crate) fn receive<E: From<Close>>(
        &mut self,
        read: &mut [u8],
        max_message_bytes: usize,
        mut each: impl FnMut(Message<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.partial.is_empty() {
            let used = self.messages(read, max_message_bytes, &mut each)?;
            self.partial.extend_from_slice(&read[used..]);
        } else {
            let mut bytes = std::mem::take(&mut self.partial);
            bytes.extend_from_slice(read);
            let used = self.messages(&mut bytes, max_message_bytes, &mut each)?;
            bytes.drain(..used);
            if !bytes.is_empty() {
                self.partial = bytes;
            }
        }
        Ok(())
    }

    /// Returns how many bytes were whole frames.
    fn messages<E: From<Close>>(
        &mut self,
        bytes: &mut [u8],
        max_message_bytes: usize,
        each: &mut impl FnMut(Message<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut used = 0;
        loop {
            let mut cursor = Cursor::new(&bytes[used..]);
            let header = FrameHeader::parse(&mut cursor).map_err(|_| Close::Protocol)?;
            let Some((header, length)) = header else { return Ok(used) };
            let mask = self.check(&header, length, max_message_bytes)?;
            let head = usize::try_from(cursor.position()).map_err(|_| Close::TooBig)?;
            let length = usize::try_from(length).map_err(|_| Close::TooBig)?;
            let Some(payload) = bytes[used + head..].get_mut(..length) else { return Ok(used) };
            unmask(payload, mask);
            self.frame(&header, payload, max_message_bytes, each)?;
            used += head + length;
        }
    }

    /// Everything a header alone can do wrong.
    fn check(
        &self,
        header: &FrameHeader,
        length: u64,
        max_message_bytes: usize,
    ) -> Result<[u8; 4], Close> {
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Close::Protocol);
        }
        let mask = header.mask.ok_or(Close::Protocol)?;
        match header.opcode {
            OpCode::Control(_) if !header.is_final || length > MAX_CONTROL_BYTES => {
                Err(Close::Protocol)
            }
            OpCode::Control(_) => Ok(mask),
            OpCode::Data(data) => {
                let begun = self.fragments.as_ref();
                if (data == Data::Continue) != begun.is_some() {
                    return Err(Close::Protocol);
                }
                let before = begun.map_or(0, |begun| begun.payload.len());
                let fits = length <= (max_message_bytes.saturating_sub(before)) as u64;
                if fits { Ok(mask) } else { Err(Close::TooBig) }
            }
        }
    }

    fn frame<E: From<Close>>(
        &mut self,
        header: &FrameHeader,
        payload: &[u8],
        max_message_bytes: usize,
        each: &mut impl FnMut(Message<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match header.opcode {
            OpCode::Control(control) => each(control_message(control, payload)?),
            OpCode::Data(data) if header.is_final => {
                self.unfinished = 0;
                match self.fragments.take() {
                    None => each(data_message(data == Data::Text, payload)?),
                    Some(Fragments { is_text, payload: mut whole }) => {
                        whole.extend_from_slice(payload);
                        each(data_message(is_text, &whole)?)
                    }
                }
            }
            OpCode::Data(data) => {
                let begun = self.fragments.get_or_insert_with(|| Fragments {
                    is_text: data == Data::Text,
                    payload: Vec::new(),
                });
                begun.payload.extend_from_slice(payload);
                // The header counts, or a message of empty fragments would never end.
                self.unfinished += 6 + payload.len() as u64;
                let limit = FRAGMENT_OVERHEAD + 8 * max_message_bytes as u64;
                if self.unfinished > limit { Err(Close::RateLimited.into()) } else { Ok(()) }
            }
        }
    }
}

fn data_message(is_text: bool, payload: &[u8]) -> Result<Message<'_>, Close> {
    if is_text {
        std::str::from_utf8(payload).map(Message::Text).map_err(|_| Close::NotUtf8)
    } else {
        Ok(Message::Binary)
    }
}

fn control_message(control: Control, payload: &[u8]) -> Result<Message<'_>, Close> {
    match control {
        Control::Ping => Ok(Message::Ping(payload)),
        Control::Pong => Ok(Message::Pong),
        Control::Close => checked_close(payload).map(Message::Close),
        Control::Reserved(_) => Err(Close::Protocol),
    }
}

/// A close frame holds nothing, or a code that may be sent and a reason in UTF-8.
fn checked_close(payload: &[u8]) -> Result<&[u8], Close> {
    match payload {
        [] => Ok(payload),
        [high, low, reason @ ..] => {
            let code = CloseCode::from(u16::from_be_bytes([*high, *low]));
            if !code.is_allowed() {
                return Err(Close::Protocol);
            }
            std::str::from_utf8(reason).map(|_| payload).map_err(|_| Close::NotUtf8)
        }
        [_] => Err(Close::Protocol),
    }
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    if mask == [0; 4] {
        return;
    }
    let wide = u64::from_ne_bytes([
        mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3],
    ]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first_byte];
        match u16::try_from(payload.len()).unwrap() {
            length @ 0..126 => bytes.push(0x80 | u8::try_from(length).unwrap()),
            length => {
                bytes.push(0xfe);
                bytes.extend(length.to_be_bytes());
            }
        }
        let mask = [7, 0, 255, 90];
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    /// What comes of these reads, and how it ends.
    fn outcome(reads: &[&[u8]], max: usize) -> (Vec<String>, Result<(), Close>) {
        let (mut input, mut seen) = (Input::default(), Vec::new());
        for read in reads {
            let received = input.receive(&mut read.to_vec(), max, |message| {
                seen.push(format!("{message:?}"));
                Ok::<(), Close>(())
            });
            if received.is_err() {
                return (seen, received);
            }
        }
        (seen, Ok(()))
    }

    #[track_caller]
    fn closes(bytes: &[u8], close: Close) {
        assert_eq!(outcome(&[bytes], 1000).1, Err(close));
    }

    #[test]
    fn messages_come_whole_and_in_order_and_control_frames_between_them() {
        let bytes = [
            frame(0x81, b"one"),
            frame(0x01, b"tw"),
            frame(0x89, b"?"),
            frame(0x00, b""),
            frame(0x80, b"o"),
            frame(0x82, b"b"),
            frame(0x8a, b""),
            frame(0x88, &[3, 232]),
        ]
        .concat();
        let expected =
            ["Text(\"one\")", "Ping([63])", "Text(\"two\")", "Binary", "Pong", "Close([3, 232])"];
        assert_eq!(outcome(&[&bytes], 1000), (expected.map(str::to_owned).to_vec(), Ok(())));
    }

    #[test]
    fn what_breaks_the_protocol_closes() {
        closes(&[0x81, 0x00], Close::Protocol); // not masked
        closes(&frame(0xc1, b"x"), Close::Protocol); // a reserved bit
        closes(&frame(0x83, b"x"), Close::Protocol); // a reserved opcode
        closes(&frame(0x80, b"x"), Close::Protocol); // a continuation of nothing
        closes(&[frame(0x01, b"x"), frame(0x81, b"x")].concat(), Close::Protocol);
        closes(&frame(0x09, b"x"), Close::Protocol); // a fragmented ping
        closes(&frame(0x89, &[b'x'; 126]), Close::Protocol);
        closes(&frame(0x88, &[3]), Close::Protocol); // half a close code
        closes(&frame(0x88, &[3, 237]), Close::Protocol); // 1005 is never sent
        closes(&frame(0x88, &[3, 232, 0xff]), Close::NotUtf8);
        closes(&frame(0x81, b"\xff"), Close::NotUtf8);
        closes(&[frame(0x01, b"\xc3"), frame(0x80, b"x")].concat(), Close::NotUtf8);
    }

    #[test]
    fn too_big_is_known_from_the_header() {
        closes(&frame(0x81, &[b'x'; 1001])[..8], Close::TooBig);
        let halves = [frame(0x01, &[b'x'; 600]), frame(0x80, &[b'x'; 401])].concat();
        closes(&halves, Close::TooBig);
        let most = [frame(0x01, &[b'x'; 600]), frame(0x80, &[b'x'; 400])].concat();
        assert_eq!(outcome(&[&most], 1000).0.len(), 1);
    }

    #[test]
    fn fragments_without_end_are_given_up() {
        let mut endless = frame(0x01, b"");
        endless.extend(frame(0x00, b"").repeat(20_000));
        closes(&endless, Close::RateLimited);
    }

    #[test]
    fn nothing_is_kept_between_whole_messages() {
        let mut input = Input::default();
        for bytes in [&frame(0x81, b"x")[..4], &frame(0x81, b"x")[4..]] {
            input.receive(&mut bytes.to_vec(), 1000, |_| Ok::<(), Close>(())).unwrap();
        }
        assert_eq!(input.partial.capacity(), 0);
    }

    proptest! {
        #[test]
        fn where_reads_are_cut_does_not_matter(
            texts in proptest::collection::vec("[a-zé]{0,300}", 1..5), cuts in proptest::collection::vec(1..40_usize, 1..50)
        ) {
            let bytes: Vec<u8> = texts.iter().flat_map(|text| frame(0x81, text.as_bytes())).collect();
            let (mut reads, mut rest) = (Vec::new(), &*bytes);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (read, more) = rest.split_at((*cut).min(rest.len()));
                reads.push(read);
                rest = more;
            }
            prop_assert_eq!(outcome(&reads, 1000), outcome(&[&bytes], 1000));
        }
    }
}
