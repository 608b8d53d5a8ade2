//! What can happen, and what the shell must do about it.

use std::collections::BTreeMap;

use hullo::Notice;
use hullo::client::{Error, PastMessage, RoomList};
use hullo::protocol::payload::Status;
use hullo::protocol::{RoomName, SessionId};
use jiff::civil::DateTime;
use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;

use crate::chat::log_files::Addition;
use crate::core::failing::Feature;
use crate::core::kept_screen::KeptScreen;
use crate::entry::system::Severity;
use crate::ids::BufferId;
pub(crate) use crate::ids::Ticket;
use crate::input::alias::Aliases;
use crate::input::keymap::Keymap;
use crate::settings::Settings;
use crate::theme::Theme;

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was clicked, or its wheel turned.
    Mouse(MouseEvent),
    /// Text was pasted. It is never sent by itself, even if it has line breaks.
    Pasted(String),
    /// The user's editor returned this draft.
    Edited(String),
    /// Something could not be done, for this reason.
    Warned(String),
    /// An effect on files is done: what to tell the user, or why it failed. These events come in the
    /// order of their effects.
    FileDone(Result<Option<String>, String>),
    /// A feature failed, as `why` tells the user. A failure of the same `what` is told once.
    Failed { feature: Feature, what: String, why: String },
    /// A feature works.
    Worked(Feature),
    /// A line was read in line mode.
    Line(String),
    /// A line was read that is longer than a message may be.
    LineTooLong,
    /// The input has ended.
    InputEnded,
    /// Lines that were read ahead were dropped; `is_cut` if there was still more to read.
    InputAbandoned { count: usize, is_cut: bool },
    /// The output was closed by its reader.
    OutputClosed,
    /// The terminal was resized.
    Resized(Size),
    /// The terminal got or lost the focus.
    Focused(bool),
    /// The client library reported something.
    Received(Notice),
    /// The outcome of the push with this ticket.
    Settled(Ticket, Result<(), Error>),
    /// Earlier messages of a room were read, or not.
    HistoryRead { room: RoomName, outcome: Result<Vec<PastMessage>, Error> },
    /// The rooms of the server were listed, or not.
    RoomsListed(Option<Ticket>, Result<RoomList, Error>),
    /// A theme was loaded, or not; with the names of all themes.
    Themed { name: String, theme: Result<Theme, String>, names: Vec<String> },
    /// The program logged this line.
    Logged(Severity, String),
    /// An attempt to start the server of this machine is over; the error is for the user.
    ServerStarted(Result<(), String>),
    /// The folder of the chat logs cannot be made.
    ChatLogNotOpened(String),
    /// An addition to a chat log was written, or not.
    ChatLogAppended { server: String, addition: Addition, outcome: Result<(), AppendError> },
    /// The newest lines of the chat log of a buffer were read.
    ChatLogRead { buffer: BufferId, lines: Vec<(DateTime, String)> },
    /// A deadline has passed; see [`crate::core::update::deadline`].
    Ticked,
    /// The system wants us to end.
    Terminated,
    /// What earlier runs left was read: at the start, or after a change of server.
    Restored(Box<Restored>),
    /// The configuration was read.
    Configured(Box<Configured>),
}

/// Why an addition to a chat log was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AppendError {
    /// There is no folder for chat logs.
    Folder(String),
    File(String),
}

/// What earlier runs left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Restored {
    /// Only at the start.
    pub(crate) earlier: Option<EarlierRuns>,
    /// Drafts by what they are for.
    pub(crate) drafts: BTreeMap<String, String>,
    /// What was on screen, only at the start.
    pub(crate) screen: Option<KeptScreen>,
    /// The path of the program's own log.
    pub(crate) log_path: Option<String>,
    /// The folder of the chat logs at this server.
    pub(crate) chat_path: Option<String>,
}

