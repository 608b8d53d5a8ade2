//! The real program from outside. A server of its own for every test, on any free port; nothing of
//! the environment or the home of whoever runs the tests is used.
//!
//! - [`process`]: the program as a process, a server, and people in the test itself
//! - [`pty`]: the program in a terminal
//! - [`headless`]: `who`, `send` and `helo`, and what all commands share
//! - [`watch`]: `watch`, and when it ends
//! - [`hostile`]: what others send drives no terminal
//! - [`serve`]: `hullo serve`
//! - [`kept`]: where nothing can be kept
//! - [`pipe`]: the line mode between other programs
//! - [`terminal`]: the screen takes the terminal over, and hands it back on every way out
//! - [`aside`]: title, bell, desktop and clipboard
//! - [`elsewhere`]: the terminal in a shell's or an editor's hands
//! - [`window`]: keys, pastes and sizes through the whole program
//! - [`journey`]: several screens and a server, end to end

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod aside;
#[cfg(unix)]
mod elsewhere;
mod headless;
mod hostile;
#[cfg(unix)]
mod journey;
#[cfg(unix)]
mod kept;
#[cfg(unix)]
mod pipe;
mod process;
mod pty;
mod serve;
mod terminal;
mod watch;
mod window;
