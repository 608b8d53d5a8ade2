//! One connection after its handshake: one task that reads and writes and never lets one wait for
//! the other.
//!
//! A socket that does not read is still read from; a flood is read in small turns, so that others
//! get theirs. The stream is not split: one task, one waker.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Sink, SinkExt, Stream};
use hullo::protocol::codec;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::close::Close;
use crate::config::Config;
use crate::hub::Seat;
use crate::meter::Meter;
use crate::pieces::{PIECE, Pieces};
use crate::rate::{Bucket, Pace, Verdict};

/// How many messages are read before others get their turn.
const READS_PER_TURN: usize = 32;

/// How long the last words may take, to a client that may not be listening.
const FAREWELL: Duration = Duration::from_millis(1500);

/// What tungstenite reads at once; it is allocated and zeroed for every connection.
const READ_BUFFER: usize = 2 * 1024;

/// What tungstenite collects before it writes; batches are about this large.
const WRITE_BUFFER: usize = 32 * 1024;

/// Why a session task is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client said goodbye.
    Left,
    /// The connection broke.
    Lost,
    /// The server ends it.
    Closed(Close),
}

/// Runs one connection to its end.
pub(crate) async fn run<S>(stream: S, head: Vec<u8>, seat: Seat, config: &Config) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let stream = Meter::new(stream);
    let settings = Some(websocket_config(config));
    let ws = WebSocketStream::from_partially_read(stream, head, Role::Server, settings).await;
    let mut session = Session::new(ws, seat, config);
    let ending = poll_fn(|cx| session.turn(cx)).await;
    let Session { ws, seat, pieces, .. } = session;
    let rest = pieces.chain(seat.outbox.take_rest().into_iter().map(Message::Text)).collect();
    drop(seat); // the room hears of it before this socket does
    farewell(ws, ending, rest).await;
    ending
}

fn websocket_config(config: &Config) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        // What goes in there is bounded by the batches; a single frame may have any size.
        .max_write_buffer_size(usize::MAX)
        .max_message_size(Some(config.max_message_bytes))
        .max_frame_size(Some(config.max_message_bytes))
}

struct Session<S> {
    ws: WebSocketStream<Meter<S>>,
    seat: Seat,
    patience: Patience,
    timer: Pin<Box<Sleep>>,
    pace: Pace,
    /// What pings and pongs cost: they belong to no session.
    control: Bucket,
    /// When the last message came, and how many bytes had come by then.
    heard: (Instant, u64),
    /// What is left of a large text that is being written.
    pieces: Pieces,
    /// When the last batch made progress, and how many bytes had gone by then; while one is
    /// being written.
    writing: Option<(Instant, u64)>,
}

struct Patience {
    idle: Duration,
    stall: Duration,
    /// More bytes than any message can take, even if each of its bytes comes as a fragment.
    message: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    fn new(ws: WebSocketStream<Meter<S>>, seat: Seat, config: &Config) -> Self {
        let now = Instant::now();
        let patience = Patience {
            idle: config.idle_timeout,
            stall: config.max_stall,
            message: 64 * 1024 + 8 * config.max_message_bytes as u64,
        };
        Self {
            ws,
            seat,
            timer: Box::pin(sleep_until(after(now, patience.idle))),
            patience,
            pace: Pace::per_second(config.max_pushes_per_second),
            control: Bucket::default(),
            heard: (now, 0),
            pieces: Pieces::default(),
            writing: None,
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        match self.try_turn(cx) {
            Ok(()) => Poll::Pending,
            Err(ending) => Poll::Ready(ending),
        }
    }

    fn try_turn(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        // Reading can use up what tokio lets a task do in one poll, and a write then finds the socket
        // busy that is not: who sends without end would look like one who does not read.
        self.write(cx)?;
        let more = self.read(cx)?;
        self.write(cx)?;
        self.watch_clock(cx)?;
        if more {
            cx.waker().wake_by_ref();
        }
        Ok(())
    }

    /// Whether there may be more to read.
    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, Ending> {
        for _ in 0..READS_PER_TURN {
            match Pin::new(&mut self.ws).poll_next(cx) {
                Poll::Pending => return self.check_fragments().map(|()| false),
                Poll::Ready(None) => return Err(Ending::Left),
                Poll::Ready(Some(Err(error))) => return Err(Ending::from(&error)),
                Poll::Ready(Some(Ok(message))) => {
                    self.heard = (Instant::now(), self.ws.get_ref().received);
                    self.receive(&message)?;
                }
            }
        }
        Ok(true)
    }

    /// An endless message of empty fragments is no message.
    fn check_fragments(&self) -> Result<(), Ending> {
        let unfinished = self.ws.get_ref().received - self.heard.1;
        if unfinished > self.patience.message {
            return Err(Ending::Closed(Close::RateLimited));
        }
        Ok(())
    }

    fn receive(&mut self, message: &Message) -> Result<(), Ending> {
        match message {
            Message::Text(text) => match codec::decode(text) {
                Ok(frame) => {
                    self.seat.handle(frame);
                    Ok(())
                }
                Err(_) => Err(Ending::Closed(Close::Undecodable)),
            },
            Message::Binary(_) => Err(Ending::Closed(Close::Undecodable)),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => self.charge_control(),
            Message::Close(_) => Err(Ending::Left),
        }
    }

    fn charge_control(&mut self) -> Result<(), Ending> {
        match self.control.charge(self.pace, self.heard.0.into_std()) {
            Verdict::Fine | Verdict::Refuse(_) => Ok(()),
            Verdict::Enough => Err(Ending::Closed(Close::RateLimited)),
        }
    }

    /// Writes what waits, batch by batch, as far as the socket takes it.
    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        if let Some(close) = self.seat.outbox.watch(cx.waker()) {
            return Err(Ending::Closed(close));
        }
        loop {
            if self.writing.is_some() && self.flush(cx)?.is_pending() {
                return Ok(());
            }
            let batch = self.next_batch();
            if batch.is_empty() {
                return Ok(());
            }
            for message in batch {
                let fed = Pin::new(&mut self.ws).start_send(message);
                fed.map_err(|error| Ending::from(&error))?;
            }
            self.writing = Some((Instant::now(), self.ws.get_ref().sent));
        }
    }

