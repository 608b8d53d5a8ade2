//! How a server ends, and what it tells its clients.

use std::time::Duration;

use hullo_server::Config;
use hullo_testing::server::Server;
use hullo_testing::websocket::{SOCKET, read_head, read_to_end, upgrade};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;

#[tokio::test]
async fn a_stop_tells_everybody_to_come_back() {
    let mut server = Server::start().await;
    let mut member = server.member("ada").await;
    let mut lurker = server.peer().await; // without a channel: not 1000 either
    let mut knocking = server.tcp().await;
    knocking.write_all(b"GET /socket").await.unwrap();
    let mut canary = server.member("canary").await; // by now all of them are being served
    member.until("presence_diff").await;
    server.begin_stop();
    assert_eq!(member.closed().await, (1012, "restart".to_owned()));
    assert_eq!(lurker.closed().await.0, 1012);
    assert_eq!(canary.closed().await.0, 1012); // and nobody's leave before it
    assert!(read_to_end(&mut knocking).await.starts_with(b"HTTP/1.1 503 "));
    server.ended().await;
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn who_does_not_listen_cannot_hold_up_the_end() {
    let config = Config { max_pushes_per_second: 0, ..Config::default() };
    let mut server = Server::with(config).await;
    let mut slow = server.narrow_peer().await;
    slow.enter("room:lobby", "slow").await;
    let mut talker = server.member("talker").await;
    for _ in 0..40 {
        let message = format!(r#"{{"message":"{}"}}"#, "x".repeat(16 * 1024));
        talker.push_ok("room:lobby", "client_broadcast", &message).await;
    }
    let start = Instant::now();
    server.begin_stop();
    server.ended().await;
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn what_was_answered_arrives_before_the_end() {
    let mut server = Server::start().await;
    let mut bob = server.member("bob").await;
    for _ in 0..100 {
        bob.push("room:lobby", "client_broadcast", r#"{"message":"x"}"#).await;
    }
    for _ in 0..100 {
        assert_eq!(bob.json().await[3], "phx_reply");
    }
    server.begin_stop();
    assert_eq!(bob.closed().await.0, 1012);
}

#[tokio::test]
async fn a_server_without_anybody_ends_by_itself() {
    let patience = Duration::from_millis(300);
    let config = Config { exit_when_empty: Some(patience), ..Config::default() };
    let start = Instant::now();
    let mut server = Server::with(config.clone()).await;
    server.ended().await;
    assert!(start.elapsed() >= patience);

    let mut server = Server::with(config).await;
    let mut bob = server.member("bob").await;
    tokio::time::sleep(2 * patience).await; // somebody is here all the while
    bob.sings().await;
    let start = Instant::now();
    drop(bob);
    server.ended().await;
    assert!(start.elapsed() >= patience);
}

#[tokio::test]
async fn a_handshake_at_the_last_moment_is_not_lost() {
    let patience = Duration::from_millis(300);
    let config = Config { exit_when_empty: Some(patience), ..Config::default() };
    let mut server = Server::with(config).await;
    let mut stream = server.tcp().await;
    let request = upgrade(SOCKET);
    stream.write_all(&request[..20]).await.unwrap();
    tokio::time::sleep(2 * patience).await; // it would have ended by now
    stream.write_all(&request[20..]).await.unwrap();
    assert!(read_head(&mut stream).await.starts_with("HTTP/1.1 101 "));
    drop(stream);
    server.ended().await;
}
