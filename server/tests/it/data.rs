//! A daemon with a store is killed, and goes on where it was.

use std::net::SocketAddr;
use std::time::Duration;

use hullo_testing::peer::Peer;
use hullo_testing::program::Running;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use tokio::time::sleep;

use crate::daemon::{run, start};
use crate::resume::Returning;

const LOBBY: &str = "room:lobby";

async fn start_on(data: &TempDir) -> (Running, SocketAddr) {
    start(&["--data", path(data)]).await
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().expect("a path in UTF-8")
}

async fn connect(address: SocketAddr) -> Peer {
    Peer::open(tokio::net::TcpStream::connect(address).await.expect("a connection")).await
}

async fn say(peer: &mut Peer, message: u32) {
    let msg_id = format!("00000000-0000-0000-0000-{message:012}");
    let payload = json!({ "message": message, "msg_id": msg_id }).to_string();
    peer.push(LOBBY, "client_broadcast", &payload).await;
    let reply = peer.until("phx_reply").await;
    assert!(reply.contains(r#""status":"ok""#), "{reply}");
}

#[tokio::test]
async fn after_a_kill_everybody_comes_back_to_all_that_was_acknowledged() {
    let folder = tempdir().unwrap();
    let (mut daemon, mut address) = start_on(&folder).await;
    let mut ada = Returning::new(connect(address).await, "ada").await;
    let mut bob = Returning::new(connect(address).await, "bob").await;
    let plain = {
        let mut plain = connect(address).await;
        plain.enter(LOBBY, "plain").await;
        plain
    };
    let (ada_id, bob_id) = (ada.peer.id.clone(), bob.peer.id.clone());
    let mut said = 0;
    for round in 0..4_usize {
        for _ in 0..10 {
            say(&mut bob.peer, said).await;
            said += 1;
        }
        ada.hear_messages(10 * round + 5).await; // and not the rest
        daemon.killed().await;
        (daemon, address) = start_on(&folder).await;
        let (bob_back, reply) = bob.back(connect(address).await).await;
        assert_eq!(reply, json!({ "resumed": true, "id": bob_id, "name": "bob" }));
        bob = bob_back;
        say(&mut bob.peer, said - 1).await; // its reply was lost, for all that bob knows
        let (ada_back, reply) = ada.back(connect(address).await).await;
        assert_eq!(reply, json!({ "resumed": true, "id": ada_id, "name": "ada" }));
        ada = ada_back;
        ada.hear_messages(10 * (round + 1)).await;
    }
    assert_eq!(ada.heard, (0..said).map(Value::from).collect::<Vec<_>>());
    drop(plain);

    // Who could not come back has left, and a newcomer finds who is here and what was said.
    let mut cy = connect(address).await;
    cy.push(LOBBY, "phx_join", r#"{"history":50}"#).await;
    cy.until("phx_reply").await;
    cy.push(LOBBY, "client_helo", r#"{"name":"cy"}"#).await;
    let state: Value = serde_json::from_str(&cy.until("presence_state").await).expect("JSON");
    let here = state[4].as_object().expect("people");
    assert!(here.contains_key(&ada_id) && here.contains_key(&bob_id) && here.len() == 3, "{state}");
    let reply: Value = serde_json::from_str(&cy.until("phx_reply").await).expect("JSON");
    let history = reply[4]["response"]["history"].as_array().expect("a list");
    let messages: Vec<&Value> = history.iter().map(|past| &past[1]["message"]).collect();
    assert_eq!(messages, (0..said).map(Value::from).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    daemon.killed().await;
}

#[tokio::test]
async fn after_a_stop_in_good_order_the_history_is_there() {
    let folder = tempdir().unwrap();
    let (daemon, address) = start_on(&folder).await;
    let mut bob = connect(address).await;
    bob.enter(LOBBY, "bob").await;
    for message in 0..3 {
        say(&mut bob, message).await;
    }
    daemon.signal(Signal::TERM);
    daemon.ended().await;
    let (daemon, address) = start_on(&folder).await;
    let cy = Returning::new(connect(address).await, "cy").await;
    assert!(cy.seq > 3, "the order goes on: {}", cy.seq);
    daemon.killed().await;
}

#[tokio::test]
async fn without_a_store_a_restart_is_another_life() {
    let (daemon, address) = start(&[]).await;
    let ada = Returning::new(connect(address).await, "ada").await;
    daemon.killed().await;
    let (daemon, address) = start(&[]).await;
    let (_ada, reply) = ada.back(connect(address).await).await;
    assert_eq!(reply, json!({ "resumed": false }));
    daemon.killed().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_refused_and_left_alone() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("store.db");
    std::fs::write(&file, "somebody else's").expect("a file");
    let output = run(&["--listen", "127.0.0.1:0", "--data", path(&folder)]).await;
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("is not a store of hullo"), "{}", output.stderr);
    assert_eq!(std::fs::read(&file).expect("the file"), b"somebody else's");

    let folder = tempdir().unwrap();
    let (daemon, _) = start_on(&folder).await;
    let output = run(&["--listen", "127.0.0.1:0", "--data", path(&folder)]).await;
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("in use by another server"), "{}", output.stderr);
    daemon.killed().await;
    sleep(Duration::from_millis(10)).await;
}
