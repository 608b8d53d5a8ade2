//! A list over the log, which has the keys while it is open.

use crate::input::composer::Composer;

/// A list over the log, with a line to filter it by.
#[derive(Clone, Debug)]
pub(crate) struct Picker {
    pub(crate) kind: PickerKind,
    pub(crate) query: Composer,
    /// Which of what is offered.
    pub(crate) chosen: usize,
}

/// What a picker offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PickerKind {
    /// Keys and commands.
    Help,
    /// Everything one can go to.
    Palette(Filter),
    /// What was sent before.
    History,
    /// What was said in this buffer.
    Find,
    /// Who is in this room.
    People,
    /// The rooms of the server.
    Directory,
}

/// What a palette is narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    All,
    People,
    Rooms,
    Commands,
    Messages,
}

impl Filter {
    pub(crate) const IN_ORDER: [Self; 5] =
        [Self::All, Self::People, Self::Rooms, Self::Commands, Self::Messages];

    /// The one after this, or before it, round and round.
    pub(crate) fn step(self, forwards: bool) -> Self {
        let count = Self::IN_ORDER.len();
        let at = Self::IN_ORDER.iter().position(|filter| *filter == self).unwrap_or_default();
        Self::IN_ORDER[(at + if forwards { 1 } else { count - 1 }) % count]
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::People => "people",
            Self::Rooms => "rooms",
            Self::Commands => "commands",
            Self::Messages => "messages",
        }
    }
}

impl Picker {
    pub(crate) fn new(kind: PickerKind) -> Self {
        Self { kind, query: Composer::default(), chosen: 0 }
    }

    /// One that is filtered by this text already.
    pub(crate) fn filtered(kind: PickerKind, text: &str) -> Self {
        let mut picker = Self::new(kind);
        picker.query.insert(text);
        picker
    }
}
