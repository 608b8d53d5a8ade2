//! Signals of the system: to end, and to go on after we were stopped.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no such signals there"))]
    End,
    /// Ctrl+C, which is meant for whichever program has the terminal.
    Interrupted,
    Continued,
}

#[cfg(unix)]
pub(super) use self::unix::{Signals, stop};

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{self, SignalKind};

    use super::{Signal, io};

    /// The signals that are handled.
    pub(in crate::shell) struct Signals {
        terminate: unix::Signal,
        hang_up: unix::Signal,
        interrupt: unix::Signal,
        go_on: unix::Signal,
    }

    impl Signals {
        pub(in crate::shell) fn new() -> io::Result<Self> {
            let go_on = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
            Ok(Self {
                terminate: unix::signal(SignalKind::terminate())?,
                hang_up: unix::signal(SignalKind::hangup())?,
                interrupt: unix::signal(SignalKind::interrupt())?,
                go_on: unix::signal(go_on)?,
            })
        }

        pub(in crate::shell) async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.terminate.recv() => Signal::End,
                _ = self.hang_up.recv() => Signal::End,
                _ = self.interrupt.recv() => Signal::Interrupted,
                _ = self.go_on.recv() => Signal::Continued,
            }
        }
    }

    /// Stops the process group, as Ctrl+Z does in a terminal.
    pub(in crate::shell) fn stop() -> io::Result<()> {
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        Ok(())
    }
}

#[cfg(windows)]
pub(super) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    pub(super) async fn next(&mut self) -> Signal {
        self.0.recv().await;
        Signal::Interrupted
    }
}

/// There is no job control here.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "as where there is something to do")]
pub(super) fn stop() -> io::Result<()> {
    Ok(())
}
