//! A store from outside: what was committed is there, whatever happens, or it is said that it is not.

mod damage;
#[cfg(target_os = "linux")]
mod full_disk;
mod killed;
mod model;
mod refused;
mod retained;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use hullo::protocol::payload::RoomTopic;
use hullo::protocol::{Event, SessionId};
use uuid::Uuid;

use super::*;

const KEY: [u8; 32] = [7; 32];
const EPOCH: Uuid = Uuid::from_u128(1);
const LONG: Duration = Duration::from_secs(60);

const KEEP_ALL: Retention = Retention {
    max_age: Duration::MAX,
    max_room_entries: u64::MAX,
    max_room_bytes: u64::MAX,
    max_bytes: u64::MAX,
};

const LOAD_ALL: Loading = Loading { max_room_entries: u64::MAX, max_room_bytes: u64::MAX };

const fn options(durability: Durability) -> Options {
    Options { durability, retention: KEEP_ALL, loading: LOAD_ALL, new_token_key: KEY }
}

const STRICT: Options = options(Durability::Strict);
const RELAXED: Options = options(Durability::Relaxed);

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("hullo-store-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn open(&self, options: Options) -> (Store, Vec<LoadedRoom>) {
        let (store, loaded) = Store::open(&self.0, options).unwrap();
        assert_eq!(loaded.token_key, KEY);
        (store, sorted(loaded))
    }

    /// What is in the store, which is not open.
    fn content(&self) -> Vec<LoadedRoom> {
        self.open(STRICT).1
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What a process that is killed now would leave.
    fn copy(&self) -> Self {
        let copy = Self::new();
        fs::create_dir_all(&copy.0).unwrap();
        for file in fs::read_dir(&self.0).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.file(file.file_name().to_str().unwrap())).unwrap();
        }
        copy
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test may have failed before there was one.
        drop(fs::remove_dir_all(&self.0));
    }
}

fn sorted(loaded: Loaded) -> Vec<LoadedRoom> {
    let mut rooms = loaded.rooms;
    rooms.sort_by(|one, other| one.topic.cmp(&other.topic));
    rooms
}

