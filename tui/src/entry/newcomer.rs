//! A newcomer who says helo, as those who are here already see it. The answers go to the newcomer
//! alone, so all that can be shown is what we did ourselves.

use hullo::protocol::SessionId;

use super::announce::{Announced, Announcement, one_line, who};
use super::row_context::RowContext;
use crate::input::keymap::Action;
use crate::text::row::{Role, Row, piece, row_width};
use crate::text::{clip, width};

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
    /// Whether they have left again.
    pub(crate) left: bool,
}

impl Newcomer {
    pub(super) fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let is_narrow = context.columns.is_narrow();
        let mut first = context.headed("▸ ", Role::Good);
        let name = clip(&self.name, (context.columns.total / 3).max(4));
        first.push(piece(name, Role::Name(self.hue)));
        first.push(piece(
            if is_narrow { " says helo" } else { " arrived and says helo" },
            Role::Text,
        ));
        add_note(context, &mut first, &self.notes());
        let mut rows = vec![first];
        if let Some(words) = &self.waved {
            rows.push(last_row(context, "", words));
        } else if !self.left && context.is_latest {
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

    /// What we did, the longest form first, and whether they left.
    fn notes(&self) -> Vec<String> {
        let did: &[&str] = match (&self.waved, self.answered) {
            (Some(_), _) => &["you waved"],
            (None, true) => &["you answered (auto)", "auto-answered", "auto"],
            (None, false) => &[],
        };
        if self.left {
            did.iter().map(|did| format!("{did} · {LEFT}")).chain([LEFT.into()]).collect()
        } else {
            did.iter().map(ToString::to_string).collect()
        }
    }

    pub(super) fn text(&self) -> String {
        self.sentence("arrived and says helo")
    }

    fn sentence(&self, did: &str) -> String {
        let answered = if self.answered { "; your greeting was sent" } else { "" };
        format!("{} {did}{answered}", who(&self.name))
    }

    /// A newcomer is announced, and then whether we wave and whether they leave.
    pub(super) fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        let name = who(&self.name);
        if !std::mem::replace(&mut announced.is_begun, true) {
            let is_known = announced.arrived.contains(&self.session);
            announcement.here(if is_known { self.sentence("says helo") } else { self.text() });
        }
        if let (Some(words), 0) = (&self.waved, announced.count) {
            announced.count = 1;
            announcement.here(format!("you waved to {name}: {}", one_line(words)));
        }
        if self.left {
            announced.is_final = true;
            announcement.here(format!("{name} left"));
        }
    }
}

/// Adds to the first row the first note that there is room for, or what fits of the last.
pub(super) fn add_note(context: &RowContext<'_>, row: &mut Row, notes: &[String]) {
    let room = context.columns.room_from(row_width(row) + 3);
    let note = notes.iter().find(|note| width(note) <= room).or(notes.last());
    if let Some(note) = note.filter(|note| !note.is_empty() && room >= width(note).min(5)) {
        row.push(piece(format!(" · {}", clip(note, room)), Role::Dim));
    }
}

fn last_row(context: &RowContext<'_>, key: &str, text: &str) -> Row {
    let mut row = context.inner("╰ ");
    row.push(piece(key, Role::Key));
    let room = context.columns.room_from(row_width(&row));
    row.push(piece(clip(&text.replace('\n', " "), room), Role::Dim));
    row
}
