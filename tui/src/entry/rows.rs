//! What an entry of the log looks like, in rows of pieces: how tall it is decides how far a page
//! goes, so this is known to `update` as well as to `view`.

mod card;
mod flood;
mod group;
mod words;

use std::rc::Rc;

use self::words::Words;
use crate::chat::buffer::Buffer;
use crate::chat::transcript::{Delivery, Entry, EntryId, Origin, SENDING_UNSEEN, Said, Tone, What};
use crate::core::model::{Link, Model};
use crate::time::{Hours, clock, clock_width};

use crate::screen::theme::Role;
use crate::text::{clip, head, width, wrap};

pub(crate) use self::group::{passed, told};

/// A text that is of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) role: Role,
    /// The address that it is, or is a part of.
    pub(crate) link: Option<Rc<str>>,
}

/// One row of the screen, from left to right.
pub(crate) type Row = Vec<Piece>;

pub(crate) fn piece(text: impl Into<String>, role: Role) -> Piece {
    Piece { text: text.into(), role, link: None }
}

/// The widest text, however wide the screen: longer lines are hard to read.
const MAX_TEXT: usize = 92;

/// The columns of a log of some width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) total: usize,
    /// Before the time.
    lead: usize,
    /// The time, with what follows it; 0 if there is none.
    time: usize,
    /// The name, with a gap behind it; 0 if names stand in the text (`ada: hi`).
    name: usize,
}

impl Columns {
    pub(crate) fn of(total: usize, hours: Hours) -> Self {
        let clock = clock_width(hours);
        let (lead, time, name) = match total {
            0..30 => (0, 0, 0),
            // Which half of the day goes without saying where there is so little room.
            30..50 => (0, clock_width(Hours::TwentyFour), 0),
            50..72 => (1, clock, 9),
            _ => (1, clock + 1, 11),
        };
        Self { total, lead, time, name }
    }

    /// Where names and everything that nobody said begin, behind the gutter.
    fn margin(self) -> usize {
        self.lead + self.time + 1
    }

    /// Where text begins that somebody said.
    fn text_at(self) -> usize {
        self.margin() + self.name
    }

    /// How wide anything may be that begins at column `at`.
    fn room_from(self, at: usize) -> usize {
        self.total.saturating_sub(at + 1).clamp(1, MAX_TEXT)
    }
}

