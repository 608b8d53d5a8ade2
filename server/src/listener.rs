//! Accepts connections, owns their tasks, and stops in good order.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::close::Close;
use crate::config::Config;
use crate::handshake::{self, Opened};
use crate::hub::Hub;
use crate::machine;
use crate::origin::OriginPolicy;
use crate::session::{self, Ending};

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
    let bound = listener.local_addr()?.ip();
    let origins = OriginPolicy::new(&config, bound, machine::name().as_deref());
    let mut server = Server {
        origins: Arc::new(origins),
        hub: Arc::new(Hub::new(&config)),
        config: Arc::new(config),
        stop: CancellationToken::new(),
        connections: JoinSet::new(),
        accepting: true,
    };
    let why = server.accept_until(&listener, shutdown).await;
    tracing::info!(connections = server.connections.len(), "stopping: {why}");
    drop(listener);
    server.drain().await;
    Ok(())
}

struct Server {
    origins: Arc<OriginPolicy>,
    hub: Arc<Hub>,
    config: Arc<Config>,
    stop: CancellationToken,
    connections: JoinSet<()>,
    /// Whether the last accept went well.
    accepting: bool,
}

impl Server {
    /// Returns why it stopped.
    async fn accept_until(
        &mut self,
        listener: &TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> &'static str {
        let mut shutdown = pin!(shutdown);
        let patience = self.config.exit_when_empty;
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
                let (hub, config) = (Arc::clone(&self.hub), Arc::clone(&self.config));
                let (origins, stop) = (Arc::clone(&self.origins), self.stop.clone());
                self.connections.spawn(connection(stream, peer, hub, config, origins, stop));
            }
            Err(error) => {
                if std::mem::replace(&mut self.accepting, false) {
                    tracing::warn!(%error, "cannot accept connections; trying on");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }

    /// When to look again whether anybody is here; `None` if nobody has been for long enough.
    fn next_check(&self) -> Option<Instant> {
        let (now, patience) = (Instant::now(), self.config.exit_when_empty?);
        let Some(since) = self.hub.empty_since() else { return Some(now + patience) };
        let due = Instant::from_std(since) + patience;
        if due > now {
            return Some(due);
        }
        // A connection in its handshake may yet become somebody; it has little time for that.
        (!self.connections.is_empty()).then(|| now + RECHECK)
    }

    async fn drain(&mut self) {
        self.stop.cancel();
        self.hub.close(Close::Restart);
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

async fn connection(
    mut stream: TcpStream,
    peer: SocketAddr,
    hub: Arc<Hub>,
    config: Arc<Config>,
    origins: Arc<OriginPolicy>,
    stop: CancellationToken,
) {
    if let Err(error) = tune(&stream) {
        tracing::debug!(%peer, %error, "a connection could not be tuned");
    }
    let opened = handshake::open(&mut stream, &hub, &config, &origins, &stop).await;
    let Opened { seat, rest } = match opened {
        Ok(Some(opened)) => opened,
        Ok(None) => return,
        Err(error) => return tracing::debug!(%peer, %error, "lost in the handshake"),
    };
    match session::run(stream, rest, seat, &config).await {
        Ending::Closed(Close::Restart) | Ending::Left | Ending::Lost => {}
        Ending::Closed(close) => {
            tracing::info!(%peer, code = close.code(), "closed: {}", close.reason());
        }
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
