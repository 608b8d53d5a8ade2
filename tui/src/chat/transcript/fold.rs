//! People who come and go fold into one line, until somebody says something.

use std::time::Duration;

use hullo::protocol::SessionId;

use super::{EntryId, Transcript, What};

use crate::people::BACK_WITHIN;
use crate::time::Now;

/// After so much quiet, the next arrival starts a line of its own.
const QUIET: Duration = Duration::from_secs(60);

/// So far back the other half of a coming and going is looked for: where more come within seconds,
/// the search would cost more than everything else.
const SEARCHED: usize = 256;

/// So many are told in one line; where nobody says anything for days, another begins.
const MAX_EVENTS: usize = 1000;

/// Who comes and goes this fast was hardly here.
const CAME_AND_WENT: Duration = Duration::from_secs(30);

/// People who came and went, told in one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) events: Vec<Folded>,
    /// Whether each of them is shown in a row of its own.
    pub(crate) expanded: bool,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Folded {
    pub(crate) who: SessionId,
    pub(crate) name: String,
    pub(crate) passing: Passing,
    pub(crate) at: Now,
    /// The greater, the sooner named: people one talks with come before strangers.
    pub(crate) weight: u8,
}

/// How somebody came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    Arrived,
    Left,
    /// Left and was back within a minute.
    Reconnected,
    /// Arrived and had left within half a minute.
    CameAndWent,
    /// Is called this now.
    Renamed {
        to: String,
    },
}

impl Transcript {
    /// Folds somebody who came or went into the open group at the end, or opens one.
    pub(crate) fn fold(&mut self, mut folded: Folded) {
        let now = folded.at;
        let Some(group) = self.open_group(now) else {
            let group = Group { events: vec![folded], expanded: false };
            self.push(now, What::Group(group));
            return;
        };
        match folded.passing {
            Passing::Left => {
                let came = group.take(|event| {
                    event.who == folded.who
                        && event.passing == Passing::Arrived
                        && within(event.at, now, CAME_AND_WENT)
                });
                if came.is_some() {
                    folded.passing = Passing::CameAndWent;
                }
            }
            Passing::Arrived => {
                let left = group.take(|event| {
                    event.name == folded.name
                        && event.passing == Passing::Left
                        && within(event.at, now, BACK_WITHIN)
                });
                if left.is_some() {
                    folded.passing = Passing::Reconnected;
                }
            }
            Passing::Reconnected => {
                group.take(|event| event.name == folded.name && event.passing == Passing::Left);
            }
            Passing::CameAndWent | Passing::Renamed { .. } => {}
        }
        group.events.push(folded);
    }

    /// Takes somebody's arrival out of the group at the end, so that a card can tell it instead.
    /// False if it is not there: then it is told elsewhere, and no card may tell it again.
    pub(crate) fn unfold_arrival(&mut self, who: SessionId) -> bool {
        let Some(What::Group(group)) = self.entries.back_mut().map(|entry| &mut entry.what) else {
            return false;
        };
        let taken = group.take(|event| event.who == who && event.passing == Passing::Arrived);
        if group.events.is_empty() {
            self.entries.pop_back();
        }
        taken.is_some()
    }

    /// The newest group, to be opened or closed.
    pub(crate) fn newest_group(&self) -> Option<(EntryId, &Group)> {
        self.newest().find_map(|(id, entry)| match &entry.what {
            What::Group(group) => Some((id, group)),
            _ => None,
        })
    }

    fn open_group(&mut self, now: Now) -> Option<&mut Group> {
        let last = self.entries.back_mut()?;
        let same_day = last.at.wall.date() == now.wall.date();
        match &mut last.what {
            What::Group(group) if same_day && group.events.len() < MAX_EVENTS => {
                let newest = group.events.last()?.at;
                within(newest, now, QUIET).then_some(group)
            }
            _ => None,
        }
    }
}

impl Group {
    /// Who passed in this way, those one knows first, then the newest.
    pub(crate) fn names(&self, passed: impl Fn(&Passing) -> bool) -> Vec<&str> {
        let mut found: Vec<&Folded> =
            self.events.iter().rev().filter(|event| passed(&event.passing)).collect();
        found.sort_by_key(|event| std::cmp::Reverse(event.weight));
        found.into_iter().map(|event| &*event.name).collect()
    }

    fn take(&mut self, wanted: impl Fn(&Folded) -> bool) -> Option<Folded> {
        let from = self.events.len().saturating_sub(SEARCHED);
        let at = self.events[from..].iter().rposition(wanted)?;
        Some(self.events.remove(from + at))
    }
}

