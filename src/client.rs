//! A client of the hullo flow: joins rooms, says helo, answers, and comes back by itself.
//!
//! [`Client`] pushes, [`Notices`] tells what happens. Between them a task owns the WebSocket; what
//! it does is decided by a pure machine (`socket`, and a `channel` for each room), which is told
//! the time and never asks.
//!
//! - A push goes out in the order of the calls; its [`Pending`] resolves with the server's reply,
//!   or with [`Error::TimedOut`] after ten seconds.
//! - A push to a room that is not entered yet, or not again after a lost line, waits for it.
//! - When the line drops, the client reconnects after `min(30 s, 0.5 s · 2^n)` with full jitter,
//!   joins again and says helo again, under the current name and status. What was sent and not
//!   answered by then fails with [`Error::Lost`].
//! - After 15 s of silence it sends a heartbeat; a line that leaves two of them unanswered is dead.
//! - Everything is bounded. At most 256 pushes wait; one more fails with [`Error::Full`]. A user
//!   who leaves 8,192 notices unread loses the line, is told so, and enters anew with the state of
//!   then: no notice is lost in silence.

mod address;
mod backoff;
mod channel;
mod driver;
mod error;
mod handle;
mod line;
mod notice;
mod socket;

pub use address::{authority, full_address};
pub use channel::Introduction;
pub use error::Error;
pub use handle::{Client, Notices, Pending};
pub use notice::{Departure, Notice};
