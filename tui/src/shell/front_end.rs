//! The interface between the loop and its two front ends: the screen, and lines.

use std::time::Instant;

use super::effects::Display;
use crate::core::event::Event;
use crate::core::model::Model;
use crate::failure::Failure;

/// When an event must be visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Draw {
    Now,
    Soon,
}

/// The screen, or lines.
pub(super) trait FrontEnd: Display {
    /// How many notices are handled before anything else is.
    const BATCH: usize;

    /// The next event of the user. Safe to cancel.
    async fn next(&mut self, model: &Model) -> Result<Event, Failure>;

    /// Whether notices may be handled; not while too much output waits to be read. Then
    /// [`Self::next`] returns as soon as there is room.
    fn has_room(&self) -> bool {
        true
    }

    /// When something must be shown although nothing happens.
    fn deadline(&self, model: &Model) -> Option<Instant>;

    /// Called after each event.
    fn updated(&mut self, model: &Model, draw: Draw);

    /// Called before the loop waits: draws what is due.
    fn show(&mut self, _model: &Model) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether another program has the terminal.
    fn is_lent(&self) -> bool {
        false
    }

    /// Called on SIGCONT.
    fn continued(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Ends the program that has the terminal, if any; returns what came of it.
    async fn terminate(&mut self) -> Option<Event> {
        None
    }

    /// Prints what is left, or releases the terminal.
    fn close(&mut self, model: &Model);
}
