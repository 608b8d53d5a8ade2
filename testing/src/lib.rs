//! What the tests and benchmarks of hullo share. It is not published.
//!
//! - [`wait`]: waiting with a limit
//! - [`server`]: a server in the process of the test
//! - [`listener`]: whatever else listens on a free port; [`proxy`]: breaks connections when it is told to;
//!   [`faults`]: does so at random
//! - [`chaos`]: members that talk meanwhile, a server that is killed, and what came of it
//! - [`guest`]: somebody who uses the client library as any program would
//! - [`peer`]: a WebSocket that speaks Phoenix; [`bare`]: the same as bare bytes, for crowds and floods
//! - [`websocket`]: handshakes and frames as bytes
//! - [`program`]: programs that run, and how they ended; [`process`]: what the kernel knows of them
//! - [`npm`]: packages for what runs under Node

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test fails by a panic")]

pub mod bare;
pub mod chaos;
pub mod faults;
pub mod guest;
pub mod listener;
pub mod npm;
pub mod peer;
pub mod process;
pub mod program;
pub mod proxy;
pub mod server;
pub mod wait;
pub mod websocket;

/// Where nobody listens: the port of a service that no machine offers any more.
pub const NOWHERE: &str = "127.0.0.1:9";
