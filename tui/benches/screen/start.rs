//! From the start of the program to the room's screen, beside the least that can be.

use std::process::Command;

use crate::process::{HULLO, start_server};
use crate::table::{Spread, row, title};
use crate::terminal::Terminal;

const RUNS: usize = 30;

pub(crate) fn measure() {
    title("start: from exec to the first useful screen, a server running");
    let server = start_server();
    let address = server.address.to_string();
    let bare = bare();
    let (mut ours, mut least) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut terminal = Terminal::start(HULLO, &["--server", &address, "--name", "ada"]);
        let up = terminal.wait("the room", |screen| screen.contents().contains("you said helo"));
        ours.push(up.duration_since(terminal.started));
        if let Some(bare) = &bare {
            let mut terminal = Terminal::start(bare, &[]);
            let up = terminal.wait("the text", |screen| screen.contents().contains("ready"));
            least.push(up.duration_since(terminal.started));
        }
    }
    let (ours, least) = (Spread::of(ours), Spread::of(least));
    row("hullo, in the room", &ours.shown(), "< 30 ms");
    row("a bare ratatui program", &least.shown(), "");
    let ratio = ours.median().as_secs_f64() / least.median().as_secs_f64();
    row("ratio of the medians", &format!("{ratio:.1}"), "");
}

/// The bare program, built as this benchmark was.
fn bare() -> Option<String> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--package", "hullo-tui", "--example", "bare"])
        .status();
    let beside = std::path::Path::new(HULLO).parent()?.join("examples").join("bare");
    built.ok()?.success().then(|| beside.to_string_lossy().into_owned())
}
