//! Clients that do not let the server end their connection in peace, beside one that must not
//! notice.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use crate::bare::{Bare, at_once, meanwhile, push};
use crate::daemon;
use crate::harness::frame;

/// More than the daemon has threads, for each might keep one busy.
const CROWD: usize = 16;

async fn start() -> (Child, SocketAddr) {
    let (daemon, address) = daemon::start(&["--max-stall", "500ms"]).await;
    (daemon, address.parse().unwrap())
}

async fn check_served(canary: &mut Bare) {
    let served = timeout(Duration::from_secs(1), canary.is_well()).await;
    served.expect("the canary is served within a second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_gone_before_its_last_words_keeps_nobody_waiting() {
    let (_daemon, address) = start().await;
    let mut canary = Bare::open(address).await;
    let crowd = at_once(0..CROWD, move |at| async move {
        let mut peer = Bare::open_narrow(address).await;
        let room = format!("room:r{at}");
        peer.enter(&room, r#"{"name":"x"}"#).await;
        let text = "x".repeat(60_000);
        let to_itself = format!(r#"{{"message":"{text}","recipient":"{}"}}"#, peer.id);
        peer.send(&push("3", &room, "client_response", &to_itself).repeat(6)).await;
        peer
    })
    .await;
    // By then they are too slow, and what is left for them waits for a while yet.
    sleep(Duration::from_millis(1200)).await;
    check_served(&mut canary).await;
    crowd.into_iter().for_each(Bare::reset);
    for _ in 0..5 {
        sleep(Duration::from_millis(50)).await;
        check_served(&mut canary).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_on_sending_after_the_end_keeps_nobody_waiting() {
    let (_daemon, address) = start().await;
    let mut canary = Bare::open(address).await;
    let crowd = meanwhile(at_once(0..CROWD, move |_| async move {
        let mut peer = Bare::open(address).await;
        peer.send(&frame(0x81, b"nonsense")).await;
        let more = vec![0; 1024 * 1024];
        while peer.writing.write_all(&more).await.is_ok() {}
    }));
    while !crowd.is_finished() {
        check_served(&mut canary).await;
        sleep(Duration::from_millis(20)).await;
    }
}
