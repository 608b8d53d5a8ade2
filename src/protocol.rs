//! The wire format: Phoenix Channels, and the hullo flow on it.
//!
//! One text frame is one [`Frame`]: `[join_ref, ref, topic, event, payload]`. Only [`codec`] knows
//! that a frame is an array; only [`payload`] knows what is inside a payload.
//!
//! ```
//! use hullo::protocol::payload::Broadcast;
//! use hullo::protocol::{Event, codec};
//!
//! let frame = codec::decode(r#"["1","7","room:lobby","client_broadcast",{"message":"hello"}]"#)?;
//! assert_eq!((frame.topic.as_str(), &frame.event), ("room:lobby", &Event::Broadcast));
//! let broadcast: Broadcast = frame.payload.decode()?;
//! assert_eq!(broadcast.message.as_text(), "hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod codec;
pub mod event;
pub mod frame;
pub mod payload;
mod refusal;
mod scan;
pub mod topic;

pub use event::Event;
pub use frame::{Frame, Ref};
pub use payload::{Message, Payload, SessionId};
pub use refusal::Refusal;
pub use topic::{InvalidRoom, RoomName, Topic, TopicKind};

/// Where a server listens unless told otherwise.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:4856";

/// The path a WebSocket is opened on; `/websocket` is what Phoenix clients append to `/socket`.
pub const SOCKET_PATH: &str = "/socket/websocket";

/// The largest frame and message in bytes, unless the operator chose another limit.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;
