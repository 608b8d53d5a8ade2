//! What reading and writing one frame costs: `cargo bench -p hullo --bench codec`.

#![allow(missing_docs, reason = "a benchmark says what it is by its name")]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use hullo::protocol::codec::{decode, encode};

/// What is said on the wire, from a heartbeat to the largest message.
const TEXTS: [&str; 5] = ["heartbeat", "helo", "broadcast", "broadcast-1-kib", "broadcast-60-kib"];

fn main() {
    divan::main();
}

#[divan::bench(args = TEXTS)]
fn read(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    let bytes = BytesCount::of_str(&text);
    bencher.counter(bytes).bench_local(|| decode(black_box(&text)));
}

#[divan::bench(args = TEXTS)]
fn write(bencher: Bencher<'_, '_>, name: &str) {
    let text = text(name);
    let frame = decode(&text).expect("what is written here is a frame");
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| encode(black_box(&frame)));
}

fn text(name: &str) -> String {
    let broadcast = |message: &str| {
        format!(r#"["1","17","room:lobby","client_broadcast",{{"message":"{message}"}}]"#)
    };
    match name {
        "heartbeat" => r#"[null,"17","phoenix","heartbeat",{}]"#.to_owned(),
        "helo" => r#"["1","2","room:lobby","client_helo",{"name":"ada"}]"#.to_owned(),
        "broadcast-1-kib" => broadcast(&"x".repeat(1024)),
        "broadcast-60-kib" => broadcast(&"x".repeat(60 * 1024)),
        _ => broadcast("hello, who is here?"),
    }
}
