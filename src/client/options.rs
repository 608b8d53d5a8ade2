//! What a user can choose about a connection.

use std::time::Duration;

/// See [`ClientBuilder`](super::ClientBuilder).
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) connect_timeout: Duration,
    pub(super) reply_timeout: Duration,
    pub(super) backlog: usize,
    pub(super) unread_notices: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            reply_timeout: Duration::from_secs(10),
            backlog: 256,
            unread_notices: 8192,
        }
    }
}
