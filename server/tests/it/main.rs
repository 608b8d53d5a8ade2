//! The server from outside, over loopback. A server of its own for every test, on any free port;
//! the peers are not our client library but a bare WebSocket, or bare bytes.
//!
//! - [`flow`]: people meet, talk and leave
//! - [`front`]: the HTTP before the WebSocket
//! - [`crowd`]: how many may come, in all, from one address, and at once
//! - [`pages`]: which web pages may connect
//! - [`metrics`]: what the server counts, and who may read it
//! - [`log`]: logs that nobody reads, floods, and files
//! - [`abuse`]: hostile and broken clients, each beside a canary that must not notice
//! - [`bursts`]: nobody is put offline by what others send
//! - [`memory`]: what clients can make the server keep
//! - [`limits`]: how much one client may push, and how many rooms and members there may be
//! - [`pace`]: how soon members hear, where much is said
//! - [`presence`]: many come at once, many are gone at once
//! - [`farewell`]: clients that do not let the server end their connection in peace
//! - [`resume`]: sessions that are taken back, retries and history
//! - [`data`]: a daemon with a store is killed, and goes on where it was
//! - [`chaos`]: connections break and the daemon is killed, and nothing is lost
//! - [`topics`]: what rooms are about, the list of them, observers and quiet sessions
//! - [`stop`]: how a server ends, and what it tells its clients
//! - [`stopped`]: a daemon whose process stood still for a while
//! - [`systemd`]: what a service manager hands over, and what it is told
//! - [`daemon`]: the real binary: options, signals, exit codes

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]
#![allow(clippy::large_futures, reason = "peers and servers live in the futures of their tests")]

mod abuse;
mod bursts;
mod chaos;
mod crowd;
mod daemon;
#[cfg(unix)]
mod data;
mod farewell;
mod flow;
mod front;
mod limits;
mod log;
#[cfg(target_os = "linux")]
mod memory;
mod metrics;
mod pace;
mod pages;
mod presence;
mod resume;
mod stop;
#[cfg(unix)]
mod stopped;
#[cfg(target_os = "linux")]
mod systemd;
#[cfg(unix)]
mod topics;
