//! What listens on a port of this machine: nothing, a hullo server, or something else; and whose it
//! is.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::local_server::reach;

/// How long a program on this machine may take to accept a connection.
const CONNECT_WITHIN: Duration = Duration::from_millis(500);
/// How long it may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// The answer is short.
const MAX_ANSWER: u64 = 4096;

/// What listens on an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listener {
    Nobody,
    Hullo,
    /// It accepts connections and answers nothing.
    Silent,
    /// It answers as no hullo server does.
    Foreign,
}

/// What listens on an address, and who runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) address: SocketAddr,
    pub(crate) listener: Listener,
    /// The user who runs it, if that is somebody else, and the system tells.
    pub(crate) stranger: Option<String>,
}

/// A sentence about a port, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) text: String,
    pub(crate) advice: String,
}

impl Remark {
    pub(crate) fn whole(&self) -> String {
        format!("{}; {}", self.text, self.advice)
    }
}

/// Looks who listens on `address`. Blocks for as long as the answer takes, which has a limit.
pub(crate) fn look(address: SocketAddr) -> Port {
    let address = reach(address);
    let listener = listener(address);
    let is_held = listener != Listener::Nobody;
    Port { address, listener, stranger: is_held.then(|| stranger(address)).flatten() }
}

fn listener(address: SocketAddr) -> Listener {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, CONNECT_WITHIN) else {
        return Listener::Nobody;
    };
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = Vec::new();
    let asked = stream
        .set_read_timeout(Some(ANSWERS_WITHIN))
        .and_then(|()| stream.set_write_timeout(Some(ANSWERS_WITHIN)))
        .and_then(|()| stream.write_all(request.as_bytes()))
        .and_then(|()| stream.take(MAX_ANSWER).read_to_end(&mut answer));
    match asked {
        Err(error) if answer.is_empty() && is_timeout(&error) => Listener::Silent,
        Ok(_) | Err(_) if is_ours(&String::from_utf8_lossy(&answer)) => Listener::Hullo,
        Ok(_) | Err(_) => Listener::Foreign,
    }
}

/// Unix and Windows call it differently.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Whether a hullo server answers like this. One that has no room for more connections says that
/// instead of how it is.
fn is_ours(answer: &str) -> bool {
    let is_healthy = answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nok\n");
    is_healthy || answer.starts_with("HTTP/1.1 503 ")
}

impl Port {
    /// Why no hullo server can be reached or started there, if something else is in the way.
    pub(crate) fn obstacle(&self) -> Option<Remark> {
        let what = match self.listener {
            Listener::Nobody | Listener::Hullo => return None,
            Listener::Silent => "does not answer",
            Listener::Foreign => "is no hullo server",
        };
        let of = self.stranger.as_ref().map_or_else(String::new, |user| format!(" of {user}"));
        Some(Remark {
            text: format!("{} is held by a program{of} that {what}", self.address),
            advice: format!("end it, or use another port: {}", self.elsewhere()),
        })
    }

    /// Whether the server is run by another user: then that user can read what is said.
    pub(crate) fn warning(&self) -> Option<Remark> {
        let user = self.stranger.as_ref().filter(|_| self.listener == Listener::Hullo)?;
        Some(Remark {
            text: format!(
                "the server at {} is run by {user}, who can read what is said there",
                self.address
            ),
            advice: format!("for a server of your own: {}", self.elsewhere()),
        })
    }

    fn elsewhere(&self) -> String {
        let port = self.address.port().checked_add(1).unwrap_or(4857);
        format!("HULLO_LISTEN={} hullo", SocketAddr::new(self.address.ip(), port))
    }
}

/// The user who listens there, if it is known and not ourselves.
#[cfg(target_os = "linux")]
fn stranger(address: SocketAddr) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(std::fs::read_to_string);
    let uid = tables.into_iter().flatten().find_map(|table| listening_uid(&table, address))?;
    let users = || std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    (uid != rustix::process::geteuid().as_raw()).then(|| user_name(&users(), uid))
}

/// Elsewhere the system does not say it to everybody.
#[cfg(not(target_os = "linux"))]
fn stranger(_: SocketAddr) -> Option<String> {
    None
}

/// The user id of whoever listens on this address, from the kernel's table of sockets.
#[cfg(any(test, target_os = "linux"))]
fn listening_uid(table: &str, address: SocketAddr) -> Option<u32> {
    const LISTENS: &str = "0A";
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (local, state, uid) = (fields.get(1)?, *fields.get(3)?, fields.get(7)?);
        let (ip, port) = local.split_once(':')?;
        let (ip, port) = (ip_of(ip)?, u16::from_str_radix(port, 16).ok()?);
        let is_it = ip.is_unspecified() || ip == address.ip();
        (state == LISTENS && port == address.port() && is_it).then(|| uid.parse().ok()).flatten()
    })
}

