//! Our own helo and the answers to it, in one entry.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hullo::protocol::SessionId;

use super::Content;
use super::announce::{Announced, Announcement, list, one_line, who};
use super::newcomer::add_note;
use super::row_context::RowContext;
use crate::text::row::{Role, Row, row_width, segment};
use crate::text::{beginning, clip, natural_order, width};
use crate::time::Now;

/// How long answers are expected.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// How long a first message from somebody counts as an automatic answer, even if it is not marked as
/// one: plain Phoenix clients answer at once, but do not send the mark.
const LIKELY_AUTOMATIC_WITHIN: Duration = Duration::from_secs(2);

/// How many of the members a server asks to answer, unless told otherwise.
const GREETERS: usize = 32;

/// Up to how many possible answers each automatic one is announced by itself.
const FEW: usize = 5;

/// How many names are announced.
const NAMES: usize = 10;

/// How many different automatic greetings are shown.
const MAX_GREETINGS: usize = 5;

/// So much of an automatic answer is kept: it is shown in one row.
const MAX_AUTOMATIC_BYTES: usize = 512;

/// So much text that somebody typed is kept in the card. What is beyond that is an ordinary direct
/// message, whose buffer is bounded.
const MAX_TYPED_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct Helo {
    pub(crate) at: Now,
    /// The name under which we said it.
    pub(crate) name: String,
    /// Whether we are in the room again, after the connection was lost.
    pub(crate) again: bool,
    /// The others who were present, with their names: only they can have been asked to answer.
    pub(crate) others: BTreeMap<SessionId, String>,
    pub(crate) answers: Vec<Answer>,
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) from: SessionId,
    pub(crate) name: String,
    pub(crate) hue: u8,
    pub(crate) words: String,
    /// Whether a program sent it.
    pub(crate) auto: bool,
    pub(crate) at: Now,
}

/// What a message to us alone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseKind {
    /// An automatic answer to our helo.
    Automatic,
    /// An answer that is not marked as automatic, but probably is.
    Quick,
    /// An answer that somebody typed, which also begins a conversation.
    Typed,
    /// Not an answer, or not any more.
    Direct,
}

impl Answer {
    pub(crate) fn new(
        now: Now,
        from: SessionId,
        name: &str,
        hue: u8,
        said: &str,
        auto: bool,
    ) -> Self {
        let said = if auto { beginning(said, MAX_AUTOMATIC_BYTES) } else { said };
        Self { from, name: name.to_owned(), hue, words: said.to_owned(), auto, at: now }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.name.len() + self.words.len()
    }

    /// The words, unless a program sent them.
    pub(crate) fn by_hand(&self) -> Option<&str> {
        (!self.auto).then_some(&*self.words)
    }
}

impl Helo {
    /// How many were asked to answer: all in a small room, some in a big one. The server does not say
    /// how many; this is the default of the protocol.
    fn asked(&self) -> usize {
        self.others.len().min(GREETERS)
    }

    /// Whether no more answers are expected.
    fn is_over(&self, now: Now) -> bool {
        self.answers.len() >= self.asked() || self.age(now) >= ANSWERS_WITHIN
    }

    /// What a message to us alone is. Only those who were here before us can answer. Automatic
    /// answers count however late they come, typed ones only while answers are expected.
    pub(crate) fn classify(
        &self,
        now: Now,
        from: SessionId,
        said: &str,
        auto: bool,
    ) -> ResponseKind {
        let age = self.age(now);
        let has_answered = self.answers.iter().any(|answer| answer.from == from);
        if has_answered || !self.others.contains_key(&from) || !auto && !self.has_room_for(said) {
            return ResponseKind::Direct;
        }
        match auto {
            true => ResponseKind::Automatic,
            false if age < LIKELY_AUTOMATIC_WITHIN => ResponseKind::Quick,
            false if age < ANSWERS_WITHIN => ResponseKind::Typed,
            false => ResponseKind::Direct,
        }
    }

    fn has_room_for(&self, typed: &str) -> bool {
        let kept: usize = self.by_hand().map(|(_, words)| words.len()).sum();
        kept + typed.len() <= MAX_TYPED_BYTES
    }

    fn age(&self, now: Now) -> Duration {
        now.at.saturating_duration_since(self.at.at)
    }

    /// How long the answers took, in seconds; `None` for less than a tenth of one.
    fn took(&self) -> (Duration, Option<String>) {
        let took = self.answers.last().map_or(Duration::ZERO, |answer| self.age(answer.at));
        let tenths = took.as_millis() / 100;
        (took, (tenths > 0).then(|| format!("{}.{} s", tenths / 10, tenths % 10)))
    }

    fn by_hand(&self) -> impl Iterator<Item = (&Answer, &str)> {
        self.answers.iter().filter_map(|answer| Some((answer, answer.by_hand()?)))
    }

