//! How a client ends.

use futures_util::StreamExt;
use hullo::client::Client;
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::harness::{Guest, Heard, Server, lobby, soon};

#[tokio::test]
async fn who_drops_the_client_has_said_everything_and_is_gone_at_once() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let ada = server.guest("ada").await;
    let (id, Guest { client, notices, .. }) = (ada.id(), ada);
    for number in 0..50 {
        drop(client.say(&lobby(), number.to_string()));
    }
    drop(client);
    soon("the end", notices.closed()).await;
    for number in 0..50 {
        assert_eq!(bo.hears().await, Heard::Room(id, number.to_string()));
    }
    bo.sees_names(&["bo"]).await;
}

#[tokio::test]
async fn a_clone_keeps_the_line() {
    let server = Server::start().await;
    let Guest { client, mut notices, .. } = server.guest("ada").await;
    let clone = client.clone();
    drop(client);
    soon("the reply", clone.say(&lobby(), "still here")).await.unwrap();
    drop(clone);
    while soon("the end", notices.recv()).await.is_some() {}
}

#[tokio::test]
async fn the_line_is_closed_and_not_cut() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let accepting = async { accept_async(listener.accept().await.unwrap().0).await.unwrap() };
    let both = async { tokio::join!(Client::connect(&address), accepting) };
    let (connected, mut server) = soon("a line", both).await;
    let (client, notices) = connected.unwrap();
    drop(client);
    let closing = async { tokio::join!(notices.closed(), server.next()) };
    let ((), last) = soon("the close", closing).await;
    let Some(Ok(Message::Close(Some(close)))) = last else { panic!("{last:?}") };
    assert_eq!(close.code, CloseCode::Normal);
}

#[tokio::test]
async fn who_listens_no_more_is_gone() {
    let server = Server::start().await;
    let mut bo = server.guest("bo").await;
    let Guest { client, notices, .. } = server.guest("ada").await;
    bo.sees_names(&["ada", "bo"]).await;
    drop(notices);
    bo.sees_names(&["bo"]).await;
    client.say(&lobby(), "nobody carries this").await.unwrap_err();
}