/// What earlier runs left, whatever their server was.
#[derive(Clone, Debug, Default)]
pub(crate) struct EarlierRuns {
    /// Whether there were no earlier runs.
    pub(crate) is_first: bool,
    /// The input history, oldest first.
    pub(crate) history: Vec<String>,
}

/// The content of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Configured {
    /// Whether it was read again, at the user's request.
    pub(crate) again: bool,
    pub(crate) settings: Settings,
    pub(crate) keymap: Keymap,
    pub(crate) aliases: Aliases,
    /// Its mistakes, each with its line.
    pub(crate) complaints: Vec<String>,
}

/// Something the shell must do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Join the room and say helo there under this name.
    Join { room: RoomName, name: String, status: Option<Status> },
    /// Leave the room.
    Leave(RoomName),
    /// Say helo again in the room, under another name.
    Rename { ticket: Ticket, room: RoomName, name: String },
    /// Say this to the room.
    Say { ticket: Ticket, room: RoomName, text: String },
    /// Say this to one person.
    SayTo { ticket: Ticket, room: RoomName, to: SessionId, text: String },
    /// Greet a newcomer automatically; with `jitter` after a random delay, so that not all clients
    /// answer at once.
    Answer { room: RoomName, to: SessionId, text: String, jitter: bool },
    /// Publish our status in the room.
    SetStatus { room: RoomName, status: Status },
    /// Send a typing notice to the room, or to one person.
    Typing { room: RoomName, to: Option<SessionId>, typing: bool },
    /// Read messages to the room that are older than the one with this number;
    /// [`Event::HistoryRead`] follows.
    ReadHistory { room: RoomName, before: u64 },
    /// Say what the room is about; nothing takes its topic away.
    SetTopic { ticket: Ticket, room: RoomName, topic: String },
    /// List the rooms of the server whose name or topic contains this; [`Event::RoomsListed`] follows.
    ListRooms { ticket: Option<Ticket>, matching: String },
    /// Try to connect at once.
    Reconnect,
    /// Leave this server and connect to another; [`Event::Restored`] follows. The drafts are saved
    /// for the next time at the server that is left.
    Connect { address: String, drafts: BTreeMap<String, String> },
    /// Start the server of this machine; [`Event::ServerStarted`] follows.
    StartServer,
    /// Start or stop showing what the program logs, as [`Event::Logged`].
    Debug(bool),
    /// Ring the bell.
    Ring,
    /// Notify the desktop, as the settings say.
    Notify { title: String, body: String },
    /// Save a setting, or with `None` remove it; [`Event::FileDone`] follows.
    SaveSetting { name: String, value: Option<String> },
    /// Put a text into the clipboard.
    Copy(String),
    /// Open the user's editor with a draft; [`Event::Edited`] follows.
    Edit(String),
    /// Write a text to this file, which must not exist; [`Event::FileDone`] follows.
    Export { path: String, text: String },
    /// Open a web address in a browser.
    Open(String),
    /// Load a theme; [`Event::Themed`] follows.
    LoadTheme(String),
    /// Add a line to the input history.
    AppendHistory(String),
    /// Read the configuration again; [`Event::Configured`] and [`Event::FileDone`] follow.
    Reload,
    /// Make the folder of the chat logs at this server.
    OpenChatLog { server: String },
    /// Read the newest lines of a chat log, those since then; [`Event::ChatLogRead`] follows.
    ReadChatLog { buffer: BufferId, file: String, since: Option<DateTime>, most: usize },
    /// Append to a chat log; [`Event::ChatLogAppended`] follows.
    AppendChatLog { server: String, addition: Addition },
    /// Print a line, in line mode.
    Print(String),
    /// Drop the lines that were read ahead, unless more may be written to the input;
    /// [`Event::InputAbandoned`] follows.
    AbandonInput,
    /// Stop the program, as Ctrl+Z does in a shell.
    Suspend,
    /// Repaint the whole screen.
    Repaint,
    /// End the program.
    Quit,
}
