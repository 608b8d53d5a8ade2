//! hullo: see who is around, in your terminal, and say hello.
//!
//! This crate is what the server and every client share:
//!
//! - [`protocol`]: the wire format. Phoenix Channels V2 frames and the payloads of the hullo flow.
//! - [`presence`]: who is here, kept in step with `presence_state` and `presence_diff`.
//! - [`text`]: makes text from the network safe to show.
//! - [`client`]: a client that joins rooms, says helo, answers, and reconnects by itself. It runs on
//!   tokio; without the feature `client` (on by default) this crate depends on no runtime.
//!
//! It contains no server and no user interface.

#[cfg(feature = "client")]
pub mod client;
pub mod presence;
pub mod protocol;
pub mod text;

#[cfg(feature = "client")]
pub use client::{Client, Notice, Notices};
pub use presence::Person;