fn within(then: Now, now: Now, span: Duration) -> bool {
    now.at.saturating_duration_since(then.at) <= span
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chat::transcript::Tone;
    use crate::tests::{at, id};

    fn folded(millis: u64, who: u128, name: &str, passing: Passing) -> Folded {
        Folded { who: id(who), name: name.into(), passing, at: at(millis), weight: 0 }
    }

    /// `+1`: person 1 arrives. `-1`: they leave. `talk`: somebody says something.
    /// Each step is a second after the one before; `wait` takes a minute and a half.
    fn play(script: &str) -> Transcript {
        let mut log = Transcript::default();
        let mut millis = 0;
        for step in script.split_whitespace() {
            millis += 1000;
            match step {
                "talk" => drop(log.push(at(millis), What::Told(Tone::Plain, "x".into()))),
                "wait" => millis += 90_000,
                _ => {
                    let passing =
                        if step.starts_with('+') { Passing::Arrived } else { Passing::Left };
                    let who = step[1..].parse().unwrap();
                    log.fold(folded(millis, who, &format!("p{who}"), passing));
                }
            }
        }
        log
    }

    fn told(log: &Transcript) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (_, entry) in log.newest() {
            let What::Group(group) = &entry.what else {
                lines.insert(0, "talk".into());
                continue;
            };
            let event = |event: &Folded| match event.passing {
                Passing::Arrived => format!("+{}", event.name),
                Passing::Left => format!("-{}", event.name),
                Passing::Reconnected => format!("~{}", event.name),
                Passing::CameAndWent => format!("±{}", event.name),
                Passing::Renamed { .. } => format!("!{}", event.name),
            };
            lines.insert(0, group.events.iter().map(event).collect::<Vec<_>>().join(" "));
        }
        lines.join(" | ")
    }

    #[track_caller]
    fn check(script: &str, expected: &str) {
        assert_eq!(told(&play(script)), expected, "{script}");
    }

    #[test]
    fn arrivals_fold_until_somebody_speaks() {
        check("+1 +2 -3", "+p1 +p2 -p3");
        check("+1 talk +2 +3", "+p1 | talk | +p2 +p3");
        check("+1 wait +2", "+p1 | +p2");
    }

    #[test]
    fn who_comes_and_goes_is_told_once() {
        check("+1 +2 -1", "+p2 ±p1");
        check("-1 +2 +1", "+p2 ~p1");
        check("-1 +1 -1 +1", "~p1 ~p1");
        check("+1 talk -1", "+p1 | talk | -p1");
    }

    #[test]
    fn those_one_knows_are_named_first() {
        let mut log = Transcript::default();
        for (who, weight) in [(1, 0), (2, 2), (3, 0), (4, 1)] {
            let event = folded(1, who, &format!("p{who}"), Passing::Arrived);
            log.fold(Folded { weight, ..event });
        }
        let (_, group) = log.newest_group().unwrap();
        assert_eq!(group.names(|passing| *passing == Passing::Arrived), ["p2", "p4", "p3", "p1"]);
    }

    proptest! {
        /// Whatever comes and goes, each step is told in exactly one way: an arrival or a leave
        /// counts one, a pair that became one event counts two.
        #[test]
        fn nothing_is_lost_and_nothing_told_twice(
            steps in proptest::collection::vec((1..6_u128, any::<bool>(), 0..40_000_u64, 0..8_u8), 0..60)
        ) {
            let mut log = Transcript::default();
            let mut here = std::collections::BTreeSet::new();
            let (mut millis, mut count) = (0, 0);
            for (who, arrives, later, talk) in steps {
                millis += later;
                if talk == 0 {
                    log.push(at(millis), What::Told(Tone::Plain, "x".into()));
                }
                let happens = if arrives { here.insert(who) } else { here.remove(&who) };
                if happens {
                    count += 1;
                    let passing = if arrives { Passing::Arrived } else { Passing::Left };
                    log.fold(folded(millis, who, &format!("p{who}"), passing));
                }
            }
            let told: usize = log.newest().map(|(_, entry)| match &entry.what {
                What::Group(group) => group.events.iter().map(|event| match event.passing {
                    Passing::CameAndWent | Passing::Reconnected => 2,
                    Passing::Arrived | Passing::Left | Passing::Renamed { .. } => 1,
                }).sum(),
                _ => 0,
            }).sum();
            prop_assert_eq!(told, count);
            prop_assert_eq!(log.unread_from, None);
        }
    }
}
