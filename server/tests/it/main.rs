//! The server from outside, over loopback. A server of its own for every test, on any free port;
//! the peers are not our client library but a bare WebSocket, or bare bytes.
//!
//! - [`harness`]: servers, peers, and the daemon's process
//! - [`flow`]: people meet, talk and leave
//! - [`front`]: the HTTP before the WebSocket
//! - [`crowd`]: how many may come, in all, from one address, and at once
//! - [`pages`]: which web pages may connect
//! - [`metrics`]: what the server counts, and who may read it
//! - [`log`]: logs that nobody reads, floods, and files
//! - [`abuse`]: hostile and broken clients, each beside a canary that must not notice
//! - [`stop`]: how a server ends, and what it tells its clients
//! - [`daemon`]: the real binary: options, signals, exit codes

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]
#![allow(clippy::large_futures, reason = "peers and servers live in the futures of their tests")]

mod abuse;
mod crowd;
mod daemon;
mod flow;
mod front;
mod harness;
mod log;
mod metrics;
mod pages;
mod stop;
