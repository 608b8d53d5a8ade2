//! How long one picture takes to draw, without a terminal.

use std::time::{Duration, Instant};

use hullo_tui::bench::Picture;

use crate::table::{Spread, row, title};

const RUNS: usize = 500;

pub(crate) fn measure() {
    title("drawing: one picture of 120x40, in memory");
    let now = Instant::now();
    let pictures = [
        ("500 people", Picture::of_people(now, 500)),
        ("5,000 people", Picture::of_people(now, 5_000)),
        ("10,000 messages, at the end", Picture::of_messages(now, 10_000)),
        ("10,000 messages, scrolled to the top", Picture::of_messages(now, 10_000).scrolled()),
    ];
    for (what, mut picture) in pictures {
        let spans: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let begun = Instant::now();
                picture.draw();
                begun.elapsed()
            })
            .collect();
        row(what, &Spread::of(spans).shown(), "< 1 ms");
    }
}
