//! The layout of a log at some width. It decides how far a page goes, so `update` needs it, too.

use super::Log;
use crate::entry::divider::Divider;
use crate::entry::row_context::RowContext;
use crate::entry::{Entry, Kind};
use crate::ids::EntryId;
use crate::text::row::{Role, Row, rule};
use crate::time::clock;

#[derive(Clone, Copy)]
pub(crate) struct LogLayout<'a> {
    pub(crate) log: &'a Log,
    /// What the rows of all entries depend on.
    pub(crate) context: RowContext<'a>,
}

impl LogLayout<'_> {
    /// How many rows an entry takes.
    pub(crate) fn height(&self, id: EntryId) -> usize {
        self.rows(id).len()
    }

    /// Whether an entry can be expanded, or folded again.
    pub(crate) fn is_foldable(&self, id: EntryId) -> bool {
        self.log.entry(id).is_some_and(|entry| entry.kind.content().is_foldable(&self.context))
    }

    /// The rows of an entry; never none.
    pub(crate) fn rows(&self, id: EntryId) -> Vec<Row> {
        let Some(entry) = self.log.entry(id) else { return vec![Row::new()] };
        let before = id.checked_sub(1).and_then(|id| self.log.entry(id));
        let time = &self.time(entry, before);
        let is_latest = self.is_latest(id, &entry.kind);
        let queued = self.queued(id, &entry.kind);
        let context = RowContext { time, before, is_latest, queued, ..self.context };
        let mut rows = entry.kind.content().rows(&context);
        if self.log.unread_from == Some(id) {
            let count = self.log.said_after(id) + usize::from(entry.is_said_by_others());
            let text = format!("{count} new");
            rows.insert(0, rule(context.columns.total, &text, '─', Role::Unread));
        }
        rows
    }

    /// The time, unless the entry before shows the same.
    fn time(&self, entry: &Entry, before: Option<&Entry>) -> String {
        let time = |entry: &Entry| clock(entry.at.wall, self.context.settings.time);
        let before = before.filter(|before| !matches!(before.kind, Kind::Divider(_)));
        Some(time(entry)).filter(|now| before.map(time).as_ref() != Some(now)).unwrap_or_default()
    }

    /// Whether an entry that a key acts on is the latest of its kind.
    fn is_latest(&self, id: EntryId, kind: &Kind) -> bool {
        let is_same = |other: &Kind| std::mem::discriminant(other) == std::mem::discriminant(kind);
        matches!(kind, Kind::Newcomer(_) | Kind::PresenceGroup(_))
            && self
                .log
                .newest()
                .take_while(|(at, _)| *at > id)
                .all(|(_, other)| !is_same(&other.kind))
    }

    /// The place among several waiting messages. All of them are below the divider of the lost
    /// connection, so the search ends there.
    fn queued(&self, id: EntryId, kind: &Kind) -> Option<usize> {
        let is_waiting =
            |kind: &Kind| matches!(kind, Kind::Message(message) if message.is_waiting());
        if !is_waiting(kind) {
            return None;
        }
        let since = self
            .log
            .newest()
            .take_while(|(_, entry)| !matches!(entry.kind, Kind::Divider(Divider::Connection(_))));
        let waiting: Vec<EntryId> =
            since.filter(|(_, entry)| is_waiting(&entry.kind)).map(|(id, _)| id).collect();
        let after = waiting.iter().position(|other| *other == id)?;
        (waiting.len() > 1).then(|| waiting.len() - after)
    }
}
