//! The name that was probably meant by a misspelt one.

/// The name most similar to `typed`, if one is similar enough.
pub(crate) fn nearest<'a>(
    typed: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = typed.chars().count();
    let max_distance = match length {
        0 | 1 => 0,
        2..=4 => 1,
        _ => 2,
    };
    // The difference in length is quick to compute, and the distance is never less.
    let names =
        names.into_iter().filter(|name| name.chars().count().abs_diff(length) <= max_distance);
    let distances = names.map(|name| (strsim::osa_distance(typed, name), name));
    let near = distances.filter(|(distance, _)| *distance <= max_distance);
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_a_similar_name_is_suggested() {
        let names = ["nick", "notify", "reconnect", "quit"];
        for (typed, expected) in [
            ("nikc", Some("nick")),
            ("nioc", None),
            ("reconect", Some("reconnect")),
            ("notfiy", Some("notify")),
            ("qut", Some("quit")),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names), expected, "{typed}");
        }
    }
}
