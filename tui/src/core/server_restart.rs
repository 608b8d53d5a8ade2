//! Decides when this machine's own server is started again.

/// After this many losses in a row the server is started: the broken connection and two failed
/// attempts, which give a server time that is being restarted by somebody else.
const LOSSES: usize = 3;

#[derive(Clone, Debug, Default)]
pub(crate) struct ServerRestart {
    /// Whether we may start the server.
    pub(crate) is_ours: bool,
    losses: usize,
    is_starting: bool,
}

impl ServerRestart {
    /// A connection was made.
    pub(crate) fn connected(&mut self) {
        self.losses = 0;
    }

    /// A connection was lost or could not be made; returns whether to start the server now. Several
    /// clients may do so at once: one of the servers gets the address.
    pub(crate) fn lost(&mut self) -> bool {
        self.losses += 1;
        // Never two at once, even if the first is slow.
        let starts = self.is_ours && self.losses.is_multiple_of(LOSSES) && !self.is_starting;
        self.is_starting |= starts;
        starts
    }

    /// The attempt to start the server is over.
    pub(crate) fn started(&mut self) {
        self.is_starting = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn losses(server: &mut ServerRestart) -> Vec<bool> {
        (0..7).map(|_| server.lost()).collect()
    }

    #[test]
    fn it_is_started_after_three_losses_in_a_row_and_not_twice_at_once() {
        let mut server = ServerRestart { is_ours: true, ..ServerRestart::default() };
        assert_eq!(losses(&mut server), [false, false, true, false, false, false, false]);
        server.started();
        assert!(!server.lost() && server.lost());
        server.started();
        server.connected();
        assert_eq!(losses(&mut server)[..3], [false, false, true]);
        let mut foreign = ServerRestart::default();
        assert_eq!(losses(&mut foreign), [false; 7]);
    }
}