    /// The automatic answers by their words, those that most people gave first.
    fn greetings(&self) -> Vec<(String, Vec<&Answer>)> {
        let mut greetings: Vec<(String, Vec<&Answer>)> = Vec::new();
        for answer in self.answers.iter().filter(|answer| answer.auto) {
            let words = answer.words.replace('\n', " ");
            match greetings.iter_mut().find(|(known, _)| *known == words) {
                Some((_, answers)) => answers.push(answer),
                None => greetings.push((words, vec![answer])),
            }
        }
        greetings.sort_by_key(|(_, answers)| Reverse(answers.len()));
        greetings
    }

    /// What was answered: equal greetings in one row with their number, all else by name.
    fn answer_rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let mut rows = Vec::new();
        let greetings = self.greetings();
        if greetings.len() > MAX_GREETINGS || greetings.iter().any(|(_, by)| by.len() > 1) {
            rows.push(self.names_row(context));
        }
        for (words, by) in greetings.iter().take(MAX_GREETINGS) {
            rows.push(match &**by {
                [answer] => said_row(context, answer, words),
                _ => greeting_row(context, words, by.len()),
            });
        }
        if greetings.len() > MAX_GREETINGS {
            let mut row = context.inner("│ ");
            let more = greetings.len() - MAX_GREETINGS;
            row.push(segment(format!("+{more} other greetings"), Role::Dim));
            rows.push(row);
        }
        let typed = self.by_hand();
        rows.extend(
            typed.map(|(answer, words)| said_row(context, answer, &words.replace('\n', " "))),
        );
        rows
    }

    fn names_row(&self, context: &RowContext<'_>) -> Row {
        let most = match context.columns.total {
            0..50 => 2,
            50..72 => 3,
            _ => 5,
        };
        let all = self.answers.len();
        let shown = if all == most + 1 { all } else { all.min(most) };
        let mut row = context.inner("│ ");
        row.push(segment("answered by ", Role::Dim));
        for (at, answer) in self.answers[..shown].iter().enumerate() {
            row.push(segment(if at == 0 { "" } else { " · " }, Role::Dim));
            row.push(segment(&*answer.name, Role::Name(answer.hue)));
        }
        if all > shown {
            row.push(segment(format!(" · +{}", all - shown), Role::Dim));
        }
        row
    }

    /// How many answered, of how many, how fast.
    fn count(&self, is_over: bool) -> String {
        let (answered, asked, present) = (self.answers.len(), self.asked(), self.others.len());
        if asked == 0 && answered == 0 {
            return "nobody to answer yet".into();
        }
        let counts = match (is_over, asked.saturating_sub(answered), self.took()) {
            (false, ..) => format!("{answered}/{asked} …"),
            (true, 0, (_, Some(took))) => format!("{answered}/{asked} answered in {took}"),
            (true, 0, (took, None)) => {
                format!("{answered}/{asked} answered in {} ms", took.as_millis())
            }
            (true, silent, _) => format!("{answered}/{asked} answered · {silent} silent"),
        };
        if present > asked { format!("{counts} · {asked} of {present} asked") } else { counts }
    }

    fn entered(&self, place: &str) -> String {
        let mut names: Vec<&str> = self.others.values().map(String::as_str).collect();
        names.sort_by_cached_key(|name| natural_order(name));
        let here = match names.len() {
            0 => "nobody else is here yet".to_owned(),
            1 => format!("1 other here: {}", list(&names, NAMES)),
            count => format!("{count} others here: {}", list(&names, NAMES)),
        };
        let again = if self.again { " again" } else { "" };
        format!("you are in {place}{again} as {}; {here}", who(&self.name))
    }

    fn summary(&self, with_names: bool) -> String {
        let took = match (&*self.answers, self.took().1) {
            ([], _) => String::new(),
            (_, None) => " at once".to_owned(),
            (_, Some(took)) => format!(" in {took}"),
        };
        let mut text = format!("{} of {} answered{took}", self.answers.len(), self.asked());
        if with_names && !self.answers.is_empty() {
            let names: Vec<&str> = self.answers.iter().map(|answer| &*answer.name).collect();
            text = format!("{text}: {}", list(&names, NAMES));
        }
        text
    }
}

impl Content for Helo {
    fn bytes(&self) -> usize {
        self.answers.iter().map(Answer::bytes).sum()
    }

