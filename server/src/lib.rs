//! The hullo registry: a WebSocket server for presence and messages, as a library and a daemon.
//!
//! The way of a message, and the files on that way:
//!
//! ```text
//! listener ─ handshake ─ connection ─ channels ─ rooms ─ room         what it means, and for whom
//! admission  http, origin   input                         log         kept until everybody has it
//!                           output ────────────────────── delivery    how it gets there
//! ```
//!
//! [`serve`] is the server, on a listener of the caller's; [`run`] is the daemon around it.

mod admission;
mod batch;
#[doc(hidden)]
pub mod bench;
mod clock;
mod close;
mod command_line;
mod config;
mod connection;
mod daemon;
mod handshake;
mod http;
mod listener;
mod logging;
mod machine;
pub mod manual;
mod metrics;
mod origin;
mod persistence;
mod phx_ref;
mod rate;
mod refusal;
mod reply;
mod room;
mod rooms;
mod server;
#[cfg(target_os = "linux")]
mod service_manager;
#[doc(hidden)]
pub mod store;
#[cfg(test)]
mod tests;
mod ticker;
mod token;

pub use command_line::{exit, without_empty_variables};
pub use config::{Config, Durability, Greeters, ListenAddress, LogFormat, MetricsAccess, Options};
pub use daemon::run;
pub use listener::serve;
pub use origin::{AllowedHost, AllowedOrigin};
