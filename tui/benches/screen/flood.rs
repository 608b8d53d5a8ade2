//! Typing while thousands arrive, and how much is painted meanwhile.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hullo_testing::process::Process;

use crate::fake_server::{FakeServer, PEOPLE, Scene};
use crate::process::{HULLO, mebibytes, used};
use crate::table::{Spread, row, title};
use crate::terminal::Terminal;

const ARRIVALS: u64 = 5_000;

/// Between two keys; not a whole number of frames.
const BETWEEN_KEYS: Duration = Duration::from_millis(19);

pub(crate) fn measure() {
    let span = crate::seconds("HULLO_BENCH_FLOOD", 6);
    title(&format!("flood: {ARRIVALS} arrivals and as many leaves a second, {PEOPLE} people"));
    let server = FakeServer::start();
    let mut terminal = Terminal::start(HULLO, &["--server", &server.address, "--name", "ada"]);
    terminal.wait("the room", |screen| screen.contents().contains("you said helo"));
    terminal.send("/join ops\r");
    terminal.wait("the other room", |screen| screen.contents().contains("#ops"));
    terminal.send("\x1b1");
    terminal.listen(Duration::from_secs(6));

    row("key to paint in quiet", &type_for(&mut terminal, span / 2).shown(), "");
    elsewhere(&server, &mut terminal);

    server.show(Scene::Arrivals(ARRIVALS));
    row("key to paint as it begins", &type_for(&mut terminal, span / 2).shown(), "p99 < 16 ms");
    let (frames, bytes, sent, before) =
        (terminal.frames, terminal.bytes, server.sent(), used(terminal.process()));
    let begun = Instant::now();
    terminal.listen(span);
    let took = begun.elapsed().as_secs_f64();
    let after = used(terminal.process());
    let a_second = |count: usize| format!("{:.1}", count as f64 / took);
    row("frames a second", &a_second(terminal.frames - frames), "<= 31");
    row("bytes a second to the terminal", &a_second(terminal.bytes - bytes), "");
    let delivered = server.sent() - sent;
    row("frames a second from the network", &format!("{:.0}", delivered as f64 / took), "10000");
    if let (Some(before), Some(after)) = (before, after) {
        let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        row("CPU", &format!("{:.1} %", 100.0 * cpu / took), "");
        row("CPU for each delivery", &format!("{:.1} µs", 1e6 * cpu / delivered as f64), "");
    }
    row("key to paint in the flood", &type_for(&mut terminal, span).shown(), "p99 < 16 ms");
    row("resident memory afterwards", &mebibytes(terminal.process().resident()), "");
    drop(terminal);
    as_lines(span);
}

/// The same flood on the line mode.
fn as_lines(span: Duration) {
    let server = FakeServer::start();
    let mut child = Command::new(HULLO)
        .args(["--plain", "--server", &server.address, "--name", "ada"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let lines = std::thread::spawn(move || output.lines().count());
    std::thread::sleep(Duration::from_secs(1));
    let before = used(Process(child.id()));
    server.show(Scene::Arrivals(ARRIVALS));
    std::thread::sleep(span);
    let after = used(Process(child.id()));
    let delivered = server.sent();
    child.kill().unwrap();
    child.wait().unwrap();
    row("line mode: lines printed", &lines.join().unwrap().to_string(), "");
    if let (Some(before), Some(after)) = (before, after) {
        let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        let each = 1e6 * cpu / delivered as f64;
        row("line mode: CPU for each delivery", &format!("{each:.1} µs"), "");
    }
}

/// What nobody sees is not painted.
fn elsewhere(server: &FakeServer, terminal: &mut Terminal) {
    let frames = terminal.frames;
    server.show(Scene::TypingElsewhere(200));
    terminal.listen(Duration::from_secs(3));
    server.show(Scene::Quiet);
    row(
        "frames while somebody writes in another room",
        &(terminal.frames - frames).to_string(),
        "0",
    );
}

/// Types one key after the other; how long each took to be on the screen.
fn type_for(terminal: &mut Terminal, span: Duration) -> Spread {
    let begun = Instant::now();
    let (mut spans, mut count) = (Vec::new(), 0);
    while begun.elapsed() < span {
        terminal.listen(BETWEEN_KEYS);
        if count == 80 {
            terminal.send("\x15");
            terminal.wait("an empty line", |screen| typed(screen) == 0);
            count = 0;
        }
        count += 1;
        let at = Instant::now();
        terminal.send("x");
        let seen = terminal.wait("the key", |screen| typed(screen) == count);
        spans.push(seen.saturating_duration_since(at));
    }
    terminal.send("\x15");
    terminal.wait("an empty line", |screen| typed(screen) == 0);
    Spread::of(spans)
}

/// How many keys the line shows that one types in.
fn typed(screen: &vt100::Screen) -> usize {
    let contents = screen.contents();
    let line = contents.lines().find_map(|line| line.split_once("ada › "));
    line.map_or(usize::MAX, |(_, text)| text.chars().filter(|typed| *typed == 'x').count())
}
