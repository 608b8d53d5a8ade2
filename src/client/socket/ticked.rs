//! What the machine does as time passes: heartbeats, replies that never came, the next attempt.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Line, Output, Purpose, Socket, Unanswered};
use crate::client::Error;
use crate::client::channel::Phase;
use crate::protocol::{Event, Frame, Payload, Ref, RoomName, Topic};

/// Hearing nothing for this long calls for a heartbeat.
const SILENCE: Duration = Duration::from_secs(15);
/// A server closes a socket that sends nothing for a minute, however much that socket hears.
const OWN_SILENCE: Duration = Duration::from_secs(30);
/// So many heartbeats without a sign of life, and the line is dead.
const PATIENCE: u8 = 2;

impl Socket {
    /// When [`Input::Ticked`] is due.
    pub(in crate::client) fn deadline(&self) -> Option<Instant> {
        let replies = self.unanswered.values().map(Unanswered::deadline);
        let rejoins = self.channels.values().filter_map(|channel| match channel.phase {
            Phase::Rejoining { at } => Some(at),
            _ => None,
        });
        let line = match &self.line {
            Line::Down { retry_at } => Some(*retry_at),
            Line::Connecting => None,
            Line::Up { heard, sent, pinged, .. } => Some(ping_at(*heard, *sent, *pinged)),
        };
        replies.chain(rejoins).chain(line).min()
    }

    pub(super) fn tick(&mut self, now: Instant) {
        match self.line {
            Line::Down { retry_at } if retry_at <= now => self.connect(),
            Line::Down { .. } | Line::Connecting => {}
            Line::Up { heard, sent, pinged, .. } => {
                if ping_at(heard, sent, pinged) <= now {
                    self.ping(now);
                }
            }
        }
        self.expire_replies(now);
        self.rejoin_due(now);
    }

    fn ping(&mut self, now: Instant) {
        let reference = self.last_ref + 1;
        let Line::Up { heard, pinged, ping, unanswered, .. } = &mut self.line else { return };
        let silent = now.saturating_duration_since(*heard) >= SILENCE;
        if silent && *unanswered >= PATIENCE {
            self.outputs.push(Output::Disconnect);
            return self.drop_line(now, "the server fell silent".to_owned());
        }
        (*pinged, *ping) = (now, reference);
        self.last_ref = reference;
        *unanswered = if silent { *unanswered + 1 } else { 0 };
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
        let waiting = std::mem::take(&mut self.unanswered);
        let (late, patient) =
            waiting.into_iter().partition(|(_, waiting)| waiting.deadline() <= now);
        self.unanswered = patient;
        for Unanswered { purpose, .. } in BTreeMap::into_values(late) {
            match purpose {
                Purpose::Join(room) | Purpose::Helo(room) => self.postpone(now, &room),
                Purpose::Leave(room, ticket) => self.finish_leave(&room, ticket),
                Purpose::Rename(_, ticket)
                | Purpose::Push(_, ticket)
                | Purpose::Look(_, ticket) => {
                    self.outputs.push(Output::Failed(ticket, Error::TimedOut));
                }
            }
        }
    }

    pub(super) fn postpone(&mut self, now: Instant, room: &RoomName) {
        if let Some(channel) = self.channels.get_mut(room) {
            channel.postpone(now);
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

fn ping_at(heard: Instant, sent: Instant, pinged: Instant) -> Instant {
    (heard.max(pinged) + SILENCE).min(sent + OWN_SILENCE)
}
