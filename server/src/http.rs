//! The HTTP that stands before a WebSocket: one request head in, one answer out.

mod page;

use httparse::{Request, Status};
use hullo::protocol::SOCKET_PATH;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::origin::{Foreign, OriginPolicy, is_host};

pub(crate) use page::Page;

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
    /// The numbers of this server, if whoever asks may read them.
    Metrics {
        /// Only the head of the page is asked for.
        without_body: bool,
    },
    /// A page, and the end.
    Page(Page),
}

/// Reads a request head.
pub(crate) fn read(bytes: &[u8], policy: &OriginPolicy) -> Reading {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(Status::Complete(length)) => Reading::Head(length, answer(&request, policy)),
        Ok(Status::Partial) if bytes.len() >= MAX_HEAD_BYTES => Reading::Hopeless(Page::TOO_LARGE),
        Ok(Status::Partial) => Reading::Unfinished,
        Err(httparse::Error::TooManyHeaders) => Reading::Hopeless(Page::TOO_LARGE),
        Err(_) => Reading::Hopeless(Page::MALFORMED),
    }
}

fn answer(request: &Request<'_, '_>, policy: &OriginPolicy) -> Answer {
    let without_body = request.method == Some("HEAD");
    match route(request, policy) {
        Ok(Answer::Page(page)) | Err(page) => Answer::Page(page.without_body(without_body)),
        Ok(other) => other,
    }
}

fn route(request: &Request<'_, '_>, policy: &OriginPolicy) -> Result<Answer, Page> {
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let host = host(request)?;
    let judge = || judge(request, host, policy);
    match (path, request.method.unwrap_or_default()) {
        ("/healthz", "GET" | "HEAD") => Ok(Answer::Page(Page::HEALTHY)),
        ("/metrics", method @ ("GET" | "HEAD")) => {
            judge().map(|()| Answer::Metrics { without_body: method == "HEAD" })
        }
        ("/healthz" | "/metrics", _) => Err(Page::ONLY_GET_OR_HEAD),
        (SOCKET_PATH, "GET") => {
            let key = key(request)?;
            judge()?;
            upgrade(request, key, query).map(Answer::Upgrade)
        }
        (SOCKET_PATH, _) => Err(Page::ONLY_GET),
        _ => Err(Page::NOT_FOUND),
    }
}

/// The host that the request is meant for; empty where HTTP/1.0 does not say.
fn host<'a>(request: &'a Request<'_, '_>) -> Result<&'a str, Page> {
    match (count(request, "host"), values(request, "host").next()) {
        (0, _) if request.version == Some(0) => Ok(""),
        (1, Some(host)) if is_host(host) => Ok(host),
        _ => Err(Page::NO_HOST),
    }
}

fn judge(request: &Request<'_, '_>, host: &str, policy: &OriginPolicy) -> Result<(), Page> {
    // Several origins, or one that is no text, are none of anybody's pages.
    let origin = match (count(request, "origin"), values(request, "origin").next()) {
        (0, _) => None,
        (1, Some(origin)) => Some(origin),
        _ => Some("null"),
    };
    policy.judge(host, origin).map_err(|foreign| match foreign {
        Foreign::Host => Page::FOREIGN_HOST,
        Foreign::Origin => Page::FOREIGN_ORIGIN,
    })
}

/// The key of a request that asks for a WebSocket as it should.
fn key<'a>(request: &'a Request<'_, '_>) -> Result<&'a str, Page> {
    let asks =
        has_token(request, "upgrade", "websocket") && has_token(request, "connection", "upgrade");
    if !asks || request.version != Some(1) {
        return Err(Page::NO_UPGRADE);
    }
    let lengths = values(request, "content-length").filter(|length| *length == "0").count();
    if lengths < count(request, "content-length") || count(request, "transfer-encoding") > 0 {
        return Err(Page::WITH_BODY);
    }
    if values(request, "sec-websocket-version").next() != Some("13") {
        return Err(Page::OTHER_VERSION);
    }
    match (count(request, "sec-websocket-key"), values(request, "sec-websocket-key").next()) {
        (1, Some(key)) if is_key(key) => Ok(key),
        _ => Err(Page::NO_KEY),
    }
}

/// The head of the answer that makes this connection a WebSocket.
fn upgrade(request: &Request<'_, '_>, key: &str, query: &str) -> Result<String, Page> {
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

/// How often a header is there, whether its value is text or not.
fn count(request: &Request<'_, '_>, name: &str) -> usize {
    request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name)).count()
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

#[cfg(test)]
mod tests {
    use super::*;

    const UPGRADE: &str = "Host: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const SOCKET: &str = "GET /socket/websocket?vsn=2.0.0";

    fn read(bytes: &[u8]) -> Reading {
        let loopback = std::net::Ipv4Addr::LOCALHOST.into();
        super::read(bytes, &OriginPolicy::new(&crate::Config::default(), loopback, None))
    }

    fn reading(line: &str, headers: &str) -> Reading {
        read(format!("{line} HTTP/1.1\r\n{headers}\r\n").as_bytes())
    }

