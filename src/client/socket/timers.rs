//! What the machine does as time passes: heartbeats, replies that did not come, new attempts.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Link, Output, Purpose, Socket, Unanswered};
use crate::client::Error;
use crate::client::channel::Phase;
use crate::client::command::Push;
use crate::protocol::{Event, Frame, Payload, Ref, Topic};

/// After hearing nothing for this long a heartbeat is sent,
const SILENCE: Duration = Duration::from_secs(15);
/// and after this long another one.
const SILENCE_AFTER_PING: Duration = Duration::from_millis(7500);
/// After hearing nothing for this long the connection is dead.
pub(super) const DEAD: Duration = Duration::from_secs(30);
/// A server closes a socket that sends nothing for a minute, however much it sends itself.
const OWN_SILENCE: Duration = Duration::from_secs(30);

impl Socket {
    /// When [`Input::Tick`](super::Input::Tick) is due.
    pub(in crate::client) fn deadline(&self) -> Option<Instant> {
        let replies = self.unanswered.values().map(|unanswered| unanswered.deadline);
        let peeks = self.waiting_peeks.iter().map(|peek| peek.deadline);
        let rejoins = self.channels.values().filter_map(|channel| match channel.phase {
            Phase::Rejoining { at } => Some(at),
            _ => None,
        });
        let link = match &self.link {
            Link::Down { retry_at } => Some(*retry_at),
            Link::Connecting => None,
            Link::Up { heard, sent, unanswered_pings, .. } => {
                Some(ping_at(*heard, *sent, *unanswered_pings))
            }
        };
        replies.chain(peeks).chain(rejoins).chain(self.paced()).chain(link).min()
    }

    /// When the next push to a room with a pace is to be sent.
    fn paced(&self) -> impl Iterator<Item = Instant> + '_ {
        self.channels.values().filter_map(|channel| {
            let pace = channel.pace.as_ref().filter(|_| channel.is_entered())?;
            let has_next = !channel.backlog.is_empty() && self.in_flight(&channel.room) == 0;
            has_next.then(|| pace.ready_at())
        })
    }

    pub(super) fn on_tick(&mut self, now: Instant) {
        match self.link {
            Link::Down { retry_at } if retry_at <= now => self.connect(),
            Link::Down { .. } | Link::Connecting => {}
            Link::Up { heard, sent, unanswered_pings, .. } => {
                if ping_at(heard, sent, unanswered_pings) <= now {
                    self.ping(now);
                }
            }
        }
        self.expire_replies(now);
        self.expire_waiting_peeks(now);
        self.rejoin_due(now);
        for room in self.channels.keys().cloned().collect::<Vec<_>>() {
            self.flush(now, &room);
        }
    }

    fn ping(&mut self, now: Instant) {
        let reference = self.last_ref + 1;
        let Link::Up { heard, pinged, ping, unanswered_pings, .. } = &mut self.link else { return };
        let silence = now.saturating_duration_since(*heard);
        if silence >= DEAD {
            self.outputs.push(Output::Disconnect);
            return self.drop_connection(now, "the server stopped answering".to_owned());
        }
        (*pinged, *ping) = (now, reference);
        self.last_ref = reference;
        *unanswered_pings += u8::from(silence >= SILENCE);
        let frame = Frame {
            join_ref: None,
            reference: Some(Ref::number(reference)),
            topic: Topic::phoenix(),
            event: Event::Heartbeat,
            payload: Payload::empty(),
        };
        self.send(now, &frame);
    }

    fn expire_replies(&mut self, now: Instant) {
        let (late, in_time): (BTreeMap<_, _>, _) = std::mem::take(&mut self.unanswered)
            .into_iter()
            .partition(|(_, unanswered)| unanswered.deadline <= now);
        self.unanswered = in_time;
        for (reference, Unanswered { purpose, .. }) in late {
            match purpose {
                Purpose::Join(room) | Purpose::Helo(room) => self.postpone_join(now, &room),
                Purpose::Leave(room, request) => self.finish_leave(&room, request),
                Purpose::Push(_, Push { request, .. })
                | Purpose::History(request)
                | Purpose::List(request) => {
                    self.resolve(request, Err(Error::TimedOut));
                }
                Purpose::Peek(peek) => self.expire_peek(now, reference, &peek),
            }
        }
    }

    fn expire_waiting_peeks(&mut self, now: Instant) {
        let late = self.waiting_peeks.extract_if(.., |peek| peek.deadline <= now);
        for peek in late.collect::<Vec<_>>() {
            self.resolve(peek.request, Err(Error::TimedOut));
        }
    }

    fn rejoin_due(&mut self, now: Instant) {
        let due = self.channels.values().filter_map(|channel| match channel.phase {
            Phase::Rejoining { at } if at <= now => Some(channel.room.clone()),
            _ => None,
        });
        for room in due.collect::<Vec<_>>() {
            self.begin_join(now, &room);
        }
    }
}

/// When the next heartbeat is due, or the connection is dead.
fn ping_at(heard: Instant, sent: Instant, unanswered_pings: u8) -> Instant {
    (heard + SILENCE + SILENCE_AFTER_PING * unanswered_pings.into()).min(sent + OWN_SILENCE)
}
