//! The directory: which rooms there are, how many are in each, and what it is about.
//!
//! Each room keeps that beside its own lock, so that listing them holds up nobody who talks.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hullo::protocol::Event;
use hullo::protocol::payload::{self, ListRequest, ListedRoom, RoomList};

use super::{Locked, Rooms, SharedRoom, lock};
use crate::refusal::Refusal;

/// How many rooms one answer lists.
const MAX_LISTED: usize = 200;

/// Rooms whose name begins with this are not listed.
const UNLISTED: char = '.';

/// What is listed of a room.
#[derive(Debug, Default)]
pub(super) struct Listing {
    here: AtomicUsize,
    /// Nothing else is locked while this is.
    topic: Mutex<Option<Arc<str>>>,
}

impl Locked {
    /// Takes over into the listing what has changed.
    pub(super) fn list(&mut self, listing: &Listing) {
        let here = self.room.here();
        if here != self.listed {
            listing.here.store(here, Ordering::Relaxed);
            self.listed = here;
        }
        if self.room.take_is_topic_new() {
            *lock(&listing.topic) = self.room.about().map(|topic| (*topic.text).into());
        }
    }
}

impl Rooms {
    /// How many rooms there are, with those that everybody has left.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// What the directory answers to a push.
    pub(crate) fn directory(&self, event: &Event, payload: &str) -> Result<RoomList, Refusal> {
        if *event != Event::List {
            return Err(Refusal::UnknownEvent);
        }
        let request: ListRequest = payload::read(payload).map_err(|_| Refusal::InvalidPayload)?;
        let limit =
            request.limit.map_or(MAX_LISTED, |limit| usize::try_from(limit).unwrap_or(MAX_LISTED));
        let wanted = request.matching.unwrap_or_default().to_lowercase();
        Ok(self.list(&wanted, limit.min(MAX_LISTED)))
    }

    /// The rooms in which most people are, of those whose name or topic contains a text.
    fn list(&self, wanted: &str, limit: usize) -> RoomList {
        let mut found: Vec<(Reverse<usize>, Arc<SharedRoom>)> = Vec::new();
        for shard in &self.shards {
            // Whoever joins a room waits for this lock; what takes longer is done without it.
            let rooms: Vec<Arc<SharedRoom>> = lock(shard).values().map(Arc::clone).collect();
            let wanted = rooms.into_iter().filter(|room| room.is_listed(wanted));
            found.extend(wanted.map(|room| (Reverse(room.listing.here()), room)));
        }
        let more = found.len() > limit;
        let by_rank = |(one, this): &(Reverse<usize>, Arc<SharedRoom>),
                       (other, that): &(Reverse<usize>, Arc<SharedRoom>)| {
            one.cmp(other).then_with(|| this.topic.cmp(&that.topic))
        };
        if more {
            found.select_nth_unstable_by(limit, by_rank);
            found.truncate(limit);
        }
        found.sort_unstable_by(by_rank);
        let listed = |(Reverse(here), room): (Reverse<usize>, Arc<SharedRoom>)| ListedRoom {
            name: room.name().to_owned(),
            here: here as u64,
            topic: room.listing.topic().map(|topic| topic.as_ref().to_owned()),
        };
        RoomList { rooms: found.into_iter().map(listed).collect(), more }
    }
}

impl Listing {
    fn here(&self) -> usize {
        self.here.load(Ordering::Relaxed)
    }

    fn topic(&self) -> Option<Arc<str>> {
        lock(&self.topic).clone()
    }
}

impl SharedRoom {
    fn name(&self) -> &str {
        self.topic.room().unwrap_or_default()
    }

    /// Whether somebody is present, and its name or topic contains the text, which is in lower case.
    fn is_listed(&self, wanted: &str) -> bool {
        if self.listing.here() == 0 || self.name().starts_with(UNLISTED) {
            return false;
        }
        let contains = |text: &str| text.to_lowercase().contains(wanted);
        wanted.is_empty()
            || contains(self.name())
            || self.listing.topic().as_deref().is_some_and(contains)
    }
}
