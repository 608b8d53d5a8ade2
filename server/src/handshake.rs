//! From an accepted connection to a WebSocket, or to a page that says why not; in bounded time.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::http::{self, Answer, MAX_HEAD_BYTES, Page, Reading};
use crate::hub::{Hub, Seat};
use crate::origin::OriginPolicy;
use crate::session::linger;

/// How long a page may take to be taken.
const PAGE_PATIENCE: Duration = Duration::from_millis(1500);

/// A connection that has become a WebSocket.
pub(crate) struct Opened {
    /// Its place in the hub.
    pub(crate) seat: Seat,
    /// What came after the request.
    pub(crate) rest: Vec<u8>,
}

/// Answers the request on this connection; `None` if that was all.
pub(crate) async fn open(
    stream: &mut TcpStream,
    hub: &Arc<Hub>,
    config: &Config,
    origins: &OriginPolicy,
    stop: &CancellationToken,
) -> io::Result<Option<Opened>> {
    let read = timeout(config.handshake_timeout, read_request(stream, origins));
    let request = tokio::select! {
        read = read => read.unwrap_or(Ok(Some(Request::page(Page::TOO_LATE))))?,
        () = stop.cancelled() => Some(Request::page(Page::GOING)),
    };
    let Some(Request { answer, rest }) = request else { return Ok(None) };
    let (seat, head) = match answer {
        Answer::Page(page) => return show(stream, &page).await.map(|()| None),
        Answer::Upgrade(head) => match hub.connect() {
            Some(seat) => (seat, head),
            None => return show(stream, &Page::GOING).await.map(|()| None),
        },
    };
    stream.write_all(head.as_bytes()).await?;
    Ok(Some(Opened { seat, rest }))
}

struct Request {
    answer: Answer,
    rest: Vec<u8>,
}

impl Request {
    fn page(page: Page) -> Self {
        Self { answer: Answer::Page(page), rest: Vec::new() }
    }
}

/// `None` if the client went away first.
async fn read_request(
    stream: &mut TcpStream,
    origins: &OriginPolicy,
) -> io::Result<Option<Request>> {
    let mut bytes = Vec::with_capacity(1024);
    loop {
        let room = MAX_HEAD_BYTES - bytes.len();
        if (&mut *stream).take(room as u64).read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        match http::read(&bytes, origins) {
            Reading::Unfinished => {}
            Reading::Head(length, answer) => {
                bytes.drain(..length);
                return Ok(Some(Request { answer, rest: bytes }));
            }
            Reading::Hopeless(page) => return Ok(Some(Request::page(page))),
        }
    }
}

async fn show(stream: &mut TcpStream, page: &Page) -> io::Result<()> {
    let shown = async {
        stream.write_all(page.to_text(unix_time()).as_bytes()).await?;
        linger(stream).await;
        Ok(())
    };
    timeout(PAGE_PATIENCE, shown).await.unwrap_or(Ok(()))
}

#[expect(clippy::disallowed_methods, reason = "the shell asks the clock for the core")]
fn unix_time() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
}
