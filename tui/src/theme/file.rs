//! Theme files:
//!
//! ```toml
//! background = "#1e1e24"         # left out: the terminal's own shows
//! names = ["cyan", "#e5a55d"]    # 6 to 12 of them
//!
//! [roles]
//! bad = "bold red"
//! link = "#89b4fa underline"
//! ```
//!
//! A role that is left out is as in the theme `terminal`.

use std::fmt;
use std::ops::{Range, RangeInclusive};

use ratatui::style::{Color, Modifier, Style};
use toml_edit::{Document, Item, TableLike, Value};

use super::{ROLES, Theme};
use crate::text::line_at;

/// How many colours names may have.
const NAMES: RangeInclusive<usize> = 6..=12;

/// The sixteen that every terminal has.
const COLOURS: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("light-black", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("light-white", Color::White),
];

const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

/// A mistake in a theme file, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileError {
    line: usize,
    why: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.line, self.why)
    }
}

/// Reads a theme; roles that it leaves out are taken from `base`.
pub(crate) fn parse(text: &str, base: &Theme) -> Result<Theme, FileError> {
    read(text, base).map_err(|Wrong { at, why }| FileError {
        line: line_at(text, at.unwrap_or_default().start),
        why,
    })
}

/// A mistake and its byte range.
struct Wrong {
    at: Option<Range<usize>>,
    why: String,
}

fn wrong(at: Option<Range<usize>>, why: impl Into<String>) -> Wrong {
    Wrong { at, why: why.into() }
}

fn read(text: &str, base: &Theme) -> Result<Theme, Wrong> {
    let document = Document::parse(text).map_err(|error| {
        wrong(error.span(), error.message().lines().collect::<Vec<_>>().join("; "))
    })?;
    let mut theme = base.clone();
    for (name, item) in document.iter() {
        match name {
            "background" => {
                let colour = text_of(item)
                    .and_then(|text| colour(text).map_err(|why| wrong(item.span(), why)))?;
                theme.page = theme.page.bg(colour);
            }
            "names" => theme.names = names(item)?,
            "roles" => match item.as_table_like() {
                Some(roles) => read_roles(roles, &mut theme)?,
                None => return Err(wrong(item.span(), "roles is a table: [roles]")),
            },
            _ => {
                let why = format!("{name} means nothing here; roles, names and background do");
                return Err(wrong(key_at(document.as_table(), name), why));
            }
        }
    }
    theme.page.fg = if theme.page.bg.is_some() { theme.roles[0].fg } else { None };
    Ok(theme)
}

fn read_roles(roles: &dyn TableLike, theme: &mut Theme) -> Result<(), Wrong> {
    for (name, item) in roles.iter() {
        let Some(at) = ROLES.iter().position(|(other, _)| *other == name) else {
            let all = ROLES.map(|(name, _)| name).join(", ");
            let why = format!("there is no role {name:?}; there are {all}");
            return Err(wrong(key_at(roles, name), why));
        };
        theme.roles[at] =
            text_of(item).and_then(|text| style(text).map_err(|why| wrong(item.span(), why)))?;
    }
    Ok(())
}

fn names(item: &Item) -> Result<Vec<Style>, Wrong> {
    let list = item.as_array().ok_or_else(|| wrong(item.span(), "names is a list of styles"))?;
    if !NAMES.contains(&list.len()) {
        let (least, most) = (NAMES.start(), NAMES.end());
        return Err(wrong(item.span(), format!("names holds {least} to {most} styles")));
    }
    let one = |value: &Value| {
        let text = value.as_str().ok_or_else(|| wrong(value.span(), "a style is a text"))?;
        style(text).map_err(|why| wrong(value.span(), why))
    };
    list.iter().map(one).collect()
}

fn text_of(item: &Item) -> Result<&str, Wrong> {
    item.as_str().ok_or_else(|| wrong(item.span(), "a style is a text, as in \"bold red\""))
}

fn key_at(table: &dyn TableLike, name: &str) -> Option<Range<usize>> {
    table.key(name).and_then(toml_edit::Key::span)
}

/// Reads a style: a colour, `on` a background, and modifiers such as `bold`.
fn style(text: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
            style = style.add_modifier(*modifier);
        } else if word == "on" {
            style = style.bg(colour(words.next().unwrap_or_default())?);
        } else {
            style = style.fg(colour(word)?);
        }
    }
    Ok(style)
}

fn colour(word: &str) -> Result<Color, String> {
    if let Some((_, colour)) = COLOURS.iter().find(|(name, _)| *name == word) {
        return Ok(*colour);
    }
    // `from_str_radix` accepts a sign, which no colour has.
    let value = word.strip_prefix('#').filter(|digits| digits.len() == 6 && !digits.contains('+'));
    if let Some(value) = value.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
        let [_, red, green, blue] = value.to_be_bytes();
        return Ok(Color::Rgb(red, green, blue));
    }
    let index = word.parse().ok().filter(|_| !word.starts_with('+'));
    index.map(Color::Indexed).ok_or_else(|| {
        format!(
            "there is no colour {word:?}; there are red, light-red and the like, \
             default, 0 to 255, and #rrggbb"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Role;

    #[track_caller]
    fn check_style(text: &str, expected: Style) {
        assert_eq!(style(text), Ok(expected), "{text:?}");
    }

    #[test]
    fn styles_are_read() {
        check_style("", Style::new());
        check_style("bold red", Style::new().fg(Color::Red).bold());
        check_style("#89b4fa underline", Style::new().fg(Color::Rgb(137, 180, 250)).underlined());
        check_style("dim", Style::new().dim());
        check_style("244 on default", Style::new().fg(Color::Indexed(244)).bg(Color::Reset));
        check_style("black on light-yellow", Style::new().black().on_light_yellow());
    }

    #[track_caller]
    fn refused(text: &str, line: usize, why: &str) {
        let error = parse(text, &Theme::plain()).unwrap_err();
        assert!(error.line == line && error.why.contains(why), "{text:?}: {error}");
    }

    #[test]
    fn what_will_not_do_is_said_with_its_line() {
        refused("[roles]\n\nbad = \"bold rde\"", 3, "no colour \"rde\"");
        refused("[roles]\ntext = \"red\"\nbda = \"red\"", 3, "no role \"bda\"");
        refused("[roles]\nbad = 3", 2, "a style is a text");
        refused("names = [\"red\"]", 1, "6 to 12");
        refused("names = [\"1\",\"2\",\"3\",\"4\",\n\"5\",\"256\"]", 2, "no colour \"256\"");
        refused("\nnmaes = []", 2, "means nothing here");
        refused("background = \"#12345\"", 1, "no colour");
        refused("background = \"#+12345\"", 1, "no colour \"#+12345\"");
        refused("[roles]\nbad = \"bold +5\"", 2, "no colour \"+5\"");
        refused("[roles]\nbad = \"on\"", 2, "no colour \"\"");
        refused("roles = 1", 1, "a table");
        refused("[roles]\nbad \"red\"", 2, "");
    }

    #[test]
    fn what_is_left_out_is_as_in_the_base() {
        let base = parse("[roles]\nbad = \"red\"\ngood = \"green\"", &Theme::plain()).unwrap();
        let theme = parse("background = \"0\"\n[roles]\nbad = \"blue\"", &base).unwrap();
        assert_eq!(theme.style(Role::Bad), Style::new().blue());
        assert_eq!(theme.style(Role::Good), Style::new().green());
        assert_eq!(theme.page(), Style::new().bg(Color::Indexed(0)));
    }
}
