//! What the user types: the line, the keys, the commands and their completion.

pub(crate) mod alias;
pub(crate) mod command;
pub(crate) mod complete;
pub(crate) mod composer;
pub(crate) mod keymap;
