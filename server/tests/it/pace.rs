//! How soon members hear, in a room where much is said and beside a client that never reads.

use std::collections::HashMap;
use std::time::Duration;

use hullo_testing::bare::{Bare, at_once, meanwhile, push};
use hullo_testing::server::Server;
use hullo_testing::websocket::frame;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, interval, timeout};

use crate::daemon;

const LOBBY: &str = "room:lobby";

/// Twenty members say fifty things a second each, for two seconds; ten listen. What is said holds
/// when it was said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_broadcasts_a_second_each_is_heard_soon_and_in_order() {
    const TALKERS: usize = 20;
    const SAID: usize = 100;
    let (_daemon, address) = daemon::start(&[]).await;
    let enter = move |at| async move { Bare::member(address, LOBBY, &format!("m{at}")).await };
    let listeners = at_once(0..10, enter).await;
    let talkers = at_once(0..TALKERS, enter).await;
    let start = Instant::now();
    let listening = meanwhile(at_once(listeners, move |mut listener| async move {
        let mut next = HashMap::<String, usize>::new();
        let mut delays = Vec::new();
        while delays.len() < TALKERS * SAID {
            let frame: Value = serde_json::from_str(&listener.reading.text().await).unwrap();
            let [number, said_at] = &frame[4]["message"].as_array().map_or(&[][..], |all| all)
            else {
                continue;
            };
            let from = frame[4]["client_session_id"].as_str().unwrap();
            let next = next.entry(from.to_owned()).or_default();
            assert_eq!(number, *next);
            *next += 1;
            let said_at = Duration::from_micros(said_at.as_u64().unwrap());
            delays.push(start.elapsed().saturating_sub(said_at));
        }
        listener.is_well().await;
        delays
    }));
    at_once(talkers, move |talker| async move {
        let Bare { mut writing, reading, id } = talker;
        let writing = meanwhile(async move {
            let mut ticks = interval(Duration::from_millis(20));
            for number in 0..SAID {
                ticks.tick().await;
                let said = format!(r#"{{"message":[{number},{}]}}"#, start.elapsed().as_micros());
                writing.write_all(&push("3", LOBBY, "client_broadcast", &said)).await.unwrap();
            }
            writing
        });
        let mut reading = reading;
        for _ in 0..SAID {
            let reply = reading.until(r#"["1","3","#).await;
            assert_eq!(reply[4]["status"], "ok");
        }
        Bare { writing: writing.await.unwrap(), reading, id }
    })
    .await;
    let mut delays = listening.await.unwrap().concat();
    delays.sort();
    // On a machine that does other things as well, a few may come later.
    let at = |part: usize| delays[delays.len() * part / 1000];
    assert!(at(990) < Duration::from_millis(100), "{:?}", at(990));
}

#[tokio::test]
async fn who_sends_without_end_and_never_reads_is_closed_and_starves_nobody() {
    let stall = Duration::from_millis(500);
    let config = hullo_server::Config {
        max_pushes_per_second: 0,
        max_stall: stall,
        ..hullo_server::Config::default()
    };
    let server = Server::with(config).await;
    let mut canary = server.member("canary").await;
    let mut endless = Bare::open_narrow(server.address).await;
    let beats = frame(0x81, br#"[null,"1","phoenix","heartbeat",{}]"#).repeat(500);
    let start = Instant::now();
    let sending = async {
        while endless.writing.write_all(&beats).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let singing = async {
        while start.elapsed() < 2 * stall {
            canary.sings().await;
        }
    };
    // It ends when it is closed, or is still blocked.
    let (_sent, ()) = tokio::join!(timeout(3 * stall, sending), singing);
    assert_eq!(endless.closed().await, Some(1013));
    canary.sings().await;
}
