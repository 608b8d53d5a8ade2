//! What fails at the moment, as far as the user has been told: the same is not told twice.

use std::collections::BTreeMap;

/// Something that may fail again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Feature {
    /// What is sent is written to a file.
    History,
    /// What is said is written to files.
    ChatLog,
    /// A program notifies the desktop.
    Notifier,
    /// The server of this machine is started again.
    LocalServer,
}

/// The features that fail, each with what failed: a command, or a reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failing(BTreeMap<Feature, String>);

impl Failing {
    /// Notes a failure; says whether the user does not know of it yet.
    pub(crate) fn is_news(&mut self, feature: Feature, what: String) -> bool {
        self.0.get(&feature) != Some(&what) && {
            self.0.insert(feature, what);
            true
        }
    }

    /// It works again, or is worth telling again.
    pub(crate) fn clear(&mut self, feature: Feature) {
        self.0.remove(&feature);
    }

    pub(crate) fn contains(&self, feature: Feature) -> bool {
        self.0.contains_key(&feature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_news_until_it_is_known_works_again_or_is_another() {
        let mut failing = Failing::default();
        let mut news = |what: &str| match what {
            "" => {
                failing.clear(Feature::Notifier);
                false
            }
            what => failing.is_news(Feature::Notifier, what.to_owned()),
        };
        assert!(news("false") && !news("false"));
        assert!(news("false --other") && !news("false --other"));
        assert!(!news("") && news("false --other"));
        assert!(failing.contains(Feature::Notifier) && !failing.contains(Feature::History));
    }
}
