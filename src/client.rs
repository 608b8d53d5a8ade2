//! A client of the hullo flow: joins rooms, says helo, answers, and comes back by itself.
//!
//! [`Client`] pushes, [`Notices`] tells what happens. Between them a task owns the WebSocket; what
//! it does is decided by a pure machine (`socket`, and a `channel` for each room), which is told the time and never asks.
//!
//! - A push is sent in the order of the calls; its [`Pending`] resolves with the server's reply.
//!   Pushes made while a room is not joined yet wait for it, at most ten seconds.
//! - When the line drops, the client reconnects after `min(30 s, 0.5·2^n)` with full jitter, joins
//!   again and says helo again, under the current name and status.
//! - After 15 s of silence it sends a heartbeat; a line that leaves two of them unanswered is dead.
//! - Everything is bounded: at most 256 pushes wait, and a user who falls 8,192 notices behind loses the
//!   line, is told so, and enters anew with the state of then. No notice is lost in silence.

mod error;
mod notice;

pub use error::Error;
pub use notice::{Departure, Notice};
