//! Themes: a style for every role. Nothing is told by colour alone: a glyph or a weight goes with it.
//!
//! Themes are TOML files: [`parse`] reads one, [`shipped`] returns those that come with the program,
//! and [`Theme::on`] reduces one to the colours that a terminal can show.

mod colour;
mod file;
mod shipped;

use hullo::protocol::payload::State;
use ratatui::style::Style;

pub(crate) use self::colour::Depth;
pub(crate) use self::file::parse;
pub(crate) use self::shipped::{SHIPPED, shipped};
pub(crate) use crate::text::row::Role;

/// The glyph for somebody's state, one column wide.
pub(crate) fn state_glyph(state: State) -> (&'static str, Role) {
    match state {
        State::Here => ("●", Role::Good),
        State::Idle => ("◐", Role::Warning),
        State::Away => ("○", Role::Dim),
        State::Dnd => ("■", Role::Bad),
    }
}

/// The roles as they are written in a theme file; the colours of names are a list there.
const ROLES: [(&str, Role); 14] = [
    ("text", Role::Text),
    ("dim", Role::Dim),
    ("strong", Role::Strong),
    ("own", Role::Own),
    ("mention", Role::Mention),
    ("unread", Role::Unread),
    ("good", Role::Good),
    ("warning", Role::Warning),
    ("bad", Role::Bad),
    ("link", Role::Link),
    ("code", Role::Code),
    ("stressed", Role::Stressed),
    ("key", Role::Key),
    ("chosen", Role::Chosen),
];

/// A style for every role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    /// The background; if it is not set, the terminal's own.
    page: Style,
    roles: [Style; ROLES.len()],
    /// The styles of names; never empty.
    names: Vec<Style>,
}

impl Theme {
    /// No style for anything.
    const fn plain() -> Self {
        Self { page: Style::new(), roles: [Style::new(); ROLES.len()], names: Vec::new() }
    }

    /// The style that every cell starts with.
    pub(crate) fn page(&self) -> Style {
        self.page
    }

    /// The same theme on the terminal's own background.
    pub(crate) fn without_page(self) -> Self {
        Self { page: Style::new(), ..self }
    }

    /// Called for every segment of every frame, so it is only an index.
    pub(crate) fn style(&self, role: Role) -> Style {
        let at = match role {
            Role::Name(hue) => return self.names[usize::from(hue) % self.names.len()],
            Role::Text => 0,
            Role::Dim => 1,
            Role::Strong => 2,
            Role::Own => 3,
            Role::Mention => 4,
            Role::Unread => 5,
            Role::Good => 6,
            Role::Warning => 7,
            Role::Bad => 8,
            Role::Link => 9,
            Role::Code => 10,
            Role::Stressed => 11,
            Role::Key => 12,
            Role::Chosen => 13,
        };
        self.roles[at]
    }

    /// Reduces the theme to a colour depth: the nearest colours, or where there are none, the styles
    /// of `instead`.
    pub(crate) fn on(mut self, depth: Depth, instead: &Self) -> Self {
        self.page = depth.nearest(self.page).unwrap_or(instead.page);
        for (style, instead) in self.roles.iter_mut().zip(&instead.roles) {
            *style = depth.nearest(*style).unwrap_or(*instead);
        }
        for (style, instead) in self.names.iter_mut().zip(instead.names.iter().cycle()) {
            *style = depth.nearest(*style).unwrap_or(*instead);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_the_place_that_its_name_has() {
        for (at, (name, role)) in ROLES.iter().enumerate() {
            let mut theme = Theme::plain();
            theme.roles[at] = Style::new().bold();
            assert_eq!(theme.style(*role), Style::new().bold(), "{name}");
        }
    }

    #[test]
    fn a_terminal_of_sixteen_colours_gets_what_it_can_show() {
        let terminal = shipped("terminal").unwrap();
        let poor = shipped("dark").unwrap().on(Depth::Sixteen, &terminal);
        assert_eq!(poor.style(Role::Bad), terminal.style(Role::Bad));
        assert_eq!(poor.style(Role::Name(7)), terminal.style(Role::Name(1)));
        let full = shipped("dark").unwrap();
        assert_eq!(full.clone().on(Depth::Full, &terminal), full);
        assert_eq!(shipped("ember").unwrap().on(Depth::Sixteen, &terminal).page(), terminal.page());
    }
}
