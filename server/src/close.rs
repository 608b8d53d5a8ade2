//! Why a socket ends: a code and a reason, both part of the wire.
//!
//! Never 1000 when the client is wanted back: Phoenix clients up to 1.8.15 stay away after it.

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

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
    /// The server goes away, perhaps to come back.
    Restart,
    /// More waits for this socket than may, or it does not read.
    TooSlow,
}

impl Close {
    /// The close code on the wire.
    pub(crate) fn code(self) -> u16 {
        match self {
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
            Self::Restart => "restart",
            Self::TooSlow => "too slow",
        }
    }

    /// The close that a broken rule calls for; `None` if the connection is lost anyway.
    pub(crate) fn for_error(error: &Error) -> Option<Self> {
        use tokio_tungstenite::tungstenite::error::ProtocolError;
        match error {
            Error::Capacity(_) => Some(Self::TooBig),
            Error::Utf8(_) => Some(Self::NotUtf8),
            Error::Protocol(error) if *error == ProtocolError::ResetWithoutClosingHandshake => None,
            Error::Protocol(_) | Error::AttackAttempt => Some(Self::Protocol),
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Io(_)
            | Error::Tls(_)
            | Error::WriteBufferFull(_)
            | Error::Url(_)
            | Error::Http(_)
            | Error::HttpFormat(_) => None,
        }
    }
}

impl From<Close> for CloseFrame {
    fn from(close: Close) -> Self {
        Self { code: close.code().into(), reason: close.reason().into() }
    }
}
