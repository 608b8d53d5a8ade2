//! Who a member is shown, folded as the official client does: the joins of a diff, then its leaves,
//! each by `phx_ref`; diffs that come before the state wait for it.

use std::collections::HashMap;

use memchr::{memchr, memmem};

/// Who is shown: for each key, its `phx_ref`s.
#[derive(Default)]
pub(crate) struct Presence {
    people: HashMap<u64, Metas>,
    has_state: bool,
    waiting: Vec<Change>,
}

/// There is nearly always one.
#[derive(Default)]
struct Metas {
    first: Option<u64>,
    more: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Change {
    key: u64,
    reference: u64,
    joins: bool,
}

/// A short form of an id, or of a `phx_ref`.
pub(crate) fn key(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl Presence {
    /// Whether the state has come, and so many are shown.
    pub(crate) fn shows(&self, people: usize) -> bool {
        self.has_state && self.people.len() == people
    }

    /// Who is shown.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &u64> {
        self.people.keys()
    }

    /// `presence_state`
    pub(crate) fn state(&mut self, payload: &[u8]) {
        self.people.clear();
        self.has_state = true;
        entries(payload, true, &mut |change| change.apply(&mut self.people));
        for change in std::mem::take(&mut self.waiting) {
            change.apply(&mut self.people);
        }
    }

    /// `presence_diff`
    pub(crate) fn diff(&mut self, payload: &[u8]) {
        let joins = memmem::find(payload, b"\"joins\":").unwrap_or(0);
        let leaves = memmem::find(payload, b"\"leaves\":").unwrap_or(payload.len());
        let (first, second) = payload.split_at(joins.max(leaves));
        let (joined, left) = if joins < leaves { (first, second) } else { (second, first) };
        let Self { people, has_state, waiting } = self;
        let mut each = |change: Change| {
            if *has_state { change.apply(people) } else { waiting.push(change) }
        };
        entries(joined, true, &mut each);
        entries(left, false, &mut each);
    }
}

impl Change {
    fn apply(self, people: &mut HashMap<u64, Metas>) {
        if self.joins {
            people.entry(self.key).or_default().add(self.reference);
        } else if let Some(metas) = people.get_mut(&self.key) {
            metas.remove(self.reference);
            if metas.first.is_none() {
                people.remove(&self.key);
            }
        }
    }
}

impl Metas {
    fn add(&mut self, reference: u64) {
        if self.first.is_none() {
            self.first = Some(reference);
        } else if self.first != Some(reference) && !self.more.contains(&reference) {
            self.more.push(reference);
        }
    }

    fn remove(&mut self, reference: u64) {
        self.more.retain(|other| *other != reference);
        if self.first == Some(reference) {
            self.first = self.more.pop();
        }
    }
}

/// Every meta of every key. Names of ours hold no brackets and no quotes.
fn entries(mut section: &[u8], joins: bool, each: &mut impl FnMut(Change)) {
    const METAS: &[u8] = b"\":{\"metas\":[";
    const REFERENCE: &[u8] = b"\"phx_ref\":\"";
    while let Some(at) = memmem::find(section, METAS) {
        let id = key(&section[at.saturating_sub(36)..at]);
        section = &section[at + METAS.len()..];
        let (mut metas, rest) = section.split_at(memchr(b']', section).unwrap_or(section.len()));
        while let Some(at) = memmem::find(metas, REFERENCE) {
            metas = &metas[at + REFERENCE.len()..];
            let (reference, rest) = metas.split_at(memchr(b'"', metas).unwrap_or(metas.len()));
            each(Change { key: id, reference: key(reference), joins });
            metas = rest;
        }
        section = rest;
    }
}
