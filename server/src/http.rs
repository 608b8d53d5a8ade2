//! The HTTP that stands before a WebSocket: one request head in, one answer out.

use std::time::{Duration, UNIX_EPOCH};

use httparse::{Request, Status};
use httpdate::fmt_http_date;
use hullo::protocol::SOCKET_PATH;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The longest request head, in bytes.
pub(crate) const MAX_HEAD_BYTES: usize = 8 * 1024;

/// More headers than any client sends.
const MAX_HEADERS: usize = 64;

/// What to do about the bytes that have come so far.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The head is not complete.
    Unfinished,
    /// The head took this many bytes, and this is the answer.
    Head(usize, Answer),
    /// This will never be a request head.
    Hopeless(Page),
}

/// What to answer a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The connection becomes a WebSocket after these bytes.
    Upgrade(String),
    /// A page, and the end.
    Page(Page),
}

/// A whole answer that is not an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    status: &'static str,
    /// One more header, with its line end.
    header: &'static str,
    body: &'static str,
    without_body: bool,
}

/// Reads a request head.
pub(crate) fn read(bytes: &[u8]) -> Reading {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(Status::Complete(length)) => Reading::Head(length, answer(&request)),
        Ok(Status::Partial) if bytes.len() >= MAX_HEAD_BYTES => Reading::Hopeless(Page::TOO_LARGE),
        Ok(Status::Partial) => Reading::Unfinished,
        Err(httparse::Error::TooManyHeaders) => Reading::Hopeless(Page::TOO_LARGE),
        Err(_) => Reading::Hopeless(Page::MALFORMED),
    }
}

fn answer(request: &Request<'_, '_>) -> Answer {
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let method = request.method.unwrap_or_default();
    match (path, method) {
        ("/healthz", "GET") => Answer::Page(Page::HEALTHY),
        ("/healthz", "HEAD") => Answer::Page(Page { without_body: true, ..Page::HEALTHY }),
        ("/healthz", _) => Answer::Page(Page::ONLY_GET_OR_HEAD),
        (SOCKET_PATH, "GET") => match upgrade(request, query) {
            Ok(head) => Answer::Upgrade(head),
            Err(page) => Answer::Page(page),
        },
        (SOCKET_PATH, _) => Answer::Page(Page::ONLY_GET),
        (_, "HEAD") => Answer::Page(Page { without_body: true, ..Page::NOT_FOUND }),
        _ => Answer::Page(Page::NOT_FOUND),
    }
}

/// The head of the answer that makes this connection a WebSocket.
fn upgrade(request: &Request<'_, '_>, query: &str) -> Result<String, Page> {
    let asks =
        has_token(request, "upgrade", "websocket") && has_token(request, "connection", "upgrade");
    if !asks || request.version != Some(1) {
        return Err(Page::NO_UPGRADE);
    }
    if values(request, "sec-websocket-version").next() != Some("13") {
        return Err(Page::OTHER_VERSION);
    }
    let key = values(request, "sec-websocket-key").next().filter(|key| is_key(key));
    let key = key.ok_or(Page::NO_KEY)?;
    if !speaks_v2(query) {
        return Err(Page::OTHER_SERIALIZER);
    }
    // A client that offers subprotocols gives up unless one of them is chosen. Phoenix clients
    // offer this one, and a second that is their token.
    let phoenix = has_token(request, "sec-websocket-protocol", "phoenix");
    let subprotocol = if phoenix { "Sec-WebSocket-Protocol: phoenix\r\n" } else { "" };
    let accept = derive_accept_key(key.as_bytes());
    Ok(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{subprotocol}\r\n"
    ))
}

fn values<'a>(request: &'a Request<'_, '_>, name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = request.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    named.filter_map(|header| std::str::from_utf8(header.value).ok()).map(str::trim)
}

fn has_token(request: &Request<'_, '_>, name: &str, token: &str) -> bool {
    let mut tokens = values(request, name).flat_map(|value| value.split(','));
    tokens.any(|found| found.trim().eq_ignore_ascii_case(token))
}

/// Whether this is 16 bytes in base64.
fn is_key(key: &str) -> bool {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.len() == 24 && key.ends_with("==") && key.as_bytes()[..22].iter().all(digit)
}

/// The serializer is chosen by a version requirement; of several the last one counts.
fn speaks_v2(query: &str) -> bool {
    let versions = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "vsn");
    versions.last().is_some_and(|(_, version)| {
        let patch = version.strip_prefix("2.0.").unwrap_or_default();
        !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
    })
}

impl Page {
    const fn new(status: &'static str, body: &'static str) -> Self {
        Self { status, header: "", body, without_body: false }
    }

