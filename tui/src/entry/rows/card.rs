//! Newcomers: their card, and our own.

use super::{Row, Sheet, piece};
use crate::chat::transcript::{Card, EntryId, Helo};
use crate::input::keymap::Action;
use crate::screen::theme::Role;
use crate::text::{clip, width};

const LEFT: &str = "left again";

/// Names in the line of who answered, by the width of the log.
fn names_shown(total: usize) -> usize {
    match total {
        0..50 => 2,
        50..72 => 3,
        _ => 5,
    }
}

impl Sheet<'_> {
    /// A newcomer, and what we did about it: the answers of the others go to the newcomer alone.
    pub(super) fn card(&self, id: EntryId, card: &Card, time: &str) -> Vec<Row> {
        let narrow = self.columns.total < 50;
        let mut first = self.margin(time, false);
        first.push(piece("▸ ", Role::Good));
        let name = clip(&card.name, (self.columns.total / 3).max(4));
        first.push(piece(name.into_owned(), Role::Name(card.hue)));
        first.push(piece(if narrow { " says helo" } else { " arrived and says helo" }, Role::Text));
        let did: &[&str] = match (&card.waved, card.answered) {
            (Some(_), _) => &["you waved"],
            (None, true) => &["you answered (auto)", "auto-answered", "auto"],
            (None, false) => &[],
        };
        let notes: Vec<String> = if card.left {
            did.iter().map(|did| format!("{did} · {LEFT}")).chain([LEFT.into()]).collect()
        } else {
            did.iter().map(ToString::to_string).collect()
        };
        self.note(&mut first, &notes);
        let mut rows = vec![first];
        if let Some(words) = &card.waved {
            rows.push(self.last_row("", words));
        } else if !card.left && self.is_newest_card(id) {
            let key = self.model.keymap.key(Action::Wave);
            let greet = if narrow { format!("{key} wave") } else { format!("{key} wave back") };
            let write =
                if narrow { String::new() } else { format!(" · /msg {} to chat", card.name) };
            rows.push(self.last_row(&greet, &write));
        }
        rows
    }

    /// Our own helo, and who answered it.
    pub(super) fn helo(&self, helo: &Helo, time: &str) -> Vec<Row> {
        let mut first = self.margin(time, false);
        first.push(piece("▸ ", Role::Good));
        let said = match (self.columns.total < 50, helo.again) {
            (true, _) => "helo",
            (false, true) => "you said helo again",
            (false, false) => "you said helo",
        };
        first.push(piece(said, Role::Text));
        let mut rows = vec![first];
        if !helo.answers.is_empty() {
            rows.push(self.answered_by(helo));
        }
        for answer in &helo.answers {
            let Some(words) = answer.by_hand() else { continue };
            let mut row = self.inner("│ ");
            row.push(piece(answer.name.clone(), Role::Name(answer.hue)));
            let used: usize = row.iter().map(|piece| width(&piece.text)).sum();
            let room = self.columns.room_from(used + 2);
            row.push(piece(format!("  {}", clip(&words.replace('\n', " "), room)), Role::Text));
            rows.push(row);
        }
        let over = helo.is_over(self.model.now) || self.is_offline();
        let brief = match (helo.answers.len(), helo.asked()) {
            (0, 0) => "alone".to_owned(),
            (answered, asked) => format!("{answered}/{asked}"),
        };
        self.note(&mut rows[0], &[count(helo, over), brief]);
        if let Some(last) = rows.get_mut(1..).and_then(<[Row]>::last_mut) {
            last[1].text = last[1].text.replace('│', "╰");
        }
        rows
    }

    /// Adds a note to the first row of a card: the first of these that there is room for, or what
    /// there is room for of the last.
    fn note(&self, row: &mut Row, notes: &[String]) {
        let used: usize = row.iter().map(|piece| width(&piece.text)).sum();
        let room = self.columns.room_from(used + 3);
        let note = notes.iter().find(|note| width(note) <= room).or(notes.last());
        if let Some(note) = note.filter(|note| !note.is_empty() && room >= width(note).min(5)) {
            row.push(piece(format!(" · {}", clip(note, room)), Role::Dim));
        }
    }

    fn answered_by(&self, helo: &Helo) -> Row {
        let most = names_shown(self.columns.total);
        let mut row = self.inner("│ ");
        row.push(piece("answered by ", Role::Dim));
        let shown = if helo.answers.len() == most + 1 { most + 1 } else { most };
        for (at, answer) in helo.answers.iter().take(shown).enumerate() {
            row.push(piece(if at == 0 { "" } else { " · " }, Role::Dim));
            row.push(piece(answer.name.clone(), Role::Name(answer.hue)));
        }
        let more = helo.answers.len().saturating_sub(shown);
        if more > 0 {
            row.push(piece(format!(" · +{more}"), Role::Dim));
        }
        row
    }

    fn is_newest_card(&self, id: EntryId) -> bool {
        self.buffer.log.newest_card().is_some_and(|(newest, _)| newest == id)
    }

    /// A row inside a card, with its bar.
    pub(super) fn inner(&self, bar: &str) -> Row {
        let margin = " ".repeat(self.columns.margin());
        vec![piece(margin, Role::Text), piece(bar, Role::Dim)]
    }

    fn last_row(&self, key: &str, text: &str) -> Row {
        let mut row = self.inner("╰ ");
        row.push(piece(key, Role::Key));
        let room = self.columns.room_from(self.columns.margin() + 2 + width(key));
        row.push(piece(clip(&text.replace('\n', " "), room).into_owned(), Role::Dim));
        row
    }
}

/// How many answered, of how many, how fast.
fn count(helo: &Helo, over: bool) -> String {
    let (answered, asked) = (helo.answers.len(), helo.asked());
    if asked == 0 && answered == 0 {
        return "nobody to answer yet".into();
    }
    let chosen = if helo.is_chosen() {
        format!(" · {asked} of {} asked", helo.present())
    } else {
        String::new()
    };
    let took = match helo.took().as_millis() {
        millis @ 0..100 => format!("{millis} ms"),
        millis => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
    };
    let silent = asked.saturating_sub(answered);
    match (over, silent) {
        (true, 0) => format!("{answered}/{asked} answered in {took}{chosen}"),
        (true, _) => format!("{answered}/{asked} answered · {silent} silent{chosen}"),
        (false, _) => format!("{answered}/{asked} …{chosen}"),
    }
}
