//! What was most likely meant by a word with slips in it.

/// The one of these words that was most likely meant, if one is near enough.
pub(crate) fn nearest<'a>(typed: &str, of: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = typed.chars().count();
    let most = match letters {
        0 | 1 => 0,
        2..=4 => 1,
        _ => 2,
    };
    // Comparing takes time, and what is longer or shorter by more is no slip.
    let similar = of.into_iter().filter(|word| word.chars().count().abs_diff(letters) <= most);
    let counted = similar.map(|word| (slips(typed, word), word));
    let nearest = counted.filter(|(slips, _)| *slips <= most).min_by_key(|(slips, _)| *slips);
    nearest.map(|(_, word)| word)
}

/// How many letters must be added, dropped, changed or swapped with the next one.
pub(crate) fn slips(typed: &str, meant: &str) -> usize {
    strsim::osa_distance(typed, meant)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_forgiven_as_far_as_the_word_is_long() {
        let of = ["nick", "notify", "reconnect", "quit"];
        for (typed, meant) in [
            ("nikc", Some("nick")),
            ("nioc", None),
            ("reconect", Some("reconnect")),
            ("notfiy", Some("notify")),
            ("qut", Some("quit")),
            ("", None),
        ] {
            assert_eq!(nearest(typed, of), meant, "{typed}");
        }
    }
}
