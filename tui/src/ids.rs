//! Numbers by which parts of the program name each other's things.

/// A buffer, for as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BufferId(pub(crate) u64);

/// An entry of one log, for as long as it is kept; later ones are greater. Those from before the
/// room was joined are below 0.
pub(crate) type EntryId = i64;

/// A request to the server whose outcome matters to the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(pub(crate) u64);
