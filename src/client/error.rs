//! Why a push came to nothing.

/// Why a push, a join or a connection came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address of the server is none we can use; the text says what to write instead.
    #[error("{0}")]
    Address(String),
    /// No server could be reached.
    #[error("cannot reach {address}: {reason}")]
    Unreachable {
        /// Where we tried.
        address: String,
        /// What the system or the server said.
        reason: String,
    },
    /// The server refused the push, with this reason.
    #[error("refused: {0}")]
    Refused(String),
    /// The server wants fewer pushes.
    #[error("the server wants fewer pushes; try again in {retry_after_ms} ms")]
    RateLimited {
        /// Milliseconds until a push will be taken again.
        retry_after_ms: u64,
    },
    /// There is no line to the server.
    #[error("there is no line to the server")]
    Offline,
    /// The room is not joined.
    #[error("that room is not joined")]
    NotJoined,
    /// The line dropped before the reply came; the push may have arrived or not.
    #[error("the line dropped before the server answered")]
    Lost,
    /// No reply within ten seconds.
    #[error("the server did not answer in time")]
    TimedOut,
    /// Too many pushes wait for the server already.
    #[error("too many pushes are waiting for the server")]
    Full,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
}