/// The log of one buffer, as wide as it is shown.
#[derive(Clone, Copy)]
pub(crate) struct Sheet<'a> {
    pub(crate) model: &'a Model,
    pub(crate) buffer: &'a Buffer,
    pub(crate) columns: Columns,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(model: &'a Model, buffer: &'a Buffer, total: usize) -> Self {
        Self { model, buffer, columns: Columns::of(total, model.settings.time) }
    }

    /// How many rows an entry takes.
    pub(crate) fn height(&self, id: EntryId) -> usize {
        self.rows(id).len()
    }

    /// The rows of an entry; never none.
    pub(crate) fn rows(&self, id: EntryId) -> Vec<Row> {
        let Some(entry) = self.buffer.log.entry(id) else { return vec![Row::new()] };
        let before = id.checked_sub(1).and_then(|id| self.buffer.log.entry(id));
        let time = time(entry, before, self.model.settings.time);
        let time = &*time;
        let mut rows = match &entry.what {
            What::Said(said) => self.said(entry, said, before, time),
            What::Told(tone, text) => self.told(*tone, text, time),
            What::Line(text) => vec![rule(self.columns.total, text, '┄', Role::Dim)],
            What::Day(date) => {
                vec![rule(
                    self.columns.total,
                    &date.strftime("%a %-d %b").to_string(),
                    '─',
                    Role::Dim,
                )]
            }
            What::Group(group) => self.group(id, group, time),
            What::Flood(flood) => self.flood(flood, time),
            What::Passed(title, folded) => self.passed(title, folded, time),
            What::Named(origin, said) => self.named(entry, origin, said, time),
            What::Card(card) => self.card(id, card, time),
            What::Helo(helo) => self.helo(helo, time),
        };
        if self.buffer.log.unread_from == Some(id) {
            let count = self.buffer.log.said_after(id) + usize::from(entry.is_said_by_others());
            let new = rule(self.columns.total, &format!("{count} new"), '─', Role::Unread);
            rows.insert(0, new);
        }
        rows
    }

    /// What stands left of names: the time, and a mark for what is for us.
    fn margin(&self, time: &str, mention: bool) -> Row {
        let Columns { lead, time: room, .. } = self.columns;
        let shown = head(time, room);
        vec![
            piece(format!("{:lead$}{shown:<room$}", ""), Role::Dim),
            piece(if mention { "▌" } else { " " }, Role::Mention),
        ]
    }

    fn said(&self, entry: &Entry, said: &Said, before: Option<&Entry>, time: &str) -> Vec<Row> {
        let action = said.text.strip_prefix("/me ");
        let name_role = if said.own.is_some() { Role::Own } else { Role::Name(said.hue) };
        let goes_on = time.is_empty() && before.is_some_and(|before| is_by(before, said));
        let mut first = self.margin(time, said.mention);
        let indent = self.columns.text_at();
        if let Some(action) = action {
            first.push(piece(format!("* {} ", said.name), name_role));
            return self.flow(&first, self.columns.margin() + 2, action, said, entry);
        }
        if self.columns.name > 0 {
            let room = self.columns.name;
            let name = clip(&said.name, room - 1);
            let pad = room - width(&name);
            first.push(piece(name.into_owned(), name_role));
            first.push(piece(" ".repeat(pad), Role::Text));
        } else if !goes_on {
            let name = clip(&said.name, self.columns.room_from(indent).saturating_sub(2).max(1));
            first.push(piece(name.into_owned(), name_role));
            first.push(piece(": ", Role::Text));
        }
        let indent = if self.columns.name == 0 && self.columns.time == 0 { 2 } else { indent };
        self.flow(&first, indent, &said.text, said, entry)
    }

    /// Lets a text flow behind what stands in its first row, and below it from `indent` on.
    fn flow(&self, first: &Row, indent: usize, text: &str, said: &Said, entry: &Entry) -> Vec<Row> {
        let used: usize = first.iter().map(|piece| width(&piece.text)).sum();
        let rest = self.columns.room_from(indent);
        let cuts = wrap(text, self.columns.room_from(used), rest);
        let plain = if said.mention { Role::Strong } else { Role::Text };
        let words = Words::new(text, plain, self.model.settings.emphasis);
        let mut rows: Vec<Row> = Vec::with_capacity(cuts.len());
        for (at, cut) in cuts.into_iter().enumerate() {
            let mut row = match at {
                0 => first.clone(),
                _ if said.mention => {
                    let mut row = self.margin("", true);
                    row.push(piece(
                        " ".repeat(indent.saturating_sub(self.columns.margin())),
                        Role::Text,
                    ));
                    row
                }
                _ => vec![piece(" ".repeat(indent), Role::Text)],
            };
            row.extend(words.row(cut));
            rows.push(row);
        }
        self.mark_delivery(&mut rows, indent, said, entry);
        rows
    }

    /// A mention, with where it was said.
    fn named(&self, entry: &Entry, origin: &Origin, said: &Said, time: &str) -> Vec<Row> {
        let place = format!("{}  ", origin.title);
        let mut first = self.margin(time, false);
        first.push(piece(clip(&place, self.columns.total / 4), Role::Dim));
        let name = clip(&said.name, self.columns.total / 4);
        first.push(piece(format!("{name}: "), Role::Name(said.hue)));
        self.flow(&first, self.columns.margin() + 2, &said.text, said, entry)
    }

    fn mark_delivery(&self, rows: &mut Vec<Row>, indent: usize, said: &Said, entry: &Entry) {
        let (mark, role) = match &said.own {
            None | Some(Delivery::Sent) => return,
            Some(Delivery::Waiting) => {
                (format!("◌ waiting to send{}", self.turn(entry)), Role::Dim)
            }
            Some(Delivery::Sending(_, since)) => {
                let now = self.model.now.at;
                if now.saturating_duration_since(*since) < SENDING_UNSEEN {
                    return;
                }
                ("◌ sending".to_owned(), Role::Dim)
            }
            Some(Delivery::Failed(reason)) => (format!("✗ not sent: {reason}"), Role::Bad),
        };
        debug_assert!(matches!(entry.what, What::Said(_)));
        let Some(last) = rows.last_mut() else { return };
        let used: usize = last.iter().map(|piece| width(&piece.text)).sum();
        if used + 2 + width(&mark) < self.columns.total {
            last.push(piece(format!("  {mark}"), role));
            return;
        }
        let room = self.columns.room_from(indent);
        for cut in wrap(&mark, room, room) {
            rows.push(vec![piece(" ".repeat(indent), Role::Text), piece(&mark[cut], role)]);
        }
    }

    /// Whose turn it is where several lines wait: ` (2)`. All of them stand behind the rule which
    /// says that the line broke, so that no whole log is searched.
    fn turn(&self, entry: &Entry) -> String {
        let since = self.buffer.log.newest().map(|(_, entry)| entry);
        let since = since.take_while(|entry| !matches!(entry.what, What::Line(_)));
        let waiting = since.filter(
            |entry| matches!(&entry.what, What::Said(said) if said.own == Some(Delivery::Waiting)),
        );
        let waiting: Vec<&Entry> = waiting.collect();
        let after = waiting.iter().position(|other| std::ptr::eq(*other, entry));
        match (after, waiting.len()) {
            (None, _) | (Some(_), ..2) => String::new(),
            (Some(after), all) => format!(" ({})", all - after),
        }
    }

    fn told(&self, tone: Tone, text: &str, time: &str) -> Vec<Row> {
        let (glyph, role) = match tone {
            Tone::Plain => ("", Role::Dim),
            Tone::Warning => ("⚠ ", Role::Warning),
            Tone::Bad => ("✗ ", Role::Bad),
        };
        let mut first = self.margin(time, false);
        first.push(piece(glyph, role));
        self.block(&first, width(glyph), text, role)
    }

    /// A text behind `first`, whose further rows begin `indent` columns right of the margin.
    fn block(&self, first: &Row, indent: usize, text: &str, role: Role) -> Vec<Row> {
        let used: usize = first.iter().map(|piece| width(&piece.text)).sum();
        let start = self.columns.margin() + indent;
        let cuts = wrap(text, self.columns.room_from(used), self.columns.room_from(start));
        let row = |(at, cut): (usize, std::ops::Range<usize>)| {
            let mut row =
                if at == 0 { first.clone() } else { vec![piece(" ".repeat(start), Role::Text)] };
            row.push(piece(&text[cut], role));
            row
        };
        cuts.into_iter().enumerate().map(row).collect()
    }

    /// Whether nobody can answer any more, because there is no line.
    fn is_offline(&self) -> bool {
        matches!(self.model.link, Link::Offline { .. })
    }
}

