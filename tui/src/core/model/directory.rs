//! The rooms of the server, as they were listed last.

use std::time::Instant;

use hullo::client::ListedRoom;

/// The rooms of the server, as they were listed last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    /// Those with the most people first.
    pub(crate) rooms: Vec<ListedRoom>,
    /// Whether there are more.
    pub(crate) more: bool,
    /// When they were asked for, if they were.
    pub(crate) asked_at: Option<Instant>,
}
