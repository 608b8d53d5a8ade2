//! The WebSocket itself: opening it, writing and reading without one waiting for the other.

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

use super::address::Address;

/// How long a connection may take, handshake included.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long the farewell may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// The largest frame a server may send; the presence of a hundred thousand people fits.
const MAX_FRAME_BYTES: usize = 32 * 1024 * 1024;

pub(super) type WebSocket = Box<WebSocketStream<TcpStream>>;

/// The WebSocket, or the way to it.
pub(super) enum Line {
    Down,
    Connecting(Pin<Box<dyn Future<Output = Result<WebSocket, String>> + Send>>),
    Up(WebSocket, VecDeque<String>),
}

/// What happened on it.
pub(super) enum LineEvent {
    Opened(WebSocket),
    Received(tungstenite::Utf8Bytes),
    Dropped(String),
}

impl Line {
    /// Open, with nothing to send.
    pub(super) fn up(line: WebSocket) -> Self {
        Self::Up(line, VecDeque::new())
    }

    /// On the way to `address`.
    pub(super) fn connecting(address: Address) -> Self {
        Self::Connecting(Box::pin(async move { open(&address).await }))
    }

    /// Queues a frame; the machine bounds how many can be under way.
    pub(super) fn queue(&mut self, text: String) {
        if let Self::Up(_, queue) = self {
            queue.push_back(text);
        }
    }

    /// What happens next. Writes what is queued meanwhile, so that a server that does not read
    /// cannot keep us from reading. Safe to cancel.
    pub(super) async fn next(&mut self) -> LineEvent {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Sends what is queued and closes; a server that does not say goodbye in time is left without.
    pub(super) async fn say_goodbye(self) {
        let Self::Up(mut line, mut queue) = self else { return };
        let goodbye = async {
            std::future::poll_fn(|cx| poll_write(&mut line, &mut queue, cx)).await?;
            line.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })).await?;
            while !matches!(
                std::future::poll_fn(|cx| poll_read(&mut line, cx)).await,
                LineEvent::Dropped(_)
            ) {}
            Ok::<(), tungstenite::Error>(())
        };
        // In time or not, there is nobody left to be told.
        drop(timeout(CLOSE_WITHIN, goodbye).await);
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<LineEvent> {
        match self {
            Self::Down => Poll::Pending,
            Self::Connecting(attempt) => attempt.as_mut().poll(cx).map(|opened| match opened {
                Ok(line) => LineEvent::Opened(line),
                Err(reason) => LineEvent::Dropped(reason),
            }),
            Self::Up(line, queue) => {
                if let Poll::Ready(Err(error)) = poll_write(line, queue, cx) {
                    return Poll::Ready(LineEvent::Dropped(error.to_string()));
                }
                poll_read(line, cx)
            }
        }
    }
}

/// Opens a WebSocket; the error is a sentence for people.
pub(super) async fn open(address: &Address) -> Result<WebSocket, String> {
    let attempt = async {
        let stream = TcpStream::connect((&*address.host, address.port))
            .await
            .map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
            .write_buffer_size(16 * 1024)
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let opened =
            tokio_tungstenite::client_async_with_config(&*address.url, stream, Some(config)).await;
        opened.map(|(line, _)| Box::new(line)).map_err(|error| handshake_failure(&error))
    };
    match timeout(CONNECT_WITHIN, attempt).await {
        Ok(opened) => opened,
        Err(_) => Err(format!("no answer within {} s", CONNECT_WITHIN.as_secs())),
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
    line: &mut WebSocket,
    queue: &mut VecDeque<String>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), tungstenite::Error>> {
    let mut line = Pin::new(&mut **line);
    while !queue.is_empty() {
        ready!(line.as_mut().poll_ready(cx))?;
        if let Some(text) = queue.pop_front() {
            line.as_mut().start_send(Message::text(text))?;
        }
    }
    line.poll_flush(cx)
}

fn poll_read(line: &mut WebSocket, cx: &mut Context<'_>) -> Poll<LineEvent> {
    loop {
        let Some(message) = ready!(Pin::new(&mut *line).poll_next(cx)) else {
            return Poll::Ready(LineEvent::Dropped("the server closed the line".to_owned()));
        };
        let event = match message {
            Ok(Message::Text(text)) => LineEvent::Received(text),
            Ok(Message::Close(frame)) => LineEvent::Dropped(closed(frame)),
            Ok(_) => continue,
            Err(error) => LineEvent::Dropped(error.to_string()),
        };
        return Poll::Ready(event);
    }
}

/// Why the server closed, for people.
fn closed(frame: Option<CloseFrame>) -> String {
    let Some(CloseFrame { code, reason }) = frame else {
        return "the server closed the line".to_owned();
    };
    match u16::from(code) {
        1001 => "the server has another line for us (1001)".to_owned(),
        1008 => "the server put us out for too many pushes (1008)".to_owned(),
        1012 => "the server is restarting (1012)".to_owned(),
        1013 => "the server found us too slow (1013)".to_owned(),
        code => format!("the server closed the line ({code} {})", crate::text::clean_line(&reason)),
    }
}
