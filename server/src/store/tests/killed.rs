//! A process that is killed while it writes loses nothing that it reported.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::*;

const LIFES: u64 = 6;

fn is_killed_again_and_again(test: &str) {
    let folder = Folder::new();
    let mut reported = 0;
    for life in 1..=LIFES {
        let mut child = run_child(test, &folder.0).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seqs = lines.map_while(Result::ok).filter_map(|line| line.parse::<u64>().ok());
        for seq in seqs.by_ref().take(usize::try_from(100 * life).unwrap()) {
            assert_eq!(seq, reported + 1);
            reported = seq;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        reported = seqs.last().unwrap_or(reported);
        let rooms = folder.content();
        let newest = rooms[0].newest_seq;
        assert!(newest >= reported, "{reported} were reported, and {newest} are there");
        assert_eq!(rooms, [room("room:a", 1..=newest)]);
        reported = newest; // the next life goes on from there
    }
}

#[test]
fn a_strict_store() {
    is_killed_again_and_again("killed::child_writes_strictly");
}

#[test]
fn a_relaxed_store() {
    is_killed_again_and_again("killed::child_writes_relaxed");
}

#[test]
#[ignore = "a process that another test starts"]
fn child_writes_strictly() {
    write(STRICT);
}

#[test]
#[ignore = "a process that another test starts"]
fn child_writes_relaxed() {
    write(RELAXED);
}

/// Writes for as long as it lives, and prints each number when it is reported.
fn write(options: Options) {
    let Some(folder) = given_folder() else { return };
    let (store, loaded) = Store::open(&folder, options).unwrap();
    let first = loaded.rooms.first().map_or(1, |room| room.newest_seq + 1);
    println!();
    for seq in first..first + 1_000_000 {
        let print = move |result: Result<(), StoreError>| {
            result.unwrap();
            println!("{seq}");
        };
        while store.waiting().batches > 100 {
            std::thread::yield_now();
        }
        store.append(entries("room:a", [seq]), print).unwrap();
    }
}
