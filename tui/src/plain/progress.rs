//! Which entries of a buffer were announced, and which of those may still change.

use std::time::Instant;

use crate::chat::buffer::Buffer;
use crate::core::model::Model;
use crate::entry::announce::{Announced, Announcement, who};
use crate::entry::divider::Divider;
use crate::entry::message::Message;
use crate::entry::{Entry, Kind};
use crate::ids::EntryId;

/// How many entries are watched for changes, besides messages of ours that are not settled.
const MAX_WATCHED: usize = 16;

#[derive(Debug)]
pub(super) struct Progress {
    /// The title of the buffer, for when it is closed.
    pub(super) title: String,
    /// The first entry that was announced; what the server kept from before comes above it.
    first: EntryId,
    /// The first entry that was not announced yet.
    next: EntryId,
    /// Entries that may still change, oldest first.
    watched: Vec<(EntryId, Announced)>,
}

impl Progress {
    /// Begins with the first entry. If a conversation begins with an answer to our helo, that was
    /// announced already.
    pub(super) fn begin(model: &Model, buffer: &Buffer) -> Self {
        let first = buffer.log.first_id();
        let next = first + EntryId::from(begins_with_answer(model, buffer));
        Self { title: buffer.title(), first, next, watched: Vec::new() }
    }

    /// Adds announcements of what is new to `lines`.
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
            entry.kind.content().announce(announced, &mut announcement);
            let is_about_newcomer = matches!(entry.kind, Kind::Newcomer(_));
            if is_about_newcomer && announcement.lines.len() > before {
                // They may just have changed their name, which the group announces.
                let news = announcement.lines.split_off(before);
                announce_group(&mut self.watched, buffer, &mut announcement);
                announcement.lines.extend(news);
            }
        }
        self.announce_earlier(buffer, &mut announcement);
        self.next = self.next.max(buffer.log.first_id());
        while let Some(entry) = buffer.log.entry(self.next) {
            let group = announce_group(&mut self.watched, buffer, &mut announcement);
            let mut announced = group.map(Announced::end).unwrap_or_default();
            announcement.at = entry.at;
            entry.kind.content().announce(&mut announced, &mut announcement);
            self.watched.push((self.next, announced));
            self.next += 1;
        }
        self.forget(buffer);
        lines.append(&mut announcement.lines);
    }

    /// Announces what the server kept from before we joined.
    fn announce_earlier(&mut self, buffer: &Buffer, announcement: &mut Announcement<'_>) {
        let first = buffer.log.first_id();
        for entry in (first..self.first).filter_map(|id| buffer.log.entry(id)) {
            announcement.at = entry.at;
            if let Kind::Divider(Divider::Day(date)) = &entry.kind {
                announcement.here(format!("on {}:", date.strftime("%A %-d %B")));
            }
            entry.kind.content().announce(&mut Announced::default(), announcement);
        }
        self.first = first;
    }

    /// Stops watching entries that will not change any more, and the oldest of many others.
    fn forget(&mut self, buffer: &Buffer) {
        let is_pending = |id| {
            let message = buffer.log.entry(id).and_then(|entry| entry.kind.content().message());
            message.is_some_and(Message::is_pending)
        };
        self.watched.retain(|(_, announced)| !announced.is_final);
        let others = self.watched.iter().filter(|(id, _)| !is_pending(*id));
        let mut surplus = others.count().saturating_sub(MAX_WATCHED);
        self.watched.retain(|(id, _)| {
            let is_kept = surplus == 0 || is_pending(*id);
            surplus -= usize::from(!is_kept);
            is_kept
        });
    }

    /// When an announcement is due although nothing happens.
    pub(super) fn deadline(&self, buffer: &Buffer) -> Option<Instant> {
        let watched = self.watched.iter();
        watched
            .filter_map(|(id, announced)| {
                buffer.log.entry(*id)?.kind.content().next_announcement(announced)
            })
            .min()
    }

    /// Our messages that are not settled, oldest first. Only watched entries are searched: a log may
    /// be long, and this is asked often.
    pub(super) fn pending<'a>(&self, buffer: &'a Buffer) -> impl Iterator<Item = &'a Message> {
        let entries = self.watched.iter().filter_map(|(id, _)| buffer.log.entry(*id));
        let messages = entries.filter_map(|entry| entry.kind.content().message());
        messages.filter(|message| message.is_pending())
    }
}

/// Where: `#lobby`, or `with mira:`.
pub(super) fn place(buffer: &Buffer) -> String {
    match buffer.direct() {
        Some(direct) => format!("with {}:", who(&direct.label)),
        None => buffer.title(),
    }
}

/// Announces all of the group at the end, because something else follows it.
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
    kind.content().announce(announced, announcement);
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
