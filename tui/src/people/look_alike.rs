//! Names that could be taken for those of somebody else.

use std::fmt;

use unicode_security::confusable_detection::skeleton;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection};

/// Why a name may deceive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NameWarning {
    /// It mixes scripts whose letters look alike, or has letters that are hardly in use.
    MixesScripts,
    /// It looks like the name of this person, who was here before.
    LooksLike(String),
}

impl fmt::Display for NameWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MixesScripts => write!(formatter, "the name mixes scripts"),
            Self::LooksLike(other) => write!(formatter, "the name looks like that of {other}"),
        }
    }
}

/// Whether a name mixes scripts in a way that no language does. Digits and signs belong to all.
pub(super) fn mixes_scripts(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphabetic()).collect();
    !letters.is_empty() && !letters.check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

/// The same for all names that look alike.
pub(super) fn appearance(name: &str) -> String {
    skeleton(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_deceptive_mixtures_are_marked() {
        for name in ["mira", "Zoë", "мира", "Ωμέγα", "田中 Bob", "🦀 42", "한글 ok"]
        {
            assert!(!mixes_scripts(name), "{name}");
        }
        for name in ["m\u{456}ra", "Αda", "𝓪𝓭𝓪"] {
            assert!(mixes_scripts(name), "{name}");
        }
    }

    #[test]
    fn names_that_look_alike_have_one_appearance() {
        for (one, other) in [("mira", "m\u{456}ra"), ("mira", "rnira"), ("Ali", "AIi")] {
            assert_eq!(appearance(one), appearance(other), "{one} {other}");
        }
        assert_ne!(appearance("ada"), appearance("Ada"));
    }
}
