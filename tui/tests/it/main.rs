//! The real program from outside. A server of its own for every test, on any free port; nothing of
//! the environment or the home of whoever runs the tests is used.
//!
//! - [`home`]: a home of its own for every test, and the environment of programs
//! - [`process`]: the program as a process, and a server that is one
//! - [`pty`]: the program in a terminal
//! - [`cli`]: the configuration, the doctor, completions and man pages
//! - [`commands`]: `who`, `send` and `helo`, and what all commands share
//! - [`rooms`]: rooms that are joined at every start
//! - [`watch`]: `watch`, and when it ends
//! - [`hostile`]: what others send drives no terminal
//! - [`serve`]: `hullo serve`
//! - [`shells`]: completions in the real shells
//! - [`kept`]: where nothing can be kept
//! - [`pipe`]: the line mode between other programs
//! - [`plain`]: the line mode
//! - [`terminal`]: the screen takes the terminal over, and hands it back on every way out
//! - [`aside`]: title, bell, desktop and clipboard
//! - [`elsewhere`]: the terminal in a shell's or an editor's hands
//! - [`slow`]: a terminal that stalls, a disk that hangs, an editor that stays open
//! - [`state`]: what is kept between two runs
//! - [`window`]: keys, pastes and sizes through the whole program
//! - [`debugging`]: the program's own log, as it is shown
//! - [`moving`]: from one server to another, and away
//! - [`restart`]: the server is killed, and the conversation goes on
//! - [`journey`]: several screens and a server, end to end

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod aside;
mod cli;
mod commands;
mod debugging;
#[cfg(unix)]
mod elsewhere;
mod home;
mod hostile;
#[cfg(unix)]
mod journey;
#[cfg(unix)]
mod kept;
#[cfg(unix)]
mod moving;
#[cfg(unix)]
mod pipe;
mod plain;
mod process;
mod pty;
#[cfg(unix)]
mod restart;
mod rooms;
mod serve;
#[cfg(unix)]
mod shells;
#[cfg(unix)]
mod slow;
#[cfg(unix)]
mod state;
mod terminal;
mod watch;
mod window;
