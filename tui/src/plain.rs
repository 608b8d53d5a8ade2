//! Line mode (`--plain`), for screen readers, pipes and dumb terminals: prints what has changed in
//! the model since the last time, in whole sentences. How an entry is put into words is its own
//! matter, see [`crate::entry`]; the rest is here.

mod progress;

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::civil::Date;

use self::progress::{Progress, place};
use crate::chat::buffer::{Buffer, Place};
use crate::core::model::{Link, Model};
pub(crate) use crate::entry::announce::stamped;
use crate::entry::announce::{one_line, who};
use crate::entry::message::Message;
use crate::entry::system::spoken;
use crate::ids::BufferId;
use crate::time::span;

/// What has been printed so far.
#[derive(Debug)]
pub(crate) struct Printer {
    /// Whether our own messages are printed, too: where nobody saw them being typed.
    echo: bool,
    buffers: BTreeMap<BufferId, Progress>,
    target: Option<(BufferId, String)>,
    flash: Option<(String, Instant)>,
    /// The server that `connection` is about.
    server: Option<String>,
    connection: Connection,
    day: Option<Date>,
}

/// What has been printed about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connection {
    Unknown,
    Up,
    NeverUp,
    Lost(Instant),
}

impl Printer {
    pub(crate) fn new(echo: bool) -> Self {
        Self {
            echo,
            buffers: BTreeMap::new(),
            target: None,
            flash: None,
            server: None,
            connection: Connection::Unknown,
            day: None,
        }
    }

    /// What is new since the last time.
    pub(crate) fn lines(&mut self, model: &Model) -> Vec<String> {
        let stamped = |text: String| stamped(model.now, &text);
        let before = [self.day(model), self.server(model), self.connection(model)];
        let mut lines: Vec<String> = before.into_iter().flatten().map(stamped).collect();
        for buffer in model.buffers.iter().filter(|buffer| is_printed(buffer)) {
            let begin = || Progress::begin(model, buffer);
            let progress = self.buffers.entry(buffer.id).or_insert_with(begin);
            progress.announce(model, buffer, self.echo, &mut lines);
        }
        let after =
            self.closed(model).into_iter().chain(self.flash(model)).chain(self.target(model));
        lines.extend(after.map(stamped));
        lines
    }

    /// When there will be something to print although nothing happens.
    pub(crate) fn deadline(&self, model: &Model) -> Option<Instant> {
        let deadline = |buffer: &Buffer| self.buffers.get(&buffer.id)?.deadline(buffer);
        model.buffers.iter().filter_map(deadline).min()
    }

    /// What still waits when hullo ends, and so will never be sent.
    pub(crate) fn unsent(&self, model: &Model) -> Vec<String> {
        let unsent = self.pending(model).map(|(buffer, message)| {
            let (place, text) = (place(buffer), one_line(&message.text));
            let what = if message.is_waiting() { "not sent" } else { "not confirmed" };
            stamped(model.now, &format!("{place} {what}, hullo ended first: {text}"))
        });
        unsent.collect()
    }

    fn pending<'a>(&self, model: &'a Model) -> impl Iterator<Item = (&'a Buffer, &'a Message)> {
        let known = |buffer: &'a Buffer| Some((buffer, self.buffers.get(&buffer.id)?));
        model.buffers.iter().filter_map(known).flat_map(|(buffer, progress)| {
            progress.pending(buffer).map(move |message| (buffer, message))
        })
    }

    fn day(&mut self, model: &Model) -> Option<String> {
        let today = model.now.wall.date();
        let is_new = self.day.replace(today).is_some_and(|before| before != today);
        is_new.then(|| format!("it is {} now", today.strftime("%A %-d %B")))
    }

    /// Reports that we go to another server.
    fn server(&mut self, model: &Model) -> Option<String> {
        let before = self.server.replace(model.address.clone());
        before.filter(|before| *before != model.address)?;
        self.connection = Connection::Unknown;
        Some(format!("going to another server: {}", model.address))
    }

    fn connection(&mut self, model: &Model) -> Option<String> {
        let goes_on = "hullo keeps trying, and keeps what you write";
        let address = &model.address;
        let (connection, text) = match (self.connection, &model.link) {
            (Connection::Unknown, Link::Online) => (Connection::Up, None),
            (Connection::NeverUp, Link::Online) => {
                (Connection::Up, Some(format!("connected to {address}")))
            }
            (Connection::Lost(since), Link::Online) => {
                let away = span(model.now.at.saturating_duration_since(since));
                (Connection::Up, Some(format!("back: connected again after {away}")))
            }
            (Connection::Unknown, Link::Offline { reason, .. }) => {
                let text = format!("no server at {address} yet: {reason}; {goes_on}");
                (Connection::NeverUp, Some(text))
            }
            (Connection::Up, Link::Offline { since, reason, .. }) => {
                let text = format!("connection lost: {reason}; {goes_on}");
                (Connection::Lost(*since), Some(text))
            }
            (same, Link::Connecting | Link::Online | Link::Offline { .. }) => (same, None),
        };
        self.connection = connection;
        text
    }

    /// Reports buffers that were closed.
    fn closed(&mut self, model: &Model) -> Vec<String> {
        let is_open = |id: BufferId| model.buffers.iter().any(|buffer| buffer.id == id);
        let closed: Vec<BufferId> =
            self.buffers.keys().copied().filter(|id| !is_open(*id)).collect();
        let closed = closed.into_iter().filter_map(|id| self.buffers.remove(&id));
        closed.map(|progress| format!("closed {}", progress.title)).collect()
    }

    /// Prints each message of the status line once.
    fn flash(&mut self, model: &Model) -> Option<String> {
        let is_new = model.flash != self.flash;
        self.flash.clone_from(&model.flash);
        model.flash.as_ref().filter(|_| is_new).map(|(text, _)| spoken(text))
    }

    /// Reports where messages go, whenever that changes.
    fn target(&mut self, model: &Model) -> Option<String> {
        let buffer = model.buffer();
        let target = Some((buffer.id, buffer.title()));
        if self.target == target {
            return None;
        }
        self.target = target;
        Some(match (buffer.room(), buffer.direct()) {
            (Some(_), _) => format!("now writing to {}", buffer.title()),
            (_, Some(direct)) => format!("now writing to {} alone", who(&direct.label)),
            (None, None) => format!("now in the list of {}", buffer.title()),
        })
    }
}

/// Whether entries of this buffer are printed. Those of lists are printed where they happened.
fn is_printed(buffer: &Buffer) -> bool {
    match buffer.place {
        Place::Room(_) | Place::Direct(_) | Place::Debug => true,
        Place::Mentions | Place::Arrivals => false,
    }
}

/// A text to be copied from the output. Like all lines without a time it is indented, so that it
/// cannot imitate one of hullo's own.
pub(crate) fn whole(text: &str) -> impl Iterator<Item = String> {
    text.split('\n').map(|line| format!("  {line}"))
}
