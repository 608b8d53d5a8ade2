//! What ends a command that would go on: somebody asks it to, or nobody reads it any more.

#[cfg(unix)]
pub(super) use self::unix::{Ending, Unread};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::Arc;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use tokio::signal::unix::{Signal, SignalKind, signal};
    use tokio::sync::Notify;

    use crate::failure::Failure;

    /// Listens from the moment it is made, so that a signal between two turns of a loop counts.
    pub(in crate::cli::headless) struct Ending {
        terminate: Signal,
        interrupt: Signal,
        unread: Unread,
    }

    impl Ending {
        pub(in crate::cli::headless) fn new() -> Result<Self, Failure> {
            let listen = |kind| {
                signal(kind)
                    .map_err(|error| Failure::failed(format!("cannot hear signals: {error}")))
            };
            Ok(Self {
                terminate: listen(SignalKind::terminate())?,
                interrupt: listen(SignalKind::interrupt())?,
                unread: Unread::new(),
            })
        }

        /// Resolves when it is time to end. Safe to cancel.
        pub(in crate::cli::headless) async fn comes(&mut self) {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
                () = self.unread.comes() => {}
            }
        }
    }

    /// Knows when whoever reads stdout closes it: a write would tell, but there may be nothing to
    /// write for hours. A file has no reader who could go; then this never comes.
    pub(in crate::cli::headless) struct Unread(Arc<Notify>);

    impl Unread {
        /// Starts to watch, on a thread of its own that ends with the process: the system call
        /// takes files, pipes, sockets and terminals alike, which the runtime does not.
        pub(in crate::cli::headless) fn new() -> Self {
            let unread = Arc::new(Notify::new());
            let known = Arc::clone(&unread);
            let watch = move || {
                if is_closed_at_last() {
                    known.notify_one();
                }
            };
            // Without a thread nobody notifies, and a write will tell.
            std::thread::Builder::new().spawn(watch).ok();
            Self(unread)
        }

        /// Resolves when nobody reads any more. Safe to cancel.
        pub(in crate::cli::headless) async fn comes(&mut self) {
            self.0.notified().await;
        }
    }

    /// Blocks until nobody reads stdout; `false` if that cannot be known.
    fn is_closed_at_last() -> bool {
        let stdout = io::stdout();
        // An error and a hang-up are told unasked.
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        while let Err(error) = poll(&mut watched, None) {
            if error != Errno::INTR {
                return false;
            }
        }
        watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
    }
}

#[cfg(windows)]
pub(super) use self::windows::{Ending, Unread};

#[cfg(windows)]
mod windows {
    use std::future::pending;

    use tokio::signal::windows::{CtrlC, ctrl_c};

    use crate::failure::Failure;

    /// Listens for Ctrl-C.
    pub(in crate::cli::headless) struct Ending(CtrlC);

    impl Ending {
        pub(in crate::cli::headless) fn new() -> Result<Self, Failure> {
            let deaf = |error| Failure::failed(format!("cannot hear Ctrl-C: {error}"));
            ctrl_c().map(Self).map_err(deaf)
        }

        /// Resolves on Ctrl-C.
        pub(in crate::cli::headless) async fn comes(&mut self) {
            self.0.recv().await;
        }
    }

    /// That nobody reads any more is told by a write alone.
    pub(in crate::cli::headless) struct Unread;

    impl Unread {
        pub(in crate::cli::headless) fn new() -> Self {
            Self
        }

        pub(in crate::cli::headless) async fn comes(&mut self) {
            pending::<()>().await;
        }
    }
}
