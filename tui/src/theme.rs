//! How things look: roles, not colours. Every colour has a glyph or a weight beside it, so that
//! nothing is said by colour alone.

use hullo::protocol::payload::State;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

/// What a piece of the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Text,
    /// Present, but not what one reads.
    Dim,
    Strong,
    /// A name; the number picks its colour.
    Name(u8),
    /// Our own name.
    Own,
    /// It names us, or is for us alone.
    Mention,
    /// Where the unread begins.
    Unread,
    Good,
    Warning,
    Bad,
    Link,
    /// A key that can be pressed.
    Key,
    /// The chosen one of several.
    Chosen,
}

/// How reachable somebody is, as one column.
pub(crate) fn state_glyph(state: State) -> (&'static str, Role) {
    match state {
        State::Here => ("●", Role::Good),
        State::Idle => ("◐", Role::Warning),
        State::Away => ("○", Role::Dim),
        State::Dnd => ("■", Role::Bad),
    }
}

/// The colours in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// The terminal's own sixteen, which its owner chose to be legible, dark or light.
    Terminal,
    /// None at all: bold, dim, reverse and underline.
    Mono,
}

/// The colours that names bear: none of the two that mean good and bad, and no white or black.
const HUES: [Color; 6] =
    [Color::Cyan, Color::Magenta, Color::Yellow, Color::Blue, Color::LightRed, Color::LightMagenta];

impl Theme {
    pub(crate) fn style(self, role: Role) -> Style {
        let plain = Style::new();
        match (role, self) {
            (Role::Text, _) | (Role::Name(_) | Role::Good, Self::Mono) => plain,
            (Role::Dim, _) => plain.add_modifier(Modifier::DIM),
            (Role::Strong | Role::Own | Role::Key, _) => plain.add_modifier(Modifier::BOLD),
            (Role::Link, _) => plain.add_modifier(Modifier::UNDERLINED),
            (Role::Chosen, _) => plain.add_modifier(Modifier::REVERSED),
            (Role::Name(hue), Self::Terminal) => plain.fg(HUES[usize::from(hue) % HUES.len()]),
            (Role::Mention, Self::Terminal) => plain.fg(Color::Yellow).add_modifier(Modifier::BOLD),
            (Role::Unread | Role::Bad, Self::Terminal) => plain.fg(Color::Red),
            (Role::Good, Self::Terminal) => plain.fg(Color::Green),
            (Role::Warning, Self::Terminal) => plain.fg(Color::Yellow),
            (Role::Mention | Role::Unread | Role::Bad | Role::Warning, Self::Mono) => {
                plain.add_modifier(Modifier::BOLD)
            }
        }
    }
}

/// What each of our glyphs becomes where only ASCII can be shown.
const TWINS: &[(&str, &str)] = &[
    ("●", "*"),
    ("◐", "~"),
    ("○", "o"),
    ("■", "#"),
    ("·", "."),
    ("▸", ">"),
    ("▌", "|"),
    ("▏", "|"),
    ("│", "|"),
    ("╰", "`"),
    ("─", "-"),
    ("┄", "-"),
    ("┬", "+"),
    ("┴", "+"),
    ("…", "."),
    ("−", "-"),
    ("›", ">"),
    ("→", ">"),
    ("✗", "x"),
    ("⚠", "!"),
    ("◌", "%"),
    ("↳", ">"),
    ("▁", "_"),
    ("▂", "_"),
    ("▃", "."),
    ("▄", "."),
    ("▅", ":"),
    ("▆", ":"),
    ("▇", "|"),
    ("█", "|"),
    ("↑", "^"),
    ("↓", "v"),
    ("⏎", "/"),
    ("▲", "^"),
    ("▼", "v"),
];

/// Replaces our glyphs by their ASCII twins, which are as wide. What people wrote stays.
pub(crate) fn to_ascii(screen: &mut Buffer) {
    for cell in &mut screen.content {
        let twin = TWINS.iter().find(|(glyph, _)| *glyph == cell.symbol());
        if let Some((_, ascii)) = twin {
            cell.set_symbol(ascii);
        }
    }
}
