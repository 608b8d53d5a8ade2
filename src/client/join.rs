//! How to join a room.

use crate::protocol::payload::{Helo, Mode, Status};

/// How to join a room: the name, and what else others are to see.
///
/// A bare name will do where nothing else is to be said.
///
/// ```
/// use hullo::client::JoinOptions;
/// use hullo::protocol::payload::{State, Status};
///
/// let plain = JoinOptions::from("ada");
/// let lunch = Status { state: State::Away, text: Some("lunch".to_owned()) };
/// let away = JoinOptions::new("ada").status(lunch).user("ada@example".to_owned());
/// assert_ne!(plain, away);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct JoinOptions {
    pub(super) name: String,
    pub(super) status: Option<Status>,
    pub(super) user: Option<String>,
    pub(super) history: u64,
    pub(super) mode: Option<Mode>,
}

impl JoinOptions {
    /// Under this name.
    ///
    /// ```
    /// # use hullo::client::JoinOptions;
    /// assert_eq!(JoinOptions::new("ada"), JoinOptions::from("ada"));
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), status: None, user: None, history: 0, mode: None }
    }

    /// With this status from the start.
    ///
    /// ```
    /// # use hullo::client::JoinOptions;
    /// use hullo::protocol::payload::{State, Status};
    ///
    /// let options = JoinOptions::new("ada").status(Status { state: State::Dnd, text: None });
    /// ```
    pub fn status(self, status: impl Into<Option<Status>>) -> Self {
        Self { status: status.into(), ..self }
    }

    /// Tells who this is beyond one session, an address for instance.
    ///
    /// ```
    /// # use hullo::client::JoinOptions;
    /// let options = JoinOptions::new("ada").user("ada@example".to_owned());
    /// ```
    pub fn user(self, user: impl Into<Option<String>>) -> Self {
        Self { user: user.into(), ..self }
    }

    /// Asks for the newest messages that were said to the room, which then come as a
    /// [`Notice::History`](super::Notice::History).
    ///
    /// ```
    /// # use hullo::client::JoinOptions;
    /// let options = JoinOptions::new("ada").history(50);
    /// ```
    pub fn history(self, messages: u64) -> Self {
        Self { history: messages, ..self }
    }

    /// Takes part in another way than everybody does: [`Mode::Observer`] hears everything, but is
    /// not announced and asked for no answers; [`Mode::Quiet`] may push, and hears only what is
    /// addressed to it. For a quiet session, who is present is as it was when it joined.
    ///
    /// Servers that do not know modes let the session take part as everybody does.
    ///
    /// ```
    /// # use hullo::client::JoinOptions;
    /// use hullo::protocol::payload::Mode;
    ///
    /// let options = JoinOptions::new("ci").mode(Mode::Quiet);
    /// ```
    pub fn mode(self, mode: impl Into<Option<Mode>>) -> Self {
        Self { mode: mode.into(), ..self }
    }
}

impl From<&str> for JoinOptions {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for JoinOptions {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl From<&JoinOptions> for Helo {
    fn from(me: &JoinOptions) -> Self {
        Self {
            name: me.name.clone(),
            status: me.status.clone(),
            user: me.user.clone(),
            mode: me.mode,
        }
    }
}
