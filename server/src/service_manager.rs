//! What systemd offers a service: a socket that it listens on already, and to be told the state.
//! Nothing of it is there, and nothing happens, where the daemon is started by hand.

use std::io;

use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::net::TcpListener;

/// The socket that was handed over, if there is one.
pub(crate) fn socket() -> io::Result<Option<TcpListener>> {
    let mut handed = ListenFd::from_env();
    if handed.len() > 1 {
        let why = "more than one socket was handed over; name one ListenStream= in the unit";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let Some(listener) = handed.take_tcp_listener(0)? else { return Ok(None) };
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}

/// Clients can connect.
pub(crate) fn tell_ready() {
    tell(NotifyState::Ready);
}

/// The clients are being sent away.
pub(crate) fn tell_stopping() {
    tell(NotifyState::Stopping);
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager cannot be told the state");
    }
}
