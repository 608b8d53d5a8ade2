//! The program in a terminal of 80x24, what that terminal shows, and what else it is told.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, mpsc};
use std::time::Instant;

#[cfg(unix)]
use hullo_testing::process::Process;
use hullo_testing::wait::PATIENCE;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tokio::sync::Mutex;

use crate::home::Home;

/// Columns and rows, unless a test says otherwise.
const SIZE: (u16, u16) = (80, 24);
/// Where the pane of people begins on a screen this wide.
const PEOPLE_FROM: u16 = 63;

/// The program in a terminal. Dropping it kills the program.
pub(crate) struct Session {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: mpsc::Receiver<Vec<u8>>,
    /// Held while the terminal takes nothing.
    #[cfg(unix)]
    stall: Arc<Mutex<()>>,
    terminal: vt100::Parser<Told>,
    pty: Box<dyn MasterPty + Send>,
}

/// What a terminal is told that does not stand on its screen.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) bells: usize,
    /// What the window was called, the latest last.
    pub(crate) titles: Vec<String>,
    /// What was put into the clipboard, in base64.
    pub(crate) copied: Vec<String>,
    /// Sequences for the desktop, without what frames them.
    pub(crate) desktop: Vec<String>,
    /// The keyboard flags, if this terminal knows them: how often they were pushed, and popped.
    pub(crate) keyboard: Option<(usize, usize)>,
    pub(crate) links: Vec<Link>,
    /// What it says that its letters stand on, if it says so.
    pub(crate) background: Option<&'static str>,
    /// The link that is being written, and where its letters begin.
    begun: Option<(Link, (u16, u16))>,
    /// What it answers.
    answers: String,
}

/// Letters that lead somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// As `id=…`.
    pub(crate) about: String,
    pub(crate) address: String,
    pub(crate) letters: String,
}

impl Told {
    /// A link begins here; without an address, the one that was begun ends.
    fn link(&mut self, screen: &vt100::Screen, about: String, address: String) {
        let at = screen.cursor_position();
        if let Some((link, (row, column))) = self.begun.take() {
            let letters = screen.contents_between(row, column, at.0, at.1);
            self.links.push(Link { letters, ..link });
        }
        if !address.is_empty() {
            self.begun = Some((Link { about, address, letters: String::new() }, at));
        }
    }
}

impl vt100::Callbacks for Told {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.titles.push(String::from_utf8(title.to_vec()).unwrap());
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.copied.push(String::from_utf8(data.to_vec()).unwrap());
    }

    fn unhandled_osc(&mut self, screen: &mut vt100::Screen, parts: &[&[u8]]) {
        let text = |parts: &[&[u8]]| String::from_utf8(parts.join(&b';')).unwrap();
        match (parts, self.background) {
            ([b"9" | b"777", ..], _) => self.desktop.push(text(parts)),
            ([b"8", about, address @ ..], _) => self.link(screen, text(&[about]), text(address)),
            ([b"10", b"?"], Some(_)) => self.answers.push_str("\x1b]10;rgb:8080/8080/8080\x1b\\"),
            ([b"11", b"?"], Some(background)) => {
                self.answers.extend(["\x1b]11;rgb:", background, "\x1b\\"]);
            }
            _ => {}
        }
    }

    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        mark: Option<u8>,
        _: Option<u8>,
        _: &[&[u16]],
        last: char,
    ) {
        match (mark, last, &mut self.keyboard) {
            (Some(b'?'), 'u', Some(_)) => self.answers.push_str("\x1b[?0u"),
            (Some(b'>'), 'u', Some((pushed, _))) => *pushed += 1,
            (Some(b'<'), 'u', Some((_, popped))) => *popped += 1,
            // "What are you?" An old one.
            (None, 'c', _) => self.answers.push_str("\x1b[?6c"),
            _ => {}
        }
    }
}

impl Session {
    /// Starts the program with these arguments and these variables.
    pub(crate) fn start(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::sized(SIZE, home, arguments, environment)
    }

    /// Starts the program in a terminal of so many columns and rows.
    pub(crate) fn sized(
        size: (u16, u16),
        home: &Home,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        Self::run(hullo(), home, arguments, environment, size, Told::default())
    }

    /// Starts the program in a terminal that knows the keyboard flags.
    pub(crate) fn with_flags(home: &Home, arguments: &[&str]) -> Self {
        let terminal = Told { keyboard: Some((0, 0)), ..Told::default() };
        Self::run(hullo(), home, arguments, &[], SIZE, terminal)
    }

