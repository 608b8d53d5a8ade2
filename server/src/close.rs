//! Why a socket ends: a code and a reason, both part of the wire.
//!
//! Never 1000 when the client is wanted back: Phoenix clients up to 1.8.15 stay away after it.

/// Why the server ends a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// A violation of RFC 6455.
    Protocol,
    /// Nothing came for too long.
    Idle,
    /// Text that is not UTF-8.
    NotUtf8,
    /// Far over the rate, refusals notwithstanding.
    RateLimited,
    /// A frame or message over the limit.
    TooBig,
    /// Not a frame of Phoenix Channels.
    Undecodable,
    /// Another connection has taken its session over.
    Replaced,
    /// The server goes away, perhaps to come back.
    Restart,
    /// More waits for this socket than may, or it does not read.
    TooSlow,
}

impl Close {
    /// The close code on the wire.
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::Replaced => 1001,
            Self::Protocol | Self::Idle => 1002,
            Self::NotUtf8 => 1007,
            Self::RateLimited => 1008,
            Self::TooBig => 1009,
            Self::Undecodable => 1011,
            Self::Restart => 1012,
            Self::TooSlow => 1013,
        }
    }

    /// The close reason on the wire.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Protocol => "protocol error",
            Self::Idle => "idle",
            Self::NotUtf8 => "not UTF-8",
            Self::RateLimited => "rate limited",
            Self::TooBig => "too big",
            Self::Undecodable => "undecodable frame",
            Self::Replaced => "replaced",
            Self::Restart => "restart",
            Self::TooSlow => "too slow",
        }
    }
}
