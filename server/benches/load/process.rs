//! What a process has used, as the kernel tells it. Where it does not (there is no `/proc`), the
//! figures are missing from the table.

use std::fs;

/// A process that is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(pub(crate) u32);

/// Memory in KiB.
pub(crate) struct Memory {
    pub(crate) resident: f64,
    pub(crate) anonymous: f64,
}

impl Process {
    /// Seconds of processor time so far, user and system, in all its threads.
    pub(crate) fn cpu(self) -> Option<f64> {
        self.by_thread().or_else(|| self.by_ticks())
    }

    /// Resident memory now, in KiB.
    pub(crate) fn resident(self) -> Option<f64> {
        self.status("VmRSS:")
    }

    /// What of its memory is where, in KiB.
    pub(crate) fn memory(self) -> Option<Memory> {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0)).ok()?;
        Some(Memory { resident: kib(&text, "Rss:")?, anonymous: kib(&text, "Anonymous:")? })
    }

    /// The most resident memory so far, in KiB.
    pub(crate) fn peak(self) -> Option<f64> {
        self.status("VmHWM:")
    }

    /// To the nanosecond, of the threads that still run.
    fn by_thread(self) -> Option<f64> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0)).ok()?;
        let mut nanoseconds = 0.0;
        for thread in threads {
            let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            nanoseconds += text.split(' ').next()?.parse::<f64>().ok()?;
        }
        Some(nanoseconds / 1e9)
    }

    /// To the hundredth of a second.
    fn by_ticks(self) -> Option<f64> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        let behind_the_name = text.rsplit_once(") ")?.1;
        let mut ticks = behind_the_name.split(' ').skip(11);
        let mut next = || ticks.next()?.parse::<f64>().ok();
        Some((next()? + next()?) / 100.0)
    }

    fn status(self, key: &str) -> Option<f64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        kib(&text, key)
    }
}

fn kib(text: &str, key: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

/// On what it is measured, in half a sentence.
pub(crate) fn machine() -> String {
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
