//! Frames that are written at once, with one `writev`.
//!
//! A server's frames are not masked, so a frame for many members is the same bytes for each of them:
//! it is framed once and shared. What is for one connection alone is written into the batch.

use std::ops::Range;

use bytes::Bytes;

/// Shared bytes up to this size are copied: that costs less than one more part to write.
const COPY_BYTES: usize = 512;

/// The longest header of a frame that is not masked.
const MAX_HEADER_BYTES: usize = 10;

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PONG: u8 = 0x8a;

/// Frames to be written at once.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    local: Vec<u8>,
    parts: Vec<Part>,
    bytes: usize,
    frames: u64,
}

#[derive(Debug)]
enum Part {
    Local(Range<usize>),
    Shared(Bytes),
}

impl Batch {
    /// How many bytes are in it.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many frames are in it.
    pub(crate) fn frames(&self) -> u64 {
        self.frames
    }

    /// A text frame for this connection alone; `write` appends the text.
    pub(crate) fn text(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.spliced(write, &[], b"");
    }

    /// A text frame for this connection alone with shared bytes in the middle.
    pub(crate) fn spliced(
        &mut self,
        before: impl FnOnce(&mut Vec<u8>),
        shared: &[Bytes],
        after: &[u8],
    ) {
        let start = self.local.len();
        self.local.resize(start + MAX_HEADER_BYTES, 0);
        before(&mut self.local);
        let shared_bytes: usize = shared.iter().map(Bytes::len).sum();
        let text_start = start + MAX_HEADER_BYTES;
        let length = self.local.len() - text_start + shared_bytes + after.len();
        let (header, header_length) = header(TEXT, length);
        self.local[start..start + header_length].copy_from_slice(&header[..header_length]);
        self.local.copy_within(text_start.., start + header_length);
        self.local.truncate(self.local.len() - (MAX_HEADER_BYTES - header_length));
        self.close_local(start);
        for bytes in shared {
            self.share(bytes);
        }
        self.copy(after);
        self.frames += 1;
    }

    /// Frames that are the same for many connections, with their headers.
    pub(crate) fn framed(&mut self, bytes: &Bytes, frames: u64) {
        self.share(bytes);
        self.frames += frames;
    }

    /// All of its frames, to be sent later.
    pub(crate) fn into_frames(self) -> (Bytes, u64) {
        let parts: Vec<&[u8]> = (0..self.parts.len()).map(|at| self.part(at)).collect();
        (parts.concat().into(), self.frames)
    }

    /// A pong with the payload of its ping.
    pub(crate) fn pong(&mut self, payload: &[u8]) {
        self.control(PONG, payload);
    }

    /// A close frame: nothing, or a code and a reason.
    pub(crate) fn close(&mut self, payload: &[u8]) {
        self.control(CLOSE, payload);
    }

    fn control(&mut self, first_byte: u8, payload: &[u8]) {
        let (header, length) = header(first_byte, payload.len());
        self.copy(&header[..length]);
        self.copy(payload);
        self.frames += 1;
    }

    fn share(&mut self, bytes: &Bytes) {
        if bytes.len() <= COPY_BYTES {
            self.copy(bytes);
        } else {
            self.bytes += bytes.len();
            self.parts.push(Part::Shared(bytes.clone()));
        }
    }

    fn copy(&mut self, bytes: &[u8]) {
        let start = self.local.len();
        self.local.extend_from_slice(bytes);
        self.close_local(start);
    }

    /// Takes note of what was appended to `local` since `start`.
    fn close_local(&mut self, start: usize) {
        let end = self.local.len();
        self.bytes += end - start;
        match self.parts.last_mut() {
            Some(Part::Local(range)) => range.end = end,
            _ => self.parts.push(Part::Local(start..end)),
        }
    }

    /// How many parts its bytes are in.
    pub(crate) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// One of these parts.
    pub(crate) fn part(&self, at: usize) -> &[u8] {
        match &self.parts[at] {
            Part::Local(range) => &self.local[range.clone()],
            Part::Shared(bytes) => bytes,
        }
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) {
        self.local.clear();
        self.parts.clear();
        (self.bytes, self.frames) = (0, 0);
    }

    /// What stands behind the first `written` bytes.
    pub(crate) fn rest(&self, mut written: usize) -> impl Iterator<Item = Bytes> {
        self.parts.iter().enumerate().filter_map(move |(at, part)| {
            let skipped = written.min(self.part(at).len());
            written -= skipped;
            let rest = match part {
                Part::Local(range) => {
                    Bytes::copy_from_slice(&self.local[range.start + skipped..range.end])
                }
                Part::Shared(bytes) => bytes.slice(skipped..),
            };
            (!rest.is_empty()).then_some(rest)
        })
    }
}

#[cfg(test)]
impl Batch {
    /// The texts of its frames.
    pub(crate) fn texts(&self) -> Vec<String> {
        let bytes: Vec<u8> = (0..self.parts.len()).flat_map(|at| self.part(at).to_vec()).collect();
        let (mut texts, mut rest) = (Vec::new(), &*bytes);
        while let [TEXT, first, after @ ..] = rest {
            let (length, after) = match first {
                126 => (u64::from(u16::from_be_bytes([after[0], after[1]])), &after[2..]),
                127 => (u64::from_be_bytes(after[..8].try_into().unwrap()), &after[8..]),
                short => (u64::from(*short), after),
            };
            let (text, after) = after.split_at(usize::try_from(length).unwrap());
            texts.push(String::from_utf8(text.to_vec()).unwrap());
            rest = after;
        }
        assert!(rest.is_empty(), "only texts, each of them whole");
        texts
    }
}

/// The header of a frame that is not masked, and its length.
fn header(first_byte: u8, length: usize) -> ([u8; MAX_HEADER_BYTES], usize) {
    let mut header = [0; MAX_HEADER_BYTES];
    header[0] = first_byte;
    let header_length = if let Some(short) = u8::try_from(length).ok().filter(|short| *short < 126)
    {
        header[1] = short;
        2
    } else if let Ok(medium) = u16::try_from(length) {
        header[1] = 126;
        header[2..4].copy_from_slice(&medium.to_be_bytes());
        4
    } else {
        header[1] = 127;
        header[2..10].copy_from_slice(&(length as u64).to_be_bytes());
        10
    };
    (header, header_length)
}

/// The same framed text with `"seq"` behind the last field of its payload, which must have one.
pub(crate) fn framed_with_seq(framed: &[u8], seq: u64) -> Bytes {
    let header_length = match framed[1] {
        127 => 10,
        126 => 4,
        _ => 2,
    };
    let inside = &framed[header_length..framed.len() - b"}]".len()];
    framed_text(|text| {
        text.extend_from_slice(inside);
        append_seq(text, seq);
        text.push(b']');
    })
}

/// Appends `"seq"` as the last field of an object that has others, and the object's end.
pub(crate) fn append_seq(json: &mut Vec<u8>, seq: u64) {
    json.extend_from_slice(format!(r#","seq":{seq}}}"#).as_bytes());
}

/// A text frame with its header, to be shared.
pub(crate) fn framed_text(write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut batch = Batch::default();
    batch.text(write);
    Bytes::from(batch.local)
}
