//! Features that currently fail, so that the user is told of a failure only once.

use std::collections::BTreeMap;

/// A feature that may fail repeatedly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Feature {
    /// Saving the input history.
    History,
    /// Writing chat logs.
    ChatLog,
    /// Running a program that notifies the desktop.
    Notifier,
    /// Starting the server of this machine again.
    LocalServer,
}

/// The features that fail, each with what failed: a command, or a reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failing(BTreeMap<Feature, String>);

impl Failing {
    /// Notes a failure; returns whether the user must be told of it.
    pub(crate) fn is_news(&mut self, feature: Feature, what: String) -> bool {
        self.0.get(&feature) != Some(&what) && {
            self.0.insert(feature, what);
            true
        }
    }

    /// Notes that the feature works, or that its failure is worth telling again.
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
