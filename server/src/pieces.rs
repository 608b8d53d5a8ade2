//! A large text, cut into the fragments of one message.
//!
//! tungstenite copies all it writes into a buffer that never shrinks. Written whole, the state of
//! a large room would stay in the buffer of every member for good; in pieces, a piece does.

use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};

/// The largest piece, and so the largest text that goes whole.
pub(crate) const PIECE: usize = 16 * 1024;

/// What is left of a text.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    rest: Bytes,
    begun: bool,
}

impl Pieces {
    /// All of a text; an empty one has no pieces.
    pub(crate) fn of(text: Utf8Bytes) -> Self {
        Self { rest: text.into(), begun: false }
    }
}

impl Iterator for Pieces {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        if self.rest.is_empty() {
            return None;
        }
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        let kind =
            if std::mem::replace(&mut self.begun, true) { Data::Continue } else { Data::Text };
        let last = self.rest.is_empty();
        Some(Message::Frame(Frame::message(piece, OpCode::Data(kind), last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(length: usize) -> Vec<(usize, OpCode, bool)> {
        let shape = |message| match message {
            Message::Frame(frame) => {
                (frame.payload().len(), frame.header().opcode, frame.header().is_final)
            }
            other => panic!("{other:?}"),
        };
        Pieces::of("x".repeat(length).into()).map(shape).collect()
    }

    #[test]
    fn the_first_is_text_and_the_last_is_last() {
        let (text, more) = (OpCode::Data(Data::Text), OpCode::Data(Data::Continue));
        assert_eq!(pieces(PIECE), [(PIECE, text, true)]);
        assert_eq!(pieces(PIECE + 1), [(PIECE, text, false), (1, more, true)]);
        assert_eq!(
            pieces(2 * PIECE + 5),
            [(PIECE, text, false), (PIECE, more, false), (5, more, true)]
        );
    }
}
