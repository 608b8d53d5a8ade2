//! Our own helo and the answers to it: each by itself where few can come, else in one line.

use std::time::Instant;

use super::words::{list, one_line, who};
use crate::chat::buffer::Room;
use crate::chat::transcript::{ANSWERS_WITHIN, Answer, EntryId, Helo};
use crate::core::model::Model;
use crate::people::Member;

/// So many can answer, and each automatic answer is still told by itself.
const FEW: usize = 5;

/// Names that are told in one line.
const NAMES: usize = 10;

/// A helo whose answers are told as they come.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) id: EntryId,
    told: usize,
    over: bool,
}

impl Answers {
    pub(super) fn new(id: EntryId) -> Self {
        Self { id, told: 0, over: false }
    }

    /// When it will be said how many answered.
    pub(super) fn due(&self, helo: &Helo) -> Option<Instant> {
        (!self.over).then(|| helo.at.at + ANSWERS_WITHIN)
    }

    /// What has come since the last time.
    pub(super) fn tell(&mut self, model: &Model, helo: &Helo) -> Vec<String> {
        let few = helo.asked() <= FEW;
        let fresh = helo.answers.iter().skip(self.told);
        let told = fresh.filter(|answer| few || answer.by_hand().is_some());
        let mut lines: Vec<String> = told
            .map(|answer| format!("{} answered: {}", who(&answer.name), one_line(&answer.words)))
            .collect();
        self.told = helo.answers.len();
        if !self.over && helo.is_over(model.now) {
            self.over = true;
            lines.extend(count(helo, few));
        }
        lines
    }
}

/// That we are in a room, and who else is.
pub(super) fn entered(model: &Model, room: &Room, title: &str, helo: &Helo) -> String {
    let others = room.people.iter().filter(|member| room.own() != Some(member.person.id));
    let mut others: Vec<String> = others.map(Member::label).collect();
    others.sort_by_key(|name| name.to_lowercase());
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let here = match others.len() {
        0 => "nobody else is here yet".to_owned(),
        1 => format!("1 other here: {}", list(&others, NAMES)),
        count => format!("{count} others here: {}", list(&others, NAMES)),
    };
    let again = if helo.again { " again" } else { "" };
    format!("you are in {title}{again} as {}; {here}", who(&model.name))
}

/// How many answered, of how many, how fast; nothing where nobody could.
fn count(helo: &Helo, few: bool) -> Option<String> {
    let (answered, asked) = (helo.answers.len(), helo.asked());
    if asked == 0 {
        return None;
    }
    let took = helo.took().as_millis();
    let took = match (answered, took) {
        (0, _) => String::new(),
        (_, 0..100) => " at once".to_owned(),
        (_, _) => format!(" in {}.{} s", took / 1000, took % 1000 / 100),
    };
    let names: Vec<&str> = helo.answers.iter().map(|answer: &Answer| &*answer.name).collect();
    let names =
        if few || names.is_empty() { String::new() } else { format!(": {}", list(&names, NAMES)) };
    Some(format!("{answered} of {asked} answered{took}{names}"))
}