fn entry(seq: u64) -> Entry {
    let payload = format!(r#"{{"message":"{}","number":{seq}}}"#, "x".repeat(150));
    Entry {
        seq,
        event: Event::Broadcast,
        audience: Audience::Others,
        sender: Some(SessionId(Uuid::from_u128(seq.into()))),
        name: "ada".into(),
        msg_id: seq.is_multiple_of(2).then(|| Uuid::from_u128(seq.into())),
        unix_seconds: 1_795_485_576 + seq,
        payload: payload.into(),
    }
}

fn session(id: u128, name: &str) -> Session {
    let meta = format!(r#"{{"name":"{name}","phx_ref":"F5k","online_at":"1795485576"}}"#);
    let meta = serde_json::from_str(&meta).unwrap();
    Session { id: SessionId(Uuid::from_u128(id)), is_resumable: true, since: 1, meta }
}

fn about(text: &str) -> RoomTopic {
    RoomTopic { text: text.to_owned(), by: "ada".to_owned(), at: 1_795_485_576 }
}

fn batch(topic: &str, changes: impl IntoIterator<Item = Change>) -> Batch {
    Batch { topic: topic.into(), epoch: EPOCH, changes: changes.into_iter().collect() }
}

fn entries(topic: &str, seqs: impl IntoIterator<Item = u64>) -> Batch {
    batch(topic, seqs.into_iter().map(|seq| Change::Entry(entry(seq))))
}

/// A room with these entries, and nothing else that ever happened in it.
fn room(topic: &str, seqs: impl IntoIterator<Item = u64>) -> LoadedRoom {
    let entries: Vec<Entry> = seqs.into_iter().map(entry).collect();
    LoadedRoom {
        topic: topic.into(),
        epoch: EPOCH,
        room_topic: None,
        newest_seq: entries.last().map_or(0, |entry| entry.seq),
        complete_after: 0,
        entries,
        sessions: Vec::new(),
    }
}

fn append(store: &Store, batch: Batch) -> Receiver<Result<(), StoreError>> {
    let (tell, told) = mpsc::channel();
    store.append(batch, move |result| tell.send(result).unwrap()).unwrap();
    told
}

fn commit(store: &Store, batch: Batch) -> Result<(), StoreError> {
    append(store, batch).recv_timeout(LONG).unwrap()
}

/// This test program once more, to play one ignored test in a folder.
fn child(test: &str, folder: &Path) -> Vec<(&'static str, std::ffi::OsString)> {
    vec![("HULLO_STORE_TEST", test.into()), ("HULLO_STORE_FOLDER", folder.into())]
}

fn child_arguments(test: &str) -> [String; 4] {
    [format!("store::tests::{test}"), "--exact".into(), "--ignored".into(), "--nocapture".into()]
}

fn run_child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(child_arguments(test)).envs(child(test, folder));
    command
}

/// The folder that the parent gave this child; none if somebody runs ignored tests by hand.
fn given_folder() -> Option<PathBuf> {
    std::env::var_os("HULLO_STORE_FOLDER").map(PathBuf::from)
}

#[test]
fn what_was_committed_is_there_when_it_is_opened_again() {
    let folder = Folder::new();
    for durability in [Durability::Strict, Durability::Relaxed] {
        let (store, before) = folder.open(options(durability));
        let first = before.first().map_or(1, |room| room.newest_seq + 1);
        commit(&store, entries("room:a", [first, first + 1])).unwrap();
        commit(&store, entries("room:b", [first])).unwrap();
        commit(&store, entries("room:a", [first + 4])).unwrap();
    }
    let expected = [room("room:a", [1, 2, 5, 6, 7, 10]), room("room:b", [1, 6])];
    assert_eq!(folder.content(), expected);
}

#[test]
fn sessions_are_there_until_they_end() {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    let put = |id, name| Change::Session(session(id, name));
    commit(&store, batch("room:a", [put(1, "ada"), put(2, "bob"), put(3, "eve")])).unwrap();
    commit(&store, batch("room:b", [put(1, "ada")])).unwrap();
    let end = Change::SessionEnded(session(3, "").id);
    commit(&store, batch("room:a", [put(2, "bo"), end.clone(), end])).unwrap();
    drop(store);
    let a =
        LoadedRoom { sessions: vec![session(1, "ada"), session(2, "bo")], ..room("room:a", []) };
    let b = LoadedRoom { sessions: vec![session(1, "ada")], ..room("room:b", []) };
    assert_eq!(folder.content(), [a, b]);
}

#[test]
fn a_dropped_room_is_gone_and_another_life_of_it_begins_anew() {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    for topic in ["room:a", "room:b", "room:c"] {
        commit(&store, entries(topic, [1, 2, 3])).unwrap();
        commit(&store, batch(topic, [Change::Session(session(1, "ada"))])).unwrap();
    }
    commit(&store, batch("room:b", [Change::RoomDropped])).unwrap();
    let reborn = Batch { epoch: Uuid::from_u128(2), ..entries("room:c", [1]) };
    commit(&store, reborn).unwrap();
    drop(store);
    let a = LoadedRoom { sessions: vec![session(1, "ada")], ..room("room:a", [1, 2, 3]) };
    let c = LoadedRoom { epoch: Uuid::from_u128(2), ..room("room:c", [1]) };
    assert_eq!(folder.content(), [a, c]);
}

#[test]
fn only_the_newest_entries_are_read() {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    commit(&store, entries("room:a", (1..=100).map(|seq| 2 * seq))).unwrap();
    drop(store);
    let newest = |loading| {
        let (_, rooms) = folder.open(Options { loading, ..STRICT });
        let seqs: Vec<u64> = rooms[0].entries.iter().map(|entry| entry.seq).collect();
        (rooms[0].newest_seq, rooms[0].complete_after, seqs)
    };
    let three = Loading { max_room_entries: 3, ..LOAD_ALL };
    assert_eq!(newest(three), (200, 194, vec![196, 198, 200]));
    let some_bytes = Loading { max_room_bytes: 600, ..LOAD_ALL };
    assert_eq!(newest(some_bytes), (200, 196, vec![198, 200]));
    let one = Loading { max_room_bytes: 1, ..LOAD_ALL };
    assert_eq!(newest(one), (200, 198, vec![200]));
    let none = Loading { max_room_entries: 0, ..LOAD_ALL };
    assert_eq!(newest(none), (200, 200, vec![]));
}

#[test]
fn what_waits_is_committed_in_its_order_before_the_store_is_closed() {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    let (tell, told) = mpsc::channel();
    for seq in 1..=500 {
        let tell = tell.clone();
        store.append(entries("room:a", [seq]), move |_| tell.send(seq).unwrap()).unwrap();
    }
    drop((store, tell));
    assert!(told.iter().eq(1..=500));
    assert_eq!(folder.content(), [room("room:a", 1..=500)]);
}

#[test]
fn a_full_queue_is_said_at_once_and_not_reported_and_goes_on_afterwards() {
    let folder = Folder::new();
    let (store, _) = folder.open(RELAXED);
    let (release, released) = mpsc::channel::<()>();
    let (tell_begun, told_begun) = mpsc::channel();
    let wait = move |_| {
        tell_begun.send(()).unwrap();
        released.recv().unwrap_or_default();
    };
    store.append(entries("room:a", [1]), wait).unwrap();
    told_begun.recv_timeout(LONG).unwrap();
    let large = |seq| Entry { payload: vec![b'x'; 1_000_000].into(), ..entry(seq) };
    let (tell, told) = mpsc::channel();
    let taken = (2..100).take_while(|seq| {
        let tell = tell.clone();
        let batch = batch("room:a", [Change::Entry(large(*seq))]);
        let taken = store.append(batch, move |result| tell.send(result).unwrap());
        assert!(matches!(taken, Ok(()) | Err(StoreError::Busy)));
        taken.is_ok()
    });
    let taken = taken.count();
    assert!((10..20).contains(&taken), "{taken} MB were taken");
    assert_eq!(store.waiting().batches, taken);
    release.send(()).unwrap();
    for _ in 0..taken {
        assert_eq!(told.recv_timeout(LONG), Ok(Ok(())));
    }
    assert_eq!(commit(&store, entries("room:a", [100])), Ok(()));
    assert!(told.try_recv().is_err());
    drop(store);
    let rooms = folder.content();
    assert_eq!(rooms[0].entries.len(), taken + 2);
}

#[test]
fn a_batch_out_of_order_is_refused_and_those_beside_it_are_not() {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    let batches = [vec![1, 2], vec![2, 3], vec![3], vec![5, 4], vec![6]];
    let told: Vec<_> =
        batches.into_iter().map(|seqs| append(&store, entries("room:a", seqs))).collect();
    let told: Vec<_> = told.into_iter().map(|told| told.recv_timeout(LONG).unwrap()).collect();
    let no = Err(StoreError::OutOfOrder);
    assert_eq!(told, [Ok(()), no.clone(), Ok(()), no, Ok(())]);
    drop(store);
    assert_eq!(folder.content(), [room("room:a", [1, 2, 3, 6])]);
}

#[test]
fn a_report_that_panics_harms_nobody_else() {
    let folder = Folder::new();
    let (store, _) = folder.open(STRICT);
    store.append(entries("room:a", [1]), |_| panic!("on purpose")).unwrap();
    assert_eq!(commit(&store, entries("room:a", [2])), Ok(()));
    drop(store);
    assert_eq!(folder.content(), [room("room:a", [1, 2])]);
}
