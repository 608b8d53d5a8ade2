//! The client library from outside, against the real server over loopback. A server of its own for
//! every test, on any free port.
//!
//! - [`flow`]: people meet, talk, look in and leave
//! - [`refused`]: what the server or the library says no to
//! - [`lost`]: the server ends, and comes back
//! - [`resume`]: connections break, and nothing is lost and nothing doubled
//! - [`topics`]: what rooms are about, which rooms there are, observers and quiet sessions
//! - [`goodbye`]: how a client ends

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod flow;
mod goodbye;
mod lost;
mod refused;
mod resume;
mod topics;
