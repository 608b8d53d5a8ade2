//! Many clients in one thread: everything that can be read is read, and what was pushed meanwhile is
//! written once for each connection.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hullo_testing::websocket::{SOCKET, upgrade};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use socket2::SockRef;

use crate::address;
use crate::scene::Target;
use crate::wire::{self, Incoming, Outcome, Part};

/// What is read at once.
const READ: usize = 128 * 1024;

/// How many connections may be on their way at once, unless all shall come at once.
pub(crate) const SOME: usize = 200;

/// The token of the waker.
const WAKE: Token = Token(usize::MAX);

/// Who hears what the server sends.
pub(crate) trait Scene {
    /// A client was sent something.
    fn hear(&mut self, out: &mut Outbound, who: usize, what: Incoming<'_>, now: Instant)
    -> Outcome;
}

/// All clients.
pub(crate) struct Crowd {
    address: SocketAddr,
    upgrade: Vec<u8>,
    patience: Duration,
    is_resumable: bool,
    calm: Duration,
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    coming: VecDeque<String>,
    opening: usize,
    most_opening: usize,
    out: Outbound,
    scratch: Vec<u8>,
    /// When anything was heard last.
    heard: Instant,
}

struct Client {
    stream: TcpStream,
    topic: String,
    /// The beginning of a frame whose end has not come yet.
    rest: Vec<u8>,
    /// The fragments of a text whose end has not come yet.
    pieces: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Connecting,
    Upgrading,
    Open,
}

/// What waits to be written, client by client.
#[derive(Default)]
pub(crate) struct Outbound {
    buffers: Vec<Vec<u8>>,
    is_dirty: Vec<bool>,
    dirty: Vec<usize>,
}

impl Outbound {
    /// Puts a frame behind what waits for this client's connection.
    pub(crate) fn push(&mut self, who: usize, frame: &[u8]) {
        self.buffers[who].extend_from_slice(frame);
        if !self.is_dirty[who] {
            self.is_dirty[who] = true;
            self.dirty.push(who);
        }
    }
}

impl Crowd {
    /// Nobody yet.
    pub(crate) fn new(target: &Target) -> Outcome<Self> {
        Ok(Self {
            address: target.address,
            upgrade: upgrade(SOCKET),
            patience: target.patience,
            is_resumable: target.resumable,
            calm: target.calm,
            poll: Poll::new().map_err(told("no poll"))?,
            events: Events::with_capacity(4096),
            clients: Vec::new(),
            coming: VecDeque::new(),
            opening: 0,
            most_opening: SOME,
            out: Outbound::default(),
            scratch: vec![0; READ],
            heard: Instant::now(),
        })
    }

    /// After so long without anything heard, what was to come is lost.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Whether all join so that they may come back.
    pub(crate) fn is_resumable(&self) -> bool {
        self.is_resumable
    }

    /// This client reads nothing any more, and has little room for what it is sent.
    pub(crate) fn deafen(&mut self, who: usize) -> Outcome {
        let stream = &mut self.clients[who].stream;
        SockRef::from(&*stream)
            .set_recv_buffer_size(4096)
            .map_err(told("cannot make less room"))?;
        self.poll.registry().deregister(stream).map_err(told("cannot stop watching"))
    }

    /// This client goes away without a word, and comes on a new connection.
    pub(crate) fn reconnect(&mut self, who: usize) -> Outcome {
        let topic = std::mem::take(&mut self.clients[who].topic);
        self.clients[who] = self.connect(who, topic)?;
        self.out.buffers[who].clone_from(&self.upgrade);
        self.opening += 1;
        Ok(())
    }

    /// So many clients are to come, at most so many at once.
    pub(crate) fn invite(&mut self, topics: impl Iterator<Item = String>, at_once: usize) {
        self.coming.extend(topics);
        self.most_opening = at_once;
    }

    /// Something that ends the wait of a turn, from another thread.
    pub(crate) fn waker(&self) -> Outcome<Arc<Waker>> {
        Waker::new(self.poll.registry(), WAKE).map(Arc::new).map_err(told("no waker"))
    }

    /// What waits to be written.
    pub(crate) fn out(&mut self) -> &mut Outbound {
        &mut self.out
    }

    /// Writes what waits, waits for at most so long, and lets the scene hear what has come.
    pub(crate) fn turn(&mut self, wait: Duration, scene: &mut impl Scene) -> Outcome {
        self.connect_some()?;
        self.flush()?;
        let polled = self.poll.poll(&mut self.events, Some(wait));
        match polled {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled.map_err(told("cannot wait"))?,
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(1));
        for event in events.iter().filter(|event| event.token() != WAKE) {
            let who = event.token().0;
            if event.is_writable() {
                let client = &mut self.clients[who];
                if client.state == State::Connecting {
                    client.state = State::Upgrading;
                }
                self.write(who)?;
            }
            if event.is_readable() {
                self.read(who, scene)?;
            }
        }
        self.events = events;
        self.flush()
    }

