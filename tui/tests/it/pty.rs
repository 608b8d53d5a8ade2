//! The program in a terminal of 80x24, and what that terminal shows.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::process::{Home, PATIENCE, variables};

const ROWS: u16 = 24;
const COLUMNS: u16 = 80;
/// Where the pane of people begins on a screen this wide.
const PEOPLE_FROM: u16 = 63;

/// The program in a terminal. Dropping it kills the program.
pub(crate) struct Session {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: mpsc::Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    _pty: Box<dyn MasterPty + Send>,
}

impl Session {
    /// Starts the program with these arguments and these variables.
    pub(crate) fn start(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hullo"));
        for name in variables() {
            command.env_remove(name);
        }
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        for (name, value) in home.environment() {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut from = pty.master.try_clone_reader().unwrap();
        let (told, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                if told.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = pty.master.take_writer().unwrap();
        let [rows, columns] = [ROWS, COLUMNS].map(|size| NonZero::new(size).unwrap());
        Self {
            child,
            keys,
            output,
            terminal: vt100::Parser::new(rows, columns, 0),
            _pty: pty.master,
        }
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// What the terminal shows, as far as it was read.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.terminal.screen()
    }

    /// Reads until the terminal is as wanted, answering what the program asks it.
    #[track_caller]
    pub(crate) fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        while !wanted(self.screen()) {
            let Ok(bytes) = self.output.recv_timeout(PATIENCE) else {
                panic!("{what} never came:\n{}", self.screen().contents())
            };
            // "What are you?" An old terminal, without the keyboard flags that were asked for.
            if bytes.windows(3).any(|asked| asked == b"\x1b[c") {
                self.send("\x1b[?6c");
            }
            self.terminal.process(&bytes);
        }
    }

    /// Reads until the screen shows this text.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Reads until exactly these people are listed as here, in whatever order.
    #[track_caller]
    pub(crate) fn lists(&mut self, names: &[&str]) {
        self.wait(&format!("{names:?} in the list"), |screen| here(screen) == names);
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = self.child.process_id().and_then(|id| i32::try_from(id).ok()).unwrap();
        let process = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(process, signal).unwrap();
    }

    /// Waits for the end; the terminal must be as it was.
    #[track_caller]
    pub(crate) fn ends_well(mut self) -> u32 {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.terminal.process(&bytes),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("the program goes on"),
            }
        }
        let screen = self.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
        self.child.wait().unwrap().exit_code()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.child.kill().ok();
    }
}

/// The names under "HERE", sorted.
fn here(screen: &vt100::Screen) -> Vec<String> {
    let rows = screen.rows(PEOPLE_FROM, COLUMNS - PEOPLE_FROM);
    let mut names: Vec<String> = rows
        .skip_while(|row| !row.trim_start().starts_with("HERE"))
        .skip(1)
        .map_while(|row| row.trim().strip_prefix("● ").map(str::to_owned))
        .map(|entry| entry.split_whitespace().next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}
