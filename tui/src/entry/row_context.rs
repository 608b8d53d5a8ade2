//! What the rows of an entry depend on besides the entry itself, and how all of them are laid out.

use super::Entry;
use crate::input::keymap::Keymap;
use crate::settings::Settings;
use crate::text::row::{Role, Row, Segment, row_width, segment};
use crate::text::{head, wrap};
use crate::time::{Hours, Now, clock_width};

/// The widest text, however wide the screen: longer lines are hard to read.
const MAX_TEXT: usize = 92;

/// The columns of a log of some width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) total: usize,
    /// Before the time.
    lead: usize,
    /// The time, with what follows it; 0 if there is none.
    pub(super) time: usize,
    /// The name, with a gap behind it; 0 if names stand in the text (`ada: hi`).
    pub(super) name: usize,
}

impl Columns {
    fn of(total: usize, hours: Hours) -> Self {
        let clock = clock_width(hours);
        let (lead, time, name) = match total {
            0..30 => (0, 0, 0),
            // There is no room for am and pm.
            30..50 => (0, clock_width(Hours::TwentyFour), 0),
            50..72 => (1, clock, 9),
            _ => (1, clock + 1, 11),
        };
        Self { total, lead, time, name }
    }

    /// The column where names begin, and entries that are not messages.
    pub(super) fn margin(self) -> usize {
        self.lead + self.time + 1
    }

    /// The column where the text of messages begins.
    pub(super) fn text_at(self) -> usize {
        self.margin() + self.name
    }

    /// The width of a text that begins at column `at`.
    pub(super) fn room_from(self, at: usize) -> usize {
        self.total.saturating_sub(at + 1).clamp(1, MAX_TEXT)
    }

    /// Whether there is room for short words alone.
    pub(super) fn is_narrow(self) -> bool {
        self.total < 50
    }
}

/// What the rows of an entry depend on besides the entry itself.
#[derive(Clone, Copy)]
pub(crate) struct RowContext<'a> {
    pub(crate) columns: Columns,
    pub(crate) settings: &'a Settings,
    pub(crate) keymap: &'a Keymap,
    pub(crate) now: Now,
    pub(crate) is_offline: bool,
    /// Whether something is in the input line: then Enter sends it.
    pub(crate) is_writing: bool,
    /// The time of the entry; empty where the entry before shows the same.
    pub(crate) time: &'a str,
    /// The entry before.
    pub(crate) before: Option<&'a Entry>,
    /// Whether it is the latest entry of its kind, which keys act on.
    pub(crate) is_latest: bool,
    /// The place among messages that wait to be sent, where there are several.
    pub(crate) queued: Option<usize>,
}

impl<'a> RowContext<'a> {
    /// What is the same for all entries of a log that is `width` columns wide.
    pub(crate) fn new(
        width: u16,
        now: Now,
        settings: &'a Settings,
        keymap: &'a Keymap,
        is_offline: bool,
        is_writing: bool,
    ) -> Self {
        let columns = Columns::of(usize::from(width), settings.time);
        let (time, before, is_latest, queued) = ("", None, false, None);
        Self {
            columns,
            settings,
            keymap,
            now,
            is_offline,
            is_writing,
            time,
            before,
            is_latest,
            queued,
        }
    }

    /// The time, and a bar if the entry is for us.
    pub(super) fn margin(&self, is_for_us: bool) -> Row {
        let Columns { lead, time: room, .. } = self.columns;
        let shown = head(self.time, room);
        vec![
            segment(format!("{:lead$}{shown:<room$}", ""), Role::Dim),
            segment(if is_for_us { "▌" } else { " " }, Role::Mention),
        ]
    }

    /// The margin and a sign.
    pub(super) fn headed(&self, sign: &str, role: Role) -> Row {
        let mut row = self.margin(false);
        row.push(segment(sign, role));
        row
    }

    /// The beginning of a further row of an entry, with its bar.
    pub(super) fn inner(&self, bar: &str) -> Row {
        vec![blank(self.columns.margin()), segment(bar, Role::Dim)]
    }

    /// Wraps a text behind `first`; further rows begin `indent` columns right of the margin.
    pub(super) fn block(&self, first: Row, indent: usize, text: &str, role: Role) -> Vec<Row> {
        let start = self.columns.margin() + indent;
        let room = self.columns.room_from(row_width(&first));
        let mut first = Some(first);
        let cuts = wrap(text, room, self.columns.room_from(start)).into_iter();
        cuts.map(|cut| {
            let mut row = first.take().unwrap_or_else(|| vec![blank(start)]);
            row.push(segment(&text[cut], role));
            row
        })
        .collect()
    }
}

pub(super) fn blank(columns: usize) -> Segment {
    segment(" ".repeat(columns), Role::Text)
}
