//! What the environment says about the terminal.

use crate::theme::Depth;

/// The value of a variable; empty if it is not set.
pub(super) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// How many colours the terminal has.
pub(super) fn colour_depth() -> Depth {
    Depth::told(&variable("COLORTERM"), &variable("TERM"))
}

/// Whether the locale is UTF-8, which it is taken for if none is set.
pub(super) fn is_utf8() -> bool {
    let locales = ["LC_ALL", "LC_CTYPE", "LANG"].map(|name| variable(name).to_lowercase());
    let locale = locales.iter().find(|locale| !locale.is_empty());
    locale.is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8"))
}