    /// A name may be cut short where it is shown.
    fn session_of(&self, name: &str) -> Option<SessionId> {
        let shown = name.trim_end_matches('…');
        let mut answers = self.answers.iter();
        answers.find(|answer| answer.name.starts_with(shown)).map(|answer| answer.from)
    }

    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let mut first = context.headed("▸ ", Role::Good);
        let said = match (context.columns.is_narrow(), self.again) {
            (true, _) => "helo",
            (false, true) => "you said helo again",
            (false, false) => "you said helo",
        };
        first.push(segment(said, Role::Text));
        let brief = match (self.answers.len(), self.asked()) {
            (0, 0) => "alone".to_owned(),
            (answered, asked) => format!("{answered}/{asked}"),
        };
        let is_over = self.is_over(context.now) || context.is_offline;
        add_note(context, &mut first, &[self.count(is_over), brief]);
        let mut rows = vec![first];
        rows.extend(self.answer_rows(context));
        if let [_, .., last] = &mut *rows {
            last[1].text = "╰ ".into();
        }
        rows
    }

    fn text(&self) -> Option<String> {
        Some(format!("you said helo; {} of {} answered", self.answers.len(), self.asked()))
    }

    fn next_announcement(&self, announced: &Announced) -> Option<Instant> {
        announced.until.is_none().then(|| self.at.at + ANSWERS_WITHIN)
    }

    /// Announces who is here; then answers, each by itself where few can come or somebody typed
    /// them; then how many there were.
    fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        if announced.begin() {
            announcement.anywhere(self.entered(announcement.place));
        }
        let is_few = self.asked() <= FEW;
        let fresh = self.answers.iter().skip(announced.count);
        for answer in fresh.filter(|answer| is_few || !answer.auto) {
            let words = one_line(&answer.words);
            announcement.here(format!("{} answered: {words}", who(&answer.name)));
        }
        announced.count = self.answers.len();
        if announced.until.is_none() && self.is_over(announcement.now) {
            announced.until = Some(announcement.now.at);
            if self.asked() > 0 {
                announcement.here(self.summary(!is_few));
            }
        }
    }

    /// When it is over, if it is not yet.
    fn next_change(&self, now: Now) -> Option<Instant> {
        (!self.is_over(now)).then(|| self.at.at + ANSWERS_WITHIN)
    }
}

fn greeting_row(context: &RowContext<'_>, words: &str, count: usize) -> Row {
    let mut row = context.inner("│ ");
    let count = format!(" ×{count}");
    let room = context.columns.room_from(row_width(&row) + width(&count));
    row.push(segment(clip(words, room), Role::Text));
    row.push(segment(count, Role::Dim));
    row
}

fn said_row(context: &RowContext<'_>, answer: &Answer, words: &str) -> Row {
    let mut row = context.inner("│ ");
    row.push(segment(&*answer.name, Role::Name(answer.hue)));
    let room = context.columns.room_from(row_width(&row) + 2);
    row.push(segment(format!("  {}", clip(words, room)), Role::Text));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{at, id};

    fn helo(others: &[u128]) -> Helo {
        let others = others.iter().map(|n| (id(*n), format!("p{n}"))).collect();
        Helo { at: at(10_000), name: "ada".into(), again: false, others, answers: Vec::new() }
    }

    #[test]
    fn what_comes_first_and_soon_is_an_answer() {
        let mut helo = helo(&[1, 2]);
        let check = |helo: &Helo, millis: u64, who: u128, auto: bool, expected: ResponseKind| {
            assert_eq!(
                helo.classify(at(millis), id(who), "hi", auto),
                expected,
                "{millis} {who} {auto}"
            );
        };
        check(&helo, 10_100, 1, true, ResponseKind::Automatic);
        check(&helo, 11_900, 1, false, ResponseKind::Quick);
        check(&helo, 12_000, 1, false, ResponseKind::Typed);
        check(&helo, 15_000, 1, false, ResponseKind::Direct);
        check(&helo, 99_000, 1, true, ResponseKind::Automatic);
        check(&helo, 10_100, 9, false, ResponseKind::Direct);
        check(&helo, 10_100, 9, true, ResponseKind::Direct);
        helo.answers.push(Answer::new(at(10_100), id(1), "bo", 0, "", true));
        check(&helo, 10_200, 1, false, ResponseKind::Direct);
        check(&helo, 10_200, 1, true, ResponseKind::Direct);
    }

    #[test]
    fn answers_cannot_fill_the_memory() {
        let mut helo = helo(&[1, 2, 3]);
        let long = "ä".repeat(MAX_TYPED_BYTES / 2);
        let automatic = Answer::new(at(10_100), id(1), "p1", 0, &long, true);
        assert_eq!(automatic.words, "ä".repeat(MAX_AUTOMATIC_BYTES / 2));
        helo.answers.push(automatic);
        assert_eq!(helo.classify(at(10_200), id(2), &long, false), ResponseKind::Quick);
        helo.answers.push(Answer::new(at(10_200), id(2), "p2", 0, &long, false));
        assert_eq!(helo.classify(at(10_300), id(3), "hi", false), ResponseKind::Direct);
        assert_eq!(helo.classify(at(10_300), id(3), &long, true), ResponseKind::Automatic);
    }
}
