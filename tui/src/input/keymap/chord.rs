//! A key with its modifiers: as terminals report it, as a configuration writes it, and as people
//! read it.

use std::fmt;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl From<KeyEvent> for Chord {
    /// Terminals report the same key in several ways; it is always the same chord. The case of a
    /// letter says whether Shift was held, and with Ctrl there is no case.
    fn from(key: KeyEvent) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        let mut modifiers = key.modifiers & known;
        let code = match key.code {
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            KeyCode::Char(letter) if modifiers.contains(KeyModifiers::CONTROL) => {
                KeyCode::Char(letter.to_ascii_lowercase())
            }
            code => code,
        };
        if matches!(code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self { code, modifiers }
    }
}

/// The character that a key types, unless a modifier makes it a shortcut.
pub(crate) fn typed_character(key: KeyEvent) -> Option<char> {
    let shortcut = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER;
    match key.code {
        KeyCode::Char(typed) if !key.modifiers.intersects(shortcut) => Some(typed),
        _ => None,
    }
}

impl Chord {
    /// Reads a chord as a configuration writes it: `alt-a`, `ctrl-left`, `f2`, `?`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((before, after)) =
            rest.split_once('-').filter(|(_, after)| !after.is_empty())
        {
            modifiers |= match &*before.to_lowercase() {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return None,
            };
            rest = after;
        }
        let mut code = named(rest).or_else(|| function_key(rest)).or_else(|| one_letter(rest))?;
        if let (KeyCode::Char(letter), false) = (code, modifiers.is_empty()) {
            let upper = modifiers.contains(KeyModifiers::SHIFT);
            let letter =
                if upper { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
            code = KeyCode::Char(letter);
        }
        Some(KeyEvent::new(code, modifiers).into())
    }

    /// As a terminal reports it.
    #[cfg(test)]
    pub(super) fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// Whether this key types a character: one that is bound acts only on an empty line.
    pub(crate) fn is_character(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }
}

const NAMED: [(&str, KeyCode); 18] = [
    ("enter", KeyCode::Enter),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
    ("↑", KeyCode::Up),
    ("↓", KeyCode::Down),
    ("←", KeyCode::Left),
    ("→", KeyCode::Right),
];

fn named(text: &str) -> Option<KeyCode> {
    NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, code)| *code)
}

fn function_key(text: &str) -> Option<KeyCode> {
    let number = text.strip_prefix(['f', 'F'])?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

fn one_letter(text: &str) -> Option<KeyCode> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none()).map(KeyCode::Char)
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = [
            (KeyModifiers::CONTROL, "Ctrl+"),
            (KeyModifiers::ALT, "Alt+"),
            (KeyModifiers::SHIFT, "Shift+"),
        ];
        for (modifier, name) in held {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(letter) if self.modifiers.is_empty() => write!(f, "{letter}"),
            KeyCode::Char(letter) if letter.is_ascii_uppercase() => write!(f, "Shift+{letter}"),
            KeyCode::Char(letter) => write!(f, "{}", letter.to_ascii_uppercase()),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::BackTab => f.write_str("Shift+Tab"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::F(number) => write!(f, "F{number}"),
            code => match NAMED.iter().find(|(_, named)| *named == code) {
                Some((name, _)) => write!(f, "{}{}", name[..1].to_uppercase(), &name[1..]),
                None => write!(f, "{code}"),
            },
        }
    }
}
