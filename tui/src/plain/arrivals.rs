//! People who come and go, told in one line once they rest: a reader that speaks every line would
//! have no end of it otherwise.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use hullo::protocol::SessionId;

use super::words::{list, who};
use crate::chat::transcript::{EntryId, Folded, Group, Passing};

/// How long nobody must come or go before it is told.
const QUIET: Duration = Duration::from_secs(2);

/// How long it is kept back where they never rest.
const LONGEST: Duration = Duration::from_secs(15);

/// Names that are told in one line.
const NAMES: usize = 5;

/// A group that may still grow.
#[derive(Debug)]
pub(super) struct Gathering {
    pub(super) id: EntryId,
    /// What happened until then is told.
    told_until: Option<Instant>,
    /// Whose arrival is told.
    arrived: BTreeSet<SessionId>,
}

impl Gathering {
    pub(super) fn new(id: EntryId) -> Self {
        Self { id, told_until: None, arrived: BTreeSet::new() }
    }

    /// Whether it has been told that they arrived.
    pub(super) fn has_told(&self, who: SessionId) -> bool {
        self.arrived.contains(&who)
    }

    /// When the group is to be told, if it has anything new.
    pub(super) fn due(&self, group: &Group) -> Option<Instant> {
        let fresh = self.fresh(group);
        let (first, last) = (fresh.first()?, fresh.last()?);
        Some((last.at.at + QUIET).min(first.at.at + LONGEST))
    }

    /// All that is new in the group; `None` if nothing is.
    pub(super) fn tell(&mut self, group: &Group) -> Option<String> {
        let mut events: Vec<Folded> = self.fresh(group).to_vec();
        let last = events.last()?.at.at;
        for event in &mut events {
            // Who was told to have arrived did not just come and go.
            if event.passing == Passing::CameAndWent && self.arrived.contains(&event.who) {
                event.passing = Passing::Left;
            }
            if event.passing == Passing::Arrived {
                self.arrived.insert(event.who);
            }
        }
        self.told_until = Some(last);
        Some(summary(&Group { events, expanded: false }))
    }

    /// What is not told; the events of a group stand in the order of time.
    fn fresh<'a>(&self, group: &'a Group) -> &'a [Folded] {
        let told = self.told_until;
        let from =
            group.events.partition_point(|event| told.is_some_and(|told| event.at.at <= told));
        &group.events[from..]
    }
}

fn summary(group: &Group) -> String {
    let kinds = [
        (Passing::Arrived, "arrived"),
        (Passing::Left, "left"),
        (Passing::Reconnected, "reconnected"),
        (Passing::CameAndWent, "came and went"),
    ];
    let told = kinds.iter().filter_map(|(passing, verb)| {
        let names = group.names(|other| other == passing);
        (!names.is_empty()).then(|| format!("{} {verb}", list(&names, NAMES)))
    });
    let renamed = group.events.iter().filter_map(|event| match &event.passing {
        Passing::Renamed { to } => Some(format!("{} is now {}", who(&event.name), who(to))),
        Passing::Arrived | Passing::Left | Passing::Reconnected | Passing::CameAndWent => None,
    });
    told.chain(renamed.take(NAMES)).collect::<Vec<_>>().join("; ")
}
