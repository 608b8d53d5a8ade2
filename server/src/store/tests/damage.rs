//! Damage anywhere in the files of a store is said when it is opened, or does not matter.

use std::panic::catch_unwind;

use super::*;

const FILES: [&str; 3] = ["store.db", "store.db-wal", "store.reported"];

/// A store with two rooms, people, and free pages; as it is after it was closed, and as it is when
/// its process is killed.
fn stores(durability: Durability) -> [Folder; 2] {
    let folder = Folder::new();
    let (store, _) = folder.open(options(durability));
    for topic in ["room:a", "room:b", "room:dropped"] {
        commit(&store, entries(topic, 1..=60)).unwrap();
        let sessions = (1..=5).map(|id| Change::Session(session(id, "ada")));
        commit(&store, batch(topic, sessions)).unwrap();
    }
    commit(&store, batch("room:dropped", [Change::RoomDropped])).unwrap();
    drop(store);
    let closed = folder.copy();
    let (store, _) = folder.open(options(durability));
    for seq in 61..=80 {
        commit(&store, entries("room:a", [seq])).unwrap();
    }
    [closed, folder.copy()]
}

/// Opens a copy of a store with some bytes of a file changed.
fn damaged(
    store: &Folder,
    file: &str,
    options: Options,
    damage: impl FnOnce(&mut Vec<u8>),
) -> Option<(Folder, Vec<LoadedRoom>)> {
    let copy = store.copy();
    let mut content = fs::read(copy.file(file)).unwrap();
    damage(&mut content);
    fs::write(copy.file(file), content).unwrap();
    let opened = catch_unwind(|| Store::open(&copy.0, options)).expect("it never panics");
    opened.ok().map(|(store, loaded)| {
        drop(store);
        (copy, sorted(loaded))
    })
}

/// Offsets all over a file, and more of them where it begins.
fn offsets(store: &Folder, file: &str) -> Vec<usize> {
    let length = fs::metadata(store.file(file)).map_or(0, |file| file.len());
    let length = usize::try_from(length).unwrap();
    let beginning = (0..length.min(120)).step_by(3);
    beginning.chain((0..length).step_by((length / 40) | 1)).collect()
}

fn check(durability: Durability, damage: impl Fn(&mut Vec<u8>, usize) + Copy) {
    let options = options(durability);
    for store in stores(durability) {
        let whole = store.copy().open(options).1;
        let (mut tried, mut refused) = (0, 0);
        for file in FILES {
            for at in offsets(&store, file) {
                tried += 1;
                match damaged(&store, file, options, |content| damage(content, at)) {
                    None => refused += 1,
                    Some((copy, rooms)) if rooms == whole => {
                        assert_eq!(copy.open(options).1, whole, "{file} at {at}, opened twice");
                    }
                    // What a loss of power may take, it may take here.
                    Some((_, rooms)) if durability == Durability::Relaxed => {
                        assert_eq!(file, "store.db-wal", "at {at}");
                        assert!(is_beginning(&rooms, &whole), "{file} at {at}");
                    }
                    Some(_) => panic!("{file} at {at}: something is missing, and nobody says so"),
                }
            }
        }
        assert!(refused > tried / 10, "{refused} of {tried}");
    }
}

/// Whether these are the rooms as they once were.
fn is_beginning(rooms: &[LoadedRoom], whole: &[LoadedRoom]) -> bool {
    let is_one = |(room, whole): (&LoadedRoom, &LoadedRoom)| {
        room.topic == whole.topic && whole.entries.starts_with(&room.entries)
    };
    rooms.len() == whole.len() && rooms.iter().zip(whole).all(is_one)
}

fn flip(content: &mut [u8], at: usize) {
    content[at] ^= 0xff;
}

fn flip_one_bit(content: &mut [u8], at: usize) {
    content[at] ^= 1 << (at % 8);
}

fn wipe(content: &mut [u8], at: usize) {
    let end = content.len().min(at + 4096);
    content[at..end].fill(0);
}

#[test]
fn a_changed_byte() {
    check(Durability::Strict, |content, at| flip(content, at));
}

#[test]
fn a_changed_bit() {
    check(Durability::Strict, |content, at| flip_one_bit(content, at));
}

#[test]
fn a_block_of_zeros() {
    check(Durability::Strict, |content, at| wipe(content, at));
}

#[test]
fn a_file_cut_short() {
    check(Durability::Strict, Vec::truncate);
}

#[test]
fn a_store_that_a_loss_of_power_may_shorten() {
    check(Durability::Relaxed, |content, at| flip(content, at));
    check(Durability::Relaxed, Vec::truncate);
}

/// A damaged store may open if nothing that is read is damaged. What is written then is there
/// afterwards, or refused.
#[test]
fn what_is_written_after_unnoticed_damage() {
    let [closed, _] = stores(Durability::Strict);
    for at in offsets(&closed, "store.db") {
        let Some((copy, mut whole)) =
            damaged(&closed, "store.db", STRICT, |content| flip(content, at))
        else {
            continue;
        };
        let (store, _) = copy.open(STRICT);
        let committed = commit(&store, entries("room:a", [100]));
        drop(store);
        if committed.is_ok() {
            whole[0].entries.push(entry(100));
            whole[0].newest_seq = 100;
        }
        if let Ok((_, loaded)) = Store::open(&copy.0, STRICT) {
            assert_eq!(sorted(loaded), whole, "at {at}");
        }
    }
}
