//! Connections break, and sessions are taken back: nothing lost, nothing doubled.

use std::time::Duration;

use hullo_server::Config;
use hullo_testing::peer::Peer;
use hullo_testing::server::Server;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::front::ask;
use crate::metrics;

const LOBBY: &str = "room:lobby";

/// Somebody who can come back.
pub(crate) struct Returning {
    pub(crate) peer: Peer,
    resume: Value,
    /// The newest place in the order that it has.
    pub(crate) seq: u64,
    pub(crate) heard: Vec<Value>,
}

impl Returning {
    pub(crate) async fn new(mut peer: Peer, name: &str) -> Self {
        peer.push(LOBBY, "phx_join", r#"{"resumable":true,"history":50}"#).await;
        peer.until("phx_reply").await;
        peer.push(LOBBY, "client_helo", &json!({ "name": name }).to_string()).await;
        peer.until("presence_state").await; // diffs of what ended with an earlier server may come first
        let reply = peer.json().await;
        let response = &reply[4]["response"];
        response["id"].as_str().expect("an id").clone_into(&mut peer.id);
        let resume = response["resume"].clone();
        let seq = resume["seq"].as_u64().expect("a place");
        Self { peer, resume, seq, heard: Vec::new() }
    }

    /// Comes back on another connection; whether the session does.
    pub(crate) async fn back(self, mut peer: Peer) -> (Self, Value) {
        let Self { resume, seq, heard, .. } = self;
        let resume = json!({ "token": resume["token"], "epoch": resume["epoch"], "seq": seq });
        let join = json!({ "resumable": true, "resume": resume }).to_string();
        peer.push(LOBBY, "phx_join", &join).await;
        let reply = peer.json().await;
        self.peer.id.clone_into(&mut peer.id);
        (Self { peer, resume, seq, heard }, reply[4]["response"].clone())
    }

    /// The next frame; if it has a place in the order, that is behind those before it.
    pub(crate) async fn hear(&mut self) -> Value {
        let frame = self.peer.json().await;
        if let Some(seq) = frame[4]["seq"].as_u64() {
            assert!(seq > self.seq, "{frame} after {}", self.seq);
            self.seq = seq;
            if frame[3] == "client_broadcast" || frame[3] == "client_response" {
                self.heard.push(frame[4]["message"].clone());
            }
        }
        frame
    }

    /// Hears until it has heard so many messages.
    pub(crate) async fn hear_messages(&mut self, count: usize) {
        while self.heard.len() < count {
            self.hear().await;
        }
    }
}

async fn say(peer: &mut Peer, messages: std::ops::Range<u32>) {
    for message in messages {
        peer.push(LOBBY, "client_broadcast", &json!({ "message": message }).to_string()).await;
        peer.until("phx_reply").await;
    }
}

#[tokio::test]
async fn a_broken_connection_is_no_news_and_costs_nothing() {
    let server = Server::start().await;
    let mut bob = server.member("bob").await;
    let mut ada = Returning::new(server.peer().await, "ada").await;
    bob.until("presence_diff").await;
    ada.hear().await;
    say(&mut bob, 0..3).await;
    ada.hear_messages(2).await;
    ada.peer.ws.get_ref().set_zero_linger().expect("a socket");
    let seq = ada.seq;
    let peer = server.peer().await;
    let id = ada.peer.id.clone();
    drop(std::mem::replace(&mut ada.peer, server.peer().await)); // a reset instead of a goodbye
    ada.peer.id.clone_from(&id);
    sleep(Duration::from_millis(50)).await;
    say(&mut bob, 3..6).await; // and he heard of nothing in between
    let (mut ada, reply) = ada.back(peer).await;
    assert_eq!(reply, json!({ "resumed": true, "id": id, "name": "ada" }));
    ada.hear_messages(6).await;
    assert_eq!(ada.heard, (0..6).map(Value::from).collect::<Vec<_>>());
    assert!(seq < ada.seq);
    say(&mut ada.peer, 6..7).await;
    assert_eq!(bob.json().await[4]["client_session_id"], id);
}

#[tokio::test]
async fn a_connection_that_hangs_is_closed_when_its_session_is_taken_back() {
    let server = Server::start().await;
    let ada = Returning::new(server.peer().await, "ada").await;
    let (resume, seq) = (ada.resume.clone(), ada.seq);
    let mut old = ada.peer;
    let hangs = Returning { peer: server.peer().await, resume, seq, heard: Vec::new() };
    let (mut ada, reply) = hangs.back(server.peer().await).await;
    assert_eq!(reply["resumed"], true);
    assert_eq!(old.closed().await, (1001, "replaced".to_owned()));
    assert_eq!(ada.hear().await[3], "presence_diff");
    ada.peer.push_ok(LOBBY, "client_broadcast", r#"{"message":1}"#).await;
}

#[tokio::test]
async fn who_does_not_come_back_in_time_leaves_once() {
    let window = Duration::from_millis(300);
    let server = Server::with(Config { resume_window: window, ..Config::default() }).await;
    let mut bob = server.member("bob").await;
    let mut ada = Returning::new(server.peer().await, "ada").await;
    bob.until("presence_diff").await;
    let id = ada.peer.id.clone();
    ada.peer.ws.close(None).await.expect("a goodbye");
    bob.hears_leave(&id).await;
    let (ada, reply) = ada.back(server.peer().await).await;
    assert_eq!(reply, json!({ "resumed": false }));
    say(&mut bob, 0..1).await; // he heard of it once
    drop(ada);
}

#[tokio::test]
async fn what_was_resumed_refused_and_repeated_is_counted() {
    let server = Server::start().await;
    let mut bob = server.member("bob").await;
    let ada = Returning::new(server.peer().await, "ada").await;
    let push = r#"{"message":1,"msg_id":"00000000-0000-0000-0000-000000000001"}"#;
    for _ in 0..2 {
        bob.push(LOBBY, "client_broadcast", push).await;
        bob.until("phx_reply").await;
    }
    let (mut ada, _) = ada.back(server.peer().await).await;
    ada.hear_messages(1).await;
    ada.resume["token"] = "0".repeat(64).into();
    let (_ada, reply) = ada.back(server.peer().await).await;
    assert_eq!(reply, json!({ "resumed": false }));
    sleep(Duration::from_millis(50)).await;
    let page = ask(&server, metrics::GET).await;
    for line in [
        "hullo_resumed_total 1",
        "hullo_replayed_total 2",
        r#"hullo_resumes_refused_total{reason="forged"} 1"#,
        "hullo_deduplicated_total 1",
        "hullo_away 1",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} is missing in\n{page}");
    }
}

#[tokio::test]
async fn history_is_told_to_who_asks() {
    let server = Server::with(Config { history: 3, ..Config::default() }).await;
    let mut bob = server.member("bob").await;
    say(&mut bob, 0..5).await;
    drop(bob);
    sleep(Duration::from_millis(50)).await;
    let mut cy = server.peer().await;
    cy.push(LOBBY, "phx_join", r#"{"history":2}"#).await;
    cy.until("phx_reply").await;
    cy.push(LOBBY, "client_helo", r#"{"name":"cy"}"#).await;
    let reply: Value = serde_json::from_str(&cy.until("phx_reply").await).expect("JSON");
    let history = reply[4]["response"]["history"].as_array().expect("a list").clone();
    let said: Vec<&Value> = history.iter().map(|past| &past[1]["message"]).collect();
    assert_eq!(said, [&json!(3), &json!(4)]);
    assert_eq!(
        (&history[0][0], &history[0][1]["name"]),
        (&json!("client_broadcast"), &json!("bob"))
    );
    let before = history[0][1]["seq"].as_u64().expect("a place");
    cy.push(LOBBY, "client_history", &json!({ "history": 9, "before": before }).to_string()).await;
    let page: Value = serde_json::from_str(&cy.until("phx_reply").await).expect("JSON");
    assert_eq!(page[4]["response"]["history"].as_array().map(Vec::len), Some(1));
    assert_eq!(page[4]["response"]["history"][0][1]["message"], 2);
}
