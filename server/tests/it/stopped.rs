//! A daemon whose process was stopped for a while: time in which it could do nothing is held
//! against nobody.

use std::time::Duration;

use hullo_testing::bare::{Bare, Received, at_once, ping};
use hullo_testing::websocket::frame;
use rustix::process::Signal;
use tokio::time::{Instant, sleep, timeout};

use crate::daemon::start;

const STOP: Duration = Duration::from_millis(2500);

const BEAT: &[u8] = br#"[null,"beat","phoenix","heartbeat",{}]"#;

/// Some ping, some send heartbeats. Those who went on saying something find themselves served, and
/// those who did not are closed for that at last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_said_something_while_the_server_was_stopped_is_not_idle() {
    let (daemon, address) = start(&["--idle-timeout", "1s"]).await;
    let crowd = at_once(0..310, move |_| Bare::open(address)).await;
    daemon.signal(Signal::STOP);
    let start = Instant::now();
    let mut crowd = at_once(crowd.into_iter().enumerate(), |(at, mut bare)| async move {
        match at {
            0..150 => bare.send(&frame(0x81, BEAT)).await,
            150..300 => bare.send(&ping()).await,
            _ => {}
        }
        bare
    })
    .await;
    sleep(STOP.saturating_sub(start.elapsed())).await;
    daemon.signal(Signal::CONT);
    let silent = crowd.split_off(300);
    let served = at_once(crowd.into_iter().enumerate(), |(at, mut bare)| async move {
        match bare.reading.next().await {
            Received::Text(_) if at < 150 => {}
            Received::Pong if at >= 150 => {}
            other => panic!("{other:?}"),
        }
        bare.is_well().await;
        bare
    });
    let closed = at_once(silent, |bare| async move { bare.closed().await });
    let (served, closed) = tokio::join!(served, closed);
    assert_eq!(closed, [Some(1002); 10]);

    let since = Instant::now();
    let codes = at_once(served, |bare| async move { bare.closed().await }).await;
    assert!(codes.iter().all(|code| *code == Some(1002)), "{codes:?}");
    assert!(since.elapsed() > Duration::from_millis(800), "{:?}", since.elapsed());
}

/// Its socket is full when the server is stopped, for longer than it may be full. It is given all
/// of that time again; and if it does not read even then, it is closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_while_the_server_is_stopped_is_not_too_slow() {
    let (daemon, address) = start(&["--max-stall", "1s"]).await;
    let peers =
        at_once(
            0..2,
            move |at| async move { Bare::clogged(address, &format!("room:r{at}"), 6).await },
        )
        .await;
    let [mut reads_at_last, never_reads] = <[Bare; 2]>::try_from(peers).ok().unwrap();
    sleep(Duration::from_millis(300)).await;
    daemon.signal(Signal::STOP);
    sleep(STOP).await;
    daemon.signal(Signal::CONT);
    sleep(Duration::from_millis(500)).await; // half of what it is given again
    for _ in 0..6 {
        reads_at_last.reading.until(r#"["1","3","#).await;
    }
    reads_at_last.is_well().await;
    sleep(Duration::from_millis(900)).await;
    let closed = timeout(Duration::from_secs(2), never_reads.closed()).await;
    assert_eq!(closed.unwrap(), Some(1013));
}
