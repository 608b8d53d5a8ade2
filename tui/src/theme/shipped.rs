//! The themes that come with the program.

use super::{Theme, parse};

/// Their names and files, as `/theme` lists them.
pub(crate) const SHIPPED: [(&str, &str); 6] = [
    ("terminal", include_str!("../../themes/terminal.toml")),
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("ember", include_str!("../../themes/ember.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// The shipped theme of this name.
pub(crate) fn shipped(name: &str) -> Option<Theme> {
    let (_, file) = SHIPPED.iter().find(|(other, _)| *other == name)?;
    let base = if name == SHIPPED[0].0 { Theme::plain() } else { Theme::default() };
    Some(parse(file, &base).expect("a test reads every shipped theme"))
}

impl Default for Theme {
    /// The terminal's own sixteen colours, which its user chose to be legible on dark or light.
    fn default() -> Self {
        shipped(SHIPPED[0].0).expect("it is in the list")
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Style};

    use super::*;
    use crate::theme::colour::tests::contrast;
    use crate::theme::{ROLES, Role};

    fn rgb(colour: Option<Color>) -> Option<[u8; 3]> {
        match colour {
            Some(Color::Rgb(red, green, blue)) => Some([red, green, blue]),
            _ => None,
        }
    }

    fn theme(name: &str) -> Theme {
        shipped(name).unwrap()
    }

    /// Every role and name of a theme on this background.
    #[track_caller]
    fn legible(name: &str, background: [u8; 3], least: f64) {
        let theme = theme(name);
        let named = (0..12).map(|hue| ("a name", Role::Name(hue)));
        for (what, role) in ROLES.into_iter().chain(named) {
            let style = theme.style(role);
            let behind = rgb(style.bg).unwrap_or(background);
            let Some(letters) = rgb(style.fg.or(theme.style(Role::Text).fg)) else { continue };
            let contrast = contrast(letters, behind);
            assert!(contrast >= least, "{name}: {what} {role:?} has {contrast:.2}");
        }
    }

    #[test]
    fn every_letter_can_be_read() {
        for background in [[0, 0, 0], [0x1e, 0x1e, 0x1e], [0x2b, 0x2d, 0x34]] {
            legible("dark", background, 4.5);
        }
        for background in [[0xff, 0xff, 0xff], [0xfa, 0xf8, 0xf2], [0xee, 0xee, 0xee]] {
            legible("light", background, 4.5);
        }
        legible("high-contrast", rgb(theme("high-contrast").page().bg).unwrap(), 7.0);
        legible("ember", rgb(theme("ember").page().bg).unwrap(), 4.5);
    }

    #[test]
    fn a_theme_of_many_colours_has_twelve_for_names_that_differ() {
        for name in ["dark", "light", "high-contrast", "ember"] {
            let theme = theme(name);
            assert_eq!(theme.names.len(), 12, "{name}");
            for (at, one) in theme.names.iter().enumerate() {
                for other in &theme.names[at + 1..] {
                    let (one, other) = (rgb(one.fg).unwrap(), rgb(other.fg).unwrap());
                    let far: u32 =
                        one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b))).sum();
                    assert!(far >= 36, "{name}: {one:x?} and {other:x?} look the same");
                }
            }
        }
    }

    #[test]
    fn mono_has_no_colour_and_tells_apart_without() {
        let mono = theme("mono");
        let all = mono.roles.iter().chain(&mono.names).chain([&mono.page]);
        for style in all {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        for role in [Role::Mention, Role::Unread, Role::Bad, Role::Warning, Role::Own, Role::Key] {
            assert_eq!(mono.style(role), Style::new().bold(), "{role:?}");
        }
    }

    #[test]
    fn the_terminal_theme_has_nothing_but_its_sixteen() {
        let theme = Theme::default();
        for style in theme.roles.iter().chain(&theme.names) {
            assert!(!matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_))));
        }
        assert!(theme.names.len() >= 6);
    }
}
