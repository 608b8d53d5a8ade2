//! How figures are told.

use std::time::Duration;

/// Begins a part of the table.
pub(crate) fn title(text: &str) {
    println!("\n{text}");
}

/// One figure, with what the project wants of it.
pub(crate) fn row(what: &str, figure: &str, wanted: &str) {
    let wanted = if wanted.is_empty() { String::new() } else { format!("   wanted: {wanted}") };
    println!("  {what:<46} {figure:>24}{wanted}");
}

/// What came of many runs.
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    pub(crate) fn of(mut spans: Vec<Duration>) -> Self {
        spans.sort_unstable();
        Self(spans)
    }

    pub(crate) fn median(&self) -> Duration {
        self.at(50)
    }

    /// The value below which so many percent lie.
    pub(crate) fn at(&self, percent: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get((self.0.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }

    pub(crate) fn shown(&self) -> String {
        format!("{} (p99 {})", span(self.median()), span(self.at(99)))
    }
}

pub(crate) fn span(span: Duration) -> String {
    match span.as_micros() {
        micros @ 0..1_000 => format!("{micros} µs"),
        micros => format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10),
    }
}
