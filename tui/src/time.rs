//! Points in time and spans, and how people read them.

use std::time::{Duration, Instant};

use clap::ValueEnum;
use jiff::civil::DateTime;

/// How the time of day is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Hours {
    #[value(name = "24h")]
    TwentyFour,
    #[value(name = "12h")]
    Twelve,
}

/// The time, brought in with every event: `at` only ever grows and measures, `wall` is what the
/// clock on the wall shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) at: Instant,
    pub(crate) wall: DateTime,
}

/// The wall clock as people read it, always as wide as [`clock_width`] says.
pub(crate) fn clock(time: DateTime, hours: Hours) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    match hours {
        Hours::TwentyFour => format!("{hour:02}:{minute:02}"),
        Hours::Twelve => {
            let half = if hour < 12 { "am" } else { "pm" };
            format!("{:2}:{minute:02} {half}", (hour + 11) % 12 + 1)
        }
    }
}

/// The wall clock to the second, for what one may want to know exactly.
pub(crate) fn clock_to_second(time: DateTime, hours: Hours) -> String {
    let (minute, second) = (clock(time, hours), time.second());
    match minute.trim_start().split_once(' ') {
        None => format!("{minute}:{second:02}"),
        Some((minute, half)) => format!("{minute}:{second:02} {half}"),
    }
}

/// Columns of a time of day.
pub(crate) fn clock_width(hours: Hours) -> usize {
    match hours {
        Hours::TwentyFour => 5,
        Hours::Twelve => 8,
    }
}

/// A span as people say it, in the unit that matters.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match (seconds / 3600, seconds / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) if minutes < 10 && !seconds.is_multiple_of(60) => {
            format!("{minutes} m {} s", seconds % 60)
        }
        (0, minutes) => format!("{minutes} m"),
        (hours, _) => format!("{hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_as_wide_as_said() {
        let check = |hour, expected: [&str; 2]| {
            let time = jiff::civil::date(2026, 11, 24).at(hour, 5, 0, 0);
            for (hours, expected) in [Hours::TwentyFour, Hours::Twelve].into_iter().zip(expected) {
                let shown = clock(time, hours);
                assert_eq!((&*shown, shown.len()), (expected, clock_width(hours)));
            }
        };
        check(0, ["00:05", "12:05 am"]);
        check(9, ["09:05", " 9:05 am"]);
        check(12, ["12:05", "12:05 pm"]);
        check(23, ["23:05", "11:05 pm"]);
    }

    #[test]
    fn spans_are_told_in_the_unit_that_matters() {
        let check = |seconds, expected| assert_eq!(span(Duration::from_secs(seconds)), expected);
        check(12, "12 s");
        check(81, "1 m 21 s");
        check(120, "2 m");
        check(1900, "31 m");
        check(7300, "2 h");
    }
}
