//! The answers that are no upgrade.

use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

use httpdate::fmt_http_date;

/// A whole answer that is not an upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    status: &'static str,
    content_type: &'static str,
    /// One more header, with its line end.
    header: &'static str,
    body: Cow<'static, str>,
    without_body: bool,
    /// Why there is no WebSocket, in a word for the metrics, where one may have been meant.
    pub(crate) refusal: Option<&'static str>,
}

impl Page {
    const fn new(status: &'static str, body: &'static str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            header: "",
            body: Cow::Borrowed(body),
            without_body: false,
            refusal: None,
        }
    }

    const fn refusal(why: &'static str, status: &'static str, body: &'static str) -> Self {
        let mut page = Self::new(status, body);
        page.refusal = Some(why);
        page
    }

    /// The same, or its head alone: that is how HEAD is answered.
    pub(crate) const fn without_body(mut self, without_body: bool) -> Self {
        self.without_body = without_body;
        self
    }

    const fn with_header(mut self, header: &'static str) -> Self {
        self.header = header;
        self
    }

    /// The numbers of this server.
    pub(crate) fn metrics(text: String) -> Self {
        Self {
            content_type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
            body: Cow::Owned(text),
            ..Self::new("200 OK", "")
        }
    }

    pub(super) const HEALTHY: Self = Self::new("200 OK", "ok\n");
    pub(super) const MALFORMED: Self =
        Self::refusal("malformed", "400 Bad Request", "That is not HTTP.\n");
    pub(super) const NO_HOST: Self = Self::refusal(
        "no_host",
        "400 Bad Request",
        "A request has one Host header, with a host name or an address.\n",
    );
    pub(super) const NO_UPGRADE: Self = Self::refusal(
        "no_upgrade",
        "400 Bad Request",
        "This is a WebSocket: connect with a client that asks for an upgrade.\n",
    );
    pub(super) const WITH_BODY: Self = Self::refusal(
        "with_body",
        "400 Bad Request",
        "A request for a WebSocket has no body: leave out Content-Length and Transfer-Encoding.\n",
    );
    pub(super) const NO_KEY: Self = Self::refusal(
        "no_key",
        "400 Bad Request",
        "There must be one Sec-WebSocket-Key: 16 bytes in base64.\n",
    );
    pub(super) const OTHER_SERIALIZER: Self = Self::refusal("other_vsn", "403 Forbidden", "");
    pub(super) const FOREIGN_ORIGIN: Self = Self::refusal(
        "foreign_origin",
        "403 Forbidden",
        "Pages of this Origin may not connect. The server's option --allow-origin allows them.\n",
    );
    pub(super) const FOREIGN_HOST: Self = Self::refusal(
        "foreign_host",
        "403 Forbidden",
        "This server does not go by the name in Host. Its option --allow-host adds a name.\n",
    );
    /// There is no such page.
    pub(crate) const NOT_FOUND: Self = Self::refusal(
        "not_found",
        "404 Not Found",
        "Nothing here. The WebSocket is at /socket/websocket.\n",
    );
    pub(super) const ONLY_GET: Self =
        Self::refusal("method", "405 Method Not Allowed", "Only GET is answered here.\n")
            .with_header("Allow: GET\r\n");
    pub(super) const ONLY_GET_OR_HEAD: Self =
        Self::new("405 Method Not Allowed", "Only GET and HEAD are answered here.\n")
            .with_header("Allow: GET, HEAD\r\n");
    /// The request took too long.
    pub(crate) const TOO_LATE: Self =
        Self::refusal("too_late", "408 Request Timeout", "The request did not come in time.\n");
    pub(super) const OTHER_VERSION: Self = Self::refusal(
        "other_version",
        "426 Upgrade Required",
        "Only version 13 of the WebSocket is spoken here.\n",
    )
    .with_header("Sec-WebSocket-Version: 13\r\n");
    pub(super) const TOO_LARGE: Self = Self::refusal(
        "too_large",
        "431 Request Header Fields Too Large",
        "A request has at most 8 KiB and 64 headers.\n",
    );
    /// There are as many connections as there may be.
    pub(crate) const FULL: Self = Self::refusal(
        "full",
        "503 Service Unavailable",
        "The server is full: it has as many connections as it may have. Try again later.\n",
    )
    .with_header("Retry-After: 10\r\n");
    /// There are as many connections from one address as there may be.
    pub(crate) const FULL_FOR_ADDRESS: Self = Self::refusal(
        "full_for_address",
        "503 Service Unavailable",
        "Your address has as many connections as one may have. Close some, or try again later.\n",
    )
    .with_header("Retry-After: 10\r\n");
    /// The server goes away.
    pub(crate) const GOING: Self =
        Self::refusal("going", "503 Service Unavailable", "The server is about to stop.\n")
            .with_header("Retry-After: 1\r\n");

    /// The answer as it is sent, so many seconds after the beginning of 1970.
    pub(crate) fn to_text(&self, unix: u64) -> String {
        let Self { status, content_type, header, body, without_body, .. } = self;
        let length = body.len();
        let body = if *without_body { "" } else { body };
        let date = fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix));
        format!(
            "HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n{header}\r\n{body}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_how_long_it_is_and_that_it_is_the_end() {
        assert_eq!(
            Page::HEALTHY.without_body(true).to_text(784_111_777),
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
