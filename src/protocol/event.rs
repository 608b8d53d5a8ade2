//! Events: the fourth item of a frame, a closed list, and any other name as it came.

/// The longest event name a server reads, in bytes.
pub const MAX_EVENT_BYTES: usize = 255;

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a frame means.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Event {
            $($(#[$doc])* $variant,)*
            /// A name that this protocol does not know.
            Other(Box<str>),
        }

        impl Event {
            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name,
                }
            }
        }

        impl From<&str> for Event {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Other(other.into()),
                }
            }
        }
    };
}

events! {
    /// Client to server: join a topic.
    Join = "phx_join",
    /// Client to server: leave a topic.
    Leave = "phx_leave",
    /// Server to client: this channel is over.
    Close = "phx_close",
    /// Server to client: this channel broke; join again.
    Error = "phx_error",
    /// Server to client: the answer to one push.
    Reply = "phx_reply",
    /// Client to server, on the topic `phoenix`: the client is alive.
    Heartbeat = "heartbeat",
    /// Server to one client: everybody who is here.
    PresenceState = "presence_state",
    /// Server to the room: who came, went or changed.
    PresenceDiff = "presence_diff",
    /// Client to server: I am here, and this is my name.
    Helo = "client_helo",
    /// Server to every other member: somebody said helo.
    NewUser = "new_user",
    /// To one member: an answer or a direct message.
    Response = "client_response",
    /// To every other member.
    Broadcast = "client_broadcast",
    /// Client to server: here, idle, away or do not disturb.
    Status = "client_status",
    /// Somebody is writing, or stopped.
    Typing = "client_typing",
    /// Client to server: what was broadcast before.
    History = "client_history",
    /// Client to server: what the room is about from now on.
    SetTopic = "client_topic",
    /// To every other member: what the room is about from now on.
    RoomTopic = "room_topic",
    /// Client to server, on the topic `rooms`: which rooms are there?
    List = "list",
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
