//! A client of the hullo flow: joins rooms, says helo, answers, and reconnects by itself.
//!
//! [`Client`] and its [`Room`]s push, [`Notices`] delivers what happens. A task between them owns
//! the WebSocket. What the task does is decided by a state machine that does no I/O.
//!
//! ```no_run
//! use hullo::client::{Client, Notice};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (client, mut notices) = Client::connect("ws://127.0.0.1:4856").await?;
//! let lobby = client.room(&"lobby".parse()?);
//! lobby.join("ada").await?;
//! lobby.say("hello, who is here?").await?;
//! while let Some(notice) = notices.recv().await {
//!     if let Notice::Said { message, .. } = notice {
//!         println!("{}", hullo::text::clean_text(&message.as_text()));
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - A push is sent in the order of the calls; its [`Pending`] resolves with the server's reply, or
//!   with [`Error::TimedOut`] after ten seconds.
//! - A push to a room that is not entered yet, or not again after the connection broke, waits for
//!   it. At most 256 pushes wait; one more fails with [`Error::Full`].
//! - When the connection breaks, the client reconnects after `min(30 s, 0.5 s · 2^n)` with full
//!   jitter, joins its rooms and says helo again, under the current name and status. Pushes that
//!   were sent and not answered by then fail with [`Error::Lost`].
//! - After 15 s of silence it sends a heartbeat; a connection that leaves two of them unanswered is
//!   given up.
//! - The connection stays open while a [`Client`], a [`Room`] or the [`Notices`] exist, or until
//!   [`Client::close`]. Whoever drops the [`Notices`] can go on pushing, and whoever drops the
//!   [`Client`] can go on listening.
//! - No notice is lost in silence: a user who leaves 8,192 of them unread loses the connection, is
//!   told so, and enters again with the state of that moment.

mod address;
mod backoff;
mod builder;
mod channel;
mod command;
mod connection;
mod driver;
mod error;
mod handle;
mod join;
mod notice;
mod options;
mod room;
mod socket;

pub use address::Address;
pub use builder::ClientBuilder;
pub use error::Error;
pub use handle::{Client, Notices, Pending};
pub use join::JoinOptions;
pub use notice::{Departure, Notice};
pub use room::Room;