    /// What is to be written next; of a large text one piece at a time.
    fn next_batch(&mut self) -> Vec<Message> {
        let mut batch: Vec<Message> = self.pieces.next().into_iter().collect();
        if batch.is_empty() {
            for text in self.seat.outbox.take_batch() {
                batch.extend(&mut self.pieces); // only the last of a batch can have many
                if text.len() <= PIECE {
                    batch.push(Message::Text(text));
                } else {
                    self.pieces = Pieces::of(text);
                }
            }
        }
        if batch.is_empty() {
            batch.extend(self.pieces.next());
        }
        batch
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> Result<Poll<()>, Ending> {
        let flushed = Pin::new(&mut self.ws).poll_flush(cx);
        let sent = self.ws.get_ref().sent;
        match flushed {
            Poll::Ready(Ok(())) => {
                self.writing = None;
                Ok(Poll::Ready(()))
            }
            Poll::Ready(Err(error)) => Err(Ending::from(&error)),
            Poll::Pending => {
                if self.writing.is_none_or(|(_, before)| before != sent) {
                    self.writing = Some((Instant::now(), sent));
                }
                Ok(Poll::Pending)
            }
        }
    }

    /// One timer for both limits. It may fire early, as what it watches moves on without it.
    fn watch_clock(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        loop {
            let now = Instant::now();
            let idle_at = after(self.heard.0, self.patience.idle);
            let stalled_at = self.writing.map(|(moved, _)| after(moved, self.patience.stall));
            if idle_at <= now {
                return Err(Ending::Closed(Close::Idle));
            }
            if stalled_at.is_some_and(|at| at <= now) {
                return Err(Ending::Closed(Close::TooSlow));
            }
            let due = stalled_at.map_or(idle_at, |at| at.min(idle_at));
            if self.timer.is_elapsed() || due < self.timer.deadline() {
                self.timer.as_mut().reset(due);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
        }
    }
}

impl From<&tungstenite::Error> for Ending {
    fn from(error: &tungstenite::Error) -> Self {
        match (Close::for_error(error), error) {
            (Some(close), _) => Self::Closed(close),
            (None, tungstenite::Error::ConnectionClosed) => Self::Left,
            (None, _) => Self::Lost,
        }
    }
}

/// Sends what still waits and the close frame, within bounds.
async fn farewell<S>(mut ws: WebSocketStream<Meter<S>>, ending: Ending, rest: Vec<Message>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let last_words = async {
        match ending {
            Ending::Lost => return,
            Ending::Left => ws.flush().await.unwrap_or_default(),
            Ending::Closed(close) => {
                let close = Message::Close(Some(close.into()));
                for message in rest.into_iter().chain([close]) {
                    if ws.feed(message).await.is_err() {
                        return;
                    }
                }
                ws.flush().await.unwrap_or_default();
            }
        }
        linger(ws.get_mut()).await;
    };
    // Not heard in time is not heard: the client will find the connection gone.
    timeout(FAREWELL, last_words).await.unwrap_or_default();
}

/// Ends our side and reads the client's to its end: unread bytes would make the kernel reset the
/// connection, and the last words would be lost with it.
pub(crate) async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    if stream.shutdown().await.is_ok() {
        let mut ignored = [0; 1024];
        while stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
    }
}

/// A moment so far away that it will not come stands for one that cannot be told.
fn after(start: Instant, wait: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    start.checked_add(wait).unwrap_or_else(|| start + FAR)
}
