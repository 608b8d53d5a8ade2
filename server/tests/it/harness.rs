//! Servers, peers, and the daemon's process. Whatever is waited for is waited for with a limit.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hullo_server::{Config, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Longer than anything that is expected takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Awaits something that must come.
#[track_caller]
pub(crate) fn soon<F: Future>(what: &str, future: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        let outcome = timeout(PATIENCE, future).await;
        outcome.unwrap_or_else(|_| panic!("{caller}: {what} did not come"))
    }
}

/// A server on a port of its own, stopped with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinSet<io::Result<()>>,
}

impl Server {
    pub(crate) async fn start(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let (stop, stopped) = oneshot::channel::<()>();
        let mut task = JoinSet::new();
        task.spawn(serve(listener, config, async {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        }));
        Self { address, stop: Some(stop), task }
    }

    /// Asks it to stop.
    pub(crate) fn stop(&mut self) {
        let stop = self.stop.take().expect("stopped once");
        stop.send(()).expect("the server runs");
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) {
        let ended = soon("the end of the server", self.task.join_next()).await;
        ended.expect("one task").expect("no panic").expect("a good end");
    }

    /// A connection that has not said anything.
    pub(crate) async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// A WebSocket as bare bytes.
    pub(crate) async fn raw(&self) -> TcpStream {
        let mut stream = self.tcp().await;
        stream.write_all(&upgrade("/socket/websocket?vsn=2.0.0")).await.expect("a request");
        let head = read_head(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        stream
    }

    /// A WebSocket that has joined nothing.
    pub(crate) async fn peer(&self) -> Peer {
        Peer::open(self.tcp().await).await
    }

    /// A WebSocket for which the kernel takes as little as possible.
    pub(crate) async fn narrow_peer(&self) -> Peer {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(2048).expect("a small buffer");
        Peer::open(socket.connect(self.address).await.expect("a connection")).await
    }

    /// Somebody who said helo in the lobby.
    pub(crate) async fn member(&self, name: &str) -> Peer {
        let mut peer = self.peer().await;
        peer.enter("room:lobby", name).await;
        peer
    }
}

/// The request that opens a WebSocket.
pub(crate) fn upgrade(target: &str) -> Vec<u8> {
    format!(
        "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}

/// The head of an HTTP answer.
pub(crate) async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = soon("an answer", stream.read_u8()).await.expect("a whole answer");
        head.push(byte);
    }
    String::from_utf8(head).expect("an answer in UTF-8")
}

/// All that comes until the end of the stream. A reset is no end: it may take with it what came
/// before.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = soon("the end of the stream", stream.read_to_end(&mut bytes)).await;
    read.expect("an end in good order");
    bytes
}

/// One masked frame (with a mask of zeros) of less than 64 KiB.
pub(crate) fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first_byte];
    if payload.len() < 126 {
        bytes.push(0x80 + u8::try_from(payload.len()).expect("less than 126"));
    } else {
        bytes.push(0x80 + 126);
        bytes.extend(u16::try_from(payload.len()).expect("less than 64 KiB").to_be_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// The close code at the end of what a raw peer got.
pub(crate) fn close_code(bytes: &[u8]) -> Option<u16> {
    let at = bytes.iter().rposition(|byte| *byte == 0x88)?;
    Some(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]))
}

/// A WebSocket that speaks frames of Phoenix. Its first `join_ref` is 11, its first ref 1.
pub(crate) struct Peer {
    pub(crate) ws: WebSocketStream<TcpStream>,
    join_ref: u32,
    reference: u32,
    /// Its session, once it said helo.
    pub(crate) id: String,
}

impl Peer {
    pub(crate) async fn open(stream: TcpStream) -> Self {
        let url = "ws://x/socket/websocket?vsn=2.0.0".into_client_request().expect("a URL");
        let opened = soon("the handshake", client_async(url, stream)).await;
        let (ws, _) = opened.expect("a WebSocket");
        Self { ws, join_ref: 11, reference: 0, id: String::new() }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.ws.send(Message::text(text)).await.expect("an open WebSocket");
    }

    /// Pushes to the joined channel and returns the push's ref.
    pub(crate) async fn push(&mut self, topic: &str, event: &str, payload: &str) -> u32 {
        self.reference += 1;
        let (join_ref, reference) = (self.join_ref, self.reference);
        self.send(&format!(r#"["{join_ref}","{reference}","{topic}","{event}",{payload}]"#)).await;
        reference
    }

    /// Pushes and expects an ok, next of all.
    pub(crate) async fn push_ok(&mut self, topic: &str, event: &str, payload: &str) {
        let reference = self.push(topic, event, payload).await;
        let join_ref = self.join_ref;
        let ok = r#"{"status":"ok","response":{}}"#;
        self.expect(&format!(r#"["{join_ref}","{reference}","{topic}","phx_reply",{ok}]"#)).await;
    }

    pub(crate) async fn join(&mut self, topic: &str) {
        self.push_ok(topic, "phx_join", "{}").await;
    }

    /// Joins and says helo; leaves nothing of it unread.
    pub(crate) async fn enter(&mut self, topic: &str, name: &str) {
        self.join(topic).await;
        self.push(topic, "client_helo", &format!(r#"{{"name":"{name}"}}"#)).await;
        assert_eq!(self.json().await[3], "presence_state");
        let reply = self.json().await;
        reply[4]["response"]["id"].as_str().expect("an id").clone_into(&mut self.id);
        assert_eq!(self.json().await[3], "presence_diff");
    }

    /// The next message, control frames aside.
    pub(crate) async fn next(&mut self) -> Result<Message, Error> {
        loop {
            match soon("a message", self.ws.next()).await.expect("a WebSocket that is not over")? {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return Ok(message),
            }
        }
    }

    /// The next text.
    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Ok(Message::Text(text)) => text.to_string(),
            other => panic!("no text but {other:?}"),
        }
    }

    pub(crate) async fn json(&mut self) -> Value {
        serde_json::from_str(&self.text().await).expect("JSON")
    }

    pub(crate) async fn expect(&mut self, text: &str) {
        assert_eq!(self.text().await, text);
    }

    /// Reads until a text holds `needle`.
    pub(crate) async fn until(&mut self, needle: &str) -> String {
        loop {
            let text = self.text().await;
            if text.contains(needle) {
                return text;
            }
        }
    }

    /// Reads to the close, and returns its code and reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
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
    pub(crate) async fn hears_leave(&mut self, who: &str) {
        let diff = self.json().await;
        assert_eq!(diff[3], "presence_diff");
        assert!(diff[4]["leaves"][who].is_object(), "{diff}");
    }

    /// What a canary does: it talks to itself, and nothing may come between.
    pub(crate) async fn sings(&mut self) {
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
