//! The command line, and everything hullo does without the screen.

pub mod args;
pub(crate) mod doctor;
pub(crate) mod headless;
pub(crate) mod setup;
