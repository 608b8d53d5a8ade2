//! What is drawn: the layout, the panes and the theme.

pub(crate) mod glyphs;
pub(crate) mod layout;
pub(crate) mod theme;
pub(crate) mod view;
