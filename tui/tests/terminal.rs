//! The real program in a real terminal: it takes it over, and hands it back on every way out.
//! No server is needed: without one the screen is up all the same.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(20);

/// The program in a terminal of 80x24, and what that terminal shows.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: mpsc::Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    /// All that came, with what the terminal above does not keep.
    seen: Vec<u8>,
    _pty: Box<dyn MasterPty + Send>,
}

impl Session {
    fn start(environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hullo"));
        command.args(["--server", "ws://127.0.0.1:9", "--name", "ada"]);
        command.env("LC_ALL", "C.UTF-8");
        command.env("TERM", "xterm-256color");
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
        let terminal = vt100::Parser::new(NonZero::new(24).unwrap(), NonZero::new(80).unwrap(), 0);
        Self { child, keys, output, terminal, seen: Vec::new(), _pty: pty.master }
    }

    fn send(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
        self.keys.flush().unwrap();
    }

    /// Reads until the terminal is as wanted, answering what the program asks it.
    #[track_caller]
    fn wait(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        while !wanted(self.terminal.screen()) {
            let Ok(bytes) = self.output.recv_timeout(PATIENCE) else {
                panic!("{what} never came:\n{}", self.terminal.screen().contents())
            };
            // What it writes on: dark letters on white.
            if bytes.windows(5).any(|asked| asked == b"\x1b]11;") {
                self.send(b"\x1b]10;rgb:1111/1111/1111\x1b\\\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
            }
            // "What are you?" An old terminal, without the keyboard flags that were asked for.
            if bytes.windows(3).any(|asked| asked == b"\x1b[c") {
                self.send(b"\x1b[?6c");
            }
            self.terminal.process(&bytes);
            self.seen.extend(bytes);
        }
    }

    fn is_up(&mut self) {
        self.wait("the screen", |screen| {
            screen.alternate_screen() && screen.contents().contains("There is no server")
        });
        assert!(self.terminal.screen().bracketed_paste());
    }

    /// Waits for the end; the terminal must be as it was.
    fn ends_well(mut self) -> u32 {
        let status = self.child.wait().unwrap();
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(300)) {
            self.terminal.process(&bytes);
        }
        let screen = self.terminal.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
        status.exit_code()
    }
}

#[test]
fn ctrl_c_twice_quits_and_the_terminal_is_as_before() {
    let mut session = Session::start(&[]);
    session.is_up();
    session.send(b"\x03");
    session.wait("the question", |screen| screen.contents().contains("Ctrl+C once more"));
    session.send(b"\x03");
    assert_eq!(session.ends_well(), 0);
}

#[cfg(unix)]
#[test]
fn sigterm_hands_the_terminal_back() {
    let mut session = Session::start(&[]);
    session.is_up();
    let process = session.child.process_id().and_then(|id| i32::try_from(id).ok()).unwrap();
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    session.ends_well();
}

#[test]
fn a_paste_is_never_sent_by_itself() {
    let mut session = Session::start(&[]);
    session.is_up();
    session.send(b"\x1b[200~one\r\ntwo\r\n\x1b[201~");
    session.wait("the draft", |screen| {
        screen.contents().contains("ada › one") && screen.contents().contains("two")
    });
    session.send(b"\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn no_color_means_none_and_an_old_locale_means_ascii() {
    let mut session = Session::start(&[("NO_COLOR", "1"), ("LC_ALL", "C")]);
    session.is_up();
    session.wait("the state of the line", |screen| screen.contents().contains("x offline"));
    let screen = session.terminal.screen();
    let cells = (0..24).flat_map(|row| (0..80).filter_map(move |column| screen.cell(row, column)));
    for cell in cells {
        assert_eq!(
            (cell.fgcolor(), cell.bgcolor()),
            (vt100::Color::Default, vt100::Color::Default)
        );
        assert!(cell.contents().is_ascii(), "{:?}", cell.contents());
    }
    session.send(b"\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn an_address_is_a_link_of_the_terminal() {
    let mut session = Session::start(&[]);
    session.is_up();
    session.send(b"see https://wiki.example/a, ok\r");
    session.wait("the line", |screen| screen.contents().contains("waiting to send"));
    let seen = String::from_utf8_lossy(&session.seen).into_owned();
    let link = ";https://wiki.example/a\x1b\\https://wiki.example/a\x1b]8;;\x1b\\";
    assert!(seen.contains("\x1b]8;id=") && seen.contains(link), "{seen:?}");
    session.send(b"\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn auto_is_light_where_the_terminal_is() {
    let mut session = Session::start(&[("COLORTERM", "truecolor")]);
    session.is_up();
    session.send(b"/theme auto\r");
    session.wait("black letters", |screen| {
        let first = screen.cell(0, 0).map(vt100::Cell::fgcolor);
        first == Some(vt100::Color::Rgb(0, 0, 0)) && screen.contents().contains("theme is auto")
    });
    session.send(b"\x03\x03");
    assert_eq!(session.ends_well(), 0);
}
