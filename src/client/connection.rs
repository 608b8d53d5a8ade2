//! The WebSocket itself: opening it, and writing and reading without one waiting for the other.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{Sink, Stream};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use super::Address;

/// How long the closing handshake may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// The largest frame a server may send; the presence of a hundred thousand people fits.
const MAX_FRAME_BYTES: usize = 32 * 1024 * 1024;

pub(super) type WebSocket = Box<WebSocketStream<TcpStream>>;

/// A WebSocket, open or being opened.
pub(super) enum Connection {
    Down,
    Connecting(Pin<Box<dyn Future<Output = Result<WebSocket, String>> + Send>>),
    Up(WebSocket, VecDeque<String>),
}

/// What happened to it.
pub(super) enum ConnectionEvent {
    Opened(WebSocket),
    Received(tungstenite::Utf8Bytes),
    Dropped(String),
}

impl Connection {
    /// Open, with nothing to send.
    pub(super) fn up(web_socket: WebSocket) -> Self {
        Self::Up(web_socket, VecDeque::new())
    }

    /// Being opened.
    pub(super) fn connecting(address: Address, timeout: Duration) -> Self {
        Self::Connecting(Box::pin(async move { open(&address, timeout).await }))
    }

    /// Queues a frame. How many there can be is bounded by the state machine.
    pub(super) fn queue(&mut self, text: String) {
        if let Self::Up(_, queue) = self {
            queue.push_back(text);
        }
    }

    /// What happens next. Meanwhile writes what is queued, so that a server that does not read cannot
    /// keep the client from reading. Safe to cancel.
    pub(super) async fn next(&mut self) -> ConnectionEvent {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Sends what is queued and closes, with a limited time for the server to do the same.
    pub(super) async fn close(self) {
        let Self::Up(mut web_socket, mut queue) = self else { return };
        let closing = async {
            std::future::poll_fn(|cx| poll_write(&mut web_socket, &mut queue, cx)).await?;
            web_socket
                .close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }))
                .await?;
            while !matches!(
                std::future::poll_fn(|cx| poll_read(&mut web_socket, cx)).await,
                ConnectionEvent::Dropped(_)
            ) {}
            Ok::<(), tungstenite::Error>(())
        };
        // In time or not, there is nobody left to be told.
        drop(timeout(CLOSE_WITHIN, closing).await);
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionEvent> {
        match self {
            Self::Down => Poll::Pending,
            Self::Connecting(attempt) => attempt.as_mut().poll(cx).map(|opened| match opened {
                Ok(web_socket) => ConnectionEvent::Opened(web_socket),
                Err(reason) => ConnectionEvent::Dropped(reason),
            }),
            Self::Up(web_socket, queue) => {
                if let Poll::Ready(Err(error)) = poll_write(web_socket, queue, cx) {
                    return Poll::Ready(ConnectionEvent::Dropped(error.to_string()));
                }
                poll_read(web_socket, cx)
            }
        }
    }
}

/// Opens a WebSocket; the error is a sentence for people.
pub(super) async fn open(address: &Address, within: Duration) -> Result<WebSocket, String> {
    let attempt = async {
        let stream =
            TcpStream::connect(address.host_and_port()).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
            .write_buffer_size(16 * 1024)
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let opened =
            tokio_tungstenite::client_async_with_config(address.url(), stream, Some(config)).await;
        opened
            .map(|(web_socket, _)| Box::new(web_socket))
            .map_err(|error| handshake_failure(&error))
    };
    match timeout(within, attempt).await {
        Ok(opened) => opened,
        Err(_) => Err(format!("no answer within {} s", within.as_secs_f32())),
    }
}

fn handshake_failure(error: &tungstenite::Error) -> String {
    match error {
        tungstenite::Error::Http(response) => match response.status().as_u16() {
            403 => "the server refuses this version of the protocol, or us (403)".to_owned(),
            404 => "something answers there, but it is no hullo server (404)".to_owned(),
            503 => "the server is full (503)".to_owned(),
            status => format!("the server answered {status} instead of opening a WebSocket"),
        },
        tungstenite::Error::Io(error) => error.to_string(),
        error => format!("something answers there, but it is no hullo server ({error})"),
    }
}

fn poll_write(
    web_socket: &mut WebSocket,
    queue: &mut VecDeque<String>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), tungstenite::Error>> {
    let mut web_socket = Pin::new(&mut **web_socket);
    while !queue.is_empty() {
        ready!(web_socket.as_mut().poll_ready(cx))?;
        if let Some(text) = queue.pop_front() {
            web_socket.as_mut().start_send(Message::text(text))?;
        }
    }
    web_socket.poll_flush(cx)
}

fn poll_read(web_socket: &mut WebSocket, cx: &mut Context<'_>) -> Poll<ConnectionEvent> {
    loop {
        let message = ready!(Pin::new(&mut *web_socket).poll_next(cx));
        let event = match message {
            Some(Ok(Message::Text(text))) => ConnectionEvent::Received(text),
            Some(Ok(Message::Close(frame))) => ConnectionEvent::Dropped(close_reason(frame)),
            Some(Ok(_)) => continue,
            Some(Err(error)) => ConnectionEvent::Dropped(error.to_string()),
            None => ConnectionEvent::Dropped(close_reason(None)),
        };
        return Poll::Ready(event);
    }
}

/// Why the server closed, for people.
fn close_reason(frame: Option<CloseFrame>) -> String {
    let Some(CloseFrame { code, reason }) = frame else {
        return "the server closed the connection".to_owned();
    };
    match u16::from(code) {
        1001 => "another connection took over this session (1001)".to_owned(),
        1008 => "the server closed the connection: too many pushes (1008)".to_owned(),
        1012 => "the server is restarting (1012)".to_owned(),
        1013 => "the server closed the connection: it was read too slowly (1013)".to_owned(),
        code => {
            let reason = crate::text::clean_line(&reason);
            format!("the server closed the connection ({code} {reason})")
        }
    }
}
