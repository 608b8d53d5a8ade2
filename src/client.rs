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
//! - Pushes are sent in the order of the calls; each [`Pending`] resolves with the server's reply, or
//!   with [`Error::TimedOut`].
//! - A push to a room that is not entered yet waits for it, and so does one that the server refuses
//!   as too many: it is sent again as soon as the server accepts it. At most 256 pushes wait; one
//!   more fails with [`Error::Full`].
//! - After 15 s of silence the client sends a heartbeat; a connection on which nothing comes for 30 s
//!   is given up.
//! - When the connection breaks, the client reconnects after `min(30 s, 0.5 s · 2^n)` with full
//!   jitter, and resumes its session in every room: it keeps its id, the others notice nothing, what
//!   was missed follows ([`Notice::Resumed`]), and pushes without a reply are sent again and take
//!   effect once. If a session cannot be resumed, it joins again and says helo, under the current
//!   name and status ([`Notice::Gap`]); pushes without a reply then fail with [`Error::Lost`].
//! - The connection stays open while a [`Client`], a [`Room`] or the [`Notices`] exist, or until
//!   [`Client::close`]. Whoever drops the [`Notices`] can go on pushing, and whoever drops the
//!   [`Client`] can go on listening.
//!   A program that ends without closing looks to others as if it were still there, until the server
//!   no longer expects it to come back.
//! - No notice is lost in silence: a user who leaves 8,192 of them unread loses the connection, is
//!   told so, and is connected again after reading them.

mod address;
mod backoff;
mod builder;
mod channel;
mod command;
mod connection;
mod directory;
mod driver;
mod error;
mod handle;
mod join;
mod notice;
mod options;
mod pace;
mod room;
mod socket;

pub use address::Address;
pub use builder::ClientBuilder;
pub use directory::{ListedRoom, RoomList};
pub use error::Error;
pub use handle::{Client, Notices, Pending};
pub use join::JoinOptions;
pub use notice::{Departure, Notice, PastMessage};
pub use room::Room;
