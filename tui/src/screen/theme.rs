//! How things look: roles, not colours. Every colour has a glyph or a weight beside it, so that
//! nothing is said by colour alone.
//!
//! A theme is a file, ours as well as a user's: [`parse`] reads it, [`shipped`] holds those that
//! come with the program, and [`Theme::on`] makes it fit a terminal with fewer colours.

mod colour;
mod file;
mod shipped;

use hullo::protocol::payload::State;
use ratatui::style::Style;

pub(crate) use self::colour::Depth;
pub(crate) use self::file::parse;
pub(crate) use self::shipped::{SHIPPED, shipped};
pub(crate) use crate::text::row::Role;

/// How reachable somebody is, as one column.
pub(crate) fn state_glyph(state: State) -> (&'static str, Role) {
    match state {
        State::Here => ("●", Role::Good),
        State::Idle => ("◐", Role::Warning),
        State::Away => ("○", Role::Dim),
        State::Dnd => ("■", Role::Bad),
    }
}

/// The roles that a theme names one by one; names have a list of their own.
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
    /// What lies behind everything; without, the terminal's own background shows.
    page: Style,
    roles: [Style; ROLES.len()],
    /// What names bear, so that one knows people apart at a glance; never empty.
    names: Vec<Style>,
}

impl Theme {
    /// No style for anything.
    const fn plain() -> Self {
        Self { page: Style::new(), roles: [Style::new(); ROLES.len()], names: Vec::new() }
    }

    /// What every cell of the screen begins with.
    pub(crate) fn page(&self) -> Style {
        self.page
    }

    /// The same on the terminal's own background.
    pub(crate) fn without_page(self) -> Self {
        Self { page: Style::new(), ..self }
    }

    /// Looked up for every piece of every frame: an index, nothing more.
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

    /// This theme where only so many colours can be shown: the nearest ones, or where even these
    /// are too many, what `instead` has in their place.
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
