//! Other chats of the terminal, where they are installed, for company: their time to a first
//! screen and their memory, without any connection.

use std::time::Duration;

use crate::process::mebibytes;
use crate::table::{row, span, title};
use crate::terminal::Terminal;

pub(crate) fn measure() {
    title("company: other terminal chats, not connected");
    let home = std::env::temp_dir().join(format!("hullo-bench-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let folder = home.to_string_lossy().into_owned();
    let programs: [(&str, Vec<&str>); 3] = [
        ("tiny", vec![]),
        ("irssi", vec!["--noconnect", "--home", &folder]),
        ("weechat", vec!["--no-connect", "--dir", &folder]),
    ];
    for (program, arguments) in programs {
        if !is_installed(program) {
            row(program, "not installed", "");
            continue;
        }
        let mut terminal = Terminal::start(program, &arguments);
        let up = terminal.wait("anything", |screen| !screen.contents().trim().is_empty());
        terminal.listen(Duration::from_secs(2));
        let memory = mebibytes(terminal.process().resident());
        let took = span(up.duration_since(terminal.started));
        row(program, &format!("{took}, {memory}"), "");
    }
    std::fs::remove_dir_all(&home).ok();
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
