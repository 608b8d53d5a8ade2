//! What the compiler does not check: that pure files stay pure, that imports follow the arrows of
//! ARCHITECTURE.md, that files stay short enough to read, and that no path of a machine slips in.

use std::fs;
use std::path::{Path, PathBuf};

/// The files that may ask the clock, the system and the network. All others decide and do not act.
const SHELL: &[&str] = &[
    "src/client/driver.rs",
    "src/client/handle.rs",
    "src/client/line.rs",
    "server/src/admission.rs",
    "server/src/connection.rs",
    "server/src/connection/farewell.rs",
    "server/src/connection/reading.rs",
    "server/src/connection/sending.rs",
    "server/src/daemon.rs",
    "server/src/handshake.rs",
    "server/src/lib.rs",
    "server/src/listener.rs",
    "server/src/logging.rs",
    "server/src/logging/file.rs",
    "server/src/logging/queue.rs",
    "server/src/machine.rs",
    "server/src/main.rs",
    "server/src/persistence.rs",
    "server/src/rooms.rs",
    "server/src/rooms/keeping.rs",
    "server/src/rooms/shared.rs",
    "server/src/server.rs",
    "server/src/store.rs",
    "server/src/store/opening.rs",
    "server/src/store/promise.rs",
    "server/src/store/queue.rs",
    "server/src/store/writer.rs",
    "server/src/ticker.rs",
    "tui/src/app.rs",
    "tui/src/app/",
    "tui/src/doctor.rs",
    "tui/src/doctor/ask.rs",
    "tui/src/files.rs",
    "tui/src/headless.rs",
    "tui/src/headless/",
    "tui/src/host.rs",
    "tui/src/lib.rs",
    "tui/src/main.rs",
    "tui/src/runtime.rs",
    "tui/src/setup.rs",
    "tui/src/state.rs",
];

/// What no pure file contains.
const IMPURE: &[&str] = &[
    "tokio::",
    "async fn",
    ".await",
    "::now()",
    "std::env",
    "std::fs",
    "std::io::std",
    "std::thread",
    "TcpStream",
    "Mutex",
    "RwLock",
    " static mut ",
    "println!",
    "new_v4",
];

/// In files under the first, nothing of the second is imported.
const ARROWS: &[(&str, &[&str])] = &[
    ("src/protocol", &["crate::client", "crate::presence"]),
    ("src/presence.rs", &["crate::client"]),
    ("server/src/room.rs", &["crate::rooms", "crate::connection::channels", "crate::server"]),
    ("server/src/room/", &["crate::rooms", "crate::connection::channels", "crate::server"]),
    ("server/src/rooms.rs", &["crate::connection::channels", "crate::server", "crate::listener"]),
    ("server/src/connection/channels.rs", &["crate::server", "crate::listener"]),
    ("server/src/connection", &["crate::listener", "crate::handshake"]),
    ("tui/src/config", &["crate::app", "crate::files", "crate::state", "crate::model"]),
    ("tui/src/view", &["crate::app", "crate::update", "crate::host", "crate::headless"]),
    ("tui/src/update", &["crate::app", "crate::view", "crate::host", "crate::headless"]),
    ("tui/src/model", &["crate::app", "crate::view", "crate::update", "crate::host"]),
];

const MAX_LINES: usize = 400;

struct Source {
    name: String,
    code: String,
}

#[test]
fn pure_files_stay_pure() {
    let is_shell = |name: &str| {
        SHELL.iter().any(|shell| name == *shell || shell.ends_with('/') && name.starts_with(shell))
    };
    let pure = sources().into_iter().filter(|source| !is_shell(&source.name));
    refuse(pure, IMPURE, "is pure, yet contains");
}

#[test]
fn imports_follow_the_arrows() {
    for (folder, forbidden) in ARROWS {
        let below = sources().into_iter().filter(|source| source.name.starts_with(folder));
        refuse(below, forbidden, "stands below, yet imports");
    }
}

#[test]
fn shell_files_exist() {
    for file in SHELL {
        assert!(root().join(file).exists(), "{file} is gone: take it off the list");
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    let long = sources().into_iter().filter(|source| source.code.lines().count() > MAX_LINES);
    let names: Vec<String> = long.map(|source| source.name).collect();
    assert!(names.is_empty(), "more than {MAX_LINES} lines before the tests: {names:?}");
}

#[track_caller]
fn refuse(sources: impl Iterator<Item = Source>, words: &[&str], why: &str) {
    let found: Vec<String> = sources
        .flat_map(|Source { name, code }| {
            let code: Vec<&str> = code.lines().filter(|line| !is_comment(line)).collect();
            let found = words.iter().filter(|word| code.iter().any(|line| line.contains(**word)));
            found.map(|word| format!("{name} {why} {word:?}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Every source file of the three crates, up to its tests.
fn sources() -> Vec<Source> {
    ["src", "server/src", "tui/src"].iter().flat_map(|folder| read(&root().join(folder))).collect()
}

fn read(folder: &Path) -> Vec<Source> {
    let entries = fs::read_dir(folder).expect("the folder is part of the project");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.partition(|path| path.is_dir());
    let sources = files.iter().filter(|path| is_source(path)).map(|path| source(path));
    sources.chain(folders.iter().flat_map(|folder| read(folder))).collect()
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
        && path.file_stem().is_none_or(|stem| stem != "tests")
        && !path.components().any(|part| part.as_os_str() == "tests")
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("source files are text");
    // Its tests come last. What else is for tests alone is held to the same.
    let marks = ["\n#[cfg(test)]\nmod tests {", "\n#[cfg(all(test, unix))]\nmod tests {"];
    let end = marks.iter().filter_map(|mark| text.find(mark)).min().unwrap_or(text.len());
    let code = text[..end].to_owned();
    let name = path.strip_prefix(root()).expect("it lies below the root");
    Source { name: name.to_string_lossy().replace('\\', "/"), code }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
