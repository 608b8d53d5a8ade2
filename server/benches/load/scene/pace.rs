//! So many a second, evenly: what is due is pushed at its time, whatever the server does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mio::Waker;

/// Wakes the load generator whenever something is due. A poll can wait for whole milliseconds
/// alone; a thread that sleeps is finer.
pub(super) struct Pace {
    began: Instant,
    interval: Duration,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Pace {
    pub(super) fn begin(per_second: u32, waker: Arc<Waker>) -> Self {
        let interval = Duration::from_secs(1) / per_second;
        let over = Arc::new(AtomicBool::new(false));
        let began = Instant::now();
        let is_over = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let mut due = began;
            while !is_over.load(Ordering::Relaxed) {
                due = (due + interval).max(Instant::now());
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                if waker.wake().is_err() {
                    return;
                }
            }
        });
        Self { began, interval, over, thread: Some(thread) }
    }

    /// How many are due by now.
    pub(super) fn due(&self, now: Instant) -> u64 {
        let passed = now.saturating_duration_since(self.began);
        (passed.as_nanos() / self.interval.as_nanos()) as u64
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it only sleeps and wakes");
        }
    }
}
