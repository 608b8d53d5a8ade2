//! How many connections there are, in all and from each address, and whether more may come.
//!
//! A connection is counted from the moment it is accepted until its task is over, in two steps: in
//! its handshake, where it may still turn out to be a question such as `/healthz`, and open, as a
//! WebSocket. The limits are for open ones. A few more may be in their handshake, so that a full
//! server can still say that it is full, and how it is.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::config::Config;

/// How many connections may be in their handshake when the server is full.
pub(crate) const SPARE: usize = 1024;

/// The same for one address.
const SPARE_PER_ADDRESS: usize = 64;

/// Who may come, and who is here.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    in_all: usize,
    per_address: usize,
}

#[derive(Debug)]
struct State {
    accepting: Accepting,
    all: Count,
    by_address: HashMap<Source, Count>,
}

/// Whether connections may come.
#[derive(Clone, Copy, Debug)]
enum Accepting {
    /// At least one is open.
    Busy,
    /// None is open, since then.
    Empty(Instant),
    /// No more may come.
    Stopped,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// Those in their handshake, too.
    accepted: usize,
    open: usize,
}

/// What counts as one address: of IPv6 the first half, for whoever has one has them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Source(IpAddr);

/// Why a connection may not come, or not become a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// There are as many as there may be.
    Full,
    /// There are as many from its address as there may be.
    FullForAddress,
    /// The server is about to stop.
    Stopped,
}

/// A connection that is counted; dropping it is the one way out.
#[derive(Debug)]
pub(crate) struct Registration {
    admission: Arc<Admission>,
    source: Source,
    is_open: bool,
}

impl Admission {
    /// Nobody is here, since `now`.
    pub(crate) fn new(config: &Config, now: Instant) -> Self {
        let no_limit = |limit| if limit == 0 { usize::MAX } else { limit };
        let limits =
            Limits { in_all: config.max_connections, per_address: no_limit(config.max_per_ip) };
        let state = State {
            accepting: Accepting::Empty(now),
            all: Count::default(),
            by_address: HashMap::new(),
        };
        Self { limits, state: Mutex::new(state) }
    }

    /// Counts a connection that was accepted, unless there are too many.
    pub(crate) fn admit(self: &Arc<Self>, from: IpAddr) -> Result<Registration, Denied> {
        let source = Source::of(from);
        let mut state = self.lock();
        if let Accepting::Stopped = state.accepting {
            return Err(Denied::Stopped);
        }
        if state.all.accepted >= self.limits.in_all.saturating_add(SPARE) {
            return Err(Denied::Full);
        }
        let of_address = state.by_address.entry(source).or_default();
        if of_address.accepted >= self.limits.per_address.saturating_add(SPARE_PER_ADDRESS) {
            return Err(Denied::FullForAddress);
        }
        of_address.accepted += 1;
        state.all.accepted += 1;
        Ok(Registration { admission: Arc::clone(self), source, is_open: false })
    }

    /// Lets nobody in any more.
    pub(crate) fn stop(&self) {
        self.lock().accepting = Accepting::Stopped;
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        self.lock().all.open
    }

    /// Since when no connection is open, if none is.
    pub(crate) fn empty_since(&self) -> Option<Instant> {
        match self.lock().accepting {
            Accepting::Empty(since) => Some(since),
            Accepting::Busy | Accepting::Stopped => None,
        }
    }

    fn open_up(&self, source: Source) -> Result<(), Denied> {
        let mut state = self.lock();
        if let Accepting::Stopped = state.accepting {
            return Err(Denied::Stopped);
        }
        if state.all.open >= self.limits.in_all {
            return Err(Denied::Full);
        }
        let of_address = state.by_address.entry(source).or_default();
        if of_address.open >= self.limits.per_address {
            return Err(Denied::FullForAddress);
        }
        of_address.open += 1;
        state.all.open += 1;
        state.accepting = Accepting::Busy;
        Ok(())
    }

    fn leave(&self, source: Source, was_open: bool, now: Instant) {
        let mut state = self.lock();
        state.all.leave(was_open);
        if let Entry::Occupied(mut of_address) = state.by_address.entry(source) {
            of_address.get_mut().leave(was_open);
            if of_address.get().accepted == 0 {
                of_address.remove();
            }
        }
        if let (Accepting::Busy, 0) = (state.accepting, state.all.open) {
            state.accepting = Accepting::Empty(now);
        }
    }

