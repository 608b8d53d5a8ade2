//! One buffer: which of its entries are told, and which of those may still change.

use std::time::{Duration, Instant};

use super::answers::{Answers, entered};
use super::arrivals::Gathering;
use super::words::{one_line, sentence, spoken, who};
use crate::chat::buffer::Buffer;
use crate::chat::transcript::{Card, Delivery, Entry, EntryId, Group, Helo, Said, Tone, What};
use crate::core::model::Model;
use crate::time::span;

/// So many newcomers are watched for what becomes of them.
const WATCHED_CARDS: usize = 8;

/// How often a flood that does not end is told.
const FLOOD_TOLD_EVERY: Duration = Duration::from_secs(60);

/// What is told of one buffer.
#[derive(Debug)]
pub(super) struct Progress {
    title: String,
    /// The first entry that is not told.
    next: EntryId,
    group: Option<Gathering>,
    helo: Option<Answers>,
    /// Newcomers who may leave or be waved to, and whether the wave is told.
    cards: Vec<(EntryId, bool)>,
    /// A flood that is not over, and when it was last told.
    flood: Option<(EntryId, Instant)>,
    /// Lines of ours that are not settled, and whether it is told that they wait.
    own: Vec<(EntryId, bool)>,
}

impl Progress {
    /// Nothing is told yet, but for the words with which a conversation begins: they were told as
    /// an answer to our helo.
    pub(super) fn begin(model: &Model, buffer: &Buffer) -> Self {
        let first = buffer.log.first_id();
        let next = first + EntryId::from(begins_with_answer(model, buffer));
        Self {
            title: buffer.title(),
            next,
            group: None,
            helo: None,
            cards: Vec::new(),
            flood: None,
            own: Vec::new(),
        }
    }

    /// What the buffer was called when it was last looked at.
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// Tells what is new.
    pub(super) fn tell(
        &mut self,
        model: &Model,
        buffer: &Buffer,
        echo: bool,
        lines: &mut Vec<String>,
    ) {
        self.title = buffer.title();
        self.settle(model, buffer, lines);
        let mut told = self.newcomers(buffer);
        if !told.is_empty() {
            // Whoever leaves may just have got another name.
            self.tell_group(buffer, lines);
        }
        told.extend(self.answered(model, buffer));
        told.extend(self.flooded(model.now.at, buffer));
        lines.extend(told.into_iter().map(|text| sentence(model.now, Some(buffer), &text)));
        self.find_group(buffer);
        self.next = self.next.max(buffer.log.first_id());
        while let Some(entry) = buffer.log.entry(self.next) {
            self.end_group(buffer, lines);
            self.entry(model, buffer, entry, echo, lines);
            self.next += 1;
        }
        let due = self.group(buffer).and_then(|(gathering, group)| gathering.due(group));
        if due.is_some_and(|due| due <= model.now.at) {
            self.tell_group(buffer, lines);
        }
    }

    /// When something is to be told although nothing happens.
    pub(super) fn deadline(&self, buffer: &Buffer) -> Option<Instant> {
        let group = self.group(buffer).and_then(|(gathering, group)| gathering.due(group));
        let helo = self.helo.as_ref().and_then(|answers| {
            let helo = helo(buffer.log.entry(answers.id)?)?;
            answers.due(helo)
        });
        let flood = self.flood.map(|(_, told_at)| told_at + FLOOD_TOLD_EVERY);
        group.into_iter().chain(helo).chain(flood).min()
    }

    /// A flood, now and then while it lasts, and once it is over.
    fn flooded(&mut self, now: Instant, buffer: &Buffer) -> Option<String> {
        let (id, told_at) = self.flood?;
        let Some(What::Flood(flood)) = buffer.log.entry(id).map(|entry| &entry.what) else {
            self.flood = None;
            return None;
        };
        let counted = format!("{} arrived and {} left", flood.shown.arrived, flood.shown.left);
        if let Some(lasted) = flood.lasted {
            self.flood = None;
            return Some(format!("{counted} within {}", span(lasted)));
        }
        if now < told_at + FLOOD_TOLD_EVERY {
            return None;
        }
        self.flood = Some((id, now));
        Some(format!("{counted} within {} so far", span(flood.shown.since)))
    }

