//! Who comes and goes, in whatever order it is told and whatever is said meanwhile: nobody is lost,
//! nobody is told twice, and nothing of it counts as unread.

use hullo::presence::Change;
use proptest::prelude::*;

use super::named;
use super::play::Stage;
use crate::entry::Kind;
use crate::entry::presence::PresenceChange;

/// Between these, one thing happens after the other.
#[derive(Clone, Debug)]
enum Step {
    /// A person of this number comes: told by helo first, by presence first, or by presence alone.
    Comes(u128, u8),
    /// With a session of their own each time.
    Goes(u128),
    Renames(u128),
    Talks,
    /// We lose the line, and these are there when it is back.
    Reconnects(Vec<u128>),
    Waits(u64),
    Flood(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 1..7_u128;
    prop_oneof![
        8 => (who(), 0..4_u8).prop_map(|(who, order)| Step::Comes(who, order)),
        6 => who().prop_map(Step::Goes),
        1 => who().prop_map(Step::Renames),
        3 => Just(Step::Talks),
        1 => proptest::collection::vec(who(), 0..6).prop_map(Step::Reconnects),
        6 => (0..50_000_u64).prop_map(Step::Waits),
        1 => (0..40_u8).prop_map(Step::Flood),
    ]
}

/// How many came, and how many went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    came: usize,
    went: usize,
    /// Those whose going is told by their coming back, if they are: at most so many more went.
    back: usize,
}

/// The stage, with what really happened in the room.
struct Lobby {
    stage: Stage,
    /// Who is here: number, session, name.
    here: Vec<(u128, u128, String)>,
    session: u128,
    happened: Count,
}

impl Lobby {
    fn new() -> Self {
        let mut stage = Stage::among(80, 24, &[]);
        stage.event(crate::core::event::Event::Focused(true));
        stage.line("/watch p6");
        Self { stage, here: Vec::new(), session: 100, happened: Count::default() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Comes(who, order) => self.comes(who, order),
            Step::Goes(who) => self.goes(who),
            Step::Renames(who) => self.renames(who),
            Step::Talks => self.stage.said(9, "hi"),
            Step::Reconnects(people) => self.reconnects(people),
            Step::Waits(millis) => self.stage.wait(millis),
            Step::Flood(count) => {
                for n in 0..count {
                    self.stage.wait(60);
                    self.comes(1000 + u128::from(n), 0);
                }
                for n in 0..count {
                    self.stage.wait(60);
                    self.goes(1000 + u128::from(n));
                }
            }
        }
    }

    fn comes(&mut self, who: u128, order: u8) {
        if self.here.iter().any(|(other, ..)| *other == who) {
            return;
        }
        self.session += 1;
        let (session, name) = (self.session, format!("p{who}"));
        let joined = Change { joined: vec![named(session, &name)], ..Change::default() };
        match order {
            0 => self.stage.arrives(session, &name),
            1 => self.stage.changes(joined),
            2 => {
                self.stage.changes(joined);
                self.stage.arrives(session, &name);
            }
            _ => {
                self.stage.changes(joined);
                self.stage.said(9, "hi");
                self.stage.arrives(session, &name);
            }
        }
        self.here.push((who, session, name));
        self.happened.came += 1;
    }

    fn goes(&mut self, who: u128) {
        if let Some(at) = self.here.iter().position(|(other, ..)| *other == who) {
            let (_, session, name) = self.here.remove(at);
            self.stage.leaves(session, &name);
            self.happened.went += 1;
            // Somebody who is back sooner has said helo again.
            self.stage.wait(1_000);
        }
    }

    fn renames(&mut self, who: u128) {
        if let Some((_, session, name)) = self.here.iter_mut().find(|(other, ..)| *other == who) {
            name.push('x');
            let updated = vec![named(*session, name)];
            self.stage.changes(Change { updated, ..Change::default() });
        }
    }

