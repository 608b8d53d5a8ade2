//! Everything the screen knows. Only `update` changes it; `view` only reads it.

use std::time::{Duration, Instant};

use hullo::protocol::payload::{State, Status};
use hullo::protocol::{RoomName, SessionId};
use ratatui::layout::Size;

use crate::composer::Composer;
use crate::event::{Now, Ticket};
use crate::people::People;
use crate::transcript::{EntryId, Transcript};

/// How many lines of input are remembered.
const MAX_HISTORY: usize = 500;

/// The screen and all behind it.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) now: Now,
    pub(crate) size: Size,
    pub(crate) focused: bool,
    /// The name we go by.
    pub(crate) me: String,
    pub(crate) status: Status,
    pub(crate) link: Link,
    /// Where we are connected to, for people.
    pub(crate) address: String,
    /// Never empty.
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) current: usize,
    pub(crate) greet: Greet,
    pub(crate) history: History,
    pub(crate) completion: Option<Completion>,
    pub(crate) help: bool,
    /// Until when another Ctrl+C ends the program.
    pub(crate) quit_armed: Option<Instant>,
    /// Whom `/r` answers.
    pub(crate) last_direct: Option<usize>,
    tickets: u64,
}

/// The line to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Connecting,
    Online,
    Offline { reason: String, since: Instant, retry_at: Instant },
}

/// What newcomers hear from us by itself.
#[derive(Clone, Debug)]
pub(crate) struct Greet {
    pub(crate) on: bool,
    /// `{name}` stands for the newcomer.
    pub(crate) template: String,
    /// Answers that may go out at once, and since when.
    pub(crate) left: (u32, Instant),
}

/// One conversation.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    pub(crate) place: Place,
    pub(crate) log: Transcript,
    pub(crate) composer: Composer,
    /// What others said since it was last on screen.
    pub(crate) unread: usize,
    /// How much of that is for us.
    pub(crate) mentions: usize,
    /// Who came and went since; never counted as unread.
    pub(crate) arrivals: usize,
}

/// What a conversation is with.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Room { room: RoomName, people: People, me: Option<SessionId> },
    Direct { room: RoomName, with: SessionId, name: String, hue: u8 },
}

/// Lines that were sent, to be had again.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    lines: Vec<String>,
    at: Option<usize>,
    draft: String,
}

/// What Tab offers, and which of it stands in the draft.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub(crate) start: usize,
    pub(crate) candidates: Vec<String>,
    pub(crate) chosen: usize,
}

impl Model {
    pub(crate) fn new(now: Now, me: String, room: RoomName, address: String) -> Self {
        Self {
            now,
            size: Size::new(80, 24),
            focused: true,
            me,
            status: Status { state: State::Here, text: None },
            link: Link::Connecting,
            address,
            buffers: vec![Buffer::room(room)],
            current: 0,
            greet: Greet {
                on: true,
                template: "hello there {name}".to_owned(),
                left: (Greet::BURST, now.at),
            },
            history: History::default(),
            completion: None,
            help: false,
            quit_armed: None,
            last_direct: None,
            tickets: 0,
        }
    }

    pub(crate) fn buffer(&self) -> &Buffer {
        &self.buffers[self.current]
    }

    pub(crate) fn buffer_mut(&mut self) -> &mut Buffer {
        &mut self.buffers[self.current]
    }

    /// The room on screen, or the one in which the direct conversation on screen takes place.
    pub(crate) fn room(&self) -> &RoomName {
        self.buffer().room_name()
    }

    /// The buffer of a room.
    pub(crate) fn room_index(&self, name: &RoomName) -> Option<usize> {
        self.buffers.iter().position(|buffer| {
            matches!(&buffer.place, Place::Room { room, .. } if room == name)
        })
    }

    /// Everybody in a room, if it is open.
    pub(crate) fn people(&self, name: &RoomName) -> Option<&People> {
        match &self.buffers[self.room_index(name)?].place {
            Place::Room { people, .. } => Some(people),
            Place::Direct { .. } => None,
        }
    }

