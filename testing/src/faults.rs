//! A proxy that breaks what goes through it, as a seed says: it resets, closes, stalls, delays,
//! truncates and swallows, in either direction or in both, and closes one half of a connection.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::listener::Listener;

/// How often, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Up to twice so long a connection goes on before something happens to it.
    pub mean_life: Duration,
    /// For up to so long nothing passes; seven times of eight for an eighth of it.
    pub longest_stall: Duration,
}

/// How many connections were ended, by how.
type Cuts = Arc<Mutex<BTreeMap<&'static str, usize>>>;

/// A proxy between clients and a server that may be another one from time to time.
#[derive(Debug)]
pub struct FaultyProxy {
    /// Where it listens.
    pub address: SocketAddr,
    server: watch::Sender<Option<SocketAddr>>,
    is_calm: watch::Sender<bool>,
    cuts: Cuts,
    _listener: Listener,
}

impl FaultyProxy {
    /// Starts one that leads nowhere yet, and breaks nothing until [`FaultyProxy::break_connections`].
    pub async fn start(seed: u64, faults: Faults) -> Self {
        let (server, is_calm) = (watch::Sender::new(None), watch::Sender::new(true));
        let cuts: Cuts = Arc::default();
        let mut random = Rng::with_seed(seed);
        let (to, calm, count) = (server.subscribe(), is_calm.subscribe(), Arc::clone(&cuts));
        let listener = Listener::start(move |client| {
            let (to, calm, count) = (*to.borrow(), calm.clone(), Arc::clone(&count));
            let connection = Connection { random: random.fork(), faults, calm };
            async move {
                let Some(to) = to else { return };
                if let Some(kind) = connection.serve(client, to).await {
                    let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
                    *count.entry(kind).or_default() += 1;
                }
            }
        });
        let listener = listener.await;
        Self { address: listener.address, server, is_calm, cuts, _listener: listener }
    }

    /// New connections lead to this server.
    pub fn lead_to(&self, server: SocketAddr) {
        self.server.send_replace(Some(server));
    }

    /// From now on connections are broken.
    pub fn break_connections(&self) {
        self.is_calm.send_replace(false);
    }

    /// From now on nothing is broken. What is being broken is cut.
    pub fn calm_down(&self) {
        self.is_calm.send_replace(true);
    }

    /// How many connections it has ended, by how.
    pub fn cuts(&self) -> BTreeMap<&'static str, usize> {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What happens to the bytes of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Passes,
    Stalls,
    /// They are read and gone.
    Swallows,
    /// Of the next that come only the first arrive.
    Truncates,
    /// The receiver is told that nothing more comes.
    Ends,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Reset,
    Close,
    /// It goes on afterwards.
    Pause,
    Stall,
    Swallow,
    Truncate,
    HalfClose,
}

/// By how often each of them is chosen.
const FATES: &[(usize, Fate)] = &[
    (4, Fate::Reset),
    (2, Fate::Close),
    (4, Fate::Pause),
    (2, Fate::Stall),
    (3, Fate::Swallow),
    (4, Fate::Truncate),
    (3, Fate::HalfClose),
];

impl Fate {
    fn choose(random: &mut Rng) -> Self {
        let mut left = random.usize(..FATES.iter().map(|(weight, _)| weight).sum::<usize>());
        for (weight, fate) in FATES {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *fate,
            }
        }
        Self::Reset
    }

    /// How it ends the connection, and what becomes of its bytes until then.
    fn cut(self) -> (&'static str, Flow) {
        match self {
            Self::Reset => ("reset", Flow::Passes),
            Self::Close => ("closed", Flow::Passes),
            Self::Pause => ("paused", Flow::Stalls),
            Self::Stall => ("stalled", Flow::Stalls),
            Self::Swallow => ("swallowed", Flow::Swallows),
            Self::Truncate => ("truncated", Flow::Truncates),
            Self::HalfClose => ("half-closed", Flow::Ends),
        }
    }
}

struct Connection {
    random: Rng,
    faults: Faults,
    calm: watch::Receiver<bool>,
}

