//! Accepts connections, owns their tasks, and stops in good order.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use crate::admission::Admission;
use crate::close::Close;
use crate::config::Config;
use crate::connection::{Connection, Ending};
use crate::handshake;
use crate::machine;
use crate::metrics::Metrics;
use crate::origin::OriginPolicy;
use crate::persistence::{Kept, OpenStore};
use crate::server::Server;
use crate::ticker::Ticker;

/// What the kernel may hold for a client that does not read; it takes twice of that.
const SEND_BUFFER: usize = 64 * 1024;

/// How long to wait after a failed accept: who is out of file descriptors is so for a while.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long connections may take to end when the server stops.
const DRAIN: Duration = Duration::from_secs(5);

/// How soon to look again whether a connection that is not a WebSocket yet has become one.
const RECHECK: Duration = Duration::from_millis(50);

/// Serves connections until `shutdown` resolves, or nobody has been connected for as long as
/// [`Config::exit_when_empty`] says. Every client is then told to come back (1012), and nothing
/// outlives this future.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let kept = OpenStore::open(&config).map_err(io::Error::other)?;
    serve_counting(listener, config, kept, Arc::new(Metrics::new()), shutdown).await
}

/// The same, for a caller who counts, too.
pub(crate) async fn serve_counting(
    listener: TcpListener,
    config: Config,
    store: Option<OpenStore>,
    metrics: Arc<Metrics>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let bound = listener.local_addr()?.ip();
    let origins = OriginPolicy::new(&config, bound, machine::name().as_deref());
    let admission = Arc::new(Admission::new(&config, Instant::now().into_std()));
    let ticker = Arc::new(Ticker::default());
    let (flushes, now) = (Arc::new(Ticker::default()), || Instant::now().into_std());
    let (kept, store, rooms) = Kept::new(store, &flushes, &metrics, now);
    let server = Server::new(config, admission, origins, metrics, (Arc::clone(&ticker), kept));
    let server = Arc::new(server);
    server.rooms.restore(rooms, now());
    let mut ticking = JoinSet::new();
    ticking.spawn(async move { ticker.run().await });
    let swept = Arc::clone(&server);
    ticking.spawn(async move { swept.rooms.run_sweeps(now).await });
    ticking.spawn(async move { flushes.run().await });
    let mut acceptor = Acceptor { server, connections: JoinSet::new(), accepting: true };
    let why = acceptor.accept_until(&listener, shutdown).await;
    tracing::info!(connections = acceptor.connections.len(), "stopping: {why}");
    drop(listener);
    acceptor.drain().await;
    drop(store); // after all that may still append to it
    Ok(())
}

/// Accepts connections and owns their tasks.
struct Acceptor {
    server: Arc<Server>,
    connections: JoinSet<()>,
    /// Whether the last accept went well.
    accepting: bool,
}

impl Acceptor {
    /// Returns why it stopped.
    async fn accept_until(
        &mut self,
        listener: &TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> &'static str {
        let mut shutdown = pin!(shutdown);
        let patience = self.server.config.exit_when_empty;
        let mut check = pin!(sleep(patience.unwrap_or_default()));
        loop {
            tokio::select! {
                biased; // whoever knocks is let in before it is decided that nobody is here
                () = &mut shutdown => return "shutdown was asked for",
                accepted = listener.accept() => self.accept(accepted).await,
                () = &mut check, if patience.is_some() => match self.next_check() {
                    Some(at) => check.as_mut().reset(at),
                    None => return "nobody is connected",
                },
                Some(ended) = self.connections.join_next(), if !self.connections.is_empty() => {
                    report(ended);
                }
            }
        }
    }

    async fn accept(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        match accepted {
            Ok((stream, peer)) => {
                self.accepting = true;
                self.admit(stream, peer);
            }
            Err(error) => {
                if std::mem::replace(&mut self.accepting, false) {
                    tracing::warn!(%error, "cannot accept connections; trying on");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }

    /// Spawns the task of a connection, which is counted for as long as it runs.
    fn admit(&mut self, mut stream: TcpStream, peer: SocketAddr) {
        let mut registration = match self.server.admission.admit(peer.ip()) {
            Ok(registration) => registration,
            Err(denied) => return handshake::turn_away(stream, peer, &self.server, denied),
        };
        if let Err(error) = tune(&stream) {
            tracing::debug!(%peer, %error, "a connection could not be tuned");
        }
        let server = Arc::clone(&self.server);
        // A block: an `async fn` would hold its arguments twice for as long as a connection lasts.
        self.connections.spawn(async move {
            // Boxed, so that the memory it takes is given back.
            let handshake =
                Box::pin(handshake::open(&mut stream, peer, &server, &mut registration));
            match handshake.await {
                Ok(Some(rest)) => {
                    let ending = Connection::run(stream, &server, rest).await;
                    report_ending(ending, peer, &server);
                }
                Ok(None) => {}
                Err(error) => tracing::debug!(%peer, %error, "lost in the handshake"),
            }
        });
    }

    /// When to look again whether anybody is here; `None` if nobody has been for long enough.
    fn next_check(&self) -> Option<Instant> {
        let (now, patience) = (Instant::now(), self.server.config.exit_when_empty?);
        let Some(since) = self.server.admission.empty_since() else { return Some(now + patience) };
        let due = Instant::from_std(since) + patience;
        if due > now {
            return Some(due);
        }
        // A connection in its handshake may yet become somebody; it has little time for that.
        (!self.connections.is_empty()).then(|| now + RECHECK)
    }

    async fn drain(&mut self) {
        self.server.close(Close::Restart);
        let ended = async {
            while let Some(ended) = self.connections.join_next().await {
                report(ended);
            }
        };
        if timeout(DRAIN, ended).await.is_err() {
            tracing::warn!(connections = self.connections.len(), "cut off what did not end");
            self.connections.shutdown().await;
        }
    }
}

/// Counts how a connection ended, and logs what its operator may want to know.
fn report_ending(ending: Ending, peer: SocketAddr, server: &Server) {
    let Ending::Closed(close) = ending else { return };
    server.metrics.closed(close.code(), close.reason());
    if close != Close::Restart {
        tracing::info!(%peer, code = close.code(), "closed: {}", close.reason());
    }
}

fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    socket2::SockRef::from(stream).set_send_buffer_size(SEND_BUFFER)
}

/// A panic ends one connection; its session has left all the same.
fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("the task of a connection panicked");
    }
}
