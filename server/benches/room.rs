//! What a room costs without its sockets: pushes taken, and members sent what there is.

#![allow(missing_docs, reason = "a benchmark says what it is by its name")]
#![allow(clippy::disallowed_methods, reason = "a benchmark needs some instant to count from")]

use std::time::Instant;

use divan::Bencher;
use divan::counter::ItemsCount;
use hullo_server::bench::BenchRoom;

const MEMBERS: &[usize] = &[10, 100, 1000];

fn main() {
    divan::main();
}

/// One broadcast, taken, and sent to nobody yet.
#[divan::bench(args = MEMBERS)]
fn take_broadcast(bencher: Bencher<'_, '_>, members: usize) {
    let room = || BenchRoom::new(members, Instant::now());
    bencher.with_inputs(room).bench_local_refs(BenchRoom::broadcast);
}

/// One broadcast, taken and written to the batches of all the others.
#[divan::bench(args = MEMBERS)]
fn broadcast_to_all(bencher: Bencher<'_, '_>, members: usize) {
    let mut room = BenchRoom::new(members, Instant::now());
    bencher.counter(ItemsCount::new(members - 1)).bench_local(|| {
        room.broadcast();
        room.deliver()
    });
}

/// Sixteen broadcasts, which the others are sent as one piece.
#[divan::bench(args = MEMBERS)]
fn sixteen_broadcasts_to_all(bencher: Bencher<'_, '_>, members: usize) {
    let mut room = BenchRoom::new(members, Instant::now());
    bencher.counter(ItemsCount::new(16 * (members - 1))).bench_local(|| {
        for _ in 0..16 {
            room.broadcast();
        }
        room.deliver()
    });
}

/// One change of presence, told to all.
#[divan::bench(args = MEMBERS)]
fn status_to_all(bencher: Bencher<'_, '_>, members: usize) {
    let mut room = BenchRoom::new(members, Instant::now());
    bencher.counter(ItemsCount::new(members)).bench_local(|| {
        room.change_status();
        room.deliver()
    });
}

/// One rename, answered with the state of everybody.
#[divan::bench(args = MEMBERS)]
fn presence_state(bencher: Bencher<'_, '_>, members: usize) {
    let mut room = BenchRoom::new(members, Instant::now());
    bencher.bench_local(|| room.rename());
}
