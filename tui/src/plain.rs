//! The same client as a stream of lines, for screen readers, pipes and dumb terminals: what the
//! model has become since the last look, in whole sentences.
//!
//! A line tells one thing, says where it happened, and never changes afterwards. So what changes
//! is told again (an answer that comes, a message that failed), and what comes in floods is told
//! once it rests. Nothing here depends on how large the screen would be.

mod answers;
mod arrivals;
mod log;
mod words;

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::civil::Date;

use self::log::Progress;
use self::words::sentence;
use crate::chat::transcript::{Delivery, Said};
use crate::time::{Now, span};

use crate::chat::buffer::{Buffer, BufferId, Place};
use crate::core::model::{Link, Model};

/// What has been told so far.
#[derive(Debug)]
pub(crate) struct Printer {
    /// Whether our own words are told, too: where nobody saw them being typed.
    echo: bool,
    logs: BTreeMap<BufferId, Progress>,
    target: Option<(BufferId, String)>,
    hint: Option<(String, Instant)>,
    /// The server that is meant by `line`.
    server: Option<String>,
    line: Line,
    day: Option<Date>,
}

/// What has been told about the line to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Untold,
    Up,
    /// It never was up.
    Missing,
    Lost(Instant),
}

impl Printer {
    pub(crate) fn new(echo: bool) -> Self {
        Self {
            echo,
            logs: BTreeMap::new(),
            target: None,
            hint: None,
            server: None,
            line: Line::Untold,
            day: None,
        }
    }

    /// What is new since the last time.
    pub(crate) fn lines(&mut self, model: &Model) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.day(model));
        lines.extend(self.server(model));
        lines.extend(self.line(model));
        for buffer in model.buffers.iter().filter(|buffer| is_told(buffer)) {
            let progress =
                self.logs.entry(buffer.id).or_insert_with(|| Progress::begin(model, buffer));
            progress.tell(model, buffer, self.echo, &mut lines);
        }
        lines.extend(self.closed(model));
        lines.extend(self.hint(model));
        lines.extend(self.target(model));
        lines
    }

    /// When something is to be told although nothing happens.
    pub(crate) fn deadline(&self, model: &Model) -> Option<Instant> {
        let told = |buffer: &Buffer| self.logs.get(&buffer.id)?.deadline(buffer);
        model.buffers.iter().filter_map(told).min()
    }

    /// What was written and will never be sent, if this is the end.
    pub(crate) fn unsent(&self, model: &Model) -> Vec<String> {
        let waiting = self.unsettled(model).filter(|(.., own)| **own == Delivery::Waiting);
        let kept = waiting.map(|(buffer, said, _)| {
            let text = format!("not sent, hullo ended first: {}", words::one_line(&said.text));
            sentence(model.now, Some(buffer), &text)
        });
        kept.collect()
    }

    /// Lines of ours that may not be delivered yet. A log may be long, and this is asked often: only
    /// those are looked at that were not settled when they were told.
    fn unsettled<'a>(
        &'a self,
        model: &'a Model,
    ) -> impl Iterator<Item = (&'a Buffer, &'a Said, &'a Delivery)> {
        model.buffers.iter().flat_map(|buffer| {
            let progress = self.logs.get(&buffer.id);
            let unsettled = progress.into_iter().flat_map(|progress| progress.unsettled(buffer));
            unsettled.map(move |(said, own)| (buffer, said, own))
        })
    }

    fn day(&mut self, model: &Model) -> Option<String> {
        let today = model.now.wall.date();
        let before = self.day.replace(today);
        before.filter(|before| *before != today)?;
        Some(general(model.now, &format!("it is {} now", today.strftime("%A %-d %B"))))
    }

    /// Another server, of which nothing is told yet.
    fn server(&mut self, model: &Model) -> Option<String> {
        let before = self.server.replace(model.address.clone());
        before.filter(|before| *before != model.address)?;
        self.line = Line::Untold;
        Some(general(model.now, &format!("going to another server: {}", model.address)))
    }

    fn line(&mut self, model: &Model) -> Option<String> {
        let (told, text) = match (self.line, &model.link) {
            (Line::Untold, Link::Online) => (Line::Up, None),
            (Line::Missing, Link::Online) => {
                (Line::Up, Some(format!("connected to {}", model.address)))
            }
            (Line::Lost(since), Link::Online) => {
                let away = span(model.now.at.saturating_duration_since(since));
                (Line::Up, Some(format!("back: connected again after {away}")))
            }
            (Line::Untold, Link::Offline { reason, .. }) => {
                let text = format!(
                    "no server at {} yet: {reason}; hullo goes on trying, and keeps what you write",
                    model.address
                );
                (Line::Missing, Some(text))
            }
            (Line::Up, Link::Offline { since, reason, .. }) => {
                let text = format!(
                    "connection lost: {reason}; hullo goes on trying, and keeps what you write"
                );
                (Line::Lost(*since), Some(text))
            }
            (told, Link::Connecting | Link::Online | Link::Offline { .. }) => (told, None),
        };
        self.line = told;
        text.map(|text| general(model.now, &text))
    }

    /// Buffers that are gone.
    fn closed(&mut self, model: &Model) -> Vec<String> {
        let is_there = |id: &BufferId| model.buffers.iter().any(|buffer| buffer.id == *id);
        let gone: Vec<BufferId> = self.logs.keys().filter(|id| !is_there(id)).copied().collect();
        let gone = gone.into_iter().filter_map(|id| self.logs.remove(&id));
        gone.map(|log| general(model.now, &format!("closed {}", log.title()))).collect()
    }

    /// A word to the user, once for each time that it is said.
    fn hint(&mut self, model: &Model) -> Option<String> {
        if model.hint == self.hint {
            return None;
        }
        self.hint.clone_from(&model.hint);
        model.hint.as_ref().map(|(text, _)| general(model.now, &words::spoken(text)))
    }

    /// Where what is written goes, whenever that changes.
    fn target(&mut self, model: &Model) -> Option<String> {
        let buffer = model.buffer();
        let target = Some((buffer.id, buffer.title()));
        if self.target == target {
            return None;
        }
        self.target = target;
        let text = match (buffer.room(), buffer.direct()) {
            (Some(_), _) => format!("now writing to {}", buffer.title()),
            (_, Some(direct)) => format!("now writing to {} alone", words::who(&direct.label)),
            (None, None) => format!("now in the list of {}", buffer.title()),
        };
        Some(general(model.now, &text))
    }
}

/// Whether what stands in this buffer is told: the other lists repeat what is told where it was.
fn is_told(buffer: &Buffer) -> bool {
    match buffer.place {
        Place::Room(_) | Place::Direct(_) | Place::Debug => true,
        Place::Mentions | Place::Arrivals => false,
    }
}

/// A text as it is, for those who want to take it elsewhere. Indented, as all lines are that do not
/// begin with a time, so that none of them can be taken for one of ours.
pub(crate) fn whole(text: &str) -> impl Iterator<Item = String> {
    text.split('\n').map(|line| format!("  {line}"))
}

/// A line about the whole program.
pub(crate) fn general(now: Now, text: &str) -> String {
    sentence(now, None, text)
}
