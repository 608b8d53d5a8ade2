//! The state of the program: everything that is shown, and everything that an event can change.
//!
//! Only [`crate::core::update`] changes it; [`crate::screen`] only reads it.

mod allowance;
mod directory;
mod history;
mod invitation;
mod lookup;
mod picker;
mod pushes;
mod silence;
mod theming;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hullo::protocol::payload::{State, Status};
use hullo::protocol::{RoomName, SessionId};
use jiff::tz::TimeZone;
use ratatui::layout::Size;

pub(crate) use self::allowance::Allowance;
pub(crate) use self::directory::Directory;
pub(crate) use self::history::{History, MAX_HISTORY};
pub(crate) use self::picker::{Filter, Picker, PickerKind};
pub(crate) use self::pushes::{Push, UnderWay};
use self::silence::Silence;
pub(crate) use self::theming::{AUTO, Theming, theme_names};
use crate::chat::buffer::{Buffer, BufferId, Place, Room};
use crate::chat::log::LogLayout;
use crate::core::chat_files::ChatFiles;
use crate::core::failing::Failing;
use crate::core::line_mode::LineMode;
use crate::core::server_restart::ServerRestart;
use crate::entry::row_context::RowContext;
use crate::ids::Ticket;
use crate::input::alias::Aliases;
use crate::input::command::Commands;
use crate::input::completion::Completion;
use crate::input::keymap::Keymap;
use crate::settings::Settings;
use crate::time::Now;

/// The state of the program.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) now: Now,
    /// The time zone of the user.
    pub(crate) zone: TimeZone,
    pub(crate) size: Size,
    pub(crate) focus: Focus,
    /// The address of the server.
    pub(crate) address: String,
    /// Our name, or the one that we asked for.
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) settings: Settings,
    pub(crate) theming: Theming,
    pub(crate) commands: Commands,
    pub(crate) keymap: Keymap,
    pub(crate) aliases: Aliases,
    pub(crate) greetings: Allowance,
    pub(crate) link: Link,
    /// The latest measured round-trip time to the server.
    pub(crate) round_trip: Option<Duration>,
    /// Rooms first, then conversations; never empty.
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) current: usize,
    /// The buffers that were shown before this one, the latest last.
    pub(crate) trail: Vec<BufferId>,
    /// Rooms whose buffers were closed, the latest last.
    pub(crate) left: Vec<RoomName>,
    /// The list over the log, which has the keys while it is open.
    pub(crate) picker: Option<Picker>,
    pub(crate) directory: Directory,
    pub(crate) panes: Panes,
    /// A message in the status line, and until when it is shown.
    pub(crate) flash: Option<(String, Instant)>,
    pub(crate) completion: Option<Completion>,
    pub(crate) history: History,
    pub(crate) pushes: BTreeMap<Ticket, UnderWay>,
    pub(crate) silence: Silence,
    pub(crate) tickets: u64,
    /// How many commands or lines could not be carried out. Line mode makes its exit code from it.
    pub(crate) rejected: usize,
    pub(crate) last_key: Instant,
    /// When we were asked to end although lines are not sent yet: asked again, we end.
    pub(crate) unsent_asked: Option<Instant>,
    /// When Ctrl+C was pressed on an empty line: pressed again, it quits.
    pub(crate) quit_asked: Option<Instant>,
    /// The message that needs a second Enter because it goes to many people.
    pub(crate) all_asked: Option<Asked>,
    /// When "do not disturb" ends by itself.
    pub(crate) dnd_until: Option<Instant>,
    /// What is muted for a while, by the title of its buffer.
    pub(crate) muted: BTreeMap<String, Muted>,
    /// When the last typing notice was sent.
    pub(crate) typing_told: Option<Instant>,
    pub(crate) next_buffer: u64,
    /// Drafts of earlier runs whose buffers are not open yet, by the title of the buffer.
    pub(crate) drafts: BTreeMap<String, String>,
    /// Whether this user runs the program for the first time.
    pub(crate) is_first: bool,
    /// The path of the program's own log file, if there is one.
    pub(crate) log_path: Option<String>,
    /// The folder of the chat logs, if the user wants them.
    pub(crate) chat_path: Option<String>,
    pub(crate) chat_files: ChatFiles,
    pub(crate) restart: ServerRestart,
    pub(crate) failing: Failing,
    /// How many of our own messages were not sent.
    pub(crate) failed_lines: usize,
    /// What belongs to the line mode; `None` where there is a screen.
    pub(crate) line_mode: Option<LineMode>,
}

/// A message to everybody that waits for a second Enter.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) room: RoomName,
    pub(crate) text: String,
    pub(crate) at: Instant,
    /// The draft at that moment; once it changes, the question no longer counts.
    pub(crate) draft: String,
}

/// Whether the terminal has the focus. Many terminals do not report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    Yes,
    No,
    Unknown,
}

/// The connection to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// The first attempt is under way.
    Connecting,
    Online,
    Offline {
        since: Instant,
        reason: String,
        retry_at: Instant,
    },
}

/// Panes that the user switched on or off; `None` leaves it to the width of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Panes {
    pub(crate) rooms: Option<bool>,
    pub(crate) people: Option<bool>,
    /// Show nothing but the log, so that text can be selected with the terminal's own means.
    pub(crate) bare: bool,
    /// How many lines of the people pane are above its first row.
    pub(crate) people_scroll: usize,
}

