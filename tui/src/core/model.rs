//! Everything the screen shows, and everything a key or a notice can change.
//!
//! Only [`crate::core::update`] changes it; [`crate::screen::view`] only reads it.

mod history;

mod look;
mod picker;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hullo::protocol::RoomName;
use hullo::protocol::payload::{State, Status};
use ratatui::layout::Size;

pub(crate) use self::history::{History, MAX_HISTORY};
pub(crate) use self::look::{AUTO, Look, theme_names};
pub(crate) use self::picker::{Filter, Picker, PickerKind};
use crate::chat::buffer::{Buffer, BufferId, Place, Room};
use crate::core::event::Ticket;
use crate::input::alias::Aliases;
use crate::input::command::Commands;
use crate::input::completion::Completion;
use crate::input::keymap::Keymap;
use crate::settings::Settings;
use crate::time::Now;

/// The whole state of the program.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) now: Now,
    pub(crate) size: Size,
    pub(crate) focus: Focus,
    /// The server, as people write it.
    pub(crate) address: String,
    /// The name we go by, or want to.
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) settings: Settings,
    pub(crate) look: Look,
    pub(crate) commands: Commands,
    pub(crate) keymap: Keymap,
    pub(crate) aliases: Aliases,
    pub(crate) greetings: Allowance,
    pub(crate) link: Link,
    /// How long the server took to answer, the last time that it was measured.
    pub(crate) round_trip: Option<Duration>,
    /// Rooms first, then conversations; never empty.
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) current: usize,
    /// Where we were before, the latest last.
    pub(crate) trail: Vec<BufferId>,
    /// Rooms whose buffers were closed, the latest last.
    pub(crate) left: Vec<RoomName>,
    /// The list over the log, which has the keys while it is open.
    pub(crate) picker: Option<Picker>,
    pub(crate) panes: Panes,
    /// A word to the user that goes away by itself.
    pub(crate) hint: Option<(String, Instant)>,
    pub(crate) completion: Option<Completion>,
    pub(crate) history: History,
    pub(crate) pushes: BTreeMap<Ticket, Push>,
    pub(crate) tickets: u64,
    /// How often what was asked for could not be done: a program that asks reads no words.
    pub(crate) declined: usize,
    pub(crate) last_key: Instant,
    /// When an empty line was interrupted: once more means quit.
    pub(crate) quit_asked: Option<Instant>,
    /// What it was asked about, whether really so many are to be told: once more means yes.
    pub(crate) all_asked: Option<Asked>,
    /// When we are to be disturbed again.
    pub(crate) dnd_until: Option<Instant>,
    /// What rings again by itself, by the title of its buffer.
    pub(crate) muted: BTreeMap<String, Muted>,
    /// When others were last told that we write.
    pub(crate) typing_told: Option<Instant>,
    pub(crate) next_buffer: u64,
    /// What was being written when an earlier run ended, by the title of the buffer, until there
    /// is such a buffer again.
    pub(crate) drafts: BTreeMap<String, String>,
    /// Whether this is the first run for whoever runs it.
    pub(crate) is_first: bool,
    /// Where the log of the program is, if there is one.
    pub(crate) log_path: Option<String>,
    /// Where what is said is kept, if the user wants that.
    pub(crate) chat_path: Option<String>,
}

/// A question whether all in a room are to be told something.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) room: RoomName,
    pub(crate) text: String,
    pub(crate) at: Instant,
    /// What stood in the line then: it is void once that changes.
    pub(crate) draft: String,
}

/// Whether the terminal has the focus. Many never tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    Yes,
    No,
    Unknown,
}

/// How many newcomers may be answered at once, and since when that is so: where hundreds arrive, a
/// client that answered each of them at once would be a flood of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    left: u32,
    since: Option<Instant>,
}

const GREETINGS_AT_ONCE: u32 = 32;
const GREETINGS_AT_ONCE_FLOODED: u32 = 5;
const GREETING_EVERY_MILLIS: u128 = 200;

