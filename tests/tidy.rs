//! What the compiler does not check: that pure files stay pure, that imports follow the arrows of
//! ARCHITECTURE.md, that files stay short enough to read, and that a release has one day.

use std::fs;
use std::path::{Path, PathBuf};

/// The files that may ask the clock, the system and the network. All others decide and do not act.
const SHELL: &[&str] = &[
    "src/client/builder.rs",
    "src/client/connection.rs",
    "src/client/driver.rs",
    "src/client/handle.rs",
    "server/src/admission.rs",
    "server/src/clock.rs",
    "server/src/command_line.rs",
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
    "server/src/rooms/directory.rs",
    "server/src/rooms/keeping.rs",
    "server/src/rooms/shared.rs",
    "server/src/server.rs",
    "server/src/service_manager.rs",
    "server/src/store.rs",
    "server/src/store/opening.rs",
    "server/src/store/promise.rs",
    "server/src/store/queue.rs",
    "server/src/store/writer.rs",
    "server/src/ticker.rs",
    "tui/src/shell.rs",
    "tui/src/shell/",
    "tui/src/cli.rs",
    "tui/src/cli/connect.rs",
    "tui/src/cli/doctor/facts.rs",
    "tui/src/cli/environment.rs",
    "tui/src/cli/helo.rs",
    "tui/src/cli/interactive.rs",
    "tui/src/cli/manual.rs",
    "tui/src/cli/output.rs",
    "tui/src/cli/rooms.rs",
    "tui/src/cli/send.rs",
    "tui/src/cli/stop.rs",
    "tui/src/cli/watch.rs",
    "tui/src/cli/who.rs",
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
    ("src/client/channel.rs", &["super::socket"]),
    ("src/client/command.rs", &["super::socket", "super::channel"]),
    ("src/client/socket", &["client::driver", "client::handle", "super::driver", "super::handle"]),
    ("src/client/driver.rs", &["super::handle", "super::room", "super::builder", "super::Client"]),
    ("src/client/handle.rs", &["super::room", "super::builder", "super::Room"]),
    ("server/src/room.rs", &["crate::rooms", "crate::connection::channels", "crate::server"]),
    ("server/src/room/", &["crate::rooms", "crate::connection::channels", "crate::server"]),
    ("server/src/rooms.rs", &["crate::connection::channels", "crate::server", "crate::listener"]),
    ("server/src/connection/channels.rs", &["crate::server", "crate::listener"]),
    ("server/src/connection", &["crate::listener", "crate::handshake"]),
];

/// The floors of the program, lowest first: a module imports from its own floor and from those
/// below. `core` is the model and its events; `core::update` stands above it.
const FLOORS: &[&[&str]] = &[
    &["failure", "ids", "text", "time"],
    &["settings", "theme"],
    &["input"],
    &["config", "people"],
    &["entry"],
    &["chat"],
    &["core"],
    &["layout", "menu"],
    &["core::update", "plain", "screen"],
    &["shell"],
    &["cli"],
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
fn floors_import_from_below() {
    for (floor, modules) in FLOORS.iter().enumerate() {
        let above = FLOORS[floor + 1..].iter().copied().flatten();
        let above: Vec<String> = above.map(|module| format!("crate::{module}")).collect();
        let above: Vec<&str> = above.iter().map(String::as_str).collect();
        let files = sources().into_iter().filter(|source| modules.contains(&module_of(source)));
        refuse(files, &above, "stands below, yet imports");
    }
}

/// The module of the program that a file belongs to, as [`FLOORS`] names it; empty for others.
fn module_of(source: &Source) -> &str {
    let Some(path) = source.name.strip_prefix("tui/src/") else { return "" };
    if path.starts_with("core/update") {
        return "core::update";
    }
    let module = path.split(['/', '.']).next().unwrap_or_default();
    let is_known = FLOORS.iter().any(|floor| floor.contains(&module));
    let has_no_floor = ["lib", "main", "bench", "tests"].contains(&module);
    assert!(is_known || has_no_floor, "{module} stands on no floor");
    module
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

#[test]
fn the_pages_for_man_bear_the_day_of_the_latest_release() {
    let text =
        |file: &str| fs::read_to_string(root().join(file)).expect("it is part of the project");
    let changelog = text("CHANGELOG.md");
    let released = format!("## {} - ", env!("CARGO_PKG_VERSION"));
    let day = changelog.lines().find_map(|line| line.strip_prefix(&*released));
    let day = day.unwrap_or_else(|| panic!("CHANGELOG.md has no heading {released:?}"));
    let manual = text("server/src/manual.rs");
    assert!(manual.contains(&format!("RELEASED: &str = \"{day}\"")), "manual.rs: {day}");
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
