//! People who pour in, in one line that counts.

use super::{Row, Sheet, piece};
use crate::chat::transcript::Flood;
use crate::time::span;

use crate::screen::theme::Role;

const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

impl Sheet<'_> {
    pub(super) fn flood(&self, flood: &Flood, time: &str) -> Vec<Row> {
        let mut first = self.margin(time, false);
        first.push(piece("▸ ", Role::Warning));
        let counted = match (flood.shown.arrived, flood.shown.left) {
            (arrived, 0) => format!("{} arrived", grouped(arrived)),
            (arrived, left) if self.columns.total < 50 => {
                format!("+{} −{}", grouped(arrived), grouped(left))
            }
            (arrived, left) => format!("{} arrived · {} left", grouped(arrived), grouped(left)),
        };
        first.push(piece(counted, Role::Text));
        if let Some(lasted) = flood.lasted {
            first.push(piece(format!(" in {}", span(lasted)), Role::Dim));
        } else {
            if self.columns.total >= 50 {
                first.push(piece(format!("  {}", bars(&flood.shown.seconds)), Role::Dim));
            }
            first.push(piece(format!("  {}/s", flood.shown.rate), Role::Warning));
            if self.columns.total >= 50 {
                first.push(piece(format!(" · {}", span(flood.shown.since)), Role::Dim));
            }
        }
        let mut rows = vec![first];
        let aside = self.aside(flood);
        if !aside.is_empty() {
            rows.extend(self.block(&self.inner("╰ "), 2, &aside, Role::Dim));
        }
        rows
    }

    /// Whom one knows of them; and while it lasts, what becomes of the answers and where all of
    /// them are listed.
    fn aside(&self, flood: &Flood) -> String {
        let mut told = Vec::new();
        if !flood.known.is_empty() {
            told.push(format!("people you know: {}", flood.known.join(", ")));
        }
        if flood.lasted.is_none() && self.columns.total >= 50 {
            told.push(if self.model.settings.greet {
                "answers: 5/s at most".to_owned()
            } else {
                "answers: off".to_owned()
            });
            told.push("Enter: list".to_owned());
        }
        told.join(" · ")
    }
}

/// A bar for each second; the tallest is the busiest.
fn bars(seconds: &[u32]) -> String {
    let most = seconds.iter().copied().max().unwrap_or_default().max(1);
    let bar = |count: &u32| {
        let height = (u64::from(*count) * (BARS.len() as u64 - 1)).div_ceil(u64::from(most));
        BARS[usize::try_from(height).unwrap_or_default().min(BARS.len() - 1)]
    };
    seconds.iter().map(bar).collect()
}

/// A number as people read it: `2 418`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_bars_are_read_at_a_glance() {
        assert_eq!(grouped(12), "12");
        assert_eq!(grouped(2418), "2 418");
        assert_eq!(grouped(1_234_567), "1 234 567");
        assert_eq!(bars(&[0, 1, 50, 100]), "▁▂▅█");
        assert_eq!(bars(&[]), "");
    }
}