/// An address as the kernel writes it: 32-bit words in hexadecimal, each in the byte order of the
/// machine.
#[cfg(any(test, target_os = "linux"))]
fn ip_of(text: &str) -> Option<std::net::IpAddr> {
    let word = |at: usize| u32::from_str_radix(text.get(at..at + 8)?, 16).ok();
    match text.len() {
        8 => Some(std::net::IpAddr::from(word(0)?.to_ne_bytes())),
        32 => {
            let mut bytes = [0; 16];
            for at in 0..4 {
                bytes[at * 4..at * 4 + 4].copy_from_slice(&word(at * 8)?.to_ne_bytes());
            }
            Some(std::net::IpAddr::from(bytes).to_canonical())
        }
        _ => None,
    }
}

#[cfg(any(test, target_os = "linux"))]
fn user_name(users: &str, uid: u32) -> String {
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| hullo::text::clean_line(name).into_owned())
    });
    name.unwrap_or_else(|| format!("another user ({uid})"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// What is seen of a program that answers every connection with this, or keeps silent.
    fn seen(answer: Option<&'static str>) -> Listener {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let program = thread::spawn(move || {
            let (mut stream, _) = socket.accept().unwrap();
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
                // Until whoever asks has lost patience.
                None => drop(stream.read_to_end(&mut Vec::new())),
            }
        });
        let listener = look(address).listener;
        program.join().unwrap();
        listener
    }

    #[test]
    fn a_hullo_server_is_told_from_what_else_may_listen() {
        assert_eq!(seen(Some("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")), Listener::Hullo);
        assert_eq!(seen(Some("HTTP/1.0 404 File not found\r\n\r\n")), Listener::Foreign);
        assert_eq!(seen(Some("SSH-2.0-OpenSSH_9.2\r\n")), Listener::Foreign);
        assert_eq!(seen(Some("")), Listener::Foreign);
        assert_eq!(seen(None), Listener::Silent);
        assert_eq!(look("127.0.0.1:9".parse().unwrap()).listener, Listener::Nobody);
    }

    #[test]
    fn what_is_in_the_way_is_said_with_what_to_do() {
        let address = "127.0.0.1:4856".parse().unwrap();
        let port = |listener, stranger: Option<&str>| Port {
            address,
            listener,
            stranger: stranger.map(str::to_owned),
        };
        let told = |remark: Option<Remark>| remark.map(|remark| remark.whole());
        let way_out = "another port: HULLO_LISTEN=127.0.0.1:4857 hullo";
        assert_eq!(
            told(port(Listener::Silent, None).obstacle()),
            Some(format!(
                "127.0.0.1:4856 is held by a program that does not answer; end it, or use {way_out}"
            ))
        );
        assert_eq!(
            told(port(Listener::Foreign, Some("bob")).obstacle()),
            Some(format!(
                "127.0.0.1:4856 is held by a program of bob that is no hullo server; end it, or \
                 use {way_out}"
            ))
        );
        assert_eq!(
            told(port(Listener::Hullo, Some("bob")).warning()),
            Some(
                "the server at 127.0.0.1:4856 is run by bob, who can read what is said there; for \
                 a server of your own: HULLO_LISTEN=127.0.0.1:4857 hullo"
                    .to_owned()
            )
        );
        assert_eq!(port(Listener::Hullo, None).warning(), None);
        assert_eq!(port(Listener::Hullo, Some("bob")).obstacle(), None);
        assert_eq!(port(Listener::Nobody, None).obstacle(), None);
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn the_table_of_sockets_says_whose_a_listener_is() {
        let table =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:12F8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 1 1
   1: 0100007F:12F9 0100007F:12F8 01 00000000:00000000 00:00000000 00000000  1002        0 1 1
   2: 00000000000000000000000000000000:12FA 0:0 0A 0:0 00:0 0  998 0 1 1";
        let uid = |address: &str| listening_uid(table, address.parse().unwrap());
        assert_eq!(uid("127.0.0.1:4856"), Some(1001));
        assert_eq!(uid("127.0.0.2:4856"), None);
        assert_eq!(uid("127.0.0.1:4857"), None);
        assert_eq!(uid("[::1]:4858"), Some(998));
        let users = "root:x:0:0:root:/root:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n";
        assert_eq!(user_name(users, 1001), "bob");
        assert_eq!(user_name(users, 7), "another user (7)");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_listener_of_our_own_is_no_stranger() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(stranger(socket.local_addr().unwrap()), None);
    }
}