impl Connection {
    /// Passes everything on until something happens; how this ended it, if it did.
    async fn serve(mut self, mut client: TcpStream, server: SocketAddr) -> Option<&'static str> {
        let mut server = TcpStream::connect(server).await.ok()?;
        for stream in [&client, &server] {
            stream.set_nodelay(true).ok()?;
        }
        let (up, down) = (watch::Sender::new(Flow::Passes), watch::Sender::new(Flow::Passes));
        let both = {
            let (up, down) = (self.pipe(&up), self.pipe(&down));
            let ((from_client, to_client), (from_server, to_server)) =
                (client.split(), server.split());
            async { tokio::join!(up.run(from_client, to_server), down.run(from_server, to_client)) }
        };
        let kind = tokio::select! {
            _ = both => None,
            kind = self.misfortune(&up, &down) => Some(kind),
        };
        if kind != Some(Fate::Close.cut().0) && kind.is_some() {
            for stream in [&client, &server] {
                stream.set_zero_linger().ok()?;
            }
        }
        kind
    }

    fn pipe(&mut self, flow: &watch::Sender<Flow>) -> Pipe {
        let chunk = *self.random.choice(&[50, 500, 4096, 16_384]).unwrap_or(&4096);
        let delay = if self.random.u8(..3) == 0 { self.random.u64(1..20) } else { 0 };
        let delay = Duration::from_millis(delay);
        Pipe { random: self.random.fork(), flow: flow.subscribe(), chunk, delay }
    }

    /// Returns when the connection is to be ended.
    async fn misfortune(
        &mut self,
        up: &watch::Sender<Flow>,
        down: &watch::Sender<Flow>,
    ) -> &'static str {
        loop {
            let life = self.at_random(self.faults.mean_life * 2);
            drop(self.calm.wait_for(|is_calm| !is_calm).await);
            if self.wait(life).await {
                continue;
            }
            let fate = Fate::choose(&mut self.random);
            let (kind, flow) = fate.cut();
            let direction = self.random.u8(..3);
            let is_long = self.random.u8(..8) == 0;
            let stall = self.faults.longest_stall / if is_long { 1 } else { 8 };
            let stall = self.at_random(stall);
            if direction != 0 {
                up.send_replace(flow);
            }
            if direction != 1 {
                down.send_replace(flow);
            }
            match fate {
                Fate::Reset | Fate::Close => return kind,
                Fate::Stall | Fate::Swallow | Fate::Truncate | Fate::HalfClose => {
                    self.wait(stall).await;
                    return kind;
                }
                Fate::Pause => {
                    self.wait(stall).await;
                    up.send_replace(Flow::Passes);
                    down.send_replace(Flow::Passes);
                }
            }
        }
    }

    /// Waits for so long, or until all is calm; whether it is.
    async fn wait(&mut self, time: Duration) -> bool {
        tokio::select! {
            () = sleep(time) => false,
            _ = self.calm.wait_for(|is_calm| *is_calm) => true,
        }
    }

    fn at_random(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.random.f64())
    }
}

/// One direction.
struct Pipe {
    random: Rng,
    flow: watch::Receiver<Flow>,
    /// How much passes at once.
    chunk: usize,
    delay: Duration,
}

impl Pipe {
    /// Until nothing more comes, or nothing more can be passed on.
    async fn run(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) {
        let mut chunk = vec![0; self.chunk];
        let mut is_truncated = false;
        while let Some(length) = self.read(&mut from, &mut chunk).await {
            sleep(self.delay).await;
            let Ok(flow) = self.flow.wait_for(|flow| *flow != Flow::Stalls).await.map(|it| *it)
            else {
                return;
            };
            let length = match flow {
                Flow::Passes if !is_truncated => length,
                Flow::Truncates if !is_truncated => {
                    is_truncated = true;
                    self.random.usize(..length)
                }
                Flow::Passes | Flow::Truncates | Flow::Stalls | Flow::Swallows | Flow::Ends => 0,
            };
            if to.write_all(&chunk[..length]).await.is_err() {
                return;
            }
        }
        drop(to.shutdown().await); // it may be broken
        if *self.flow.borrow() == Flow::Ends {
            std::future::pending::<()>().await; // until the connection is ended
        }
    }

    /// Reads some; nothing at the end.
    async fn read(&mut self, from: &mut ReadHalf<'_>, chunk: &mut [u8]) -> Option<usize> {
        loop {
            match *self.flow.borrow_and_update() {
                Flow::Ends => return None,
                Flow::Stalls | Flow::Passes | Flow::Swallows | Flow::Truncates => {}
            }
            tokio::select! {
                length = from.read(chunk) => return length.ok().filter(|length| *length > 0),
                changed = self.flow.changed() => changed.ok()?,
            }
        }
    }
}