/// A buffer or a person that is muted for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Muted {
    pub(crate) until: Instant,
    /// The buffer in which that was typed.
    pub(crate) asked_in: BufferId,
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
            zone: TimeZone::UTC,
            size,
            focus: Focus::Unknown,
            address,
            name,
            status: Status { state: State::Here, text: None },
            settings: Settings::default(),
            theming: Theming::default(),
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
            directory: Directory::default(),
            panes: Panes::default(),
            flash: None,
            completion: None,
            history: History::default(),
            pushes: BTreeMap::new(),
            silence: Silence::new(now.at),
            tickets: 0,
            rejected: 0,
            last_key: now.at,
            unsent_asked: None,
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
            chat_files: ChatFiles::default(),
            restart: ServerRestart::default(),
            failing: Failing::default(),
            failed_lines: 0,
            line_mode: None,
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

    /// The room with this name, if it has a buffer.
    pub(crate) fn room(&self, name: &RoomName) -> Option<&Room> {
        self.buffers.iter().filter_map(Buffer::room).find(|room| room.name == *name)
    }

    pub(crate) fn room_mut(&mut self, name: &RoomName) -> Option<&mut Room> {
        self.buffers.iter_mut().filter_map(Buffer::room_mut).find(|room| room.name == *name)
    }

    /// The index of the room's buffer, if it has one.
    pub(crate) fn room_at(&self, name: &RoomName) -> Option<usize> {
        let is_room = |buffer: &Buffer| buffer.room().is_some_and(|room| room.name == *name);
        self.buffers.iter().position(is_room)
    }

    /// The index of the buffer with this id.
    pub(crate) fn index_of(&self, id: BufferId) -> Option<usize> {
        self.buffers.iter().position(|buffer| buffer.id == id)
    }

    pub(crate) fn room_buffer(&mut self, name: &RoomName) -> Option<&mut Buffer> {
        self.buffers.iter_mut().find(|buffer| buffer.room().is_some_and(|room| room.name == *name))
    }

    /// The room of the current buffer or conversation; in a list, the room that was shown last.
    pub(crate) fn current_room(&self) -> Option<&Room> {
        let before = self
            .trail
            .iter()
            .rev()
            .filter_map(|id| self.buffers.iter().find(|buffer| buffer.id == *id)?.by_way_of());
        let any = self.buffers.iter().filter_map(Buffer::by_way_of);
        self.room(self.buffer().by_way_of().into_iter().chain(before).chain(any).next()?)
    }

    /// The index of a list, which is opened if need be. Lists come last: mentions, arrivals, then the
    /// program's log.
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

    /// Whether there is a conversation with this session.
    pub(crate) fn talks_with(&self, id: SessionId) -> bool {
        self.buffers.iter().filter_map(Buffer::direct).any(|direct| direct.peer == id)
    }

    /// Whether the buffer of this title, or this person, is muted.
    pub(crate) fn mutes(&self, title: &str) -> bool {
        self.settings.mutes(title) || self.muted.contains_key(title)
    }

    /// The current log as it is laid out in so many columns.
    pub(crate) fn log_layout(&self, width: u16) -> LogLayout<'_> {
        let is_offline = matches!(self.link, Link::Offline { .. });
        let Buffer { log, composer, .. } = self.buffer();
        let (settings, keymap) = (&self.settings, &self.keymap);
        let is_writing = !composer.is_empty();
        let context = RowContext::new(width, self.now, settings, keymap, is_offline, is_writing);
        LogLayout { log, context }
    }

    /// The number of unseen arrivals in all rooms.
    pub(crate) fn arrivals(&self) -> usize {
        self.buffers.iter().map(|buffer| buffer.arrivals).sum()
    }

    /// The index of the room's buffer, which is opened behind the other rooms if need be.
    pub(crate) fn open_room(&mut self, name: &RoomName) -> usize {
        if let Some(at) = self.room_at(name) {
            return at;
        }
        let rooms = self.buffers.iter().filter(|buffer| buffer.room().is_some()).count();
        self.insert(rooms, Place::Room(Room::new(name.clone())));
        rooms
    }

    /// Inserts a new buffer; the current one stays current.
    pub(crate) fn insert(&mut self, at: usize, place: Place) {
        let id = BufferId(self.next_buffer);
        self.next_buffer += 1;
        let number = (list_rank(&place) == 0).then(|| self.free_number());
        let mut buffer = Buffer::new(id, number, place);
        buffer.take_up(&mut self.drafts);
        self.buffers.insert(at, buffer);
        if at <= self.current && self.buffers.len() > 1 {
            self.current += 1;
        }
    }

    /// The smallest number that no buffer has.
    fn free_number(&self) -> usize {
        let is_free = |number: &usize| self.numbered(*number).is_none();
        (1..=self.buffers.len()).find(is_free).unwrap_or(self.buffers.len() + 1)
    }

    /// The index of the buffer with this number.
    pub(crate) fn numbered(&self, number: usize) -> Option<usize> {
        self.buffers.iter().position(|buffer| buffer.number == Some(number))
    }

    pub(crate) fn ticket(&mut self, push: Push) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.pushes.insert(ticket, UnderWay { push, since: self.now.at });
        ticket
    }

    /// Whether there can be messages of ours that are not sent.
    pub(crate) fn has_unsent(&self) -> bool {
        let mut rooms = self.buffers.iter().filter_map(Buffer::room);
        !self.pushes.is_empty()
            || self.link != Link::Online
            || rooms.any(|room| !room.is_joined() || room.missing.is_some())
    }

    /// Whether a push to the room would be sent at once.
    pub(crate) fn is_live(&self, room: &RoomName) -> bool {
        self.link == Link::Online && self.room(room).is_some_and(Room::is_joined)
    }
}

/// The order of the lists; 0 for rooms and conversations.
fn list_rank(place: &Place) -> u8 {
    match place {
        Place::Room(_) | Place::Direct(_) => 0,
        Place::Mentions => 1,
        Place::Arrivals => 2,
        Place::Debug => 3,
    }
}
