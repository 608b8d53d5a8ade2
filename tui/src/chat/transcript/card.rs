//! Newcomers and the answers to them: one card that fills, never a line for each answer.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::time::Now;
use hullo::protocol::SessionId;

/// How long answers are waited for.
pub(crate) const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// How long words from somebody who has not answered yet are taken as the answer, even though they
/// do not say that a program sent them: plain Phoenix clients answer at once, but without `auto`.
const SURELY_ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// How many of the members a server asks to answer, unless told otherwise.
const GREETERS: usize = 32;

/// A newcomer, as the others see it. Only the newcomer gets the answers, so all that can be shown
/// here is what we did ourselves.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) who: SessionId,
    pub(crate) name: String,
    pub(crate) hue: u8,
    /// What we answered automatically.
    pub(crate) answered: bool,
    /// What we answered with our own hand.
    pub(crate) waved: Option<String>,
    /// Whether they have left again.
    pub(crate) left: bool,
}

/// Our own helo, filling with answers.
#[derive(Clone, Debug)]
pub(crate) struct Helo {
    pub(crate) at: Now,
    /// Whether this is not the first one of this sitting.
    pub(crate) again: bool,
    /// The others who were present: only they can have been asked.
    present: BTreeSet<SessionId>,
    pub(crate) answers: Vec<Answer>,
}

/// One answer to our helo.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) from: SessionId,
    pub(crate) name: String,
    pub(crate) hue: u8,
    pub(crate) words: String,
    /// Whether a program said it.
    pub(crate) auto: bool,
    pub(crate) at: Now,
}

/// What something that somebody said to us alone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A program's answer to our helo.
    Automatic,
    /// An answer to our helo which carries words, and which may be a program's all the same.
    Quick,
    /// An answer to our helo that somebody typed: also the start of a conversation.
    Typed,
    /// Not an answer, or not any more.
    Direct,
}

impl Answer {
    /// What was said, unless a program said it.
    pub(crate) fn by_hand(&self) -> Option<&str> {
        (!self.auto).then_some(&*self.words)
    }
}

impl Helo {
    pub(crate) fn new(at: Now, present: BTreeSet<SessionId>, again: bool) -> Self {
        Self { at, again, present, answers: Vec::new() }
    }

    /// How many others were present.
    pub(crate) fn present(&self) -> usize {
        self.present.len()
    }

    /// How many answers can come: a server asks everybody in a small room, some in a big one.
    pub(crate) fn asked(&self) -> usize {
        self.present.len().min(GREETERS)
    }

    /// Whether the server chose some of those present. How many is its own business: the count is
    /// then a guess from the protocol's default.
    pub(crate) fn is_chosen(&self) -> bool {
        self.present.len() > GREETERS
    }

    /// Whether nobody's answer is waited for any more.
    pub(crate) fn is_over(&self, now: Now) -> bool {
        self.is_full() || self.age(now) >= ANSWERS_WITHIN
    }

    /// Whether everybody who was asked has answered.
    pub(crate) fn is_full(&self) -> bool {
        self.answers.len() >= self.asked()
    }

    /// From the helo to the newest answer.
    pub(crate) fn took(&self) -> Duration {
        self.answers.last().map_or(Duration::ZERO, |answer| self.age(answer.at))
    }

    /// Says what words from `from` are. Who came after us was never asked. A program's answer counts however late it comes, since
    /// nobody wrote it to us; words by hand count for as long as the card is watched.
    pub(crate) fn sort(&self, now: Now, from: SessionId, auto: bool) -> Sort {
        let age = self.age(now);
        let has_answered = self.answers.iter().any(|answer| answer.from == from);
        if has_answered || !self.present.contains(&from) {
            return Sort::Direct;
        }
        match auto {
            true => Sort::Automatic,
            false if age < SURELY_ANSWERS_WITHIN => Sort::Quick,
            false if age < ANSWERS_WITHIN => Sort::Typed,
            false => Sort::Direct,
        }
    }

    fn age(&self, now: Now) -> Duration {
        now.at.saturating_duration_since(self.at.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{at, id};

    #[test]
    fn what_comes_first_and_soon_is_an_answer() {
        let mut helo = Helo::new(at(10_000), [id(1), id(2)].into(), false);
        let check = |helo: &Helo, millis: u64, who: u128, auto: bool, expected: Sort| {
            assert_eq!(helo.sort(at(millis), id(who), auto), expected, "{millis} {who} {auto}");
        };
        check(&helo, 10_100, 1, true, Sort::Automatic);
        check(&helo, 11_900, 1, false, Sort::Quick);
        check(&helo, 12_000, 1, false, Sort::Typed);
        check(&helo, 15_000, 1, false, Sort::Direct);
        check(&helo, 99_000, 1, true, Sort::Automatic);
        check(&helo, 10_100, 9, false, Sort::Direct);
        check(&helo, 10_100, 9, true, Sort::Direct);
        helo.answers.push(Answer {
            from: id(1),
            name: "bo".into(),
            hue: 0,
            words: String::new(),
            auto: true,
            at: at(10_100),
        });
        check(&helo, 10_200, 1, false, Sort::Direct);
        check(&helo, 10_200, 1, true, Sort::Direct);
    }
}
