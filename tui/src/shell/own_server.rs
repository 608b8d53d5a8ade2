//! This machine's own server, started again when it is gone for good.

use std::net::SocketAddr;

use hullo::client::Notice;
use tokio::task::JoinSet;

use super::hands::finished;
use crate::failure::Failure;
use crate::shell::host;

/// So many losses in a row, and a server of this machine is not coming back by itself: the line
/// that broke, and two attempts, which give one that is being restarted the time to.
const LOSSES: usize = 3;

/// The server, and what is done for it.
pub(super) struct OwnServer {
    /// Where it is to be, if it is ours to start.
    address: Option<SocketAddr>,
    losses: usize,
    starting: JoinSet<Result<(), Failure>>,
    /// Why it could not be started, as was told since we were online last.
    told: Option<String>,
}

impl OwnServer {
    pub(super) fn new(address: Option<SocketAddr>) -> Self {
        Self { address, losses: 0, starting: JoinSet::new(), told: None }
    }

    /// Starts it again if it is gone for good. Several clients may do so at once: one server gets
    /// the address, and all find it.
    pub(super) fn keep(&mut self, notice: &Notice) {
        match notice {
            Notice::Online => {
                tracing::info!("online");
                self.losses = 0;
                self.told = None;
            }
            Notice::Offline { reason, .. } => {
                tracing::info!(reason = %hullo::text::clean_line(reason), "offline");
                self.losses += 1;
            }
            _ => return,
        }
        let is_gone = self.losses > 0 && self.losses.is_multiple_of(LOSSES);
        // One that takes its time is not helped by another.
        if let Some(address) = self.address.filter(|_| is_gone && self.starting.is_empty()) {
            self.starting.spawn_blocking(move || host::ensure(address));
        }
    }

    /// Waits until it could not be started, for a reason that is news. Safe to cancel.
    pub(super) async fn failed(&mut self) -> String {
        loop {
            let started = finished(&mut self.starting).await;
            if let Some(why) = self.news(started) {
                return why;
            }
        }
    }

    /// What is to be told of an attempt: the same words not twice while we are offline.
    fn news(&mut self, started: Result<(), Failure>) -> Option<String> {
        let why = started.err()?.to_string();
        tracing::warn!(why, "the server of this machine was not started again");
        if self.told.as_ref() == Some(&why) {
            return None;
        }
        self.told = Some(why.clone());
        Some(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_once_until_we_are_online_or_it_is_another() {
        let mut server = OwnServer::new(None);
        let mut news = |started: Result<(), &str>| server.news(started.map_err(Failure::no_server));
        assert_eq!(news(Ok(())), None);
        assert_eq!(news(Err("taken")).as_deref(), Some("taken"));
        assert_eq!(news(Err("taken")), None);
        assert_eq!(news(Ok(())), None);
        assert_eq!(news(Err("taken")), None);
        assert_eq!(news(Err("no disk")).as_deref(), Some("no disk"));
        server.keep(&Notice::Online);
        let again = server.news(Err(Failure::no_server("no disk")));
        assert_eq!(again.as_deref(), Some("no disk"));
    }
}
