//! How a client ends.

use futures_util::StreamExt;
use hullo::client::{Client, Error, Notice};
use hullo_testing::NOWHERE;
use hullo_testing::guest::{Guest, Heard, lobby};
use hullo_testing::server::Server;
use hullo_testing::wait::soon;
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[tokio::test]
async fn who_closes_the_client_has_said_everything_and_is_gone_at_once() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let ada = server.guest("ada").await;
    let (id, Guest { client, lobby, mut notices, .. }) = (ada.id(), ada);
    for number in 0..50 {
        drop(lobby.say(number.to_string()));
    }
    soon("the end", client.close()).await.unwrap();
    for number in 0..50 {
        assert_eq!(bo.hears().await, Heard::Room(id, number.to_string()));
    }
    bo.sees_names(&["bo"]).await;
    assert_eq!(lobby.say("nobody carries this").await, Err(Error::Closed));
    while soon("the end", notices.recv()).await.is_some() {}
}

#[tokio::test]
async fn what_still_waits_for_the_room_is_sent_before_the_client_closes() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let (client, _notices) = server.connect().await;
    let room = client.room(&lobby());
    drop(room.join("ada"));
    drop(room.say("in a hurry"));
    soon("the end", client.close()).await.unwrap();
    let Heard::Room(_, text) = bo.hears().await else { panic!() };
    assert_eq!(text, "in a hurry");
    bo.sees_names(&["bo"]).await;
}

#[tokio::test]
async fn a_client_without_a_connection_closes_at_once() {
    let (client, _notices) = Client::start(NOWHERE).unwrap();
    let joining = client.room(&lobby()).join("ada");
    soon("the end", client.close()).await.unwrap();
    assert_eq!(soon("the no", joining).await, Err(Error::Closed));
}

#[tokio::test]
async fn who_drops_all_handles_is_gone() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let ada = server.guest("ada").await;
    bo.sees_names(&["ada", "bo"]).await;
    drop(ada);
    bo.sees_names(&["bo"]).await;
}

#[tokio::test]
async fn who_no_longer_listens_can_still_push() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let ada = server.guest("ada").await;
    let (id, Guest { lobby, notices, client, .. }) = (ada.id(), ada);
    drop((notices, client));
    soon("the reply", lobby.say("deaf, not mute")).await.unwrap();
    assert_eq!(bo.hears().await, Heard::Room(id, "deaf, not mute".to_owned()));
}

#[tokio::test]
async fn who_no_longer_pushes_can_still_listen() {
    let server = Server::start().await;
    let bo = server.guest("bo").await;
    let Guest { client, lobby, mut notices, .. } = server.guest("ada").await;
    drop((client, lobby));
    soon("the reply", bo.lobby.say("mute, not deaf")).await.unwrap();
    // As a stream, which is the other way to listen.
    let said = notices.by_ref().any(async |notice| matches!(notice, Notice::Said { .. }));
    assert!(soon("the message", said).await);
}

#[tokio::test]
async fn the_connection_is_closed_and_not_cut() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let accepting = async { accept_async(listener.accept().await.unwrap().0).await.unwrap() };
    let both = async { tokio::join!(Client::connect(&address), accepting) };
    let (connected, mut server) = soon("a connection", both).await;
    let (client, _notices) = connected.unwrap();
    let closing = async { tokio::join!(client.close(), server.next()) };
    let (closed, last) = soon("the close", closing).await;
    closed.unwrap();
    let Some(Ok(Message::Close(Some(close)))) = last else { panic!("{last:?}") };
    assert_eq!(close.code, CloseCode::Normal);
}