impl Default for Allowance {
    fn default() -> Self {
        Self { left: GREETINGS_AT_ONCE, since: None }
    }
}

impl Allowance {
    /// Whether one more may go out now; takes it. In a flood few may go at once.
    pub(crate) fn take(&mut self, now: Instant, flooded: bool) -> bool {
        let most = if flooded { GREETINGS_AT_ONCE_FLOODED } else { GREETINGS_AT_ONCE };
        let passed = self.since.map_or(0, |since| now.saturating_duration_since(since).as_millis());
        let more = u32::try_from(passed / GREETING_EVERY_MILLIS).unwrap_or(u32::MAX);
        let left = self.left.saturating_add(more).min(most);
        let since = if more > 0 { Some(now) } else { self.since.or(Some(now)) };
        *self = Self { left: left.saturating_sub(1), since };
        left > 0
    }
}

/// The line to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The first attempt is being made.
    Connecting,
    Online,
    Offline {
        since: Instant,
        reason: String,
        retry_at: Instant,
    },
}

/// Panes that were asked for or sent away by hand; `None` is what the width allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Panes {
    pub(crate) rooms: Option<bool>,
    pub(crate) people: Option<bool>,
    /// Nothing but the log, so that the terminal's own selection takes nothing else.
    pub(crate) bare: bool,
}

/// Something that rings for nothing for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Muted {
    pub(crate) until: Instant,
    /// Where that was asked for.
    pub(crate) asked_in: BufferId,
}

/// What a ticket was given out for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Push {
    /// A line of ours in this buffer.
    Line(BufferId),
    /// Another name, in this buffer.
    Rename { buffer: BufferId, name: String },
    /// A wave to somebody, in this buffer.
    Wave { buffer: BufferId, name: String },
}

impl Model {
    pub(crate) fn new(
        now: Now,
        size: Size,
        address: String,
        name: String,
        room: &RoomName,
        commands: Commands,
    ) -> Self {
        let mut model = Self {
            now,
            size,
            focus: Focus::Unknown,
            address,
            name,
            status: Status { state: State::Here, text: None },
            settings: Settings::default(),
            look: Look::default(),
            commands,
            keymap: Keymap::default(),
            aliases: Aliases::default(),
            greetings: Allowance::default(),
            link: Link::Connecting,
            round_trip: None,
            buffers: Vec::new(),
            current: 0,
            trail: Vec::new(),
            left: Vec::new(),
            picker: None,
            panes: Panes::default(),
            hint: None,
            completion: None,
            history: History::default(),
            pushes: BTreeMap::new(),
            tickets: 0,
            declined: 0,
            last_key: now.at,
            quit_asked: None,
            all_asked: None,
            dnd_until: None,
            muted: BTreeMap::new(),
            typing_told: None,
            next_buffer: 0,
            drafts: BTreeMap::new(),
            is_first: false,
            log_path: None,
            chat_path: None,
        };
        model.open_room(room);
        model
    }

    pub(crate) fn buffer(&self) -> &Buffer {
        &self.buffers[self.current]
    }

    pub(crate) fn buffer_mut(&mut self) -> &mut Buffer {
        &mut self.buffers[self.current]
    }

    pub(crate) fn by_id(&mut self, id: BufferId) -> Option<&mut Buffer> {
        self.buffers.iter_mut().find(|buffer| buffer.id == id)
    }

    /// The room of this name, if it has a buffer.
    pub(crate) fn room(&self, name: &RoomName) -> Option<&Room> {
        self.buffers.iter().filter_map(Buffer::room).find(|room| room.name == *name)
    }

    pub(crate) fn room_mut(&mut self, name: &RoomName) -> Option<&mut Room> {
        self.buffers.iter_mut().filter_map(Buffer::room_mut).find(|room| room.name == *name)
    }

    /// Where the buffer with this id is now.
    pub(crate) fn index_of(&self, id: BufferId) -> Option<usize> {
        self.buffers.iter().position(|buffer| buffer.id == id)
    }

