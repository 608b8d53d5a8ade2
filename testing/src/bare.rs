//! Members as bare bytes, for crowds and floods: whatever is slow then is the server, and not a
//! WebSocket library. Reading and writing are apart, so that a test can do both at once.

use std::io;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::{JoinHandle, JoinSet};

use crate::wait::soon;
use crate::websocket::{CLOSE, PING, TEXT, connect_narrow, frame, open, read_header};

/// How much is read at once.
const READ_BYTES: usize = 256 * 1024;

/// A connection whose channels all have the `join_ref` 1.
#[derive(Debug)]
pub struct Bare {
    /// The half that reads.
    pub reading: Reading,
    /// The half that writes.
    pub writing: OwnedWriteHalf,
    /// Its session, once it said helo.
    pub id: String,
}

impl Bare {
    /// Opens a WebSocket that has joined nothing.
    pub async fn open(address: SocketAddr) -> Self {
        Self::over(soon("a connection", TcpStream::connect(address)).await.expect("a connection"))
            .await
    }

    /// For this one, the kernel takes as little as possible.
    pub async fn open_narrow(address: SocketAddr) -> Self {
        Self::over(connect_narrow(address).await).await
    }

    async fn over(mut stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("an open connection");
        open(&mut stream).await;
        let (reading, writing) = stream.into_split();
        Self {
            reading: Reading { half: reading, bytes: Vec::new(), read: 0 },
            writing,
            id: String::new(),
        }
    }

    /// Somebody who said helo in a room, and has read all up to the reply.
    pub async fn member(address: SocketAddr, topic: &str, name: &str) -> Self {
        let mut bare = Self::open(address).await;
        bare.enter(topic, &format!(r#"{{"name":"{name}"}}"#)).await;
        bare
    }

    /// Joins and says helo.
    pub async fn enter(&mut self, topic: &str, helo: &str) {
        let join = push("join", topic, "phx_join", "{}");
        self.send(&[join, push("helo", topic, "client_helo", helo)].concat()).await;
        let reply = self.reading.until(r#"["1","helo","#).await;
        reply[4]["response"]["id"].as_str().expect("an id").clone_into(&mut self.id);
    }

    /// Somebody in a room who has sent itself so many messages of 60 kB and reads none of them: its
    /// socket is full.
    pub async fn clogged(address: SocketAddr, topic: &str, messages: usize) -> Self {
        let mut bare = Self::open_narrow(address).await;
        bare.enter(topic, r#"{"name":"x"}"#).await;
        let message = bare.message_to_itself(topic);
        bare.send(&message.repeat(messages)).await;
        bare
    }

    /// A push of 60 kB with the reference 3 that comes back.
    pub fn message_to_itself(&self, topic: &str) -> Vec<u8> {
        let text = "x".repeat(60_000);
        let to_itself = format!(r#"{{"message":"{text}","recipient":"{}"}}"#, self.id);
        push("3", topic, "client_response", &to_itself)
    }

    /// Sends these bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) {
        soon("an end of writing", self.writing.write_all(bytes)).await.expect("it is open");
    }

    /// Makes sure that the connection is served: a heartbeat is answered.
    pub async fn is_well(&mut self) {
        self.send(&frame(TEXT, br#"[null,"beat","phoenix","heartbeat",{}]"#)).await;
        self.reading.until(r#"[null,"beat","#).await;
    }

    /// Reads to the end, and returns the code of the close before it.
    pub async fn closed(mut self) -> Option<u16> {
        loop {
            match self.reading.next().await {
                Received::Close(code) => return Some(code),
                Received::End => return None,
                Received::Text(_) | Received::Pong => {}
            }
        }
    }

    /// Ends the connection by a reset.
    pub fn reset(self) {
        let stream = self.reading.half.reunite(self.writing).expect("two halves of one");
        stream.set_zero_linger().expect("an open connection");
    }
}

/// A push, as one masked frame.
pub fn push(reference: &str, topic: &str, event: &str, payload: &str) -> Vec<u8> {
    frame(TEXT, format!(r#"["1","{reference}","{topic}","{event}",{payload}]"#).as_bytes())
}

/// A ping with a payload of 125 bytes.
pub fn ping() -> Vec<u8> {
    frame(PING, &[b'?'; 125])
}

/// What the server sent.
#[derive(Debug)]
pub enum Received {
    /// A text.
    Text(String),
    /// The answer to a ping.
    Pong,
    /// With this code.
    Close(u16),
    /// The connection is over.
    End,
}

/// The half that reads.
#[derive(Debug)]
pub struct Reading {
    half: OwnedReadHalf,
    bytes: Vec<u8>,
    /// How many of the bytes have been read.
    read: usize,
}

impl Reading {
    /// The next frame.
    pub async fn next(&mut self) -> Received {
        loop {
            if let Some(received) = self.take_frame() {
                return received;
            }
            self.bytes.drain(..self.read);
            self.read = 0;
            match soon("a frame", self.more()).await {
                Ok(0) | Err(_) => return Received::End,
                Ok(_) => {}
            }
        }
    }

    async fn more(&mut self) -> io::Result<usize> {
        self.bytes.reserve(READ_BYTES);
        self.half.read_buf(&mut self.bytes).await
    }

    fn take_frame(&mut self) -> Option<Received> {
        let bytes = &self.bytes[self.read..];
        let (head, length) = read_header(bytes)?;
        let payload = bytes.get(head..head + length)?;
        let received = match bytes[0] {
            TEXT => Received::Text(String::from_utf8(payload.to_vec()).expect("UTF-8")),
            CLOSE => Received::Close(u16::from_be_bytes(payload[..2].try_into().expect("a code"))),
            _ => Received::Pong,
        };
        self.read += head + length;
        Some(received)
    }

    /// The next text.
    #[track_caller]
    pub fn text(&mut self) -> impl Future<Output = String> {
        let caller = std::panic::Location::caller();
        async move {
            loop {
                match self.next().await {
                    Received::Text(text) => return text,
                    Received::Pong => {}
                    other => panic!("{caller}: no text but {other:?}"),
                }
            }
        }
    }

    /// Reads until a text begins like this.
    #[track_caller]
    pub fn until(&mut self, start: &str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            loop {
                match self.next().await {
                    Received::Text(text) if text.starts_with(start) => {
                        return serde_json::from_str(&text).expect("JSON");
                    }
                    Received::Text(_) | Received::Pong => {}
                    other => panic!("{caller}: no {start} but {other:?}"),
                }
            }
        }
    }
}

/// Does something while the test goes on.
#[expect(clippy::disallowed_methods, reason = "the test awaits it, or ends with its runtime")]
pub fn meanwhile<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future)
}

/// Does something for each of a crowd at the same time; the outcomes in the crowd's order.
pub async fn at_once<T, F>(
    crowd: impl IntoIterator<Item = T>,
    each: impl Fn(T) -> F,
) -> Vec<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (at, one) in crowd.into_iter().enumerate() {
        let task = each(one);
        tasks.spawn(async move { (at, task.await) });
    }
    let mut outcomes = tasks.join_all().await;
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// So many members of the lobby.
pub async fn members(address: SocketAddr, count: usize) -> Vec<Bare> {
    let names = (0..count).map(|at| format!("m{at}"));
    at_once(names, move |name| async move { Bare::member(address, "room:lobby", &name).await })
        .await
}
