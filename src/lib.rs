//! hullo: see who is around, in your terminal, and say hello.
//!
//! This crate is what the server and every client share:
//!
//! - [`protocol`]: the wire. Phoenix Channels V2 frames and the payloads of the hullo flow.
//! - [`presence`]: who is here, kept in step with `presence_state` and `presence_diff`.
//! - [`text`]: making text from the network harmless before anybody sees it.
//! - [`client`]: a client that joins rooms, says helo, answers, and comes back by itself.
//!
//! It knows no server and no terminal.

pub mod client;
pub mod presence;
pub mod protocol;
pub mod text;

pub use client::{Client, Notice, Notices};
pub use presence::Person;
