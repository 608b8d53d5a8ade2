//! Pushes whose outcome is awaited.

use std::time::Instant;

use crate::chat::buffer::BufferId;

/// A push that has no outcome yet, and since when.
#[derive(Clone, Debug)]
pub(crate) struct UnderWay {
    pub(crate) push: Push,
    pub(crate) since: Instant,
}

/// A push whose outcome is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Push {
    /// A message of ours in this buffer.
    Line(BufferId),
    /// A message of ours in a buffer of this title that was closed meanwhile.
    ClosedLine { title: String, text: String },
    /// A change of name, in this buffer.
    Rename { buffer: BufferId, name: String },
    /// A wave to somebody, in this buffer.
    Wave { buffer: BufferId, name: String },
    /// What the room of this buffer is about.
    Topic { buffer: BufferId, topic: String },
    /// The list of the rooms whose name or topic contains this.
    List { matching: String },
}