    fn reconnects(&mut self, mut people: Vec<u128>) {
        people.sort_unstable();
        people.dedup();
        self.stage.goes_offline();
        self.stage.wait(2_000);
        let before: Vec<String> = self.here.drain(..).map(|(.., name)| name).collect();
        for who in people {
            self.session += 1;
            self.here.push((who, self.session, format!("p{who}")));
        }
        let is_new = |name: &&String| !before.contains(*name);
        let is_gone = |name: &&String| self.here.iter().all(|(.., other)| other != *name);
        self.happened.came += self.here.iter().map(|(.., name)| name).filter(is_new).count();
        self.happened.went += before.iter().filter(is_gone).count();
        let mut present: Vec<_> =
            self.here.iter().map(|(_, session, name)| named(*session, name)).collect();
        present.push(named(1, "ada"));
        self.stage.tell(hullo::Notice::Online);
        let room = super::play::room("lobby");
        self.stage.tell(hullo::Notice::Entered { room, me: named(1, "ada"), present, topic: None });
    }

    /// What the log of the room tells.
    fn told(&self) -> Count {
        let mut count = Count::default();
        for (_, entry) in self.stage.model.buffers[0].log.newest() {
            match &entry.kind {
                Kind::Newcomer(newcomer) => {
                    count.came += 1;
                    count.went += usize::from(newcomer.left.is_some());
                }
                Kind::PresenceGroup(group) => {
                    group.events.iter().for_each(|event| count.note(&event.change));
                }
                Kind::Flood(flood) => {
                    count.came += flood.shown.arrived;
                    count.went += flood.shown.left;
                }
                Kind::System(system) => count.went += usize::from(system.text.ends_with(" left")),
                _ => {}
            }
        }
        count
    }

    /// What the list of arrivals tells.
    fn listed(&self) -> Count {
        let mut count = Count::default();
        let entries = self.stage.model.buffers.iter().flat_map(|buffer| buffer.log.newest());
        for (_, entry) in entries {
            if let Kind::ListedPresence(presence) = &entry.kind {
                count.note(&presence.event.change);
            }
        }
        Count { back: 0, ..count }
    }
}

impl Count {
    fn note(&mut self, change: &PresenceChange) {
        match change {
            PresenceChange::Arrived => self.came += 1,
            PresenceChange::Left => self.went += 1,
            PresenceChange::Reconnected | PresenceChange::HeloAgain => {
                self.came += 1;
                self.back += 1;
            }
            PresenceChange::CameAndWent => {
                self.came += 1;
                self.went += 1;
            }
            PresenceChange::Renamed { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(super::few())]

    #[test]
    fn nobody_is_lost_and_nobody_is_told_twice(
        steps in proptest::collection::vec(step(), 1..80)
    ) {
        let mut lobby = Lobby::new();
        for step in steps {
            let talks = matches!(step, Step::Talks | Step::Comes(..));
            let from = lobby.stage.model.buffers[0].log.unread_from;
            lobby.take(step);
            prop_assert!(talks || lobby.stage.model.buffers[0].log.unread_from == from);
            prop_assert_eq!(lobby.stage.model.buffers[0].unread, 0);
            prop_assert_eq!(lobby.listed(), lobby.happened);
        }
        // Floods that go on show what they have counted a moment later.
        for _ in 0..20 {
            lobby.stage.wait(1_000);
        }
        let (told, happened) = (lobby.told(), lobby.happened);
        prop_assert_eq!(told.came, happened.came);
        prop_assert!((told.went..=told.went + told.back).contains(&happened.went));
    }
}

/// There are thousands of entries, and most are messages.
#[test]
fn an_entry_is_hardly_larger_than_a_message() {
    use crate::entry::Entry;
    use crate::entry::message::Message;
    let (entry, said) = (size_of::<Entry>(), size_of::<Message>());
    assert!(entry <= said + 64, "{entry} bytes for a message of {said}");
}
