//! What can happen, and what the shell must do about it.

use std::collections::BTreeMap;

use hullo::Notice;
use hullo::client::Error;
use hullo::protocol::payload::Status;
use hullo::protocol::{RoomName, SessionId};
use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;

use crate::chat::log_files::Addition;
use crate::core::failing::Feature;
use crate::entry::system::Severity;
pub(crate) use crate::ids::Ticket;
use crate::input::alias::Aliases;
use crate::input::keymap::Keymap;
use crate::screen::theme::Theme;
use crate::settings::Settings;

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse moved its wheel or was clicked.
    Moused(MouseEvent),
    /// Text was pasted: it is never sent by itself, whatever line breaks it holds.
    Pasted(String),
    /// The draft came back from the user's editor.
    Edited(String),
    /// The shell could not do something; this is why.
    Warned(String),
    /// What was to be done with a file that the user named, or with the configuration, is done:
    /// what there is to say about it, or why it is not done. In the order of the effects.
    FileDone(Result<Option<String>, String>),
    /// A feature failed: `what` of it, as `why` says in words for the user. The same is told once.
    Failed { feature: Feature, what: String, why: String },
    /// A feature works.
    Worked(Feature),
    /// A whole line was read, to be sent as it is: nothing can be edited there.
    Line(String),
    /// A line was read that is longer than any message may be.
    LineTooLong,
    /// There are no more lines to read.
    InputEnded,
    /// So many lines that were read ahead are given up; whether there was still more to read.
    InputAbandoned { count: usize, is_cut: bool },
    /// Nobody reads what is printed any more.
    OutputClosed,
    /// The terminal has this size now.
    Resized(Size),
    /// The terminal got or lost the focus.
    Focused(bool),
    /// The client library told something.
    Received(Notice),
    /// What was asked for under this ticket is decided.
    Settled(Ticket, Result<(), Error>),
    /// The theme that was asked for, or why it cannot be had; and all that there are now.
    Themed { name: String, theme: Result<Theme, String>, names: Vec<String> },
    /// The program logged this line.
    Logged(Severity, String),
    /// An attempt to start the server of this machine is over; the error is for the user.
    ServerStarted(Result<(), String>),
    /// There is no folder for what is said.
    ChatLogNotOpened(String),
    /// What became of something that was to be written for the log of a server.
    ChatLogAppended { server: String, addition: Addition, outcome: Result<(), AppendError> },
    /// Something that is on screen has run out; see [`crate::core::update::deadline`].
    Ticked,
    /// The system wants us to end.
    Terminated,
    /// What earlier runs left behind was found, or at a move what was left at this server.
    Restored(Box<Left>),
    /// The configuration was read.
    Configured(Box<Configured>),
}

/// Why an addition to the log of what is said was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AppendError {
    /// There is no folder for any.
    Folder(String),
    File(String),
}

/// What earlier runs left behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    /// What is told only at the start: later on this run has a history of its own.
    pub(crate) earlier: Option<Earlier>,
    /// What was being written, by the title of the buffer.
    pub(crate) drafts: BTreeMap<String, String>,
    /// Where the log is.
    pub(crate) log_path: Option<String>,
    /// Where what is said is kept, if the user wants that.
    pub(crate) chat_path: Option<String>,
}

/// What is known of earlier runs, wherever they were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Earlier {
    /// Whether there was none.
    pub(crate) is_first: bool,
    /// What was sent, oldest first.
    pub(crate) history: Vec<String>,
}

/// What the configuration says now.
#[derive(Clone, Debug)]
pub(crate) struct Configured {
    /// Whether the user asked for it to be read again.
    pub(crate) again: bool,
    pub(crate) settings: Settings,
    pub(crate) keymap: Keymap,
    pub(crate) aliases: Aliases,
    /// What is wrong in it, each with its line.
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
    Tell { ticket: Ticket, room: RoomName, to: SessionId, text: String },
    /// Greet a newcomer automatically; with `jitter` a moment later, each at another, so that not
    /// all clients of a flooded room speak at once.
    Answer { room: RoomName, to: SessionId, text: String, jitter: bool },
    /// Tell the room how reachable we are.
    SetStatus { room: RoomName, status: Status },
    /// Tell the room, or one person, that we write or have stopped.
    Typing { room: RoomName, to: Option<SessionId>, typing: bool },
    /// Try to reach the server at once.
    Reconnect,
    /// Leave this server in good order and go to another; what was left there is told by
    /// [`Event::Restored`]. The drafts are those of this one that found no buffer.
    Connect { address: String, drafts: BTreeMap<String, String> },
    /// Start the server of this machine; comes back as [`Event::ServerStarted`].
    StartServer,
    /// Show what the program logs, as [`Event::Logged`], or no more.
    Debug(bool),
    /// Ring the bell.
    Ring,
    /// Tell the desktop, in the way that is set.
    Notify { title: String, body: String },
    /// Keep a setting for the next time, or with `None` forget it; comes back as
    /// [`Event::FileDone`].
    Keep { name: String, value: Option<String> },
    /// Put a text into the clipboard.
    Copy(String),
    /// Take a draft to the user's own editor; it comes back as [`Event::Edited`].
    Edit(String),
    /// Write a text to this file, which must not be there yet; comes back as [`Event::FileDone`].
    Export { path: String, text: String },
    /// Open a web address outside.
    Open(String),
    /// Fetch the theme of this name: it comes as [`Event::Themed`].
    LoadTheme(String),
    /// Keep what was sent, to be recalled next time.
    Remember(String),
    /// Read the configuration again; comes back as [`Event::Configured`] and [`Event::FileDone`].
    Reload,
    /// Make the folder for what is said at this server.
    OpenChatLog { server: String },
    /// Write this to the log of what is said at this server; comes back as
    /// [`Event::ChatLogAppended`].
    AppendChatLog { server: String, addition: Addition },
    /// Print a line about the whole program, where lines are printed.
    Print(String),
    /// Give up what was read ahead, unless more may be written to the input; comes back as
    /// [`Event::InputAbandoned`].
    AbandonInput,
    /// Hand the terminal to the shell that started us, until it hands it back.
    Suspend,
    /// Paint every cell afresh.
    Repaint,
    /// End.
    Quit,
}
