//! The daemon: what `hullo-server` and `hullo serve` both are.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, lookup_host};

use crate::admission::SPARE;
use crate::config::{Config, ListenAddress, Options};
use crate::listener::serve_counting;
use crate::logging::Log;
use crate::machine;
use crate::metrics::Metrics;
use crate::persistence::OpenStore;
#[cfg(target_os = "linux")]
use crate::service_manager;
use crate::store::OpenError;

/// Failed.
const FAILED: u8 = 1;
/// Called in a way that makes no sense.
const USAGE: u8 = 2;

/// How many connections may wait to be accepted: clients come back all at once when a server was
/// away. The kernel may have a lower limit of its own (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// Why the daemon did not run.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("invalid value '{0}' for '--listen <ADDR:PORT>': {1}")]
    Unresolvable(String, io::Error),
    #[error(
        "{0} is taken: another program listens there. Stop it, or choose another --listen ADDR:PORT"
    )]
    Taken(String),
    #[error("cannot listen on {0}: {1}. Choose another --listen ADDR:PORT")]
    Bind(String, io::Error),
    #[error("cannot write the log {0}: {1}. Choose another --log-file PATH")]
    Log(PathBuf, io::Error),
    #[error("{0}")]
    Store(#[from] OpenError),
    #[cfg(target_os = "linux")]
    #[error("cannot use the socket that the service manager handed over: {0}")]
    HandedOver(io::Error),
    #[error("cannot run: {0}")]
    Run(#[from] io::Error),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Unresolvable(..) => USAGE,
            #[cfg(target_os = "linux")]
            Self::HandedOver(_) => FAILED,
            Self::Taken(_) | Self::Bind(..) | Self::Log(..) | Self::Store(_) | Self::Run(_) => {
                FAILED
            }
        }
    }
}

/// Runs the daemon until a signal ends it: starts logging, listens, says so on stdout, serves.
///
/// It brings its own runtime, so call it outside of any other.
pub fn run(options: Options) -> ExitCode {
    match run_logging(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&mut io::stderr(), &format!("error: {failure}"));
            ExitCode::from(failure.code())
        }
    }
}

/// What is logged is written when this returns.
fn run_logging(options: Options) -> Result<(), Failure> {
    let Options { listen, config, log_format, log_level, log_file } = options;
    let metrics = Arc::new(Metrics::new());
    let _log = Log::start(log_format, log_level, log_file.as_deref(), Arc::clone(&metrics))
        .map_err(|error| match log_file {
            Some(path) => Failure::Log(path, error),
            None => Failure::Run(error),
        })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run_server(&listen, config, metrics))
}

async fn run_server(
    listen: &ListenAddress,
    mut config: Config,
    metrics: Arc<Metrics>,
) -> Result<(), Failure> {
    let listener = match handed_over()? {
        Some(listener) => listener,
        None => bind(listen).await?,
    };
    // The operator gave this name, so it is one of ours.
    config.allow_host.extend(listen.host().parse());
    if let Some(possible) = machine::raise_file_limit().map(connections_with)
        && possible < config.max_connections
    {
        tracing::info!(
            "at most {possible} connections, for this machine allows no more open files: raise its \
             limit (ulimit -n)"
        );
        config.max_connections = possible;
    }
    let store = OpenStore::open(&config)?;
    let shutdown = shutdown_signal()?;
    say(&mut io::stdout(), &format!("listening on ws://{}", listener.local_addr()?));
    #[cfg(target_os = "linux")]
    let shutdown = {
        service_manager::tell_ready();
        async {
            shutdown.await;
            service_manager::tell_stopping();
        }
    };
    Ok(serve_counting(listener, config, store, metrics, shutdown).await?)
}

/// A socket that a service manager listens on for us. It goes before --listen.
#[cfg(target_os = "linux")]
fn handed_over() -> Result<Option<TcpListener>, Failure> {
    service_manager::socket().map_err(Failure::HandedOver)
}

/// No service manager here hands sockets over.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "as where there is one")]
fn handed_over() -> Result<Option<TcpListener>, Failure> {
    Ok(None)
}

/// How many connections there may be where so many files may be open: a full server still takes
/// connections to say that it is full, and better says so than take none.
fn connections_with(files: u64) -> usize {
    const OTHERS: u64 = 64 + SPARE as u64;
    usize::try_from(files.saturating_sub(OTHERS).max(files / 2)).unwrap_or(usize::MAX)
}

async fn bind(listen: &ListenAddress) -> Result<TcpListener, Failure> {
    let given = || listen.as_str().to_owned();
    let addresses = lookup_host(listen.as_str()).await;
    let addresses = addresses.map_err(|error| Failure::Unresolvable(given(), error))?;
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "it has no address");
    for address in addresses {
        match listen_on(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(match failed.kind() {
        io::ErrorKind::AddrInUse => Failure::Taken(given()),
        _ => Failure::Bind(given(), failed),
    })
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that was just stopped may be followed by another at once. On Windows the option
    // means something else: that two may listen.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// One line. Whoever started us may have stopped listening; that is no reason to stop.
fn say(to: &mut impl Write, line: &str) {
    if let Err(error) = writeln!(to, "{line}").and_then(|()| to.flush()) {
        tracing::debug!(%error, "nobody reads what is said");
    }
}

/// Resolves on SIGTERM and SIGINT. A hangup is not for a daemon.
#[cfg(unix)]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        drop(hangup);
    })
}

/// Resolves on Ctrl-C.
#[cfg(windows)]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    let mut ctrl_c = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        ctrl_c.recv().await;
    })
}
