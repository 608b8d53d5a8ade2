//! What the user types: the line, the keys, how commands are written, and names for lines.

pub(crate) mod alias;
pub(crate) mod command;
pub(crate) mod completion;
pub(crate) mod composer;
pub(crate) mod keymap;
