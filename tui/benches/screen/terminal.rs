//! A program in a terminal of 120x40, when it wrote what, and what the terminal shows.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use hullo_testing::process::Process;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(20);

type Keys = Arc<Mutex<Box<dyn Write + Send>>>;

pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Keys,
    output: mpsc::Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    /// Frames that were begun.
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
    pub(crate) started: Instant,
    _pty: Box<dyn MasterPty + Send>,
}

impl Terminal {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Self {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("LC_ALL", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        let keys: Keys = Arc::new(Mutex::new(pty.master.take_writer().unwrap()));
        let from = pty.master.try_clone_reader().unwrap();
        let started = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let output = listen(from, Arc::clone(&keys));
        let screen = vt100::Parser::new(NonZero::new(40).unwrap(), NonZero::new(120).unwrap(), 0);
        Self { child, keys, output, screen, frames: 0, bytes: 0, started, _pty: pty.master }
    }

    pub(crate) fn process(&self) -> Process {
        Process(self.child.process_id().unwrap())
    }

    pub(crate) fn send(&self, keys: &str) {
        let mut to = self.keys.lock().unwrap();
        to.write_all(keys.as_bytes()).unwrap();
        to.flush().unwrap();
    }

    /// Reads until the screen is as wanted; tells when the bytes came that made it so.
    pub(crate) fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) -> Instant {
        loop {
            let Ok((at, bytes)) = self.output.recv_timeout(PATIENCE) else {
                panic!("{what} never came:\n{}", self.screen.screen().contents())
            };
            self.take(&bytes);
            if wanted(self.screen.screen()) {
                return at;
            }
        }
    }

    /// Reads whatever comes for a while.
    pub(crate) fn listen(&mut self, span: Duration) {
        let until = Instant::now() + span;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            if let Ok((_, bytes)) = self.output.recv_timeout(left) {
                self.take(&bytes);
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.frames += bytes.windows(8).filter(|begun| *begun == b"\x1b[?2026h").count();
        self.screen.process(bytes);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Notes when each segment of output came; answers what the program asks a terminal at once.
fn listen(mut from: Box<dyn Read + Send>, keys: Keys) -> mpsc::Receiver<(Instant, Vec<u8>)> {
    let (told, output) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = vec![0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let at = Instant::now();
            let segment = &bytes[..count];
            if segment.windows(3).any(|asked| asked == b"\x1b[c") {
                keys.lock().unwrap().write_all(b"\x1b[?6c").unwrap();
            }
            if told.send((at, segment.to_vec())).is_err() {
                return;
            }
        }
    });
    output
}
