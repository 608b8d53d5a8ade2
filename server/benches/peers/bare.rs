//! The floor to compare with: a server that does no more than it must. One thread; it reads
//! everything that can be read, routes it by where things stand in the text, and writes each
//! connection once for all that has come together meanwhile.
//!
//! It speaks just enough of the wire for the load generator: joins, helos with their announcements,
//! broadcasts, responses and heartbeats. There is no presence, no limit and no check: never let anybody else
//! connect to it.

#[path = "fault.rs"]
pub(crate) mod fault;
#[path = "frame.rs"]
mod frame;

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use memchr::{memchr, memmem};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use self::fault::{Fault, Faults};
use self::frame::{Frame, after, parts, unmask};

const LISTENER: Token = Token(usize::MAX);
const READ: usize = 64 * 1024;

/// Serves until the process is ended, or nobody holds its standard input any more.
pub(crate) fn serve(fault: Option<Fault>) -> std::io::Result<()> {
    std::thread::spawn(|| {
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap_or_default();
        std::process::exit(0);
    });
    let mut listener = listen()?;
    println!("listening on ws://{}", listener.local_addr()?);
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(4096);
    let mut server = Server {
        sockets: vec![],
        free: vec![],
        dirty: vec![],
        rooms: HashMap::new(),
        faults: Faults::new(fault),
    };
    let mut scratch = vec![0; READ];
    loop {
        poll.poll(&mut events, Some(Duration::from_secs(1)))?;
        for event in &events {
            let Token(who) = event.token();
            if event.token() == LISTENER {
                server.accept(&listener, &poll)?;
                continue;
            }
            if event.is_writable() {
                server.sockets[who].write();
            }
            if event.is_readable() {
                server.read(who, &mut scratch);
            }
        }
        for who in std::mem::take(&mut server.dirty) {
            server.sockets[who].is_dirty = false;
            server.sockets[who].write();
        }
    }
}

/// Room for everybody who comes at once: whoever finds none tries again only after a second.
fn listen() -> std::io::Result<TcpListener> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    socket.listen(4096)?;
    Ok(TcpListener::from_std(socket.into()))
}

struct Server {
    sockets: Vec<Socket>,
    /// Whose place a newcomer may take.
    free: Vec<usize>,
    /// Who has something to write.
    dirty: Vec<usize>,
    /// Who has said helo, by topic.
    rooms: HashMap<Vec<u8>, Vec<usize>>,
    faults: Faults,
}

struct Socket {
    stream: TcpStream,
    state: State,
    is_dirty: bool,
    /// The beginning of what has not come as a whole yet.
    rest: Vec<u8>,
    waiting: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Upgrading,
    Open,
    /// Writing has failed.
    Broken,
    /// Somebody else may have its place.
    Gone,
}

impl Server {
    fn accept(&mut self, listener: &TcpListener, poll: &Poll) -> std::io::Result<()> {
        loop {
            let mut stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nodelay(true)?;
            let interest = Interest::READABLE | Interest::WRITABLE;
            let place = self.free.pop().unwrap_or(self.sockets.len());
            poll.registry().register(&mut stream, Token(place), interest)?;
            let socket = Socket {
                stream,
                state: State::Upgrading,
                is_dirty: false,
                rest: vec![],
                waiting: vec![],
            };
            match self.sockets.get_mut(place) {
                Some(gone) => *gone = socket,
                None => self.sockets.push(socket),
            }
        }
    }

    fn read(&mut self, who: usize, scratch: &mut Vec<u8>) {
        loop {
            let socket = &mut self.sockets[who];
            let kept = socket.rest.len();
            if scratch.len() < kept + READ {
                scratch.resize(kept + READ, 0);
            }
            scratch[..kept].copy_from_slice(&socket.rest);
            let read = match socket.stream.read(&mut scratch[kept..]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Ok(0) | Err(_) => return self.end(who),
                Ok(read) => read,
            };
            let taken = self.take(who, &mut scratch[..kept + read]);
            let rest = &mut self.sockets[who].rest;
            rest.clear();
            rest.extend_from_slice(&scratch[taken..kept + read]);
            if kept + read < scratch.len() {
                return;
            }
        }
    }

    fn end(&mut self, who: usize) {
        let socket = &mut self.sockets[who];
        if socket.state == State::Gone {
            return;
        }
        socket.state = State::Gone;
        self.free.push(who);
        self.rooms.values_mut().for_each(|room| room.retain(|other| *other != who));
    }

