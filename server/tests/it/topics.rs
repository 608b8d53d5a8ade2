//! What rooms are about, the list of them, and who need not be greeted: over real sockets, and
//! after the daemon was killed.

use std::net::SocketAddr;
use std::time::Duration;

use hullo_testing::bare::{Bare, at_once, push};
use hullo_testing::peer::Peer;
use hullo_testing::server::Server;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::daemon;

const LOBBY: &str = "room:lobby";

async fn connect(address: SocketAddr) -> Peer {
    Peer::open(tokio::net::TcpStream::connect(address).await.expect("a connection")).await
}

/// Joins and says helo; what the reply to the helo holds.
async fn enter(peer: &mut Peer, helo: Value, join: Value) -> Value {
    peer.push(LOBBY, "phx_join", &join.to_string()).await;
    peer.until("phx_reply").await;
    peer.push(LOBBY, "client_helo", &helo.to_string()).await;
    let reply: Value = serde_json::from_str(&peer.until("phx_reply").await).expect("JSON");
    assert_eq!(reply[4]["status"], "ok", "{reply}");
    reply[4]["response"].clone()
}

async fn set_topic(peer: &mut Peer, topic: &str) {
    peer.push(LOBBY, "client_topic", &json!({ "topic": topic }).to_string()).await;
    let reply = peer.until("phx_reply").await;
    assert!(reply.contains(r#""status":"ok""#), "{reply}");
}

/// The text of the topic that a newcomer finds.
async fn topic_found(address: SocketAddr) -> Value {
    let mut peer = connect(address).await;
    let welcome = enter(&mut peer, json!({ "name": "newcomer" }), json!({})).await;
    welcome["topic"]["text"].clone()
}

#[tokio::test]
async fn a_topic_survives_a_kill_and_the_end_of_the_entry_that_set_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().expect("a path in UTF-8");
    // A minute of silence would remove more of the log; a few entries do it sooner.
    let options = ["--data", path, "--data-max-entries", "3"];
    let (daemon, address) = daemon::start(&options).await;
    let mut ada = connect(address).await;
    enter(&mut ada, json!({ "name": "ada" }), json!({})).await;
    set_topic(&mut ada, "tea at four").await;
    daemon.killed().await;

    let (daemon, address) = daemon::start(&options).await;
    let mut bob = connect(address).await;
    let welcome = enter(&mut bob, json!({ "name": "bob" }), json!({})).await;
    assert_eq!(
        (&welcome["topic"]["text"], &welcome["topic"]["by"]),
        (&json!("tea at four"), &json!("ada"))
    );
    assert!(welcome["topic"]["at"].as_u64().is_some_and(|at| at > 1_700_000_000), "{welcome}");
    for message in 0..20 {
        bob.push(LOBBY, "client_broadcast", &json!({ "message": message }).to_string()).await;
        bob.until("phx_reply").await;
    }
    sleep(Duration::from_secs(1)).await; // old entries are removed between two commits
    daemon.killed().await;

    let (daemon, address) = daemon::start(&options).await;
    let mut eve = connect(address).await;
    eve.join("rooms").await;
    eve.push("rooms", "list", "{}").await;
    assert_eq!(eve.json().await[4]["response"]["rooms"], json!([]), "nobody came back");
    assert_eq!(topic_found(address).await, "tea at four");
    let mut cy = connect(address).await;
    enter(&mut cy, json!({ "name": "cy" }), json!({})).await;
    eve.push("rooms", "list", "{}").await;
    assert_eq!(eve.json().await[4]["response"]["rooms"][0]["topic"], "tea at four");
    set_topic(&mut cy, "").await;
    daemon.killed().await;

    let (daemon, address) = daemon::start(&options).await;
    assert_eq!(topic_found(address).await, Value::Null);
    daemon.killed().await;
}

#[tokio::test]
async fn after_a_kill_an_observer_is_an_observer_and_who_is_quiet_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--data", folder.path().to_str().expect("a path in UTF-8")];
    let (daemon, address) = daemon::start(&options).await;
    let mut resumes = Vec::new();
    for mode in ["observer", "quiet"] {
        let mut peer = connect(address).await;
        let helo = json!({ "name": mode, "mode": mode });
        let welcome = enter(&mut peer, helo, json!({ "resumable": true })).await;
        resumes.push(welcome["resume"].clone());
    }
    daemon.killed().await;

    let (daemon, address) = daemon::start(&options).await;
    let mut back = Vec::new();
    for resume in resumes {
        let mut peer = connect(address).await;
        let join = json!({ "resumable": true, "resume": resume }).to_string();
        peer.push(LOBBY, "phx_join", &join).await;
        let reply = peer.json().await;
        assert_eq!(reply[4]["response"]["resumed"], true, "{reply}");
        back.push(peer);
    }
    let mut ada = connect(address).await;
    ada.push(LOBBY, "phx_join", "{}").await;
    ada.until("phx_reply").await;
    ada.push(LOBBY, "client_helo", r#"{"name":"ada"}"#).await;
    let state: Value = serde_json::from_str(&ada.until("presence_state").await).expect("JSON");
    let metas = state[4].as_object().expect("people").values().map(|person| &person["metas"][0]);
    let mut shown: Vec<_> =
        metas.map(|meta| (meta["name"].clone(), meta["mode"].clone())).collect();
    shown.sort_by_key(|(name, _)| name.to_string());
    assert_eq!(shown, [(json!("ada"), Value::Null), (json!("observer"), json!("observer"))]);
    ada.until("presence_diff").await;
    let told = back[0].until("new_user").await;
    assert!(told.contains(r#""answer":false"#), "{told}");
    back[1].push(LOBBY, "client_broadcast", r#"{"message":"x"}"#).await;
    assert_eq!(back[1].json().await[3], "phx_reply", "and nothing before it");
    let said = ada.until("client_broadcast").await;
    assert!(said.contains(r#""from":"quiet""#), "{said}");
    daemon.killed().await;
}

#[tokio::test]
async fn the_directory_tells_how_many_are_where() {
    let server = Server::start().await;
    let mut eve = server.peer().await;
    eve.join("rooms").await;
    let list = async |eve: &mut Peer| {
        eve.push("rooms", "list", "{}").await;
        eve.json().await[4]["response"].clone()
    };
    assert_eq!(list(&mut eve).await, json!({ "rooms": [], "more": false }));
    let mut ada = server.member("ada").await;
    let bob = server.member("bob").await;
    ada.push(LOBBY, "client_topic", r#"{"topic":"tea"}"#).await;
    ada.until("phx_reply").await;
    let rooms = json!([{ "name": "lobby", "here": 2, "topic": "tea" }]);
    assert_eq!(list(&mut eve).await, json!({ "rooms": rooms, "more": false }));
    drop(bob);
    ada.until("leaves").await;
    while list(&mut eve).await["rooms"][0]["here"] != 1 {
        tokio::task::yield_now().await;
    }
}

/// A topic is told to everybody; whoever sets it is charged by their number.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_costs_more_where_more_are_told() {
    let (_daemon, address) = daemon::start(&[]).await;
    let enter = move |at| async move { Bare::member(address, LOBBY, &format!("m{at}")).await };
    let _crowd = at_once(0..200, enter).await;
    let mut accepted = Vec::new();
    for topic in ["room:small", LOBBY] {
        let mut bare = Bare::member(address, topic, "x").await;
        bare.send(&push("3", topic, "client_topic", r#"{"topic":"x"}"#).repeat(150)).await;
        let (mut answered, mut ok) = (0, 0);
        while answered < 150 {
            let frame: Value = serde_json::from_str(&bare.reading.text().await).unwrap();
            if frame[3] == "phx_reply" {
                answered += 1;
                ok += usize::from(frame[4]["status"] == "ok");
            }
        }
        accepted.push(ok);
    }
    assert!(accepted[0] == 150 && (50..120).contains(&accepted[1]), "{accepted:?} of 150");
}
