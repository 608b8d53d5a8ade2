//! Frames of the wire, found by where things stand in them.

use hullo_testing::websocket::read_header;
use memchr::{memchr, memmem};

/// A frame of a client: `["join_ref","ref","topic","event",payload]`.
pub(super) struct Frame<'a> {
    /// The number of the client's join, in quotes, or `null`.
    pub(super) join: &'a [u8],
    pub(super) reference: &'a [u8],
    pub(super) topic: &'a [u8],
    pub(super) event: &'a [u8],
    pub(super) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    pub(super) fn find(text: &'a [u8]) -> Option<Self> {
        let join = text.get(1..memchr(b',', text)?)?;
        let mut rest = text.get(join.len() + 3..)?;
        let mut next = || {
            let end = memchr(b'"', rest)?;
            let (item, behind) = rest.split_at(end);
            rest = behind.get(3..)?;
            Some(item)
        };
        let (reference, topic) = (next()?, next()?);
        let end = memchr(b'"', rest)?;
        let payload = rest.get(end + 2..rest.len() - 1)?;
        Some(Self { join, reference, topic, event: &rest[..end], payload })
    }
}

/// The first frame of the input, unmasked in place, and how long it is.
pub(super) fn unmask(input: &mut [u8]) -> Option<(&mut [u8], usize)> {
    let (from, length) = read_header(input)?;
    let mask: [u8; 4] = input.get(from..from + 4)?.try_into().ok()?;
    let body = input.get_mut(from + 4..from + 4 + length)?;
    for four in body.chunks_mut(4) {
        four.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
    Some((body, from + 4 + length))
}

/// A frame of a server, or a part of one: `[` begins a frame, which gets its header.
pub(super) fn parts(parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Vec::with_capacity(length + 10);
    if parts[0].starts_with(b"[") {
        bytes.push(0x81);
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(length @ 0..126), _) => bytes.push(length),
            (_, Ok(length)) => {
                bytes.push(126);
                bytes.extend(length.to_be_bytes());
            }
            _ => {
                bytes.push(127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

pub(super) fn after<'a>(text: &'a [u8], key: &[u8]) -> &'a [u8] {
    memmem::find(text, key).map_or(&[], |at| &text[at + key.len()..])
}
