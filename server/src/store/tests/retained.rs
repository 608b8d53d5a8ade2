//! What is too old or too much is removed, oldest first, and little by little.

use std::thread::sleep;

use super::super::database::Database;
use super::super::opening;
use super::super::retention::Progress;
use super::*;

const NOW: u64 = 1_795_485_576 + 1000; // entry 1000 happens now

fn database(folder: &Folder) -> Database {
    opening::open(&folder.0, &STRICT).unwrap().0
}

fn put(database: &mut Database, topic: &str, seqs: impl IntoIterator<Item = u64>) {
    assert_eq!(database.commit(&[entries(topic, seqs)]), Ok(vec![Ok(())]));
}

/// Removes all there is to be removed, ten entries at a time. Returns in how many steps.
fn remove(database: &mut Database, retention: Retention) -> usize {
    let steps = std::iter::from_fn(|| match database.remove_some(&retention, NOW, 10).unwrap() {
        Progress::MoreToDo => Some(()),
        Progress::Done => None,
    });
    steps.count()
}

/// The places of the entries in each room, and after which of them they are complete.
fn kept(folder: &Folder) -> Vec<(u64, Vec<u64>)> {
    let seqs = |room: LoadedRoom| {
        assert_eq!(room.newest_seq, 1000);
        (room.complete_after, room.entries.iter().map(|entry| entry.seq).collect())
    };
    folder.content().into_iter().map(seqs).collect()
}

#[test]
fn by_count_in_each_room() {
    let folder = Folder::new();
    let mut database = database(&folder);
    put(&mut database, "room:a", 901..=1000);
    put(&mut database, "room:b", 996..=1000);
    assert_eq!(remove(&mut database, Retention { max_room_entries: 7, ..KEEP_ALL }), 10);
    drop(database);
    let expected = [(993, (994..=1000).collect()), (0, (996..=1000).collect())];
    assert_eq!(kept(&folder), expected);
}

#[test]
fn by_bytes_in_each_room() {
    let folder = Folder::new();
    let mut database = database(&folder);
    put(&mut database, "room:a", 901..=1000);
    put(&mut database, "room:b", [1000]);
    remove(&mut database, Retention { max_room_bytes: 1000, ..KEEP_ALL });
    drop(database);
    assert_eq!(kept(&folder), [(996, (997..=1000).collect()), (0, vec![1000])]);
}

#[test]
fn by_age() {
    let folder = Folder::new();
    let mut database = database(&folder);
    put(&mut database, "room:a", 901..=1000);
    put(&mut database, "room:b", (901..=950).chain([1000]));
    let retention = Retention { max_age: Duration::from_secs(30), ..KEEP_ALL };
    remove(&mut database, retention);
    drop(database);
    assert_eq!(kept(&folder), [(969, (970..=1000).collect()), (950, vec![1000])]);
}

#[test]
fn by_bytes_in_all_rooms_the_oldest_first() {
    let folder = Folder::new();
    let mut database = database(&folder);
    put(&mut database, "room:a", 991..=1000);
    put(&mut database, "room:b", 901..=1000);
    let all = database.rooms.bytes();
    remove(&mut database, Retention { max_bytes: all / 2, ..KEEP_ALL });
    assert!((all / 2 - 300..=all / 2).contains(&database.rooms.bytes()));
    drop(database);
    assert_eq!(kept(&folder), [(0, (991..=1000).collect()), (956, (957..=1000).collect())]);
}

#[test]
fn a_room_of_which_nothing_is_left_goes_on_where_it_was() {
    let folder = Folder::new();
    let mut store = database(&folder);
    put(&mut store, "room:a", 901..=1000);
    remove(&mut store, Retention { max_age: Duration::ZERO, max_bytes: 0, ..KEEP_ALL });
    drop(store);
    assert_eq!(kept(&folder), [(1000, vec![])]);
    let mut store = database(&folder);
    assert_eq!(store.commit(&[entries("room:a", [1000])]), Ok(vec![Err(StoreError::OutOfOrder)]));
    put(&mut store, "room:a", [1001]);
    drop(store);
    assert_eq!(folder.content()[0].entries, [entry(1001)]);
}

#[test]
fn a_dropped_room_is_removed_from_the_disk_too() {
    let folder = Folder::new();
    let mut database = database(&folder);
    put(&mut database, "room:a", 901..=1000);
    put(&mut database, "room:b", [1000]);
    let drop_it = batch("room:a", [Change::RoomDropped]);
    assert_eq!(database.commit(&[drop_it]), Ok(vec![Ok(())]));
    assert_eq!(remove(&mut database, KEEP_ALL), 10);
    let count = |table| {
        let count = format!("SELECT count(*) FROM {table}");
        database.connection.query_row(&count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!([count("room"), count("entry"), count("session")], [1, 1, 0]);
    drop(database);
    assert_eq!(kept(&folder), [(0, vec![1000])]);
}

#[test]
fn the_store_does_it_by_itself() {
    let folder = Folder::new();
    let retention = Retention { max_room_entries: 50, ..KEEP_ALL };
    let options = Options { retention, ..RELAXED };
    let (store, _) = folder.open(options);
    for seq in 1..=1000 {
        commit(&store, entries("room:a", [seq])).unwrap();
    }
    drop(store);
    for _ in 0..300 {
        let (store, rooms) = folder.open(options);
        if rooms[0].entries.len() == 50 {
            return assert_eq!(rooms[0].complete_after, 950);
        }
        sleep(Duration::from_millis(200));
        drop(store);
    }
    panic!("it has not removed anything for a minute");
}
