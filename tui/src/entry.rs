//! The kinds of entries in a log, and the rows that each becomes on the screen.

pub(crate) mod rows;
