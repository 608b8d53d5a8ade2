//! Rooms and conversations: what was said in each, and what is kept of it in files.

pub(crate) mod buffer;
pub(crate) mod log;
pub(crate) mod log_files;
pub(crate) mod topic;