    fn entry(
        &mut self,
        model: &Model,
        buffer: &Buffer,
        entry: &Entry,
        echo: bool,
        lines: &mut Vec<String>,
    ) {
        let here = |text: &str| sentence(entry.at, Some(buffer), text);
        match &entry.what {
            What::Said(said) => lines.extend(self.said(buffer, entry, said, echo)),
            What::Told(tone, text) => lines.extend(told(here, *tone, text)),
            What::Flood(_) => {
                self.flood = Some((self.next, entry.at.at));
                lines.push(here("people pour in: from now on they are only counted"));
            }
            What::Group(_) => self.group = Some(Gathering::new(self.next)),
            What::Card(card) => {
                let helo = self.group.take().is_some_and(|group| group.has_told(card.who));
                lines.push(here(&arrived(card, helo)));
                self.cards.push((self.next, false));
                let surplus = self.cards.len().saturating_sub(WATCHED_CARDS);
                self.cards.drain(..surplus);
            }
            What::Helo(helo) => {
                self.helo = Some(Answers::new(self.next));
                if let Some(room) = buffer.room() {
                    let text = entered(model, room, &buffer.title(), helo);
                    lines.push(sentence(entry.at, None, &text));
                }
            }
            // The line to the server and the day are told once for all buffers; lists repeat what
            // is told where it happened.
            What::Line(_) | What::Day(_) | What::Passed(..) | What::Named(..) => {}
        }
    }

    fn said(&mut self, buffer: &Buffer, entry: &Entry, said: &Said, echo: bool) -> Option<String> {
        let text = match said.text.strip_prefix("/me ") {
            Some(action) => format!("(action) {}", one_line(action)),
            None => one_line(&said.text),
        };
        let waits = said.own == Some(Delivery::Waiting);
        match &said.own {
            Some(Delivery::Waiting | Delivery::Sending(..) | Delivery::Failed(_)) => {
                self.own.push((self.next, waits));
            }
            Some(Delivery::Sent) | None => {}
        }
        let is_own = said.own.is_some();
        if waits {
            return Some(sentence(entry.at, Some(buffer), &format!("not sent yet: {text}")));
        }
        if is_own && !echo {
            return None;
        }
        let by = if is_own { "you".to_owned() } else { who(&said.name) };
        Some(match buffer.direct() {
            None => sentence(entry.at, Some(buffer), &format!("{by}: {text}")),
            Some(direct) => {
                let to = if is_own { who(&direct.label) } else { "you".to_owned() };
                sentence(entry.at, None, &format!("{by} to {to}: {text}"))
            }
        })
    }

    /// What became of lines of ours.
    fn settle(&mut self, model: &Model, buffer: &Buffer, lines: &mut Vec<String>) {
        let mut tell = |text: &str| lines.push(sentence(model.now, Some(buffer), text));
        self.own.retain(|(id, waited)| {
            let Some(What::Said(said)) = buffer.log.entry(*id).map(|entry| &entry.what) else {
                return false;
            };
            match &said.own {
                Some(Delivery::Waiting | Delivery::Sending(..)) => return true,
                Some(Delivery::Sent) if *waited => {
                    tell(&format!("sent: {}", one_line(&said.text)));
                }
                Some(Delivery::Failed(why)) => {
                    tell(&format!("not sent: {why}: {}", one_line(&said.text)));
                }
                Some(Delivery::Sent) | None => {}
            }
            false
        });
    }