    /// Takes every whole frame; returns how much of the input that was.
    fn take(&mut self, who: usize, input: &mut [u8]) -> usize {
        let mut taken = 0;
        if self.sockets[who].state == State::Upgrading {
            let Some(head) = memmem::find(input, b"\r\n\r\n") else { return 0 };
            let key = after(&input[..head], b"Sec-WebSocket-Key: ");
            let key = &key[..memchr(b'\r', key).unwrap_or(key.len())];
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {}\r\n\r\n",
                derive_accept_key(key)
            );
            self.sockets[who].state = State::Open;
            self.send(who, answer.as_bytes());
            taken = head + 4;
        }
        while let Some((body, length)) = unmask(&mut input[taken..]) {
            if let Some(frame) = Frame::find(body) {
                self.handle(who, &frame);
            }
            taken += length;
        }
        taken
    }

    fn handle(&mut self, who: usize, frame: &Frame<'_>) {
        match frame.event {
            b"client_broadcast" => self.broadcast(who, frame),
            b"client_response" => self.respond(who, frame),
            b"client_helo" => return self.helo(who, frame),
            _ => {}
        }
        let reply = parts(&[
            b"[",
            frame.join,
            b",\"",
            frame.reference,
            b"\",\"",
            frame.topic,
            b"\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]",
        ]);
        self.send(who, &reply);
    }

    fn broadcast(&mut self, who: usize, frame: &Frame<'_>) {
        let message = &frame.payload[..frame.payload.len() - 1];
        let text = parts(&[
            b"[null,null,\"",
            frame.topic,
            b"\",\"client_broadcast\",",
            message,
            b",\"client_session_id\":\"",
            id(who).as_bytes(),
            b"\"}]",
        ]);
        self.send_to_others(who, frame.topic, &text);
    }

    fn respond(&mut self, who: usize, frame: &Frame<'_>) {
        let recipient = after(frame.payload, b"\"recipient\":\"");
        let index = std::str::from_utf8(&recipient[..8]).ok();
        let Some(to) = index.and_then(|index| usize::from_str_radix(index, 16).ok()) else {
            return;
        };
        let text = parts(&[
            b"[\"1\",null,\"",
            frame.topic,
            b"\",\"client_response\",",
            &frame.payload[..frame.payload.len() - 1],
            b",\"client_session_id\":\"",
            id(who).as_bytes(),
            b"\"}]",
        ]);
        let Self { sockets, dirty, faults, .. } = self;
        faults.deliver(who, to, &text, |to, bytes| sockets[to].send(to, bytes, dirty));
    }

    fn helo(&mut self, who: usize, frame: &Frame<'_>) {
        let name = after(frame.payload, b"\"name\":\"");
        let name = &name[..memchr(b'"', name).unwrap_or(name.len())];
        let id = id(who);
        let person = parts(&[b"{\"id\":\"", id.as_bytes(), b"\",\"name\":\"", name, b"\"}"]);
        let news = parts(&[b"[null,null,\"", frame.topic, b"\",\"new_user\",", &person, b"]"]);
        self.send_to_others(who, frame.topic, &news);
        self.rooms.entry(frame.topic.to_vec()).or_default().push(who);
        let reply = parts(&[
            b"[\"1\",\"",
            frame.reference,
            b"\",\"",
            frame.topic,
            b"\",\"phx_reply\",{\"status\":\"ok\",\"response\":",
            &person,
            b"}]",
        ]);
        self.send(who, &reply);
    }

    fn send_to_others(&mut self, who: usize, topic: &[u8], frame: &[u8]) {
        let Self { sockets, dirty, rooms, faults, .. } = self;
        let Some(room) = rooms.get(topic) else { return };
        for &other in room.iter().filter(|other| **other != who) {
            faults.deliver(who, other, frame, |to, bytes| sockets[to].send(to, bytes, dirty));
        }
    }

    fn send(&mut self, to: usize, bytes: &[u8]) {
        self.sockets[to].send(to, bytes, &mut self.dirty);
    }
}

impl Socket {
    fn send(&mut self, index: usize, bytes: &[u8], dirty: &mut Vec<usize>) {
        self.waiting.extend_from_slice(bytes);
        if !self.is_dirty {
            self.is_dirty = true;
            dirty.push(index);
        }
    }

    fn write(&mut self) {
        while !self.waiting.is_empty() && matches!(self.state, State::Upgrading | State::Open) {
            match self.stream.write(&self.waiting) {
                Ok(written) if written == self.waiting.len() => self.waiting.clear(),
                Ok(written) => drop(self.waiting.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.state = State::Broken,
            }
        }
    }
}

/// The id says which socket it is: nothing needs to be looked up.
fn id(socket: usize) -> String {
    format!("{socket:08x}-0000-4000-8000-000000000000")
}