    pub(crate) fn people_mut(&mut self, name: &RoomName) -> Option<&mut People> {
        let index = self.room_index(name)?;
        match &mut self.buffers[index].place {
            Place::Room { people, .. } => Some(people),
            Place::Direct { .. } => None,
        }
    }

    /// Our session in a room, while it is entered.
    pub(crate) fn me_in(&self, name: &RoomName) -> Option<SessionId> {
        match &self.buffers[self.room_index(name)?].place {
            Place::Room { me, .. } => *me,
            Place::Direct { .. } => None,
        }
    }

    pub(crate) fn next_ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// Whether what happens in this buffer is seen as it happens.
    pub(crate) fn is_seen(&self, index: usize) -> bool {
        index == self.current && self.focused
    }
}

impl Greet {
    pub(crate) const BURST: u32 = 20;
    pub(crate) const EVERY: Duration = Duration::from_millis(200);

    /// The greeting for a newcomer.
    pub(crate) fn text(&self, name: &str) -> String {
        self.template.replace("{name}", name)
    }

    /// Takes one answer out of what may go out now.
    pub(crate) fn may_answer(&mut self, now: Instant) -> bool {
        let (left, since) = self.left;
        let ripe = now.saturating_duration_since(since).as_millis() / Self::EVERY.as_millis();
        let refilled = left.saturating_add(u32::try_from(ripe).unwrap_or(u32::MAX)).min(Self::BURST);
        let since = if ripe > 0 { now } else { since };
        self.left = (refilled.saturating_sub(1), since);
        self.on && refilled > 0
    }
}

impl Buffer {
    pub(crate) fn room(room: RoomName) -> Self {
        Self::new(Place::Room { room, people: People::default(), me: None })
    }

    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            log: Transcript::default(),
            composer: Composer::default(),
            unread: 0,
            mentions: 0,
            arrivals: 0,
        }
    }

    pub(crate) fn room_name(&self) -> &RoomName {
        match &self.place {
            Place::Room { room, .. } | Place::Direct { room, .. } => room,
        }
    }

    /// The name it goes by in lists.
    pub(crate) fn title(&self) -> String {
        match &self.place {
            Place::Room { room, .. } => format!("#{}", hullo::text::clean_line(room.as_str())),
            Place::Direct { name, .. } => name.clone(),
        }
    }

    pub(crate) fn is_direct(&self) -> bool {
        matches!(self.place, Place::Direct { .. })
    }

    /// It is on screen and looked at: nothing in it is unread any more.
    pub(crate) fn see(&mut self) {
        self.unread = 0;
        self.mentions = 0;
        self.arrivals = 0;
    }

    /// Something came that wants to be read.
    pub(crate) fn count_unread(&mut self, id: EntryId, mention: bool) {
        if self.unread == 0 {
            self.log.unread_from = Some(id);
        }
        self.unread += 1;
        self.mentions += usize::from(mention || self.is_direct());
    }
}

impl History {
    pub(crate) fn add(&mut self, line: &str) {
        self.at = None;
        if self.lines.last().is_none_or(|last| last != line) {
            self.lines.push(line.to_owned());
        }
        if self.lines.len() > MAX_HISTORY {
            self.lines.remove(0);
        }
    }

    /// The line before; `draft` is what stands there now.
    pub(crate) fn older(&mut self, draft: &str) -> Option<String> {
        if self.at.is_none() {
            draft.clone_into(&mut self.draft);
        }
        let at = self.at.unwrap_or(self.lines.len()).checked_sub(1)?;
        self.at = Some(at);
        self.lines.get(at).cloned()
    }

    /// The line after, at last the draft itself.
    pub(crate) fn newer(&mut self) -> Option<String> {
        let at = self.at? + 1;
        if at < self.lines.len() {
            self.at = Some(at);
            return self.lines.get(at).cloned();
        }
        self.at = None;
        Some(std::mem::take(&mut self.draft))
    }
}
