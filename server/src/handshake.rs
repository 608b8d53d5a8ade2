//! From an accepted connection to a WebSocket, or to a page that says why not; in bounded time.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::admission::{Denied, Registration};
use crate::clock::unix_seconds;
use crate::connection::linger;
use crate::http::{self, Answer, MAX_HEAD_BYTES, Page, Reading};
use crate::origin::OriginPolicy;
use crate::server::Server;

/// How long a page may take to be taken.
const PAGE_PATIENCE: Duration = Duration::from_millis(1500);

/// Answers the request on this connection. `None` if that was all; otherwise it has become a
/// WebSocket, and these are the bytes that came after the request.
pub(crate) async fn open(
    stream: &mut TcpStream,
    peer: SocketAddr,
    server: &Server,
    registration: &mut Registration,
) -> io::Result<Option<Vec<u8>>> {
    let read = timeout(server.config.handshake_timeout, read_request(stream, &server.origins));
    let request = tokio::select! {
        read = read => read.unwrap_or(Ok(Some(Request::page(Page::TOO_LATE))))?,
        () = server.stop.cancelled() => Some(Request::page(Page::GOING)),
    };
    let Some(Request { answer, rest }) = request else { return Ok(None) };
    let page = match answer {
        Answer::Page(page) => page,
        Answer::Metrics { without_body } => metrics(server, peer).without_body(without_body),
        Answer::Upgrade(head) => match registration.open() {
            Ok(()) => {
                stream.write_all(head.as_bytes()).await?;
                return Ok(Some(rest));
            }
            Err(denied) => deny(peer, denied),
        },
    };
    count_refusal(server, &page);
    show(stream, &page).await.map(|()| None)
}

/// Tells a connection that there is no room for it, without waiting for anything.
pub(crate) fn turn_away(stream: TcpStream, peer: SocketAddr, server: &Server, denied: Denied) {
    let page = deny(peer, denied);
    count_refusal(server, &page);
    let text = page.to_text(unix_seconds());
    // Nothing waits in a fresh socket, so it takes this at once or never.
    let told = stream.into_std().and_then(|mut stream| stream.write_all(text.as_bytes()));
    if let Err(error) = told {
        tracing::debug!(%peer, %error, "a connection was not told that it was turned away");
    }
}

fn count_refusal(server: &Server, page: &Page) {
    if let Some(reason) = page.refusal {
        server.metrics.turned_away(reason);
    }
}

fn deny(peer: SocketAddr, denied: Denied) -> Page {
    match denied {
        Denied::Full => {
            tracing::warn!(%peer, "refused: there are as many connections as --max-connections allows");
            Page::FULL
        }
        Denied::FullForAddress => {
            tracing::warn!(%peer, "refused: its address has as many connections as --max-per-ip allows");
            Page::FULL_FOR_ADDRESS
        }
        Denied::Stopped => Page::GOING,
    }
}

fn metrics(server: &Server, peer: SocketAddr) -> Page {
    if !server.config.metrics.allows(peer.ip()) {
        return Page::NOT_FOUND;
    }
    Page::metrics(server.metrics.render(server.admission.open(), &server.rooms.census()))
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
        stream.write_all(page.to_text(unix_seconds()).as_bytes()).await?;
        linger(stream).await;
        Ok(())
    };
    timeout(PAGE_PATIENCE, shown).await.unwrap_or(Ok(()))
}
