//! The rooms of the server, as they were listed last.

use std::time::Instant;

use hullo::client::ListedRoom;

use super::{Model, Push};

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

impl Model {
    /// Whether the list of rooms that the user asked for is on its way.
    pub(crate) fn expects_rooms(&self) -> bool {
        self.pushes.values().any(|under_way| matches!(under_way.push, Push::List { .. }))
    }
}
