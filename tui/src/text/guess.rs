//! What someone probably meant by a misspelt name.

/// The name closest to a misspelt one, if one is close enough.
pub(crate) fn closest<'a>(
    misspelt: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = misspelt.chars().count();
    let max_distance = if length < 5 { 1 } else { 2 };
    // The distance is at least the difference in length, and slower to compute.
    let similar = |name: &&str| name.chars().count().abs_diff(length) <= max_distance;
    let distances = names.into_iter().filter(similar);
    let distances = distances.map(|name| (strsim::osa_distance(misspelt, name), name));
    let close = distances.filter(|(distance, _)| *distance <= max_distance);
    close.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn only_a_similar_name_is_suggested() {
        let names = ["theme", "time", "title", "msg"];
        for (misspelt, expected) in [
            ("theem", Some("theme")),
            ("tiem", Some("time")),
            ("mgs", Some("msg")),
            ("m", None),
            ("frobnicate", None),
        ] {
            assert_eq!(closest(misspelt, names), expected, "{misspelt}");
        }
    }
}
