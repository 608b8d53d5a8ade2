//! ASCII replacements for our own glyphs.

use ratatui::buffer::Buffer;

/// Each glyph and its ASCII replacement, which is as wide.
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
    ("┌", "+"),
    ("┐", "+"),
    ("└", "+"),
    ("┘", "+"),
    ("┬", "+"),
    ("┴", "+"),
    ("…", "."),
    ("−", "-"),
    ("±", "~"),
    ("›", ">"),
    ("»", ">"),
    ("→", ">"),
    ("←", "<"),
    ("↑", "^"),
    ("↓", "v"),
    ("✗", "x"),
    ("✓", "+"),
    ("×", "x"),
    ("⚠", "!"),
    ("◌", "%"),
    ("⊘", "x"),
    ("▲", "^"),
    ("▼", "v"),
    ("↳", ">"),
    ("▁", "_"),
    ("▂", "_"),
    ("▃", "."),
    ("▄", "."),
    ("▅", ":"),
    ("▆", ":"),
    ("▇", "|"),
    ("█", "|"),
    ("⏎", "/"),
];

/// Replaces our glyphs, in messages too. Other characters that people wrote are left alone.
pub(crate) fn to_ascii(screen: &mut Buffer) {
    for cell in &mut screen.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        let twin = TWINS.iter().find(|(glyph, _)| *glyph == cell.symbol());
        if let Some((_, ascii)) = twin {
            cell.set_symbol(ascii);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::text::width;

    /// Every glyph in the code of this crate, without comments and tests.
    fn glyphs(folder: &Path, found: &mut BTreeSet<char>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
            if path.is_dir() && !is_test {
                glyphs(&path, found);
            } else if path.is_file() && !is_test {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
                let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.extend(lines.flat_map(str::chars).filter(|c| !c.is_ascii()));
            }
        }
    }

    #[test]
    fn every_glyph_of_ours_has_a_twin_that_is_as_wide() {
        let mut found = BTreeSet::new();
        glyphs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let known: BTreeSet<char> = TWINS.iter().flat_map(|(glyph, _)| glyph.chars()).collect();
        assert_eq!(found, known, "on screen, and with a twin");
        for (glyph, twin) in TWINS {
            assert!(twin.is_ascii() && width(glyph) == 1 && width(twin) == 1, "{glyph}");
        }
    }

    #[test]
    fn what_people_wrote_stays() {
        let mut screen = Buffer::with_lines(["▸ Zoë says … ●"]);
        to_ascii(&mut screen);
        assert_eq!(screen, Buffer::with_lines(["> Zoë says . *"]));
    }
}
