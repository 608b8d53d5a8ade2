//! What people read and write on: a screen, or lines. The loop is the same for both.

use std::time::Instant;

use super::effects::Display;
use crate::core::event::Event;
use crate::core::model::Model;
use crate::failure::Failure;

/// When to draw what an event has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Draw {
    Now,
    Soon,
}

/// A screen, or lines.
pub(super) trait FrontEnd: Display {
    /// How many notices are taken in at once.
    const BATCH: usize;

    /// What the user does next. Safe to cancel.
    async fn next(&mut self, model: &Model) -> Result<Event, Failure>;

    /// Whether anything may be taken in that would have more to be told. If not, [`Self::next`]
    /// ends as soon as there is room.
    fn has_room(&self) -> bool {
        true
    }

    /// When something is to be shown although nothing happens.
    fn deadline(&self, model: &Model) -> Option<Instant>;

    /// The model has changed.
    fn updated(&mut self, model: &Model, draw: Draw);

    /// Shows what is due.
    fn show(&mut self, _model: &Model) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether another program has the terminal, which an interrupt is then for.
    fn is_lent(&self) -> bool {
        false
    }

    /// The system goes on with us after we were stopped.
    fn continued(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// The system wants us to end: so must the program that has the terminal.
    async fn terminate(&mut self) -> Option<Event> {
        None
    }

    /// Shows what is left to be shown, and lets go of the terminal.
    fn close(&mut self, model: &Model);
}
