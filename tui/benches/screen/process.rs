//! What the program uses, and a server as a process of its own.

use std::process::{Command, Stdio};
use std::time::Duration;

use hullo_testing::process::Process;
use hullo_testing::program::ServerProcess;

pub(crate) const HULLO: &str = env!("CARGO_BIN_EXE_hullo");

/// A real server, which ends with this.
pub(crate) fn start_server() -> ServerProcess {
    let mut command = Command::new(HULLO);
    command.args(["serve", "--listen", "127.0.0.1:0", "--max-pushes-per-second", "0"]);
    command.stderr(Stdio::null());
    ServerProcess::start(command).unwrap()
}

/// What a process has used so far. Elsewhere than on Linux nothing is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// How often any of its threads woke up.
    pub(crate) wakes: u64,
    pub(crate) cpu: Duration,
}

pub(crate) fn used(process: Process) -> Option<Used> {
    let cpu = Duration::from_secs_f64(process.cpu()?);
    Some(Used { wakes: process.wakes()?, cpu })
}

pub(crate) fn mebibytes(kibibytes: Option<u64>) -> String {
    kibibytes.map_or_else(
        || "not known here".to_owned(),
        |kib| format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024),
    )
}
