//! Whatever is done to a store, it holds what the simplest possible one would.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::opening;
use super::*;

/// The rooms, as they should be when they are read again.
#[derive(Default)]
struct Model(BTreeMap<String, LoadedRoom>);

#[derive(Clone, Debug)]
enum Step {
    /// Entries with so great a distance between them.
    Entries(u8, Vec<u8>),
    Session(u8, u8),
    SessionEnded(u8, u8),
    Topic(u8, Option<u8>),
    Dropped(u8),
    /// The room begins another life.
    Reborn(u8),
    /// What all steps since the last one did is committed together.
    Commit,
    /// The same, but it fails.
    Fail,
    Remove(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let room = || 0..3_u8;
    prop_oneof![
        4 => (room(), proptest::collection::vec(0..3_u8, 1..4)).prop_map(|(room, gaps)| Step::Entries(room, gaps)),
        2 => (room(), 0..4_u8).prop_map(|(room, id)| Step::Session(room, id)),
        1 => (room(), 0..4_u8).prop_map(|(room, id)| Step::SessionEnded(room, id)),
        2 => (room(), proptest::option::of(0..3_u8)).prop_map(|(room, topic)| Step::Topic(room, topic)),
        1 => room().prop_map(Step::Dropped),
        1 => room().prop_map(Step::Reborn),
        4 => Just(Step::Commit),
        1 => Just(Step::Fail),
        1 => (1..9_u8).prop_map(Step::Remove),
        1 => Just(Step::Reopen),
    ]
}

impl Model {
    fn room(&mut self, topic: &str, epoch: Uuid) -> &mut LoadedRoom {
        let new = || LoadedRoom { epoch, ..room(topic, []) };
        let room = self.0.entry(topic.to_owned()).or_insert_with(new);
        if room.epoch != epoch {
            *room = new();
        }
        room
    }

    fn apply(&mut self, batch: &Batch) {
        for change in &batch.changes {
            let room = self.room(batch.topic.as_str(), batch.epoch);
            match change {
                Change::Entry(entry) => {
                    room.newest_seq = entry.seq;
                    room.entries.push(entry.clone());
                }
                Change::Topic(topic) => room.room_topic.clone_from(topic),
                Change::Session(session) => {
                    room.sessions.retain(|other| other.id != session.id);
                    room.sessions.push(session.clone());
                    room.sessions.sort_by_key(|session| session.id);
                }
                Change::SessionEnded(id) => room.sessions.retain(|session| session.id != *id),
                Change::RoomDropped => drop(self.0.remove(batch.topic.as_str())),
            }
        }
    }

    fn remove(&mut self, max_room_entries: usize) {
        for room in self.0.values_mut() {
            while room.entries.len() > max_room_entries {
                room.complete_after = room.entries.remove(0).seq;
            }
        }
    }
}

/// The rooms of a store as a script knows them: their life and the newest place in their order.
struct Script {
    lives: [(u128, u64); 3],
}

impl Script {
    fn batch(&mut self, step: &Step) -> Option<Batch> {
        let (room, changes) = match step {
            Step::Entries(room, gaps) => {
                let newest = &mut self.lives[usize::from(*room)].1;
                let entries = gaps.iter().map(|gap| {
                    *newest += 1 + u64::from(*gap);
                    Change::Entry(entry(*newest))
                });
                (room, entries.collect())
            }
            Step::Session(room, id) => {
                (room, vec![Change::Session(session((*id).into(), "somebody"))])
            }
            Step::SessionEnded(room, id) => {
                (room, vec![Change::SessionEnded(session((*id).into(), "").id)])
            }
            Step::Topic(room, topic) => {
                let topic = topic.map(|topic| about(&topic.to_string()));
                (room, vec![Change::Topic(topic)])
            }
            Step::Dropped(room) => (room, vec![Change::RoomDropped]),
            Step::Reborn(room) => {
                let (life, newest) = &mut self.lives[usize::from(*room)];
                (*life, *newest) = (*life + 1, 1);
                (room, vec![Change::Entry(entry(1))])
            }
            Step::Commit | Step::Fail | Step::Remove(_) | Step::Reopen => return None,
        };
        let epoch = Uuid::from_u128(self.lives[usize::from(*room)].0);
        Some(Batch { epoch, ..batch(&format!("room:{room}"), changes) })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn it_holds_what_the_simplest_possible_store_would(steps in proptest::collection::vec(step(), 1..60)) {
        let folder = Folder::new();
        let (mut database, _) = opening::open(&folder.0, &RELAXED).unwrap();
        let mut model = Model::default();
        let mut script = Script { lives: [(1, 0); 3] };
        let mut waiting: Vec<Batch> = Vec::new();
        for step in steps {
            waiting.extend(script.batch(&step));
            match step {
                Step::Commit => {
                    let results = database.commit(&waiting).unwrap();
                    prop_assert!(results.iter().all(Result::is_ok));
                    waiting.drain(..).for_each(|batch| model.apply(&batch));
                }
                Step::Fail => {
                    database.connection.pragma_update(None, "query_only", true).unwrap();
                    prop_assert!(database.commit(&waiting).is_err());
                    database.connection.pragma_update(None, "query_only", false).unwrap();
                    waiting.clear();
                }
                Step::Remove(max) => {
                    let retention = Retention { max_room_entries: max.into(), ..KEEP_ALL };
                    database.remove_some(&retention, 0, usize::MAX - 1).unwrap();
                    model.remove(max.into());
                }
                Step::Reopen => {
                    drop(database);
                    let (reopened, loaded) = opening::open(&folder.0, &RELAXED).unwrap();
                    database = reopened;
                    let expected: Vec<&LoadedRoom> = model.0.values().collect();
                    let rooms = sorted(loaded);
                    prop_assert_eq!(rooms.iter().collect::<Vec<_>>(), expected);
                }
                Step::Entries(..) | Step::Session(..) | Step::SessionEnded(..)
                | Step::Topic(..) | Step::Dropped(_) | Step::Reborn(_) => {}
            }
        }
    }
}