    pub(crate) fn room_buffer(&mut self, name: &RoomName) -> Option<&mut Buffer> {
        self.buffers.iter_mut().find(|buffer| buffer.room().is_some_and(|room| room.name == *name))
    }

    /// The room that the current buffer is, or that its conversation is held in; in a mere list,
    /// the room where we were last.
    pub(crate) fn current_room(&self) -> Option<&Room> {
        let before = self
            .trail
            .iter()
            .rev()
            .filter_map(|id| self.buffers.iter().find(|buffer| buffer.id == *id)?.by_way_of());
        let any = self.buffers.iter().filter_map(Buffer::by_way_of);
        self.room(self.buffer().by_way_of().into_iter().chain(before).chain(any).next()?)
    }

    /// The index of a list, which is opened behind all that one talks in: mentions, then arrivals,
    /// then the log.
    pub(crate) fn open_list(&mut self, place: Place) -> usize {
        let same = |buffer: &Buffer| {
            std::mem::discriminant(&buffer.place) == std::mem::discriminant(&place)
        };
        if let Some(at) = self.buffers.iter().position(same) {
            return at;
        }
        let rank = list_rank(&place);
        let behind = |buffer: &Buffer| list_rank(&buffer.place) > rank;
        let at = self.buffers.iter().position(behind).unwrap_or(self.buffers.len());
        self.insert(at, place);
        at
    }

    /// Whether nothing rings for the buffer of this title, or for what this person says.
    pub(crate) fn mutes(&self, title: &str) -> bool {
        self.settings.mutes(title) || self.muted.contains_key(title)
    }

    /// Who came unseen, in all rooms.
    pub(crate) fn arrivals(&self) -> usize {
        self.buffers.iter().map(|buffer| buffer.arrivals).sum()
    }

    /// The index of the room's buffer, which is opened behind the other rooms if there is none.
    pub(crate) fn open_room(&mut self, name: &RoomName) -> usize {
        let is_room = |buffer: &Buffer| buffer.room().is_some_and(|room| room.name == *name);
        if let Some(at) = self.buffers.iter().position(is_room) {
            return at;
        }
        let rooms = self.buffers.iter().filter(|buffer| buffer.room().is_some()).count();
        self.insert(rooms, Place::Room(Room::new(name.clone())));
        rooms
    }

    /// Puts a new buffer in; the current one stays current.
    pub(crate) fn insert(&mut self, at: usize, place: Place) {
        let id = BufferId(self.next_buffer);
        self.next_buffer += 1;
        let mut buffer = Buffer::new(id, place);
        buffer.take_up(&mut self.drafts);
        self.buffers.insert(at, buffer);
        if at <= self.current && self.buffers.len() > 1 {
            self.current += 1;
        }
    }

    pub(crate) fn ticket(&mut self, push: Push) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.pushes.insert(ticket, push);
        ticket
    }

    /// The line with which somebody else comes here.
    pub(crate) fn invitation(&self) -> String {
        let room = self.current_room().map(|room| room.name.as_str()).unwrap_or_default();
        let plain = room.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let room = match (room, plain && !room.starts_with('-')) {
            ("" | "lobby", _) => String::new(),
            (room, true) => format!(" {room}"),
            (room, false) => format!(" -- '#{}'", room.replace('\'', r"'\''")),
        };
        format!("hullo --server {}{room}", self.address)
    }

    /// Whether what is pushed to the room now goes out at once.
    pub(crate) fn is_live(&self, room: &RoomName) -> bool {
        self.link == Link::Online && self.room(room).is_some_and(Room::is_joined)
    }
}

/// Where a list stands among the lists; 0 for what one talks in.
fn list_rank(place: &Place) -> u8 {
    match place {
        Place::Room(_) | Place::Direct(_) => 0,
        Place::Mentions => 1,
        Place::Arrivals => 2,
        Place::Debug => 3,
    }
}
