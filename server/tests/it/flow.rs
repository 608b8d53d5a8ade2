//! People meet, talk and leave.

use std::collections::BTreeSet;

use futures_util::SinkExt;
use hullo_server::{Config, Greeters};
use hullo_testing::peer::Peer;
use hullo_testing::server::Server;
use hullo_testing::websocket::{SOCKET, frame, read_head, upgrade};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

const LOBBY: &str = "room:lobby";

#[tokio::test]
async fn two_people_meet_and_greet() {
    let server = Server::start().await;
    let mut ada = server.member("ada").await;
    let bob = server.member("bob").await.id;
    let news = format!(r#"[null,null,"room:lobby","new_user",{{"id":"{bob}","name":"bob"}}]"#);
    ada.expect(&news).await;
    assert!(ada.json().await[4]["joins"][&bob].is_object());
    ada.hears_leave(&bob).await; // he was dropped at once
}

#[tokio::test]
async fn a_message_goes_to_whom_it_is_for() {
    let server = Server::start().await;
    let mut ada = server.member("ada").await;
    let mut bob = server.member("bob").await;
    let mut cy = server.member("cy").await;
    ada.until("new_user").await;
    ada.until("presence_diff").await;
    ada.until("new_user").await;
    ada.until("presence_diff").await;
    bob.until("new_user").await;
    bob.until("presence_diff").await;

    let hello = format!(r#"{{"message":{{"deep":[1.0]}},"recipient":"{}","auto":true}}"#, ada.id);
    cy.push_ok(LOBBY, "client_response", &hello).await;
    let (to, from) = (&ada.id.clone(), &cy.id.clone());
    ada.expect(&format!(
        r#"["11",null,"room:lobby","client_response",{{"message":{{"deep":[1.0]}},"recipient":"{to}","client_session_id":"{from}","auto":true}}]"#
    ))
    .await;

    cy.push_ok(LOBBY, "client_broadcast", r#"{"message":"hi all"}"#).await;
    let all = format!(
        r#"[null,null,"room:lobby","client_broadcast",{{"message":"hi all","client_session_id":"{from}"}}]"#
    );
    ada.expect(&all).await;
    bob.expect(&all).await; // and the response was not for him
    cy.push_ok(LOBBY, "client_status", r#"{"state":"away","text":"tea"}"#).await;
    assert_eq!(cy.json().await[4]["joins"][from]["metas"][0]["text"], "tea");
}

#[tokio::test]
async fn two_members_hear_a_crowd_in_one_order() {
    let server = Server::with(Config { greeters: Greeters::AtMost(0), ..Config::default() }).await;
    let (mut one, mut other) = (server.member("one").await, server.member("other").await);
    let mut crowd = Vec::new();
    for at in 0..4 {
        crowd.push(server.member(&format!("m{at}")).await);
    }
    let talk = crowd.iter_mut().map(|peer| async {
        for word in 0..50 {
            let message = format!(r#"{{"message":{word}}}"#);
            peer.push(LOBBY, "client_broadcast", &message).await;
        }
    });
    let hear = |peer| async {
        let peer: &mut Peer = peer;
        let mut heard = Vec::new();
        while heard.len() < 200 {
            heard.push(peer.until("client_broadcast").await);
        }
        heard
    };
    let (_, by_one, by_other) =
        tokio::join!(futures_util::future::join_all(talk), hear(&mut one), hear(&mut other));
    assert_eq!(by_one, by_other);
    assert_eq!(by_one.iter().collect::<BTreeSet<_>>().len(), 200);
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_a_frame_leaves_once() {
    let server = Server::start().await;
    let mut canary = server.member("canary").await;
    let bob = server.member("bob").await;
    canary.until("new_user").await;
    canary.until("presence_diff").await;
    let mut stream = bob.ws.into_inner();
    stream.write_all(&frame(0x81, b"half of it")[..9]).await.unwrap();
    stream.set_zero_linger().unwrap(); // a reset instead of a goodbye
    drop(stream);
    canary.hears_leave(&bob.id).await;
    canary.sings().await; // and nothing else comes of it
}

#[tokio::test]
async fn a_goodbye_is_answered_and_heard() {
    let server = Server::start().await;
    let mut ada = server.member("ada").await;
    let mut bob = server.member("bob").await;
    ada.until("presence_diff").await;
    bob.ws.close(None).await.unwrap();
    ada.hears_leave(&bob.id).await;
    assert!(matches!(bob.next().await, Ok(Message::Close(_))));
}

#[tokio::test]
async fn what_comes_right_behind_the_handshake_is_read() {
    let server = Server::start().await;
    let mut stream = server.tcp().await;
    let mut bytes = upgrade(SOCKET);
    bytes.extend(frame(0x81, br#"[null,"1","phoenix","heartbeat",{}]"#));
    stream.write_all(&bytes).await.unwrap();
    assert!(read_head(&mut stream).await.starts_with("HTTP/1.1 101 "));
    let reply = br#"[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]"#;
    let mut got = vec![0; reply.len() + 2];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut got).await.unwrap();
    assert_eq!(&got[2..], reply);
}

#[tokio::test]
async fn a_message_in_fragments_is_one_message() {
    let server = Server::start().await;
    let mut peer = server.peer().await;
    let text = r#"[null,"ü","phoenix","heartbeat",{}]"#;
    let (first, second) = text.as_bytes().split_at(8); // in the middle of the ü
    let part = |bytes: &[u8], code, last| {
        Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(code), last))
    };
    peer.ws.send(part(first, Data::Text, false)).await.unwrap();
    peer.ws.send(Message::Ping("between".into())).await.unwrap();
    peer.ws.send(part(second, Data::Continue, true)).await.unwrap();
    peer.expect(r#"[null,"ü","phoenix","phx_reply",{"status":"ok","response":{}}]"#).await;
}

#[tokio::test]
async fn the_largest_message_passes() {
    let server = Server::start().await;
    let (mut ada, mut bob) = (server.member("ada").await, server.member("bob").await);
    let frame = r#"["11","3","room:lobby","client_broadcast",{"message":""}]"#;
    let filler = "x".repeat(64 * 1024 - frame.len());
    let message = format!(r#"{{"message":"{filler}"}}"#);
    bob.push_ok(LOBBY, "client_broadcast", &message).await;
    assert!(ada.until("client_broadcast").await.len() > 64 * 1024);
}

#[tokio::test]
async fn a_room_whose_state_is_larger_than_a_queue_can_be_joined() {
    let config = Config { max_queue_bytes: 16 * 1024, ..Config::default() };
    let server = Server::with(config).await;
    let mut crowd = Vec::new();
    for at in 0..130 {
        let mut peer = server.narrow_peer().await;
        peer.enter(LOBBY, &format!("m{at}{}", "x".repeat(28))).await;
        for earlier in &mut crowd {
            let earlier: &mut Peer = earlier;
            earlier.until("presence_diff").await;
        }
        crowd.push(peer);
    }
    let mut last = server.narrow_peer().await;
    last.join(LOBBY).await;
    last.push(LOBBY, "client_helo", r#"{"name":"last"}"#).await;
    let state = last.text().await;
    assert!(state.len() > 16 * 1024, "{}", state.len());
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert_eq!(state[4].as_object().unwrap().len(), 131);
    assert_eq!(last.json().await[3], "phx_reply");
}
