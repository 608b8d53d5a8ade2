//! Why something came to nothing.

use crate::protocol::Refusal;
use crate::protocol::payload::Reason;

/// Why a push, a join or a connection came to nothing.
///
/// ```no_run
/// use hullo::client::{Error, Room};
/// use hullo::protocol::Refusal;
///
/// # async fn example(lobby: Room) -> Result<(), Error> {
/// match lobby.join("ada").await {
///     Err(Error::Refused(Refusal::InvalidName)) => println!("choose another name"),
///     joined => println!("joined as {}", joined?.name),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the server cannot be used; the text says what to write instead.
    #[error("{0}")]
    Address(String),
    /// No server could be reached.
    #[error("cannot reach {address}: {reason}")]
    Unreachable {
        /// The address of the server.
        address: String,
        /// What the system or the server said.
        reason: String,
    },
    /// The server refused the push.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The server refused the push for a reason that this protocol does not know: its own words,
    /// safe to show.
    #[error("refused: {0}")]
    RefusedOther(String),
    /// The server answered with something that cannot be read.
    #[error("the answer of the server cannot be read: {0}")]
    Unreadable(String),
    /// There is no connection to the server.
    #[error("there is no connection to the server")]
    Offline,
    /// The room is not joined.
    #[error("that room is not joined")]
    NotJoined,
    /// The connection broke before the reply came, and the session could not be resumed; the push may
    /// have been delivered.
    #[error("the connection broke before the server answered; the push may have been delivered")]
    Lost,
    /// The server did not reply in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// As many pushes as allowed are waiting for the server already.
    #[error("too many pushes are waiting for the server")]
    Full,
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        match reason.refusal() {
            Some(refusal) => Self::Refused(refusal),
            None => Self::RefusedOther(crate::text::clean_line(&reason.reason).into_owned()),
        }
    }
}