    /// Turns until it is so, as long as anything is heard.
    pub(crate) fn until<S: Scene>(
        &mut self,
        scene: &mut S,
        mut is_so: impl FnMut(&S) -> bool,
        what: impl Fn(&S) -> String,
    ) -> Outcome {
        self.heard = Instant::now();
        while !is_so(scene) {
            self.turn(Duration::from_millis(100), scene)?;
            if self.heard.elapsed() > self.patience {
                return Err(format!("nothing comes any more: {}", what(scene)));
            }
        }
        Ok(())
    }

    /// Turns until nothing has come for a while: whatever was to come has come.
    pub(crate) fn settle(&mut self, scene: &mut impl Scene) -> Outcome {
        self.heard = Instant::now();
        while self.heard.elapsed() < self.calm {
            self.turn(Duration::from_millis(50), scene)?;
        }
        Ok(())
    }

    fn connect_some(&mut self) -> Outcome {
        while self.opening < self.most_opening {
            let Some(topic) = self.coming.pop_front() else { return Ok(()) };
            let client = self.connect(self.clients.len(), topic)?;
            self.clients.push(client);
            self.out.buffers.push(self.upgrade.clone());
            self.out.is_dirty.push(false);
            self.opening += 1;
        }
        Ok(())
    }

    fn connect(&self, who: usize, topic: String) -> Outcome<Client> {
        let mut stream = address::connect(self.address, who).map_err(told("cannot connect"))?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered = self.poll.registry().register(&mut stream, Token(who), interest);
        registered.map_err(told("cannot watch a connection"))?;
        Ok(Client { stream, topic, rest: vec![], pieces: vec![], state: State::Connecting })
    }

    fn flush(&mut self) -> Outcome {
        for who in std::mem::take(&mut self.out.dirty) {
            self.out.is_dirty[who] = false;
            self.write(who)?;
        }
        Ok(())
    }

    fn write(&mut self, who: usize) -> Outcome {
        let (client, waiting) = (&mut self.clients[who], &mut self.out.buffers[who]);
        if client.state == State::Connecting {
            return Ok(());
        }
        while !waiting.is_empty() {
            match client.stream.write(waiting) {
                Ok(written) if written == waiting.len() => waiting.clear(),
                Ok(written) => drop(waiting.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(format!("connection {who} broke: {error}")),
            }
        }
        if waiting.capacity() > 128 * 1024 {
            waiting.shrink_to(0);
        }
        Ok(())
    }

    /// A read that did not fill the space has taken all there was: the next will be told.
    fn read(&mut self, who: usize, scene: &mut impl Scene) -> Outcome {
        let client = &mut self.clients[who];
        loop {
            let kept = client.rest.len();
            if self.scratch.len() < kept + READ {
                self.scratch.resize(kept + READ, 0);
            }
            self.scratch[..kept].copy_from_slice(&client.rest);
            let read = match client.stream.read(&mut self.scratch[kept..]) {
                Ok(0) => return Err(format!("the server ended connection {who}")),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(format!("connection {who} broke: {error}")),
            };
            self.heard = Instant::now();
            let input = &self.scratch[..kept + read];
            let taken = take(client, input, |client_opened, what| {
                self.opening -= usize::from(client_opened);
                scene.hear(&mut self.out, who, what, self.heard)
            })
            .map_err(|sentence| format!("member {who}: {sentence}"))?;
            client.rest.clear();
            client.rest.extend_from_slice(&input[taken..]);
            if kept + read < self.scratch.len() {
                return Ok(());
            }
        }
    }
}

/// Takes every whole frame from the input; returns how much of it that was.
fn take(
    client: &mut Client,
    input: &[u8],
    mut hear: impl FnMut(bool, Incoming<'_>) -> Outcome,
) -> Outcome<usize> {
    let mut taken = 0;
    if client.state != State::Open {
        let Some(answer) = wire::upgraded(input)? else { return Ok(0) };
        client.state = State::Open;
        taken = answer;
        hear(true, Incoming::Open)?;
    }
    let topic = client.topic.as_bytes();
    while let Some((part, text, length)) = wire::frame(&input[taken..])? {
        taken += length;
        match part {
            Part::Whole => hear(false, wire::classify(text, topic)?)?,
            Part::Beginning | Part::Middle => client.pieces.extend_from_slice(text),
            Part::End => {
                client.pieces.extend_from_slice(text);
                let whole = std::mem::take(&mut client.pieces);
                hear(false, wire::classify(&whole, topic)?)?;
            }
        }
    }
    Ok(taken)
}

fn told(what: &'static str) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{what}: {error}")
}
