//! What the bare server can do wrong on purpose: proof that whoever measures would notice.

use std::fmt;

use clap::ValueEnum;

/// Each is done once in so many deliveries.
const EVERY: u32 = 3000;

/// What goes wrong with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// It is not made
    Lose,
    /// It is made twice
    Double,
    /// It is made after the next one to the same member
    Reorder,
    /// The one who has sent it gets it as well
    Misdeliver,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lose => "lose",
            Self::Double => "double",
            Self::Reorder => "reorder",
            Self::Misdeliver => "misdeliver",
        })
    }
}

/// Says when it is time for the fault.
pub(super) struct Faults {
    fault: Option<Fault>,
    left: u32,
    /// What waits for the next delivery to the same member.
    held: Option<(usize, Vec<u8>)>,
}

impl Faults {
    pub(super) fn new(fault: Option<Fault>) -> Self {
        Self { fault, left: EVERY, held: None }
    }

    /// What really happens when this is to be delivered: `send` is told to whom and what.
    pub(super) fn deliver(
        &mut self,
        from: usize,
        to: usize,
        bytes: &[u8],
        mut send: impl FnMut(usize, &[u8]),
    ) {
        let Some(fault) = self.fault else { return send(to, bytes) };
        self.left -= 1;
        if self.left > 0 {
            send(to, bytes);
            if let Some((_, late)) = self.held.take_if(|(waits, _)| *waits == to) {
                send(to, &late);
            }
            return;
        }
        self.left = EVERY;
        match fault {
            Fault::Lose => {}
            Fault::Double => {
                send(to, bytes);
                send(to, bytes);
            }
            Fault::Reorder => self.held = Some((to, bytes.to_vec())),
            Fault::Misdeliver => {
                send(to, bytes);
                send(from, bytes);
            }
        }
    }
}