/// The clock, once a minute.
fn time(entry: &Entry, before: Option<&Entry>, hours: Hours) -> String {
    let now = clock(entry.at.wall, hours);
    let was = before.filter(|before| !matches!(before.what, What::Day(_) | What::Line(_)));
    if was.is_some_and(|was| clock(was.at.wall, hours) == now) { String::new() } else { now }
}

fn is_by(before: &Entry, said: &Said) -> bool {
    matches!(&before.what, What::Said(was)
        if was.name == said.name && was.own.is_some() == said.own.is_some()
            && !was.text.starts_with("/me "))
}

/// A row in at most `room` columns, with `…` where something is missing.
pub(crate) fn fit(row: &mut Row, room: usize) {
    let mut used = 0;
    for at in 0..row.len() {
        let wide = width(&row[at].text);
        if used + wide > room {
            row[at].text = clip(&row[at].text, room - used).into_owned();
            row.truncate(at + 1);
            return;
        }
        used += wide;
    }
}

/// As many of the parts between dots as there is room for, but always the first.
fn whole_parts(text: &str, room: usize) -> &str {
    let mut shown = text;
    while width(shown) > room
        && let Some((fewer, _)) = shown.rsplit_once(" · ")
    {
        shown = fewer;
    }
    shown
}

/// A text in the middle of a rule that leaves a column free on both sides.
pub(crate) fn rule(total: usize, text: &str, dash: char, role: Role) -> Row {
    let text = clip(whole_parts(text, total.saturating_sub(4)), total.saturating_sub(4));
    let room = total.saturating_sub(width(&text) + 4);
    if room < 2 {
        return vec![piece(text.into_owned(), role)];
    }
    let dashes = |count: usize| std::iter::repeat_n(dash, count).collect::<String>();
    let left = room / 2;
    vec![piece(" ", role), piece(format!("{} {text} {}", dashes(left), dashes(room - left)), role)]
}
