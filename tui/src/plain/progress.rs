//! How much of one buffer has been announced, and which of its entries may still change.

use std::time::Instant;

use crate::chat::buffer::Buffer;
use crate::core::model::Model;
use crate::entry::announce::{Announced, Announcement, who};
use crate::entry::message::Message;
use crate::entry::{Entry, Kind};
use crate::ids::EntryId;

/// So many entries are watched for changes, beside messages of ours that are not settled.
const MAX_WATCHED: usize = 16;

#[derive(Debug)]
pub(super) struct Progress {
    /// What the buffer is called, to be told when it is closed.
    pub(super) title: String,
    /// The first entry of which nothing is announced.
    next: EntryId,
    /// Entries that may still change, oldest first.
    watched: Vec<(EntryId, Announced)>,
}

impl Progress {
    /// Nothing is announced yet, but for the words with which a conversation begins: they were
    /// announced as an answer to our helo.
    pub(super) fn begin(model: &Model, buffer: &Buffer) -> Self {
        let first = buffer.log.first_id();
        let next = first + EntryId::from(begins_with_answer(model, buffer));
        Self { title: buffer.title(), next, watched: Vec::new() }
    }

    /// Announces what is new.
    pub(super) fn announce(
        &mut self,
        model: &Model,
        buffer: &Buffer,
        echo: bool,
        lines: &mut Vec<String>,
    ) {
        self.title = buffer.title();
        let place = place(buffer);
        let mut announcement = Announcement {
            now: model.now,
            at: model.now,
            place: &place,
            partner: buffer.direct().map(|direct| &*direct.label),
            echo,
            at_once: false,
            lines: Vec::new(),
        };
        for at in 0..self.watched.len() {
            let (id, announced) = &mut self.watched[at];
            let Some(entry) = buffer.log.entry(*id) else {
                announced.is_final = true;
                continue;
            };
            let before = announcement.lines.len();
            announcement.at = model.now;
            entry.kind.announce(announced, &mut announcement);
            let is_about_newcomer = matches!(entry.kind, Kind::Newcomer(_));
            if is_about_newcomer && announcement.lines.len() > before {
                // Whoever leaves may just have got another name, which the group tells.
                let news = announcement.lines.split_off(before);
                announce_group(&mut self.watched, buffer, &mut announcement);
                announcement.lines.extend(news);
            }
        }
        self.next = self.next.max(buffer.log.first_id());
        while let Some(entry) = buffer.log.entry(self.next) {
            let group = announce_group(&mut self.watched, buffer, &mut announcement);
            let mut announced = group.map(Announced::end).unwrap_or_default();
            announcement.at = entry.at;
            entry.kind.announce(&mut announced, &mut announcement);
            self.watched.push((self.next, announced));
            self.next += 1;
        }
        self.forget(buffer);
        lines.append(&mut announcement.lines);
    }

    /// Stops watching what will not change any more.
    fn forget(&mut self, buffer: &Buffer) {
        let is_message = |id| {
            let entry = buffer.log.entry(id);
            entry.is_some_and(|entry| matches!(entry.kind, Kind::Message(_)))
        };
        self.watched.retain(|(_, announced)| !announced.is_final);
        let others = self.watched.iter().filter(|(id, _)| !is_message(*id));
        let mut surplus = others.count().saturating_sub(MAX_WATCHED);
        self.watched.retain(|(id, _)| {
            let is_kept = surplus == 0 || is_message(*id);
            surplus -= usize::from(!is_kept);
            is_kept
        });
    }

    /// When there will be something to announce although nothing happens.
    pub(super) fn deadline(&self, buffer: &Buffer) -> Option<Instant> {
        let watched = self.watched.iter();
        watched
            .filter_map(|(id, announced)| buffer.log.entry(*id)?.kind.next_announcement(announced))
            .min()
    }

    /// Messages of ours that were not settled when they were last looked at, in order.
    pub(super) fn watched_messages<'a>(
        &self,
        buffer: &'a Buffer,
    ) -> impl Iterator<Item = &'a Message> {
        let entries = self.watched.iter().filter_map(|(id, _)| buffer.log.entry(*id));
        entries.filter_map(|entry| match &entry.kind {
            Kind::Message(message) => Some(message),
            _ => None,
        })
    }
}

/// Where: `#lobby`, or `with mira:`.
pub(super) fn place(buffer: &Buffer) -> String {
    match buffer.direct() {
        Some(direct) => format!("with {}:", who(&direct.label)),
        None => buffer.title(),
    }
}

/// Announces what the group at the end holds, before something else is announced.
fn announce_group<'a>(
    watched: &'a mut [(EntryId, Announced)],
    buffer: &Buffer,
    announcement: &mut Announcement<'_>,
) -> Option<&'a mut Announced> {
    let (id, announced) = watched.last_mut()?;
    let Entry { kind: kind @ Kind::PresenceGroup(_), .. } = buffer.log.entry(*id)? else {
        return None;
    };
    announcement.at_once = true;
    kind.announce(announced, announcement);
    announcement.at_once = false;
    Some(announced)
}

fn begins_with_answer(model: &Model, buffer: &Buffer) -> bool {
    let first = buffer.log.entry(buffer.log.first_id());
    let (Some(direct), Some(first)) = (buffer.direct(), first) else { return false };
    let Kind::Message(Message { own: None, text, .. }) = &first.kind else { return false };
    let room = model
        .buffers
        .iter()
        .find(|other| other.room().is_some_and(|room| room.name == direct.room));
    room.and_then(|room| room.log.helo()).is_some_and(|helo| {
        helo.answers.iter().any(|answer| answer.at == first.at && answer.words == *text)
    })
}
