//! The wire: Phoenix Channels, and the hullo flow on it.
//!
//! One text frame is one [`Frame`]: `[join_ref, ref, topic, event, payload]`. Only [`codec`] knows
//! that a frame is an array; only [`payload`] knows what is inside a payload.

pub mod codec;
pub mod event;
pub mod frame;
pub mod payload;
mod scan;
pub mod topic;

pub use event::Event;
pub use frame::{Frame, Ref};
pub use payload::{Message, Payload, SessionId};
pub use topic::{InvalidRoom, RoomName, Topic, TopicKind};

/// Where a server listens unless told otherwise.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:4856";

/// The path a WebSocket is opened on; `/websocket` is what Phoenix clients append to `/socket`.
pub const SOCKET_PATH: &str = "/socket/websocket";

/// The largest frame and message in bytes, unless the operator chose another limit.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;
