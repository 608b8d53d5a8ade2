//! Who said helo in one room, as presence tells it, and how to reach each of them.

use std::collections::BTreeMap;

use hullo::protocol::payload::{Meta, Metas, PresenceDiff, PresenceState};
use hullo::protocol::{Payload, SessionId};

use crate::delivery::SocketId;

/// Who said helo and has not left.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    /// Kept in the shape it is sent in: a newcomer's state costs no copy of everybody.
    here: PresenceState,
    sockets: BTreeMap<SessionId, SocketId>,
}

impl Roster {
    /// Somebody comes.
    pub(crate) fn track(&mut self, id: SessionId, socket: SocketId, meta: Meta) -> PresenceDiff {
        self.here.insert(id, Metas { metas: vec![meta.clone()] });
        self.sockets.insert(id, socket);
        PresenceDiff { joins: one(id, meta), leaves: PresenceState::new() }
    }

    /// Somebody who is here looks different: the old meta leaves, the new one joins.
    pub(crate) fn update(&mut self, id: SessionId, mut meta: Meta) -> PresenceDiff {
        let metas = &mut self.here.entry(id).or_default().metas;
        meta.phx_ref_prev = metas.first().map(|old| old.phx_ref.clone());
        let old = Metas { metas: std::mem::replace(metas, vec![meta.clone()]) };
        PresenceDiff { joins: one(id, meta), leaves: PresenceState::from([(id, old)]) }
    }

    /// Somebody goes.
    pub(crate) fn untrack(&mut self, id: SessionId) -> PresenceDiff {
        self.sockets.remove(&id);
        let leaves = self.here.remove(&id).map(|metas| (id, metas)).into_iter().collect();
        PresenceDiff { joins: PresenceState::new(), leaves }
    }

    /// How somebody looks now.
    pub(crate) fn meta(&self, id: SessionId) -> Option<&Meta> {
        self.here.get(&id)?.metas.first()
    }

    /// Where to reach somebody.
    pub(crate) fn socket(&self, id: SessionId) -> Option<SocketId> {
        self.sockets.get(&id).copied()
    }

    /// How many are here.
    pub(crate) fn len(&self) -> usize {
        self.here.len()
    }

    /// Everybody, as a `presence_state`.
    pub(crate) fn state(&self) -> Payload {
        Payload::encode(&self.here)
    }
}

fn one(id: SessionId, meta: Meta) -> PresenceState {
    PresenceState::from([(id, Metas { metas: vec![meta] })])
}

/// Makes the `phx_ref`s: 16 characters, each given once.
#[derive(Debug)]
pub(crate) struct PhxRefs {
    seed: u32,
    given: u64,
}

impl PhxRefs {
    /// `seed` tells this life of the registry from others.
    pub(crate) fn new(seed: u32) -> Self {
        Self { seed, given: 0 }
    }

    /// The next one.
    pub(crate) fn make(&mut self) -> String {
        self.given += 1;
        let bits = u128::from(self.seed) << 64 | u128::from(self.given);
        (0..16).rev().map(|place| base64url(bits >> (6 * place))).collect()
    }
}

fn base64url(bits: u128) -> char {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char::from(ALPHABET[(bits & 63) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phx_refs_have_16_characters_and_differ() {
        let mut refs = PhxRefs::new(u32::MAX);
        let made: Vec<String> = (0..100).map(|_| refs.make()).collect();
        assert_eq!(made[0], "_____wAAAAAAAAAB");
        assert!(made.iter().all(|made| made.len() == 16));
        let different: std::collections::BTreeSet<&String> = made.iter().collect();
        assert_eq!(different.len(), 100);
    }
}
