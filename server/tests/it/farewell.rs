//! Clients that do not let the server end their connection in peace, beside one that must not
//! notice.

use std::net::SocketAddr;
use std::time::Duration;

use hullo_testing::bare::{Bare, at_once, meanwhile};
use hullo_testing::program::Running;
use hullo_testing::websocket::frame;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::daemon;

/// More than the daemon has threads, for each might keep one busy.
const CROWD: usize = 16;

async fn start() -> (Running, SocketAddr) {
    daemon::start(&["--max-stall", "500ms"]).await
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
        Bare::clogged(address, &format!("room:r{at}"), 6).await
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
