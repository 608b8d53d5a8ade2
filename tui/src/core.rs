//! The program without its surroundings: what can happen, what is known, and what follows from it.
//! Pure: the time comes in with every event.

pub(crate) mod chat_files;
pub(crate) mod event;
pub(crate) mod failing;
pub(crate) mod kept_screen;
pub(crate) mod line_mode;
pub(crate) mod model;
pub(crate) mod server_restart;
pub(crate) mod update;
