//! What the system knows of a process, and a server as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(crate) const HULLO: &str = env!("CARGO_BIN_EXE_hullo");

/// A real server, which ends with this.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(HULLO)
            .args(["serve", "--listen", "127.0.0.1:0", "--max-pushes-per-second", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().last().unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a process has used so far. Elsewhere than on Linux nothing is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// How often any of its threads woke up.
    pub(crate) wakes: u64,
    pub(crate) cpu: Duration,
}

pub(crate) fn used(process: u32) -> Option<Used> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let mut used = Used::default();
    for task in tasks.filter_map(Result::ok) {
        let status = std::fs::read_to_string(task.path().join("status")).ok()?;
        used.wakes += field(&status, "voluntary_ctxt_switches:")?;
        used.wakes += field(&status, "nonvoluntary_ctxt_switches:")?;
        // In nanoseconds; the ticks of `stat` are too coarse for a program that does nothing.
        let times = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        used.cpu += Duration::from_nanos(times.split_whitespace().next()?.parse().ok()?);
    }
    Some(used)
}

/// Resident memory in KiB.
pub(crate) fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    field(&status, "VmRSS:")
}

/// Resident memory that is the process's own, in KiB: without the pages of its program file.
pub(crate) fn own_resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    field(&status, "RssAnon:")
}

pub(crate) fn mebibytes(kibibytes: Option<u64>) -> String {
    kibibytes.map_or_else(
        || "not known here".to_owned(),
        |kib| format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024),
    )
}

fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
