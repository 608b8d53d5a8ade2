//! Our own glyphs where only ASCII can be shown.

use ratatui::buffer::Buffer;

/// What each of our glyphs becomes where only ASCII can be shown.
pub(crate) const TWINS: [(&str, &str); 27] = [
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
    ("±", "~"),
    ("›", ">"),
    ("→", ">"),
    ("←", "<"),
    ("↑", "^"),
    ("↓", "v"),
    ("✗", "x"),
    ("⚠", "!"),
    ("◌", "%"),
    ("▲", "^"),
    ("▼", "v"),
];

/// Replaces our glyphs by their ASCII twins, which are as wide. What people wrote stays.
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
