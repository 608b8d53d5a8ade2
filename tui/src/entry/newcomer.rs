//! The card of a newcomer who said helo. The answers of others go to the newcomer alone, so it shows
//! only what we did ourselves.

use std::time::{Duration, Instant};

use hullo::protocol::SessionId;

use super::Content;
use super::announce::{Announced, Announcement, one_line, who};
use super::row_context::RowContext;
use crate::input::keymap::Action;
use crate::people::AGAIN_WITHIN;
use crate::text::row::{Role, Row, row_width, segment};
use crate::text::{clip, width};

/// That somebody left is announced after so long: whoever says helo again is back at once.
const LEFT_AFTER: Duration = AGAIN_WITHIN;

const LEFT: &str = "left again";

#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    pub(crate) session: SessionId,
    pub(crate) name: String,
    pub(crate) hue: u8,
    /// Whether we answered automatically.
    pub(crate) answered: bool,
    /// What we answered by hand.
    pub(crate) waved: Option<String>,
    /// When they left again.
    pub(crate) left: Option<Instant>,
}

impl Newcomer {
    /// What we did and whether they left, from the longest form to the shortest.
    fn notes(&self) -> Vec<String> {
        let did: &[&str] = match (&self.waved, self.answered) {
            (Some(_), _) => &["you waved"],
            (None, true) => &["you answered (auto)", "auto-answered", "auto"],
            (None, false) => &[],
        };
        if self.left.is_some() {
            did.iter().map(|did| format!("{did} · {LEFT}")).chain([LEFT.into()]).collect()
        } else {
            did.iter().map(ToString::to_string).collect()
        }
    }

    fn with_answer(&self, arrived: String) -> String {
        if self.answered { arrived + "; your greeting was sent" } else { arrived }
    }
}

impl Content for Newcomer {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let is_narrow = context.columns.is_narrow();
        let mut first = context.headed("▸ ", Role::Good);
        let name = clip(&self.name, (context.columns.total / 3).max(4));
        first.push(segment(name, Role::Name(self.hue)));
        first.push(segment(
            if is_narrow { " says helo" } else { " arrived and says helo" },
            Role::Text,
        ));
        add_note(context, &mut first, &self.notes());
        let mut rows = vec![first];
        if let Some(words) = &self.waved {
            rows.push(last_row(context, "", words));
        } else if self.left.is_none() && context.is_latest {
            let key = context.keymap.key(Action::Wave);
            rows.push(if is_narrow {
                last_row(context, &format!("{key} wave"), "")
            } else {
                let chat = format!(" · /msg {} to chat", self.name);
                last_row(context, &format!("{key} wave back"), &chat)
            });
        }
        rows
    }

    fn text(&self) -> Option<String> {
        Some(self.with_answer(sentence(&who(&self.name))))
    }

    /// Announces the newcomer, and later that we wave and that they leave.
    fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        let name = who(&self.name);
        if announced.begin() {
            let is_known = announced.arrived.contains(&self.session);
            let says = if is_known { format!("{name} says helo") } else { sentence(&name) };
            announcement.here(self.with_answer(says));
        }
        if let (Some(words), 0) = (&self.waved, announced.count) {
            announced.count = 1;
            announcement.here(format!("you waved to {name}: {}", one_line(words)));
        }
        if self
            .left
            .is_some_and(|at| announcement.at_once || at + LEFT_AFTER <= announcement.now.at)
        {
            announced.is_final = true;
            announcement.here(format!("{name} left"));
        }
    }

    fn next_announcement(&self, announced: &Announced) -> Option<Instant> {
        self.left.filter(|_| !announced.is_final).map(|at| at + LEFT_AFTER)
    }

    fn person(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn session(&self) -> Option<SessionId> {
        Some(self.session)
    }
}

/// That somebody arrived, as a sentence.
pub(crate) fn sentence(name: &str) -> String {
    format!("{name} arrived and says helo")
}

/// Adds the first note that fits to a row, or what fits of the last one.
pub(super) fn add_note(context: &RowContext<'_>, row: &mut Row, notes: &[String]) {
    let room = context.columns.room_from(row_width(row) + 3);
    let note = notes.iter().find(|note| width(note) <= room).or(notes.last());
    if let Some(note) = note.filter(|note| !note.is_empty() && room >= width(note).min(5)) {
        row.push(segment(format!(" · {}", clip(note, room)), Role::Dim));
    }
}

fn last_row(context: &RowContext<'_>, key: &str, text: &str) -> Row {
    let mut row = context.inner("╰ ");
    row.push(segment(key, Role::Key));
    let room = context.columns.room_from(row_width(&row));
    row.push(segment(clip(&text.replace('\n', " "), room), Role::Dim));
    row
}
