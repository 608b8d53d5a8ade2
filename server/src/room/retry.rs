//! Pushes that are pushed again because their reply was lost: they take effect once.

use std::collections::VecDeque;

use hullo::protocol::Event;
use hullo::protocol::payload::Retryable;
use uuid::Uuid;

use super::Push;
use crate::refusal::Refusal;

/// How many pushes of one session are known again. A client that keeps more than that unanswered
/// pushes faster than it may.
const MOST: usize = 512;

/// The newest pushes of a session that were carried out, by their `msg_id`.
#[derive(Debug, Default)]
pub(crate) struct Taken(VecDeque<Uuid>);

impl Taken {
    /// Whether a push was carried out.
    pub(crate) fn contains(&self, msg_id: Uuid) -> bool {
        self.0.contains(&msg_id)
    }

    /// A push was not carried out after all.
    pub(crate) fn remove(&mut self, msg_id: Uuid) {
        self.0.retain(|taken| *taken != msg_id);
    }

    /// Takes note of a push that was carried out.
    pub(crate) fn insert(&mut self, msg_id: Uuid) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(msg_id);
    }
}

impl Push<'_> {
    /// By what it would be known again.
    pub(super) fn msg_id(&self) -> Result<Option<Uuid>, Refusal> {
        // Nearly no push of a plain client has one, so most are not read twice. A key may be
        // written with escapes, but not by anything that wants to be understood.
        if !self.payload.contains("\"msg_id\"") || *self.event == Event::Typing {
            return Ok(None);
        }
        self.read::<Retryable>().map(|push| push.msg_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_known_and_no_more_are_kept() {
        let mut taken = Taken::default();
        for number in 0..2 * MOST as u128 {
            taken.insert(Uuid::from_u128(number));
        }
        assert_eq!(taken.0.len(), MOST);
        assert!(!taken.contains(Uuid::from_u128(0)));
        assert!(taken.contains(Uuid::from_u128(MOST as u128)));
        assert!(taken.contains(Uuid::from_u128(2 * MOST as u128 - 1)));
    }
}
