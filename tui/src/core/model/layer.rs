//! A list over the log, which has the keys while it is there.

use crate::input::composer::Composer;

/// A list over the log, with a line to filter it by.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) kind: LayerKind,
    pub(crate) query: Composer,
    /// Which of what is offered.
    pub(crate) chosen: usize,
}

/// What a layer offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LayerKind {
    /// Keys and commands.
    Help,
    /// Everything one can go to.
    Palette(Sort),
    /// What was sent before.
    History,
    /// What was said in this buffer.
    Find,
    /// Who is in this room.
    People,
}

/// What a palette is narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    All,
    People,
    Rooms,
    Commands,
    Messages,
}

impl Sort {
    pub(crate) const IN_ORDER: [Self; 5] =
        [Self::All, Self::People, Self::Rooms, Self::Commands, Self::Messages];

    /// The one after this, or before it, round and round.
    pub(crate) fn step(self, forwards: bool) -> Self {
        let count = Self::IN_ORDER.len();
        let at = Self::IN_ORDER.iter().position(|sort| *sort == self).unwrap_or_default();
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

impl Layer {
    pub(crate) fn new(kind: LayerKind) -> Self {
        Self { kind, query: Composer::default(), chosen: 0 }
    }
}