    const HEALTHY: Self = Self::new("200 OK", "ok\n");
    const MALFORMED: Self = Self::new("400 Bad Request", "That is not HTTP.\n");
    const NO_UPGRADE: Self = Self::new(
        "400 Bad Request",
        "This is a WebSocket: connect with a client that asks for an upgrade.\n",
    );
    const NO_KEY: Self =
        Self::new("400 Bad Request", "Sec-WebSocket-Key must be 16 bytes in base64.\n");
    const OTHER_SERIALIZER: Self = Self::new("403 Forbidden", "");
    const NOT_FOUND: Self =
        Self::new("404 Not Found", "Nothing here. The WebSocket is at /socket/websocket.\n");
    const ONLY_GET: Self = Self {
        header: "Allow: GET\r\n",
        ..Self::new("405 Method Not Allowed", "Only GET is answered here.\n")
    };
    const ONLY_GET_OR_HEAD: Self = Self {
        header: "Allow: GET, HEAD\r\n",
        ..Self::new("405 Method Not Allowed", "Only GET and HEAD are answered here.\n")
    };
    /// The request took too long.
    pub(crate) const TOO_LATE: Self =
        Self::new("408 Request Timeout", "The request did not come in time.\n");
    const OTHER_VERSION: Self = Self {
        header: "Sec-WebSocket-Version: 13\r\n",
        ..Self::new("426 Upgrade Required", "Only version 13 of the WebSocket is spoken here.\n")
    };
    const TOO_LARGE: Self = Self::new(
        "431 Request Header Fields Too Large",
        "A request has at most 8 KiB and 64 headers.\n",
    );
    /// The server goes away.
    pub(crate) const GOING: Self = Self {
        header: "Retry-After: 1\r\n",
        ..Self::new("503 Service Unavailable", "The server is about to stop.\n")
    };

