//! The state of line mode, in which lines are read and printed instead of a screen.

use std::collections::VecDeque;
use std::time::Instant;

use hullo::protocol::RoomName;

use crate::failure::Failure;

/// The state of line mode. What follows from it is decided in `update::line_policy`.
#[derive(Clone, Debug)]
pub(crate) struct LineMode {
    /// Whether somebody types at a terminal; otherwise the input comes from a program.
    pub(crate) is_typed: bool,
    /// The room of the command line.
    pub(crate) room: RoomName,
    /// Whether there has been a connection.
    pub(crate) was_online: bool,
    /// How many lines were read.
    pub(crate) read: usize,
    /// When the next line may be read.
    pub(crate) next_line_at: Instant,
    pub(crate) end: End,
    /// The lines whose effects on files are pending, oldest first.
    pub(crate) file_lines: VecDeque<String>,
    /// How many lines of a program could not be carried out.
    pub(crate) not_done: usize,
    /// How many lines were dropped without being handled.
    pub(crate) not_taken: usize,
    /// Whether not all of the input was read.
    pub(crate) is_cut: bool,
    /// Why a program could not connect or join.
    pub(crate) shut_out: Option<Failure>,
}

/// Whether line mode is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Open,
    /// Nothing more is read, and hullo ends once everything is delivered.
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
