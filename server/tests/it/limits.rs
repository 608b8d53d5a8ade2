//! Limits that one client meets: how much it may push, in all its channels and in large rooms, and
//! how many rooms and members there may be.

use std::net::SocketAddr;

use hullo_server::Config;
use hullo_testing::bare::{Bare, at_once, push};
use hullo_testing::peer::Peer;
use hullo_testing::server::Server;
use serde_json::Value;
use tokio::time::Instant;

use crate::daemon;

const LOBBY: &str = "room:lobby";

/// Sends the pushes at once; the answers to them, in their order.
async fn answers(bare: &mut Bare, pushes: Vec<Vec<u8>>) -> Vec<Value> {
    let count = pushes.len();
    bare.send(&pushes.concat()).await;
    let mut answers = Vec::with_capacity(count);
    while answers.len() < count {
        let frame: Value = serde_json::from_str(&bare.reading.text().await).unwrap();
        if frame[3] == "phx_reply" {
            answers.push(frame);
        }
    }
    answers
}

fn is_ok(answer: &Value) -> bool {
    assert!(answer[4]["status"] == "ok" || answer[4]["response"]["reason"] == "rate_limited");
    answer[4]["status"] == "ok"
}

#[tokio::test]
async fn a_hundred_channels_push_no_more_than_two() {
    let (_daemon, address) = daemon::start(&[]).await;
    let start = Instant::now();
    let mut bare = Bare::open(address).await;
    let rooms: Vec<String> = (0..100).map(|at| format!("room:r{at}")).collect();
    let joins = rooms.iter().map(|room| push("1", room, "phx_join", "{}"));
    assert!(answers(&mut bare, joins.collect()).await.iter().all(is_ok));
    let helos = rooms.iter().map(|room| push("2", room, "client_helo", r#"{"name":"x"}"#));
    assert!(answers(&mut bare, helos.collect()).await.iter().all(is_ok));
    let pushes = |times| {
        let rooms = rooms.iter().cycle().take(times * rooms.len());
        rooms.map(|room| push("3", room, "client_broadcast", r#"{"message":"x"}"#)).collect()
    };
    let accepted =
        answers(&mut bare, pushes(6)).await.iter().filter(|answer| is_ok(answer)).count();
    let most = 301 + usize::try_from(start.elapsed().as_millis()).unwrap() / 10;
    assert!((300..=most).contains(&accepted), "{accepted} of 600, and {most} are allowed");
    bare.send(&pushes(2).concat()).await;
    assert_eq!(bare.closed().await, Some(1008));
}

/// Says the same status again and again; how often that was accepted.
async fn statuses(address: SocketAddr, topic: &str, times: usize) -> usize {
    let mut bare = Bare::member(address, topic, "x").await;
    let status = push("3", topic, "client_status", r#"{"state":"away"}"#);
    let answers = answers(&mut bare, vec![status; times]).await;
    answers.iter().filter(|answer| is_ok(answer)).count()
}

/// Each change of presence is told to everybody; whoever changes it is charged by their number.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_presence_costs_more_where_more_are_told() {
    let (_daemon, address) = daemon::start(&[]).await;
    let enter = move |at| async move { Bare::member(address, LOBBY, &format!("m{at}")).await };
    let mut talker = enter(1000).await;
    let _crowd = at_once(0..200, enter).await;
    assert_eq!(statuses(address, "room:small", 150).await, 150);
    let in_large = statuses(address, LOBBY, 150).await;
    assert!((50..120).contains(&in_large), "{in_large} of 150");
    let say = push("3", LOBBY, "client_broadcast", r#"{"message":"x"}"#);
    assert!(answers(&mut talker, vec![say; 150]).await.iter().all(is_ok));
}

/// Joins; the reason why not, if so.
async fn join(peer: &mut Peer, topic: &str) -> Option<String> {
    peer.push(topic, "phx_join", "{}").await;
    let reply = peer.json().await;
    reply[4]["response"]["reason"].as_str().map(str::to_owned)
}

async fn leave(peer: &mut Peer, topic: &str) {
    peer.push_ok(topic, "phx_leave", "{}").await;
    assert_eq!(peer.json().await[3], "phx_close");
}

#[tokio::test]
async fn so_many_rooms_and_no_more_until_one_is_left() {
    let server = Server::with(Config { max_rooms: 2, ..Config::default() }).await;
    let (mut ada, mut bob) = (server.peer().await, server.peer().await);
    assert_eq!(join(&mut ada, "room:a").await, None);
    assert_eq!(join(&mut bob, "room:a").await, None);
    assert_eq!(join(&mut ada, "room:b").await, None);
    assert_eq!(join(&mut ada, "room:c").await.as_deref(), Some("full"));
    leave(&mut ada, "room:a").await; // bob is still there
    assert_eq!(join(&mut ada, "room:c").await.as_deref(), Some("full"));
    leave(&mut ada, "room:b").await;
    assert_eq!(join(&mut ada, "room:c").await, None);
    assert_eq!(join(&mut bob, "room:b").await.as_deref(), Some("full"));
    drop(ada); // with all it has joined
    while join(&mut bob, "room:b").await.as_deref() == Some("full") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn so_many_members_of_a_room_and_no_more_until_one_has_left() {
    let server = Server::with(Config { max_members: 2, ..Config::default() }).await;
    let mut ada = server.member("ada").await;
    let (mut bob, mut cy) = (server.peer().await, server.peer().await);
    assert_eq!(join(&mut bob, LOBBY).await, None); // even if he never says helo
    assert_eq!(join(&mut cy, LOBBY).await.as_deref(), Some("full"));
    assert_eq!(join(&mut cy, "room:other").await, None);
    leave(&mut bob, LOBBY).await;
    assert_eq!(join(&mut cy, LOBBY).await, None);
    assert_eq!(join(&mut bob, LOBBY).await.as_deref(), Some("full"));
    ada.sings().await;
    drop(ada);
    while join(&mut bob, LOBBY).await.as_deref() == Some("full") {
        tokio::task::yield_now().await;
    }
}
