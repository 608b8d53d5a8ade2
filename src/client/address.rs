//! Where a server is: what people write, and the URL that is meant.

use std::fmt;
use std::str::FromStr;

use tokio_tungstenite::tungstenite::http::Uri;

use super::Error;
use crate::protocol::{DEFAULT_ADDRESS, SOCKET_PATH};

/// The address of a server, read from `ws://HOST:PORT`, `HOST:PORT` or `HOST`.
///
/// Shown with everything that people leave out, and with a path only where it is not the usual one:
/// so one server has one address, however it was written.
///
/// ```
/// use hullo::client::Address;
///
/// let address: Address = "localhost".parse()?;
/// assert_eq!(address.to_string(), "ws://localhost:4856");
/// assert_eq!(address, "ws://localhost:4856/socket/websocket".parse()?);
/// # Ok::<(), hullo::client::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address, without brackets.
    host: String,
    port: u16,
    /// `host:port`, with brackets where they belong.
    authority: String,
    path: String,
}

impl Address {
    /// `HOST:PORT`, to speak plain HTTP with the server.
    ///
    /// ```
    /// # use hullo::client::Address;
    /// let address: Address = "ws://[::1]:7".parse()?;
    /// assert_eq!(address.authority(), "[::1]:7");
    /// # Ok::<(), hullo::client::Error>(())
    /// ```
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Where to open the TCP connection.
    pub(super) fn host_and_port(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// The whole URL of the WebSocket.
    pub(super) fn url(&self) -> String {
        format!("ws://{}{}?vsn=2.0.0", self.authority, self.path)
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let wrong = |why: &str| {
            Error::Address(format!(
                "{text:?} {why}; write ws://HOST:PORT, as in ws://{DEFAULT_ADDRESS}"
            ))
        };
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let default_port = match scheme {
            "" => 4856,
            "ws" | "http" => 80,
            "wss" | "https" => return Err(wrong("wants TLS, which is not served yet")),
            _ => return Err(wrong("is no WebSocket address")),
        };
        let uri: Uri = format!("ws://{rest}").parse().map_err(|_| wrong("is no address"))?;
        let bracketed =
            uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("has no host"))?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err(wrong("holds a user name, which means nothing here"));
        }
        if authority.len() > bracketed.len() && uri.port_u16().is_none() {
            return Err(wrong("has no valid port"));
        }
        let port = uri.port_u16().unwrap_or(default_port);
        let path = match uri.path().trim_end_matches('/') {
            "" | "/socket" => SOCKET_PATH,
            path => path,
        };
        Ok(Self {
            host: bracketed.trim_matches(['[', ']']).to_owned(),
            port,
            authority: format!("{bracketed}:{port}"),
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path == SOCKET_PATH { "" } else { &self.path };
        write!(f, "ws://{}{path}", self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means(text: &str, url: &str, host: &str) {
        let address: Address = text.parse().unwrap();
        assert_eq!((&*address.url(), &*address.host), (url, host), "{text}");
    }

    #[track_caller]
    fn refused(text: &str, why: &str) {
        let error = text.parse::<Address>().unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }

    #[test]
    fn what_people_write_is_understood() {
        let local = "ws://127.0.0.1:4856/socket/websocket?vsn=2.0.0";
        means("ws://127.0.0.1:4856", local, "127.0.0.1");
        means("127.0.0.1:4856", local, "127.0.0.1");
        means("127.0.0.1", local, "127.0.0.1");
        means("ws://127.0.0.1:4856/", local, "127.0.0.1");
        means("ws://127.0.0.1:4856/socket", local, "127.0.0.1");
        means("ws://127.0.0.1:4856/socket/websocket?vsn=1.0.0", local, "127.0.0.1");
        means("ws://lan.local", "ws://lan.local:80/socket/websocket?vsn=2.0.0", "lan.local");
        means("ws://h:1/chat/ws", "ws://h:1/chat/ws?vsn=2.0.0", "h");
        means("ws://[::1]:4856", "ws://[::1]:4856/socket/websocket?vsn=2.0.0", "::1");
    }

    #[test]
    fn an_address_is_asked_by_http() {
        for (address, expected) in [
            ("ws://h:1", "h:1"),
            ("ws://h/socket", "h:80"),
            ("h", "h:4856"),
            ("ws://[::1]:7/x?y", "[::1]:7"),
            ("[::1]", "[::1]:4856"),
        ] {
            assert_eq!(address.parse::<Address>().unwrap().authority(), expected, "{address}");
        }
    }

    #[test]
    fn a_server_has_one_address_however_it_is_written() {
        for (address, expected) in [
            ("h", "ws://h:4856"),
            (" h:1/ ", "ws://h:1"),
            ("ws://h/socket", "ws://h:80"),
            ("ws://h:1/socket/websocket?vsn=1.0.0", "ws://h:1"),
            ("h:1/chat/h:1/ws", "ws://h:1/chat/h:1/ws"),
            ("[::1]:7", "ws://[::1]:7"),
        ] {
            let full = address.parse::<Address>().unwrap();
            assert_eq!(full.to_string(), expected);
            assert_eq!(expected.parse::<Address>().unwrap(), full);
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_reason() {
        refused("wss://h", "TLS");
        refused("ftp://h", "no WebSocket address");
        refused("", "no address");
        refused("ws://", "no address");
        refused("ws://h:99999", "no valid port");
        refused("ws://h:x", "no");
        refused("ws://me@h:1", "user name");
        refused("two words", "no address");
    }
}
