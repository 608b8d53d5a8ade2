//! What it costs to stand there while nothing happens.

use std::time::Duration;

use crate::process::{HULLO, mebibytes, start_server, used};
use crate::table::{row, title};
use crate::terminal::Terminal;

/// Answers are waited for so long; afterwards nothing on the screen changes by itself.
const SETTLES: Duration = Duration::from_secs(7);

pub(crate) fn measure() {
    let span = crate::seconds("HULLO_BENCH_IDLE", 20);
    title(&format!("idle: in a room with somebody else, for {} s", span.as_secs()));
    let server = start_server();
    let address = server.address.to_string();
    let place = ["--server", &address, "--name"];
    let start = |name| {
        let mut terminal = Terminal::start(HULLO, &[&place[..], &[name]].concat());
        terminal.wait("the room", |screen| screen.contents().contains("you said helo"));
        terminal
    };
    let (mut other, mut terminal) = (start("mira"), start("ada"));
    terminal.listen(SETTLES);
    other.listen(Duration::from_millis(10));
    let (frames, before) = (terminal.frames, used(terminal.process()));
    terminal.listen(span);
    let (Some(before), Some(after)) = (before, used(terminal.process())) else {
        row("wake-ups and CPU", "not known here", "");
        return;
    };
    let cpu = after.cpu.saturating_sub(before.cpu);
    let percent = 100.0 * cpu.as_secs_f64() / span.as_secs_f64();
    row("wake-ups of all threads", &(after.wakes - before.wakes).to_string(), "heartbeats alone");
    row("CPU", &format!("{} µs, {percent:.3} %", cpu.as_micros()), "0.0 %");
    row("frames", &(terminal.frames - frames).to_string(), "0");
    row("resident memory", &mebibytes(terminal.process().resident()), "");
}
