//! Other names to go by, for whoever cannot have theirs or shares it.

use hullo::text::{MAX_NAME_BYTES, MAX_NAME_GRAPHEMES, clean_label, clean_name};
use unicode_segmentation::UnicodeSegmentation;

/// What somebody is called of whose name nothing can be used.
const FALLBACK: &str = "guest";

/// The least `mira-2`, `mira-3` and so on that nobody has.
pub(crate) fn numbered_variant(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let variant = |number: usize| {
        let suffix = format!("-{number}");
        shortened(name, suffix.len()) + &suffix
    };
    let mut variants = (2..).map(variant);
    variants.find(|variant| !is_taken(variant)).unwrap_or_default()
}

/// A name that is like a refused one and more likely to be accepted: cut to the permitted length, else
/// in ASCII letters, digits and hyphens.
pub(crate) fn acceptable_variant(refused: &str) -> String {
    let short = shortened(refused, 0);
    if short != refused && clean_name(&short).is_some() {
        return short;
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = short.split(|c| !is_plain(c)).filter(|word| !word.is_empty());
    let plain = words.collect::<Vec<_>>().join("-");
    match &*plain {
        "" => FALLBACK.to_owned(),
        same if same == refused => numbered_variant(refused, |_| false),
        _ => plain,
    }
}

/// The beginning of a name that leaves so many characters of the permitted length.
fn shortened(name: &str, left: usize) -> String {
    let mut short = String::new();
    for grapheme in clean_label(name).graphemes(true).take(MAX_NAME_GRAPHEMES - left) {
        if short.len() + grapheme.len() + left > MAX_NAME_BYTES {
            break;
        }
        short.push_str(grapheme);
    }
    short.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_valid_and_alike() {
        let long = "a".repeat(40);
        for (refused, expected) in [
            (&*long, &long[..32]),
            ("mira", "mira-2"),
            ("mira b.", "mira-b"),
            ("\u{200b}", FALLBACK),
            ("мира", FALLBACK),
        ] {
            let variant = acceptable_variant(refused);
            assert_eq!(variant, expected, "{refused:?}");
            assert_eq!(clean_name(&variant).as_deref(), Some(expected));
        }
        assert_eq!(numbered_variant("mira", |name| name == "mira-2"), "mira-3");
        assert_eq!(numbered_variant(&long, |_| false), format!("{}-2", &long[..30]));
        let wide = "日".repeat(60);
        assert!(clean_name(&numbered_variant(&wide, |_| false)).is_some());
    }
}
