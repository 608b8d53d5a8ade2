//! The program `hullo`, as a library: the screen, line mode, and the commands without either.
//!
//! `core` is pure: events go in, effects come out. `shell` reads keys and the network, and carries
//! the effects out; `screen` draws the model.

#[cfg(feature = "test-hooks")]
#[doc(hidden)]
pub mod bench;
mod chat;
mod cli;
mod config;
mod core;
mod entry;
mod failure;
mod ids;
mod input;
mod layout;
mod menu;
mod people;
mod plain;
mod screen;
mod settings;
mod shell;
mod text;
mod theme;
mod time;

#[cfg(test)]
mod tests;

pub use cli::main;