    #[track_caller]
    fn page(line: &str, headers: &str, expected: &Page) {
        match reading(line, headers) {
            Reading::Head(_, Answer::Page(page)) => assert_eq!(page, *expected, "{line} {headers}"),
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
        let forbidden = |query| {
            page(&format!("GET /socket/websocket{query}"), UPGRADE, &Page::OTHER_SERIALIZER);
        };
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
        page(SOCKET, "Host: x\r\n", &Page::NO_UPGRADE);
        page("GET /socket/websocket", "Host:\r\n", &Page::NO_UPGRADE);
        page(SOCKET, &without("Upgrade"), &Page::NO_UPGRADE);
        page(SOCKET, &without("Connection"), &Page::NO_UPGRADE);
        page(SOCKET, &without("Sec-WebSocket-Version"), &Page::OTHER_VERSION);
        page(SOCKET, &UPGRADE.replace("13", "8"), &Page::OTHER_VERSION);
        page(SOCKET, &without("Sec-WebSocket-Key"), &Page::NO_KEY);
        page(SOCKET, &UPGRADE.replace("dGhl", "dGh"), &Page::NO_KEY);
        page(SOCKET, &UPGRADE.replace("dGhl", "d?hl"), &Page::NO_KEY);
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        page(SOCKET, &format!("{UPGRADE}{key}"), &Page::NO_KEY);
        for body in ["Content-Length: 5", "Content-Length: 00", "Transfer-Encoding: chunked"] {
            page(SOCKET, &format!("{UPGRADE}{body}\r\n"), &Page::WITH_BODY);
        }
        upgrades(SOCKET, &format!("{UPGRADE}Content-Length: 0\r\n"));
        page(&SOCKET.replace("GET", "POST"), UPGRADE, &Page::ONLY_GET);
        let head = &Page::ONLY_GET.without_body(true);
        page(&SOCKET.replace("GET", "HEAD"), UPGRADE, head);
        let old = format!("{SOCKET} HTTP/1.0\r\n{UPGRADE}\r\n");
        assert_eq!(read(old.as_bytes()), Reading::Head(old.len(), Answer::Page(Page::NO_UPGRADE)));
    }

    #[test]
    fn every_request_says_once_for_which_host_it_is() {
        for headers in ["", "Host: x\r\nHost: x\r\n", "Host: a b\r\n", "Host: \u{ff}\r\n"] {
            page("GET /healthz", headers, &Page::NO_HOST);
        }
        page(SOCKET, &without("Host"), &Page::NO_HOST);
        page(SOCKET, &format!("{UPGRADE}Host: y\r\n"), &Page::NO_HOST);
        let old = read(b"GET /healthz HTTP/1.0\r\n\r\n");
        assert!(matches!(old, Reading::Head(_, Answer::Page(Page { refusal: None, .. }))));
    }

    #[test]
    fn pages_of_others_do_not_get_in() {
        let local = UPGRADE.replace("Host: x", "Host: localhost:1");
        let with = |headers: &str, origin: &str| format!("{headers}Origin: {origin}\r\n");
        upgrades(SOCKET, &with(&local, "http://localhost:1"));
        page(SOCKET, &with(&local, "http://evil.example"), &Page::FOREIGN_ORIGIN);
        page(SOCKET, &with(&local, "null"), &Page::FOREIGN_ORIGIN);
        page(SOCKET, &with(UPGRADE, "http://x"), &Page::FOREIGN_HOST);
        let twice = with(&with(&local, "http://localhost:1"), "http://localhost:1");
        page(SOCKET, &twice, &Page::FOREIGN_ORIGIN);
        page("GET /metrics", &with("Host: localhost\r\n", "null"), &Page::FOREIGN_ORIGIN);
        page("GET /healthz", &with("Host: x\r\n", "null"), &Page::HEALTHY);
    }

    #[test]
    fn there_are_few_pages() {
        let page = |line: &str, expected: &Page| page(line, "Host: x\r\n", expected);
        page("GET /healthz", &Page::HEALTHY);
        page("GET /healthz?x", &Page::HEALTHY);
        page("HEAD /healthz", &Page::HEALTHY.without_body(true));
        page("DELETE /healthz", &Page::ONLY_GET_OR_HEAD);
        page("POST /metrics", &Page::ONLY_GET_OR_HEAD);
        page("GET /", &Page::NOT_FOUND);
        page("GET /socket", &Page::NOT_FOUND);
        page("GET /socket/websocket/", &Page::NOT_FOUND);
        page("HEAD /", &Page::NOT_FOUND.without_body(true));
        let metrics = |without_body| Answer::Metrics { without_body };
        let answers = |line, expected| match reading(line, "Host: x\r\n") {
            Reading::Head(_, answer) => assert_eq!(answer, expected),
            other => panic!("{line}: {other:?}"),
        };
        answers("GET /metrics", metrics(false));
        answers("HEAD /metrics", metrics(true));
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
}
