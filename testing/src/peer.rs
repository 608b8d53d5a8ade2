//! A bare WebSocket that speaks Phoenix.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::wait::soon;
use crate::websocket::SOCKET;

/// A WebSocket that speaks frames of Phoenix. Its first `join_ref` is 11, its first ref 1.
#[derive(Debug)]
pub struct Peer {
    /// The WebSocket itself.
    pub ws: WebSocketStream<TcpStream>,
    join_ref: u32,
    reference: u32,
    /// Its session, once it said helo.
    pub id: String,
}

impl Peer {
    /// Makes a connection a WebSocket.
    pub async fn open(stream: TcpStream) -> Self {
        let url = format!("ws://x{SOCKET}").into_client_request().expect("a URL");
        let opened = soon("the handshake", client_async(url, stream)).await;
        let (ws, _) = opened.expect("a WebSocket");
        Self { ws, join_ref: 11, reference: 0, id: String::new() }
    }

    /// Sends a text.
    pub async fn send(&mut self, text: &str) {
        self.ws.send(Message::text(text)).await.expect("an open WebSocket");
    }

    /// Pushes to the joined channel and returns the push's ref.
    pub async fn push(&mut self, topic: &str, event: &str, payload: &str) -> u32 {
        self.reference += 1;
        let (join_ref, reference) = (self.join_ref, self.reference);
        self.send(&format!(r#"["{join_ref}","{reference}","{topic}","{event}",{payload}]"#)).await;
        reference
    }

    /// Pushes and expects an ok, next of all.
    pub async fn push_ok(&mut self, topic: &str, event: &str, payload: &str) {
        let reference = self.push(topic, event, payload).await;
        let join_ref = self.join_ref;
        let ok = r#"{"status":"ok","response":{}}"#;
        self.expect(&format!(r#"["{join_ref}","{reference}","{topic}","phx_reply",{ok}]"#)).await;
    }

    /// Joins, and expects an ok.
    pub async fn join(&mut self, topic: &str) {
        self.push_ok(topic, "phx_join", "{}").await;
    }

    /// Joins and says helo; leaves nothing of it unread.
    pub async fn enter(&mut self, topic: &str, name: &str) {
        self.join(topic).await;
        self.push(topic, "client_helo", &format!(r#"{{"name":"{name}"}}"#)).await;
        assert_eq!(self.json().await[3], "presence_state");
        let reply = self.json().await;
        reply[4]["response"]["id"].as_str().expect("an id").clone_into(&mut self.id);
        assert_eq!(self.json().await[3], "presence_diff");
    }

    /// The next message, control frames aside.
    pub async fn next(&mut self) -> Result<Message, Error> {
        loop {
            match soon("a message", self.ws.next()).await.expect("a WebSocket that is not over")? {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return Ok(message),
            }
        }
    }

    /// The next text.
    pub async fn text(&mut self) -> String {
        match self.next().await {
            Ok(Message::Text(text)) => text.to_string(),
            other => panic!("no text but {other:?}"),
        }
    }

    /// The next text, as JSON.
    pub async fn json(&mut self) -> Value {
        serde_json::from_str(&self.text().await).expect("JSON")
    }

    /// Expects this text, next of all.
    pub async fn expect(&mut self, text: &str) {
        assert_eq!(self.text().await, text);
    }

    /// Reads until a text holds `needle`.
    pub async fn until(&mut self, needle: &str) -> String {
        loop {
            let text = self.text().await;
            if text.contains(needle) {
                return text;
            }
        }
    }

    /// Reads to the close, and returns its code and reason.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Ok(Message::Close(Some(close))) => {
                    return (close.code.into(), close.reason.to_string());
                }
                Ok(Message::Text(_)) => {}
                other => panic!("no close but {other:?}"),
            }
        }
    }

    /// Hears `who` leave the lobby, and nothing before it.
    pub async fn hears_leave(&mut self, who: &str) {
        let diff = self.json().await;
        assert_eq!(diff[3], "presence_diff");
        assert!(diff[4]["leaves"][who].is_object(), "{diff}");
    }

    /// What a canary does: it talks to itself, and nothing may come between.
    pub async fn sings(&mut self) {
        let id = self.id.clone();
        let song = format!(r#"{{"message":"pip","recipient":"{id}"}}"#);
        self.push("room:lobby", "client_response", &song).await;
        let in_time = timeout(Duration::from_secs(1), async {
            let heard = self.json().await;
            assert_eq!(heard[4]["message"], "pip", "{heard}");
            let reply = self.json().await;
            assert_eq!(reply[4]["status"], "ok", "{reply}");
        });
        in_time.await.expect("the canary is served within a second");
    }
}
