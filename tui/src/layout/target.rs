//! What a click on a part of the screen does.

use hullo::protocol::SessionId;

use crate::core::model::{Filter, PickerKind};
use crate::ids::{BufferId, EntryId};
use crate::input::keymap::Action;

/// What a click does. Where it can be clicked is noted while the screen is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Shows the buffer.
    Buffer(BufferId),
    /// Opens the conversation with this person.
    Person(SessionId),
    /// Expands the entry, folds it, or selects it.
    Entry(EntryId),
    /// Does what a key does.
    Action(Action),
    /// Presses this key: for the selected entry, or as the beginning of a line.
    Key(char),
    Enter,
    Escape,
    /// Runs a command.
    Command(&'static str),
    /// Scrolls to the end of the log.
    Newest,
    /// Opens a picker.
    Picker(PickerKind),
    /// Chooses this item of the open picker.
    Offer(usize),
    /// Completes to this one of the completions.
    Completion(usize),
    /// Begins a line with this one of the commands that match so far.
    Suggestion(usize),
    /// Narrows the palette.
    Filter(Filter),
}
