//! What the store costs: how long until a batch is committed, how many a second, and how long it
//! takes to open a store with a million entries, and to start a server with it. What it costs a
//! server that is in use is measured by `load`, with `--peers hullo,resumable,relaxed,strict`.
//!
//! `--dir DIR` chooses the disk, for that is most of what is measured. It says as much as the disk
//! keeps of what it promises: some answer a flush before they have written anything.

#![allow(missing_docs, reason = "a benchmark says what it is by its name")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use hullo::protocol::{Event, SessionId};
use hullo_server::store::{
    Audience, Batch, Change, Durability, Entry, Loading, Options, Retention, Store,
};
use hullo_testing::program::{ServerProcess, without_settings};
use uuid::Uuid;

/// How many bytes an entry says.
const PAYLOAD_BYTES: usize = 200;

/// How many entries of each room are read.
const LOADED: u64 = 200;

/// How long each row of the table is measured.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() {
    let folder = folder().join(format!("hullo-store-bench-{}", std::process::id()));
    println!("durability  rooms  at once   entries/s    p50 ms    p99 ms    max ms");
    for durability in [Durability::Strict, Durability::Relaxed] {
        for (rooms, at_once) in [(1, 1), (1, 16), (1, 256), (1000, 16), (1000, 256)] {
            measure_commits(&folder, durability, rooms, at_once);
        }
    }
    measure_opening(&folder);
}

/// The folder that the caller chose.
fn folder() -> PathBuf {
    let mut arguments = env::args().skip_while(|argument| argument != "--dir");
    arguments.nth(1).map_or_else(env::temp_dir, PathBuf::from)
}

/// Keeps so many batches of one entry on their way, for a while.
fn measure_commits(folder: &Path, durability: Durability, rooms: u64, at_once: usize) {
    let (store, _) = Store::open(folder, options(durability)).expect("the folder is new");
    let (tell, told) = mpsc::channel();
    let mut waits = Vec::new();
    let begun = Instant::now();
    for number in 0.. {
        if number >= at_once as u64 {
            waits.push(told.recv().expect("each batch is reported"));
            if begun.elapsed() > PATIENCE {
                break;
            }
        }
        let (tell, appended) = (tell.clone(), Instant::now());
        let report = move |committed: Result<(), _>| {
            committed.expect("there is space on the disk");
            tell.send(appended.elapsed()).unwrap_or_default();
        };
        let batch = batch(number % rooms, [1 + number / rooms]);
        store.append(batch, report).expect("the queue is not full");
    }
    let committed = u32::try_from(waits.len()).expect("nobody waits that long");
    let per_second = f64::from(committed) / begun.elapsed().as_secs_f64();
    drop(store);
    fs::remove_dir_all(folder).expect("it is ours");
    waits.sort();
    let milliseconds = |part: usize| waits[(waits.len() - 1) * part / 100].as_secs_f64() * 1e3;
    println!(
        "{:10} {rooms:6} {at_once:8} {per_second:11.0} {:9.2} {:9.2} {:9.2}",
        format!("{durability:?}").to_lowercase(),
        milliseconds(50),
        milliseconds(99),
        milliseconds(100),
    );
}

/// Fills a store with a million entries in a thousand rooms, closes it, and opens it again.
fn measure_opening(folder: &Path) {
    const ROOMS: u64 = 1000;
    const ENTRIES_OF_ONE: u64 = 1000;
    let (store, _) = Store::open(folder, options(Durability::Relaxed)).expect("the folder is new");
    let begun = Instant::now();
    for first in (1..=ENTRIES_OF_ONE).step_by(20) {
        let (tell, told) = mpsc::channel();
        for room in 0..ROOMS {
            let tell = tell.clone();
            let report = move |committed| tell.send(committed).unwrap_or_default();
            let batch = batch(room, first..first + 20);
            store.append(batch, report).expect("the queue is not full");
        }
        drop(tell);
        for committed in told {
            committed.expect("there is space on the disk");
        }
    }
    drop(store);
    let (filled, bytes) = (begun.elapsed(), bytes_in(folder));
    println!(
        "\na million entries in {ROOMS} rooms: written in {:.1} s, {} MB on the disk",
        filled.as_secs_f64(),
        bytes / 1_000_000
    );
    for _ in 0..3 {
        let begun = Instant::now();
        let options = options(Durability::Strict);
        let (store, loaded) = Store::open(folder, options).expect("it is whole");
        let entries: usize = loaded.rooms.iter().map(|room| room.entries.len()).sum();
        println!("opened in {:.0} ms, with {entries} entries", begun.elapsed().as_secs_f64() * 1e3);
        drop(store);
    }
    for _ in 0..3 {
        let mut command = without_settings(env!("CARGO_BIN_EXE_hullo-server"));
        command.args(["--listen", "127.0.0.1:0", "--log-level", "error"]);
        command.arg("--data").arg(folder);
        let begun = Instant::now();
        let server = ServerProcess::start(command).expect("it starts");
        println!("a server listens after {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);
        drop(server);
    }
    fs::remove_dir_all(folder).expect("it is ours");
}

fn bytes_in(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("it is ours");
    files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).sum()
}

fn batch(room: u64, seqs: impl IntoIterator<Item = u64>) -> Batch {
    // A server forgets what is too old.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later");
    let entry = |seq| Entry {
        seq,
        event: Event::Broadcast,
        audience: Audience::Others,
        sender: Some(SessionId(Uuid::from_u64_pair(room, seq))),
        name: "somebody".into(),
        msg_id: Some(Uuid::from_u64_pair(seq, room)),
        unix_seconds: now.as_secs(),
        payload: vec![b'x'; PAYLOAD_BYTES].into(),
    };
    let changes = seqs.into_iter().map(entry).map(Change::Entry).collect();
    let topic = format!("room:{room}");
    Batch { topic: topic.as_str().into(), epoch: Uuid::from_u128(1), changes }
}

fn options(durability: Durability) -> Options {
    let retention = Retention {
        max_age: Duration::MAX,
        max_room_entries: u64::MAX,
        max_room_bytes: u64::MAX,
        max_bytes: u64::MAX,
    };
    let loading = Loading { max_room_entries: LOADED, max_room_bytes: u64::MAX };
    Options { durability, retention, loading, new_token_key: [0; 32] }
}
