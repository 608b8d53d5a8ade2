//! What ends a command that would run on: a signal, or that nobody reads its output any more.

use crate::failure::Failure;

/// Resolves on SIGTERM, SIGINT or SIGHUP, with what the program ends with then.
#[cfg(unix)]
pub(super) async fn signalled() -> Failure {
    use tokio::signal::unix::{SignalKind, signal};
    let received = async |kind: SignalKind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
            Failure::signalled(kind.as_raw_value())
        }
        Err(error) => Failure::failed(format!("cannot listen for signals: {error}")),
    };
    tokio::select! {
        failure = received(SignalKind::terminate()) => failure,
        failure = received(SignalKind::interrupt()) => failure,
        failure = received(SignalKind::hangup()) => failure,
    }
}

/// Resolves on Ctrl-C, with what the program ends with then.
#[cfg(not(unix))]
pub(super) async fn signalled() -> Failure {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Failure::signalled(2),
        Err(error) => Failure::failed(format!("cannot listen for Ctrl-C: {error}")),
    }
}

/// Resolves when whoever reads stdout closes it: there may be nothing to write for hours, and only
/// a write would fail. Never resolves if stdout is a file.
#[cfg(unix)]
pub(super) async fn stdout_closed() {
    let (sender, closed) = tokio::sync::oneshot::channel();
    // The runtime cannot poll files and terminals; `poll` can. The thread ends with the process.
    let thread = std::thread::Builder::new().spawn(move || {
        if wait_until_closed() {
            sender.send(()).ok();
        }
    });
    if thread.is_err() || closed.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Only a failing write tells it here.
#[cfg(not(unix))]
pub(super) async fn stdout_closed() {
    std::future::pending::<()>().await;
}

/// Blocks until stdout is closed; `false` if that cannot be known.
#[cfg(unix)]
fn wait_until_closed() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdout = std::io::stdout();
    // ERR and HUP are always reported.
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    while let Err(error) = poll(&mut fds, None) {
        if error != rustix::io::Errno::INTR {
            return false;
        }
    }
    fds[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}
