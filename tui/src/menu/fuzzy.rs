//! Which of many things are meant by a few letters, the likeliest first.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// So many are offered at most: nobody reads further down, one types another letter.
const MOST: usize = 200;

/// Those whose text matches what was typed, the best first, of equals the earlier. Everything, as
/// far as it is offered, where nothing was typed.
pub(super) fn best<T>(
    all: impl Iterator<Item = T>,
    typed: &str,
    text: impl Fn(&T) -> &str,
) -> Vec<T> {
    if typed.trim().is_empty() {
        return all.take(MOST).collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let scored = all.filter_map(|one| {
        let score = pattern.score(Utf32Str::new(text(&one), &mut letters), &mut matcher)?;
        Some((score, one))
    });
    let mut scored: Vec<(u32, T)> = scored.collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.truncate(MOST);
    scored.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::best;

    #[test]
    fn the_likeliest_comes_first() {
        let all = ["banana-split", "leave", "ana", "diana"];
        let found = best(all.iter(), "ana", |one| one);
        assert_eq!(found, [&"ana", &"banana-split", &"diana"]);
        assert_eq!(best(all.iter(), " ", |one| one).len(), 4);
        assert_eq!(best(all.iter(), "xyz", |one| one), [] as [&&str; 0]);
    }
}
