//! What a process has used, as the kernel tells it. Where it does not (there is no `/proc`), the
//! figures are missing from the table.

use std::fs;

/// A process that is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Seconds of processor time so far, user and system, in all its threads.
    pub(crate) fn cpu(self) -> Option<f64> {
        self.by_thread().or_else(|| self.by_ticks())
    }

    /// Resident memory now, in KiB.
    pub(crate) fn resident(self) -> Option<f64> {
        self.status("VmRSS:")
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
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse().ok()
    }
}