    /// The answer as it is sent, so many seconds after the beginning of 1970.
    pub(crate) fn to_text(self, unix: u64) -> String {
        let Self { status, header, body, without_body } = self;
        let length = body.len();
        let body = if without_body { "" } else { body };
        let date = fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix));
        format!(
            "HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {length}\r\nConnection: close\r\n{header}\r\n{body}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPGRADE: &str = "Host: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const SOCKET: &str = "GET /socket/websocket?vsn=2.0.0";

    fn reading(line: &str, headers: &str) -> Reading {
        read(format!("{line} HTTP/1.1\r\n{headers}\r\n").as_bytes())
    }

    #[track_caller]
    fn page(line: &str, headers: &str, expected: Page) {
        match reading(line, headers) {
            Reading::Head(_, Answer::Page(page)) => assert_eq!(page, expected, "{line} {headers}"),
            other => panic!("{line} {headers}: {other:?}"),
        }
    }

    #[track_caller]
    fn upgrades(line: &str, headers: &str) -> String {
        match reading(line, headers) {
            Reading::Head(_, Answer::Upgrade(head)) => head,
            other => panic!("{line} {headers}: {other:?}"),
        }
    }

    fn without(header: &str) -> String {
        let lines = UPGRADE.split_inclusive("\r\n");
        lines.filter(|line| !line.starts_with(header)).collect()
    }

    #[test]
    fn a_websocket_is_opened_as_the_rfc_shows() {
        assert_eq!(
            upgrades(SOCKET, UPGRADE),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        );
        upgrades(
            SOCKET,
            &UPGRADE.to_uppercase().replace("DGHLIHNHBXBSZSBUB25JZQ==", "dGhlIHNhbXBsZSBub25jZQ=="),
        );
    }

    #[test]
    fn the_version_chooses_the_serializer() {
        let forbidden =
            |query| page(&format!("GET /socket/websocket{query}"), UPGRADE, Page::OTHER_SERIALIZER);
        let opens = |query| upgrades(&format!("GET /socket/websocket{query}"), UPGRADE);
        opens("?vsn=2.0.0");
        opens("?vsn=2.0.17");
        opens("?token=x&vsn=2.0.0&user=y");
        opens("?vsn=1.0.0&vsn=2.0.0"); // the last one counts
        opens("?%76sn=2%2E0.0");
        forbidden("");
        forbidden("?");
        forbidden("?vsn");
        forbidden("?vsn=");
        forbidden("?vsn=abc");
        forbidden("?vsn=1.0.0");
        forbidden("?vsn=2.0");
        forbidden("?vsn=2.0.");
        forbidden("?vsn=2.0.x");
        forbidden("?vsn=2.0.0-rc");
        forbidden("?vsn=2.1.0");
        forbidden("?vsn=12.0.0");
        forbidden("?vsn=2.0.0&vsn=3.0.0");
        forbidden("?VSN=2.0.0");
    }

    #[test]
    fn phoenix_is_the_one_subprotocol() {
        let chosen = |offer: &str| {
            let headers = format!("{UPGRADE}Sec-WebSocket-Protocol: {offer}\r\n");
            upgrades(SOCKET, &headers).contains("Sec-WebSocket-Protocol: phoenix\r\n")
        };
        assert!(chosen("phoenix, base64url.bearer.phx.c2VjcmV0"));
        assert!(chosen("phoenix"));
        assert!(!chosen("graphql-ws"));
    }

    #[test]
    fn what_is_no_upgrade_is_told_what_is_missing() {
        page(SOCKET, "", Page::NO_UPGRADE);
        page("GET /socket/websocket", "", Page::NO_UPGRADE);
        page(SOCKET, &without("Upgrade"), Page::NO_UPGRADE);
        page(SOCKET, &without("Connection"), Page::NO_UPGRADE);
        page(SOCKET, &without("Sec-WebSocket-Version"), Page::OTHER_VERSION);
        page(SOCKET, &UPGRADE.replace("13", "8"), Page::OTHER_VERSION);
        page(SOCKET, &without("Sec-WebSocket-Key"), Page::NO_KEY);
        page(SOCKET, &UPGRADE.replace("dGhl", "dGh"), Page::NO_KEY);
        page(SOCKET, &UPGRADE.replace("dGhl", "d?hl"), Page::NO_KEY);
        page(&SOCKET.replace("GET", "POST"), UPGRADE, Page::ONLY_GET);
        let old = format!("{SOCKET} HTTP/1.0\r\n{UPGRADE}\r\n");
        assert!(matches!(read(old.as_bytes()), Reading::Head(_, Answer::Page(Page::NO_UPGRADE))));
    }

    #[test]
    fn there_are_few_pages() {
        page("GET /healthz", "", Page::HEALTHY);
        page("GET /healthz?x", "", Page::HEALTHY);
        page("HEAD /healthz", "", Page { without_body: true, ..Page::HEALTHY });
        page("DELETE /healthz", "", Page::ONLY_GET_OR_HEAD);
        page("GET /", "", Page::NOT_FOUND);
        page("GET /socket", UPGRADE, Page::NOT_FOUND);
        page("GET /socket/websocket/", UPGRADE, Page::NOT_FOUND);
        page("HEAD /", "", Page { without_body: true, ..Page::NOT_FOUND });
    }

    #[test]
    fn a_head_ends_where_it_ends() {
        let head = format!("{SOCKET} HTTP/1.1\r\n{UPGRADE}\r\n");
        for cut in 0..head.len() {
            assert_eq!(read(&head.as_bytes()[..cut]), Reading::Unfinished, "{cut}");
        }
        let more = format!("{head}\u{1}\u{2}");
        assert!(matches!(read(more.as_bytes()), Reading::Head(at, _) if at == head.len()));
    }

    #[test]
    fn what_will_never_be_a_head_is_refused_at_once() {
        assert_eq!(read(b"\x16\x03\x01\x02\x00"), Reading::Hopeless(Page::MALFORMED)); // TLS
        assert_eq!(read(b"hello\r\n\r\n"), Reading::Hopeless(Page::MALFORMED));
        assert_eq!(read(b"GET / HTTP/1.1\r\nno colon\r\n\r\n"), Reading::Hopeless(Page::MALFORMED));
        let endless = format!("GET /{}", "x".repeat(MAX_HEAD_BYTES));
        assert_eq!(read(&endless.as_bytes()[..MAX_HEAD_BYTES]), Reading::Hopeless(Page::TOO_LARGE));
        let many = "a: b\r\n".repeat(MAX_HEADERS + 1);
        let many = format!("GET / HTTP/1.1\r\n{many}\r\n");
        assert_eq!(read(many.as_bytes()), Reading::Hopeless(Page::TOO_LARGE));
    }

    #[test]
    fn a_page_says_how_long_it_is_and_that_it_is_the_end() {
        assert_eq!(
            Page { without_body: true, ..Page::HEALTHY }.to_text(784_111_777),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\
             Connection: close\r\n\r\n"
        );
        assert!(Page::OTHER_VERSION.to_text(0).contains("\r\nSec-WebSocket-Version: 13\r\n\r\n"));
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let check = |unix, expected: &str| {
            let text = Page::HEALTHY.to_text(unix);
            assert!(text.contains(&format!("\r\nDate: {expected}\r\n")), "{text}");
        };
        check(0, "Thu, 01 Jan 1970 00:00:00 GMT");
        check(784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT");
        check(951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT");
        check(1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT");
        check(1_798_761_600, "Fri, 01 Jan 2027 00:00:00 GMT");
        check(4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT");
    }
}
