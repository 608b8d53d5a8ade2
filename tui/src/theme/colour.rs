//! Colour depths of terminals, and the distance between two colours.

use ratatui::style::{Color, Style};

/// How many colours a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    Sixteen,
    TwoFiftySix,
    /// Any, in 24 bits.
    Full,
}

/// The steps of the 6x6x6 cube that begins at 16.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Depth {
    /// Reads the colour depth from the terminal's environment variables.
    pub(crate) fn told(colorterm: &str, term: &str) -> Self {
        match colorterm.to_ascii_lowercase().as_str() {
            "truecolor" | "24bit" => Self::Full,
            _ if term.contains("256color") => Self::TwoFiftySix,
            _ => Self::Sixteen,
        }
    }

    /// The nearest style that can be shown; `None` if a colour has none near enough.
    pub(super) fn nearest(self, style: Style) -> Option<Style> {
        let nearest = |colour: Option<Color>| match (colour, self) {
            (Some(Color::Rgb(red, green, blue)), Self::TwoFiftySix) => {
                Some(Some(Color::Indexed(indexed([red, green, blue]))))
            }
            (Some(Color::Rgb(..) | Color::Indexed(16..)), Self::Sixteen) => None,
            _ => Some(colour),
        };
        Some(Style { fg: nearest(style.fg)?, bg: nearest(style.bg)?, ..style })
    }
}

/// The nearest of the 240 fixed colours (16 to 255).
fn indexed(colour: [u8; 3]) -> u8 {
    let step = |value: u8| {
        let far = |at: &u8| STEPS[usize::from(*at)].abs_diff(value);
        (0..6).min_by_key(far).unwrap_or_default()
    };
    let cube = colour.map(step);
    let in_cube = cube.map(|at| STEPS[usize::from(at)]);
    let sum: u16 = colour.into_iter().map(u16::from).sum();
    // The 24 greys begin at 8 and go in steps of 10.
    let grey = u8::try_from((sum / 3).saturating_sub(3) / 10).unwrap_or(23).min(23);
    let in_greys = [8 + 10 * grey; 3];
    if distance(in_greys, colour) < distance(in_cube, colour) {
        232 + grey
    } else {
        16 + 36 * cube[0] + 6 * cube[1] + cube[2]
    }
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.into_iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        assert_eq!(Depth::told("truecolor", "xterm-256color"), Depth::Full);
        assert_eq!(Depth::told("24bit", "xterm"), Depth::Full);
        assert_eq!(Depth::told("", "tmux-256color"), Depth::TwoFiftySix);
        assert_eq!(Depth::told("yes", "xterm"), Depth::Sixteen);
        assert_eq!(Depth::told("", "linux"), Depth::Sixteen);
    }

    #[test]
    fn the_nearest_of_the_fixed_colours_is_taken() {
        let check = |colour, expected| assert_eq!(indexed(colour), expected, "{colour:?}");
        check([0, 0, 0], 16);
        check([255, 255, 255], 231);
        check([255, 0, 0], 196);
        check([138, 138, 138], 245);
        check([8, 8, 8], 232);
        check([95, 135, 175], 67);
        check([100, 130, 180], 67);
    }

    /// Contrast as the Web Content Accessibility Guidelines measure it: 1 to 21.
    pub(in crate::theme) fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(colour: [u8; 3]) -> f64 {
        let [red, green, blue] = colour.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn contrast_is_measured_as_the_guidelines_do() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
        assert!((contrast([119; 3], [255; 3]) - 4.48).abs() < 0.01);
    }
}
