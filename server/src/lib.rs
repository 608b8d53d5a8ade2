//! The hullo registry: a WebSocket server for presence and messages, as a library and a daemon.
//!
//! A frame's way through it, and the files on that way:
//!
//! ```text
//! listener ─ handshake ─ session ─ hub ─ registry      what a frame means, for whom: pure
//! admission  http, origin           └─ outbox ─ session     how it gets there
//! ```
//!
//! [`serve`] is the server, on a listener of the caller's; [`run`] is the daemon around it.

mod admission;
mod close;
mod config;
mod daemon;
mod delivery;
mod handshake;
mod http;
mod hub;
mod listener;
mod logging;
mod machine;
mod meter;
mod metrics;
mod origin;
mod outbox;
mod pieces;
mod rate;
mod refusal;
mod registry;
mod session;

pub use config::{Config, Greeters, ListenAddress, LogFormat, MetricsAccess, Options};
pub use daemon::{run, without_empty_variables};
pub use listener::serve;
pub use origin::{AllowedHost, AllowedOrigin};