    /// Starts the program in a terminal that tells its background, as `rrrr/gggg/bbbb`.
    pub(crate) fn on_background(
        background: &'static str,
        home: &Home,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let terminal = Told { background: Some(background), ..Told::default() };
        Self::run(hullo(), home, arguments, environment, SIZE, terminal)
    }

    /// Starts a shell with this script, to which the program is `$0`.
    #[cfg(unix)]
    pub(crate) fn in_shell(home: &Home, script: &str, arguments: &[&str]) -> Self {
        let mut shell = CommandBuilder::new("sh");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_hullo")]);
        Self::run(shell, home, arguments, &[], SIZE, Told::default())
    }

    fn run(
        mut command: CommandBuilder,
        home: &Home,
        arguments: &[&str],
        environment: &[(&str, &str)],
        (columns, rows): (u16, u16),
        told: Told,
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        command.env_clear();
        command.args(arguments);
        command.cwd(home.file("."));
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
        let (read, output) = mpsc::channel();
        let stall = Arc::new(Mutex::new(()));
        let stalled = Arc::clone(&stall);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                drop(stalled.blocking_lock());
                if read.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = pty.master.take_writer().unwrap();
        let [rows, columns] = [rows, columns].map(|size| NonZero::new(size).unwrap());
        Self {
            child,
            keys,
            output,
            #[cfg(unix)]
            stall,
            terminal: vt100::Parser::new_with_callbacks(rows, columns, 0, told),
            pty: pty.master,
        }
    }

    /// Makes the terminal another size; the program is told by the system.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.pty.resize(size).unwrap();
        let [rows, columns] = [rows, columns].map(|size| NonZero::new(size).unwrap());
        self.terminal.set_size(rows, columns);
    }

    /// Types.
    pub(crate) fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// While this is locked, the terminal takes nothing.
    #[cfg(unix)]
    pub(crate) fn stall(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.stall)
    }

    /// Waits until the program writes anything, and answers nothing.
    #[cfg(unix)]
    pub(crate) fn begins_to_write(&mut self) {
        let bytes = self.output.recv_timeout(PATIENCE).unwrap();
        self.terminal.process(&bytes);
    }

    /// What the terminal shows, as far as it was read.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.terminal.screen()
    }

    /// What else the terminal was told, as far as it was read.
    pub(crate) fn told(&self) -> &Told {
        self.terminal.callbacks()
    }

    /// Reads until the terminal is as wanted, answering what the program asks it.
    #[track_caller]
    pub(crate) fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.wait_for(what, |session| wanted(session.screen()));
    }

    /// Reads until the terminal was told what is wanted.
    #[track_caller]
    pub(crate) fn hears(&mut self, what: &str, wanted: impl Fn(&Told) -> bool) {
        self.wait_for(what, |session| wanted(session.told()));
    }

    /// Reads until the window is called this.
    #[track_caller]
    pub(crate) fn is_called(&mut self, title: &str) {
        self.hears(title, |told| told.titles.last().is_some_and(|last| last == title));
    }

    /// A screen without a server counts the seconds, so there is always something to read.
    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "patience is measured")]
    fn wait_for(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !wanted(self) {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.output.recv_timeout(left) else {
                panic!("{what} never came:\n{}", self.screen().contents())
            };
            self.terminal.process(&bytes);
            let answers = std::mem::take(&mut self.terminal.callbacks_mut().answers);
            self.send(&answers);
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
    pub(crate) fn process(&self) -> Process {
        Process(self.child.process_id().unwrap())
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        self.process().signal(signal);
    }

    /// Waits for the end; the terminal must be as it was. Tells the exit code.
    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "patience is measured")]
    pub(crate) fn ends_well(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.terminal.process(&bytes),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    panic!("the program goes on:\n{}", self.screen().contents())
                }
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

fn hullo() -> CommandBuilder {
    CommandBuilder::new(env!("CARGO_BIN_EXE_hullo"))
}

/// The names under "HERE", sorted.
fn here(screen: &vt100::Screen) -> Vec<String> {
    let rows = screen.rows(PEOPLE_FROM, SIZE.0 - PEOPLE_FROM);
    let mut names: Vec<String> = rows
        .skip_while(|row| !row.trim_start().starts_with("HERE"))
        .skip(1)
        .map_while(|row| row.trim().strip_prefix("● ").map(str::to_owned))
        .map(|entry| entry.split_whitespace().next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}
