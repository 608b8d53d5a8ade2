//! This machine's own server: when it is to be started again.

/// So many losses in a row, and the server is not coming back by itself: the connection that broke,
/// and two attempts, which give one that is being restarted the time to.
const LOSSES: usize = 3;

/// What is known of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerRestart {
    /// Whether it is ours to start.
    pub(crate) is_ours: bool,
    losses: usize,
    is_starting: bool,
}

impl ServerRestart {
    /// The connection is there.
    pub(crate) fn connected(&mut self) {
        self.losses = 0;
    }

    /// The connection broke, or could not be made; says whether the server is to be started now.
    /// Several clients may do so at once: one server gets the address, and all find it.
    pub(crate) fn lost(&mut self) -> bool {
        self.losses += 1;
        // A server that takes its time to start is not helped by another.
        let starts = self.is_ours && self.losses.is_multiple_of(LOSSES) && !self.is_starting;
        self.is_starting |= starts;
        starts
    }

    /// The attempt to start it is over.
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
