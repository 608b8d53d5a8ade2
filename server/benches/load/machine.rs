//! The machine on which it is measured.

use std::fs;

/// On what it is measured, in half a sentence.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    format!("{cores} cores of {model}, {}", std::env::consts::OS)
}

/// Lets this process and those it starts open as many files as the system allows at most.
#[cfg(unix)]
pub(crate) fn open_more_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        eprintln!("no more files may be open than before: {error}");
    }
}

/// How many files this process may open.
#[cfg(unix)]
pub(crate) fn most_files() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| limit as usize)
}

/// Only Unix limits them.
#[cfg(not(unix))]
pub(crate) fn open_more_files() {}

/// Only Unix limits them.
#[cfg(not(unix))]
pub(crate) fn most_files() -> usize {
    usize::MAX
}