    /// Nothing panics under this lock but an allocation that fails; so the counts stay right.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    fn leave(&mut self, was_open: bool) {
        self.accepted -= 1;
        self.open -= usize::from(was_open);
    }
}

impl Registration {
    /// The connection becomes a WebSocket, unless there are too many.
    pub(crate) fn open(&mut self) -> Result<(), Denied> {
        if !self.is_open {
            self.admission.open_up(self.source)?;
            self.is_open = true;
        }
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.admission.leave(self.source, self.is_open, now());
    }
}

impl Source {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() >> 64 << 64;
                Self(Ipv6Addr::from_bits(network).into())
            }
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a connection ends wherever it is dropped")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(max_connections: usize, max_per_ip: usize) -> Arc<Admission> {
        let config = Config { max_connections, max_per_ip, ..Config::default() };
        Arc::new(Admission::new(&config, now()))
    }

    fn open(admission: &Arc<Admission>, from: &str) -> Result<Registration, Denied> {
        let mut registration = admission.admit(from.parse().unwrap())?;
        registration.open()?;
        Ok(registration)
    }

    #[test]
    fn as_many_may_be_open_as_the_limit_says() {
        let admission = admission(2, 0);
        let ada = open(&admission, "192.0.2.1").unwrap();
        let _bob = open(&admission, "192.0.2.1").unwrap();
        assert_eq!(open(&admission, "192.0.2.2").unwrap_err(), Denied::Full);
        assert_eq!(admission.open(), 2);
        drop(ada);
        assert!(open(&admission, "192.0.2.2").is_ok());
    }

    #[test]
    fn each_address_has_a_limit_of_its_own_and_half_of_ipv6_is_one() {
        let admission = admission(100, 1);
        let _held = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1"]
            .map(|from| open(&admission, from).unwrap());
        for from in ["192.0.2.1", "::ffff:192.0.2.2", "2001:db8::ffff:1:2:3", "2001:db8:0:1::2"] {
            assert_eq!(open(&admission, from).unwrap_err(), Denied::FullForAddress, "{from}");
        }
    }

    #[test]
    fn handshakes_are_bounded_but_do_not_use_up_what_is_for_others() {
        let admission = admission(10, 2);
        let knock = |from: &str| admission.admit(from.parse().unwrap());
        let knocking: Vec<_> = (0..2 + SPARE_PER_ADDRESS).map(|_| knock("192.0.2.1")).collect();
        assert!(knocking.iter().all(Result::is_ok));
        assert_eq!(knock("192.0.2.1").unwrap_err(), Denied::FullForAddress);
        assert!(open(&admission, "192.0.2.2").is_ok());
        let many: Vec<_> = (0..10 + SPARE)
            .map_while(|number| knock(&format!("10.0.{}.{}", number / 256, number % 256)).ok())
            .collect();
        assert_eq!(many.len() + knocking.len(), 10 + SPARE);
        assert_eq!(knock("192.0.2.3").unwrap_err(), Denied::Full);
    }

    #[test]
    fn nobody_is_here_until_a_connection_is_open_and_after_the_last() {
        let admission = admission(10, 0);
        let start = admission.empty_since().unwrap();
        let mut ada = admission.admit([192, 0, 2, 1].into()).unwrap();
        assert_eq!(admission.empty_since(), Some(start), "it may be a question for /healthz");
        ada.open().unwrap();
        assert_eq!(admission.empty_since(), None);
        drop(ada);
        assert!(admission.empty_since().unwrap() > start);
        assert!(admission.lock().by_address.is_empty());
    }

    #[test]
    fn once_stopped_nobody_comes_in() {
        let admission = admission(10, 0);
        let mut late = admission.admit([192, 0, 2, 1].into()).unwrap();
        admission.stop();
        assert_eq!(late.open(), Err(Denied::Stopped));
        assert_eq!(open(&admission, "192.0.2.1").unwrap_err(), Denied::Stopped);
        assert_eq!(admission.empty_since(), None);
    }
}
