//! Our own helo and the answers to it, in one entry.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hullo::protocol::SessionId;

use super::Content;
use super::announce::{Announced, Announcement, list, one_line, who};
use super::newcomer::add_note;
use super::row_context::RowContext;
use crate::text::clip;
use crate::text::row::{Role, Row, piece, row_width};
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
    pub(crate) fn classify(&self, now: Now, from: SessionId, auto: bool) -> ResponseKind {
        let age = self.age(now);
        let has_answered = self.answers.iter().any(|answer| answer.from == from);
        if has_answered || !self.others.contains_key(&from) {
            return ResponseKind::Direct;
        }
        match auto {
            true => ResponseKind::Automatic,
            false if age < LIKELY_AUTOMATIC_WITHIN => ResponseKind::Quick,
            false if age < ANSWERS_WITHIN => ResponseKind::Typed,
            false => ResponseKind::Direct,
        }
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

    fn names_row(&self, context: &RowContext<'_>) -> Row {
        let most = match context.columns.total {
            0..50 => 2,
            50..72 => 3,
            _ => 5,
        };
        let all = self.answers.len();
        let shown = if all == most + 1 { all } else { all.min(most) };
        let mut row = context.inner("│ ");
        row.push(piece("answered by ", Role::Dim));
        for (at, answer) in self.answers[..shown].iter().enumerate() {
            row.push(piece(if at == 0 { "" } else { " · " }, Role::Dim));
            row.push(piece(&*answer.name, Role::Name(answer.hue)));
        }
        if all > shown {
            row.push(piece(format!(" · +{}", all - shown), Role::Dim));
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
        names.sort_by_key(|name| name.to_lowercase());
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
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let mut first = context.headed("▸ ", Role::Good);
        let said = match (context.columns.is_narrow(), self.again) {
            (true, _) => "helo",
            (false, true) => "you said helo again",
            (false, false) => "you said helo",
        };
        first.push(piece(said, Role::Text));
        let brief = match (self.answers.len(), self.asked()) {
            (0, 0) => "alone".to_owned(),
            (answered, asked) => format!("{answered}/{asked}"),
        };
        let is_over = self.is_over(context.now) || context.is_offline;
        add_note(context, &mut first, &[self.count(is_over), brief]);
        let mut rows = vec![first];
        if !self.answers.is_empty() {
            rows.push(self.names_row(context));
        }
        for (answer, words) in self.by_hand() {
            let mut row = context.inner("│ ");
            row.push(piece(&*answer.name, Role::Name(answer.hue)));
            let room = context.columns.room_from(row_width(&row) + 2);
            row.push(piece(format!("  {}", clip(&words.replace('\n', " "), room)), Role::Text));
            rows.push(row);
        }
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
            assert_eq!(helo.classify(at(millis), id(who), auto), expected, "{millis} {who} {auto}");
        };
        check(&helo, 10_100, 1, true, ResponseKind::Automatic);
        check(&helo, 11_900, 1, false, ResponseKind::Quick);
        check(&helo, 12_000, 1, false, ResponseKind::Typed);
        check(&helo, 15_000, 1, false, ResponseKind::Direct);
        check(&helo, 99_000, 1, true, ResponseKind::Automatic);
        check(&helo, 10_100, 9, false, ResponseKind::Direct);
        check(&helo, 10_100, 9, true, ResponseKind::Direct);
        helo.answers.push(Answer {
            from: id(1),
            name: "bo".into(),
            hue: 0,
            words: String::new(),
            auto: true,
            at: at(10_100),
        });
        check(&helo, 10_200, 1, false, ResponseKind::Direct);
        check(&helo, 10_200, 1, true, ResponseKind::Direct);
    }
}
