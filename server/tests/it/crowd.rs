//! How many connections may come: in all, from one address, and at once.

use hullo_server::Config;
use hullo_testing::server::Server;
use hullo_testing::wait::soon;
use hullo_testing::websocket::{SOCKET, read_to_end, upgrade};
use tokio_tungstenite::client_async;

use crate::front::ask;

const HEALTHZ: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

fn handshake() -> Vec<u8> {
    upgrade(SOCKET)
}

#[track_caller]
fn is_full(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    assert!(answer.contains("\r\nRetry-After: 10\r\n") && answer.ends_with(".\n"), "{answer}");
}

#[tokio::test]
async fn a_full_server_says_so_and_how_it_is_and_takes_the_next_when_one_leaves() {
    for config in [
        Config { max_connections: 2, ..Config::default() },
        Config { max_per_ip: 2, ..Config::default() },
    ] {
        let server = Server::with(config).await;
        let mut ada = server.member("ada").await;
        let bob = server.peer().await;
        is_full(&ask(&server, &handshake()).await);
        assert!(ask(&server, HEALTHZ).await.starts_with("HTTP/1.1 200 OK\r\n"));
        ada.sings().await;
        drop(bob);
        let next = async {
            let url = "ws://x/socket/websocket?vsn=2.0.0";
            while client_async(url, server.tcp().await).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        soon("room for the next", next).await;
    }
}

#[tokio::test]
async fn those_who_say_nothing_are_bounded_too() {
    let server = Server::with(Config { max_per_ip: 1, ..Config::default() }).await;
    let mut silent = Vec::new();
    for _ in 0..65 {
        silent.push(server.tcp().await);
    }
    let answer = read_to_end(&mut server.tcp().await).await; // without a word of its own
    is_full(&String::from_utf8(answer).unwrap());
}

/// A busy server accepts nothing for a moment, just when all of its clients come back.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn four_thousand_may_come_at_once() {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

    const SPARE: usize = 500;
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    let possible = maximum.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    let queue = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
    let crowd = 4000.min(possible.saturating_sub(SPARE)).min(queue.trim().parse().unwrap());

    let (child, address) = crate::daemon::start(&["--max-per-ip", "0"]).await;
    child.signal(Signal::STOP);
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(900)).unwrap();
    let mut streams: Vec<TcpStream> = (0..crowd).map(|_| connect()).collect();
    for stream in &mut streams {
        stream.write_all(&handshake()).unwrap();
    }
    child.signal(Signal::CONT);
    for stream in &mut streams {
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 101");
    }
}
