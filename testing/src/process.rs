//! What the kernel knows of a process. Elsewhere than on Linux, where there is no `/proc`, that is
//! nothing.

use std::fs;

/// A process, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process(pub u32);

/// Memory in KiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// All that is in memory.
    pub resident: u64,
    /// What of that belongs to no file, as the pages of the program do.
    pub anonymous: u64,
}

impl Process {
    /// Seconds of processor time so far, user and system, in all its threads.
    pub fn cpu(self) -> Option<f64> {
        self.by_thread().or_else(|| self.by_ticks())
    }

    /// How often its threads woke up so far.
    pub fn wakes(self) -> Option<u64> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).ok()?;
        tasks
            .filter_map(Result::ok)
            .map(|task| {
                let status = fs::read_to_string(task.path().join("status")).ok()?;
                let switches = |which| field(&status, which);
                Some(
                    switches("voluntary_ctxt_switches:")?
                        + switches("nonvoluntary_ctxt_switches:")?,
                )
            })
            .sum()
    }

    /// Resident memory now, in KiB.
    pub fn resident(self) -> Option<u64> {
        field(&self.read("status")?, "VmRSS:")
    }

    /// What of its memory is where.
    pub fn memory(self) -> Option<Memory> {
        let text = self.read("smaps_rollup")?;
        Some(Memory { resident: field(&text, "Rss:")?, anonymous: field(&text, "Anonymous:")? })
    }

    /// The most resident memory so far, in KiB.
    pub fn peak(self) -> Option<u64> {
        field(&self.read("status")?, "VmHWM:")
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub fn signal(self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.0).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(id.unwrap(), signal).unwrap();
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
        let text = self.read("stat")?;
        let behind_the_name = text.rsplit_once(") ")?.1;
        let mut ticks = behind_the_name.split(' ').skip(11);
        let mut next = || ticks.next()?.parse::<f64>().ok();
        Some((next()? + next()?) / 100.0)
    }

    fn read(self, file: &str) -> Option<String> {
        fs::read_to_string(format!("/proc/{}/{file}", self.0)).ok()
    }
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
