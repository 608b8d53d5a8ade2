//! What is known where lines are read and printed instead of a screen.

use std::collections::VecDeque;
use std::time::Instant;

use hullo::protocol::RoomName;

use crate::failure::Failure;

/// The state of the line mode; what follows from it is decided by `update::line_mode`.
#[derive(Clone, Debug)]
pub(crate) struct LineMode {
    /// Whether somebody types, rather than a program writes.
    pub(crate) is_typed: bool,
    /// The room that the command line named.
    pub(crate) room: RoomName,
    /// Whether the server has ever answered.
    pub(crate) was_online: bool,
    /// How many lines were read.
    pub(crate) read: usize,
    /// When the next line may be read.
    pub(crate) next_line_at: Instant,
    pub(crate) end: End,
    /// The lines that await what comes of their effects on files, oldest first.
    pub(crate) file_lines: VecDeque<String>,
    /// How many lines from a program could not be carried out.
    pub(crate) not_done: usize,
    /// How many were not even taken.
    pub(crate) not_taken: usize,
    /// Whether the input had still more when it was abandoned.
    pub(crate) is_cut: bool,
    /// Why a program could not get in.
    pub(crate) shut_out: Option<Failure>,
}

/// How far the end is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Open,
    /// Nothing more is read; what is on its way is delivered first.
    Delivering,
    Now,
}

impl LineMode {
    pub(crate) fn new(is_typed: bool, room: RoomName, now: Instant) -> Self {
        Self {
            is_typed,
            room,
            was_online: false,
            read: 0,
            next_line_at: now,
            end: End::Open,
            file_lines: VecDeque::new(),
            not_done: 0,
            not_taken: 0,
            is_cut: false,
            shut_out: None,
        }
    }
}
