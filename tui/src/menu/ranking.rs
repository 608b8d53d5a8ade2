//! Which of many things are meant by a few letters, the likeliest first.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// So many are offered at most where not everything must be reachable: one types another letter.
pub(super) const MAX_FOUND: usize = 200;

/// How well a name fits what was typed, whatever marks stand before either; the best is the
/// greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    Elsewhere,
    Begins,
    Whole,
}

impl Fit {
    pub(super) fn of(name: &str, typed: &str) -> Self {
        let bare = |text: &str| text.trim().trim_start_matches(['/', '#', '@']).to_lowercase();
        let (name, typed) = (bare(name), bare(typed));
        match name.strip_prefix(&*typed) {
            _ if typed.is_empty() => Self::Elsewhere,
            Some("") => Self::Whole,
            Some(_) => Self::Begins,
            None => Self::Elsewhere,
        }
    }
}

/// Those whose text matches what was typed, the best first, of equals the earlier. Everything, as
/// far as it is offered, where nothing was typed; at most so many. The name is how the text begins, up to a blank.
pub(super) fn best<T>(
    all: impl Iterator<Item = T>,
    typed: &str,
    most: usize,
    text: impl Fn(&T) -> &str,
) -> Vec<T> {
    if typed.trim().is_empty() {
        return all.take(most).collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let scored = all.filter_map(|one| {
        let text = text(&one);
        let score = pattern.score(Utf32Str::new(text, &mut letters), &mut matcher)?;
        let name = text.split(' ').next().unwrap_or_default();
        let fit = Fit::of(text, typed).max(Fit::of(name, typed));
        Some(((fit, score), one))
    });
    let mut scored: Vec<((Fit, u32), T)> = scored.collect();
    scored.sort_by_key(|(score, _)| Reverse(*score));
    scored.truncate(most);
    scored.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::{Fit, best};

    #[test]
    fn the_likeliest_comes_first() {
        let all = ["banana-split", "leave", "ana", "diana"];
        let found = best(all.iter(), "ana", 9, |one| one);
        assert_eq!(found, [&"ana", &"banana-split", &"diana"]);
        assert_eq!(best(all.iter(), " ", 9, |one| one).len(), 4);
        assert_eq!(best(all.iter(), "xyz", 9, |one| one), [] as [&&str; 0]);
        let all = ["who knows", "/whois NAME", "#who-is-who", "/who [TEXT]", "say who"];
        let found = best(all.iter(), "/who", 9, |one| one);
        assert_eq!(found, [&"/who [TEXT]", &"/whois NAME"]);
        let found = best(all.iter(), "who", 9, |one| one);
        assert_eq!(found[..2], [&"who knows", &"/who [TEXT]"]);
        assert_eq!(found[4], &"say who");
    }

    #[test]
    fn a_name_fits_as_a_whole_or_by_its_beginning() {
        assert_eq!(Fit::of("/Away", "away"), Fit::Whole);
        assert_eq!(Fit::of("#ops", "#o"), Fit::Begins);
        assert_eq!(Fit::of("away", ""), Fit::Elsewhere);
        assert_eq!(Fit::of("giveaway", "away"), Fit::Elsewhere);
    }
}