    /// Lines of ours that were not settled when they were last looked at, in order.
    pub(super) fn unsettled<'a>(
        &self,
        buffer: &'a Buffer,
    ) -> impl Iterator<Item = (&'a Said, &'a Delivery)> {
        self.own.iter().filter_map(|(id, _)| match &buffer.log.entry(*id)?.what {
            What::Said(said) => Some((said, said.own.as_ref()?)),
            _ => None,
        })
    }

    fn answered(&mut self, model: &Model, buffer: &Buffer) -> Vec<String> {
        let Some(answers) = &mut self.helo else { return Vec::new() };
        let helo = buffer.log.entry(answers.id).and_then(helo);
        helo.map(|helo| answers.tell(model, helo)).unwrap_or_default()
    }

    /// What became of newcomers who were told.
    fn newcomers(&mut self, buffer: &Buffer) -> Vec<String> {
        let mut told = Vec::new();
        self.cards.retain_mut(|(id, waved)| {
            let Some(What::Card(card)) = buffer.log.entry(*id).map(|entry| &entry.what) else {
                return false;
            };
            if let Some(words) = card.waved.as_ref().filter(|_| !*waved) {
                told.push(format!("you waved to {}: {}", who(&card.name), one_line(words)));
                *waved = true;
            }
            if card.left {
                let known = buffer.room().and_then(|room| room.people.known(card.who));
                let name = known.map_or_else(|| card.name.clone(), |(name, _)| name);
                told.push(format!("{} left", who(&name)));
            }
            !card.left
        });
        told
    }

    fn group<'a>(&self, buffer: &'a Buffer) -> Option<(&Gathering, &'a Group)> {
        let gathering = self.group.as_ref()?;
        match &buffer.log.entry(gathering.id)?.what {
            What::Group(group) => Some((gathering, group)),
            _ => None,
        }
    }

    /// A group may have been taken back, because a card tells the same: that one stands in its
    /// place and is not told yet.
    fn find_group(&mut self, buffer: &Buffer) {
        let taken_back = self.group.as_ref().filter(|_| self.group(buffer).is_none());
        if let Some(gathering) = taken_back {
            self.next = self.next.min(gathering.id);
        }
    }

    /// Something else follows: what the group holds is told before it.
    fn end_group(&mut self, buffer: &Buffer, lines: &mut Vec<String>) {
        if self.group(buffer).is_some() {
            self.tell_group(buffer, lines);
            self.group = None;
        }
    }

    fn tell_group(&mut self, buffer: &Buffer, lines: &mut Vec<String>) {
        let Some(id) = self.group.as_ref().map(|gathering| gathering.id) else { return };
        let Some(What::Group(group)) = buffer.log.entry(id).map(|entry| &entry.what) else {
            return;
        };
        let (Some(gathering), Some(last)) = (&mut self.group, group.events.last()) else { return };
        let text = gathering.tell(group);
        lines.extend(text.map(|text| sentence(last.at, Some(buffer), &text)));
    }
}

fn helo(entry: &Entry) -> Option<&Helo> {
    match &entry.what {
        What::Helo(helo) => Some(helo),
        _ => None,
    }
}

fn begins_with_answer(model: &Model, buffer: &Buffer) -> bool {
    let first = buffer.log.entry(buffer.log.first_id());
    let (Some(direct), Some(first)) = (buffer.direct(), first) else { return false };
    let What::Said(Said { own: None, text, .. }) = &first.what else { return false };
    let room = model
        .buffers
        .iter()
        .find(|other| other.room().is_some_and(|room| room.name == direct.room));
    let helo = room.and_then(|room| room.log.newest().find_map(|(_, entry)| helo(entry)));
    helo.is_some_and(|helo| {
        helo.answers.iter().any(|answer| answer.at == first.at && answer.words == *text)
    })
}

fn arrived(card: &Card, already_told: bool) -> String {
    let name = who(&card.name);
    let did = if already_told { "says helo" } else { "arrived" };
    let greeted = if card.answered { "; your greeting was sent" } else { "" };
    format!("{name} {did}{greeted}")
}

/// Something that nobody said, in as many lines as it has; only the first bears time and place.
fn told(here: impl Fn(&str) -> String, tone: Tone, text: &str) -> Vec<String> {
    let lead = match tone {
        Tone::Plain => "",
        Tone::Warning => "warning: ",
        Tone::Bad => "error: ",
    };
    let text = spoken(text);
    let mut lines = text.split('\n');
    let first = lines.next().map(|first| here(&format!("{lead}{first}")));
    first.into_iter().chain(lines.flat_map(super::whole)).collect()
}
