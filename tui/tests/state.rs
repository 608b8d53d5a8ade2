//! What the real program keeps between two runs, in a real terminal: settings, what was sent, and
//! the draft, whatever ends it. No server is needed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(20);
const ROWS: u16 = 30;
const COLUMNS: u16 = 100;

/// A home of its own, empty at first.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("state").join(name);
        fs::remove_dir_all(&home).ok();
        fs::create_dir_all(&home).unwrap();
        Self(home)
    }

    fn config(&self) -> PathBuf {
        self.0.join("config/hullo/config.toml")
    }

    fn state(&self, file: &str) -> PathBuf {
        self.0.join("state/hullo").join(file)
    }

    fn write_config(&self, text: &str) {
        fs::create_dir_all(self.config().parent().unwrap()).unwrap();
        fs::write(self.config(), text).unwrap();
    }

    fn start(&self) -> Session {
        Session::start(self, &[])
    }
}

/// The program in a terminal, and what that terminal shows.
struct Session {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: mpsc::Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    _pty: Box<dyn MasterPty + Send>,
}

impl Session {
    fn start(home: &Home, environment: &[(&str, &str)]) -> Self {
        Self::start_with(home, &[], environment)
    }

    fn start_with(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hullo"));
        command.args(["--server", "ws://127.0.0.1:9", "--name", "ada"]);
        command.args(arguments);
        command.env("LC_ALL", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        command.env("XDG_CONFIG_HOME", home.0.join("config"));
        command.env("XDG_STATE_HOME", home.0.join("state"));
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
        let (rows, columns) = (NonZero::new(ROWS).unwrap(), NonZero::new(COLUMNS).unwrap());
        let terminal = vt100::Parser::new(rows, columns, 0);
        let mut session = Self { child, keys, output, terminal, _pty: pty.master };
        session.wait("the screen", |shown| shown.contains("There is no server"));
        session
    }

    fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    #[expect(clippy::disallowed_methods, reason = "a test waits in real time")]
    /// Reads until the terminal shows what is wanted, answering what the program asks it.
    #[track_caller]
    fn wait(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        while !wanted(&self.terminal.screen().contents()) {
            // It draws every second, if only to count: silence is no sign of failure.
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let Ok(bytes) = self.output.recv_timeout(left) else {
                panic!("{what} never came:\n{}", self.terminal.screen().contents())
            };
            if bytes.windows(3).any(|asked| asked == b"\x1b[c") {
                self.send("\x1b[?6c");
            }
            self.terminal.process(&bytes);
        }
    }

    #[track_caller]
    fn shows(&mut self, text: &str) {
        self.wait(text, |shown| shown.contains(text));
    }

    fn signal(&self, signal: Signal) {
        let process = self.child.process_id().and_then(|id| i32::try_from(id).ok()).unwrap();
        kill_process(Pid::from_raw(process).unwrap(), signal).unwrap();
    }

    /// Waits for the end. The terminal must be as it was; what it shows then is returned.
    fn ends(mut self) -> (u32, String) {
        let status = self.child.wait().unwrap();
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(300)) {
            self.terminal.process(&bytes);
        }
        let screen = self.terminal.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
        (status.exit_code(), screen.contents().replace('\n', ""))
    }

    fn quits(mut self) {
        self.send("\x03\x03\x03");
        assert_eq!(self.ends().0, 0);
    }
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn a_setting_is_written_back_and_counts_the_next_time() {
    let home = Home::new("setting");
    home.write_config("# mine\n#time = \"24h\"\n\n[keys] # odd ones\nf5 = \"bare\"\n");
    let mut session = home.start();
    session.send("/set time 12h\r");
    session.shows("time is 12h");
    session.send("/bind f6 mute\r");
    session.shows("F6 is mute now");
    session.quits();
    let written = fs::read_to_string(home.config()).unwrap();
    let expected = "# mine\ntime = \"12h\"\n\n[keys] # odd ones\nf5 = \"bare\"\nf6 = \"mute\"\n";
    assert_eq!(written, expected);
    let mut session = home.start();
    session.send("/set time\r");
    session.shows("time is \"12h\"");
    session.quits();
}

#[test]
fn the_first_setting_makes_a_file_for_its_owner_alone() {
    let home = Home::new("first");
    let mut session = home.start();
    assert!(!home.config().exists());
    session.send("/bell off\r");
    session.shows("bell is off");
    session.quits();
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "bell = false\n");
    assert_eq!(mode(&home.config()), 0o600);
    assert_eq!(mode(&home.state("")), 0o700);
    assert_eq!(mode(&home.state("hullo.log")), 0o600);
}

#[test]
fn mistakes_are_told_on_screen_and_a_file_that_is_changed_is_read_again() {
    let home = Home::new("mistakes");
    home.write_config("theem = \"dark\"\nbell = \"loud\"\nidle = 20\n");
    let mut session = home.start();
    session.shows("line 1: there is no setting");
    session.shows("did you mean theme?");
    session.shows("line 2: bell: it is true or");
    session.send("/set idle\r");
    session.shows("idle is \"20\"");
    home.write_config("idle = 30\n");
    session.send("/reload\r/set idle\r");
    session.shows("idle is \"30\"");
    home.write_config("idle =\n");
    session.send("/set time 12h\r");
    session.shows("time counts until you quit");
    session.quits();
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "idle =\n");
}

#[test]
fn what_was_sent_is_recalled_the_next_time() {
    let home = Home::new("history");
    let mut session = home.start();
    session.send("one\\\x1b\rtwo\r");
    session.wait("the message", |shown| shown.contains("two") && shown.contains("ada › "));
    session.send("/log\r");
    session.shows("own log is ");
    session.quits();
    assert_eq!(fs::read_to_string(home.state("history")).unwrap(), "one\\\\\\ntwo\n/log\n");
    assert_eq!(mode(&home.state("history")), 0o600);
    home.write_config("history = false\n");
    let mut session = home.start();
    session.send("secret\r");
    session.shows("secret");
    session.quits();
    home.write_config("");
    let mut session = home.start();
    session.send("\x1b[A");
    session.shows("› /log");
    session.send("\x1b[A");
    session.shows("› one\\");
    session.quits();
}

#[test]
fn a_draft_outlives_the_signals() {
    for (name, signal) in [("hangup", Signal::HUP), ("terminated", Signal::TERM)] {
        let home = Home::new(name);
        let mut session = home.start();
        session.send("half a thought");
        session.shows("› half a thought");
        session.signal(signal);
        session.ends();
        let drafts = home.state("drafts.json");
        assert_eq!(mode(&drafts), 0o600);
        assert!(fs::read_to_string(&drafts).unwrap().contains("half a thought"));
        let mut session = home.start();
        session.shows("› half a thought");
        assert!(!drafts.exists());
        session.quits();
        assert!(!drafts.exists());
    }
}

/// Only a build with debug assertions breaks down to order.
#[cfg(debug_assertions)]
#[test]
fn a_panic_restores_the_terminal_keeps_the_draft_and_says_where_things_are() {
    for (place, code) in [("loop", 101), ("task", 1)] {
        let home = Home::new(place);
        let order = format!("{place}:break down");
        let mut session = Session::start(&home, &[("HULLO_PANIC_ON", &order)]);
        session.send("break down");
        let (exit, shown) = session.ends();
        assert_eq!(exit, code, "{shown}");
        let log = home.state("hullo.log");
        let told = format!(
            "hullo broke down; the log is {}; your draft is kept in {}",
            log.display(),
            home.state("drafts.json").display()
        );
        let at = shown.find("as HULLO_PANIC_ON ordered").unwrap_or_else(|| panic!("{shown}"));
        assert!(shown[at..].contains(&told), "{shown}");
        assert_eq!(shown.matches("hullo broke down").count(), 1, "{shown}");
        assert!(fs::read_to_string(log).unwrap().contains("panicked"));
        let mut session = home.start();
        session.shows("› break down");
        session.quits();
    }
}

#[test]
fn colours_and_glyphs_are_as_the_command_line_says() {
    let home = Home::new("colours");
    let has_colours = |session: &Session| {
        let screen = session.terminal.screen();
        let mut cells =
            (0..ROWS).flat_map(|row| (0..COLUMNS).filter_map(move |at| screen.cell(row, at)));
        cells.any(|cell| cell.fgcolor() != vt100::Color::Default)
    };
    let mut session =
        Session::start_with(&home, &["--color=always", "--ascii"], &[("NO_COLOR", "1")]);
    session.shows("x offline");
    assert!(has_colours(&session) && session.terminal.screen().contents().is_ascii());
    session.quits();
    let mut session = Session::start_with(&home, &["--color=never"], &[]);
    session.shows("✗ offline");
    assert!(!has_colours(&session));
    session.quits();
}

#[test]
fn what_is_said_is_kept_for_those_who_want_it_and_for_nobody_else() {
    let home = Home::new("chats");
    let mut session = home.start();
    session.send("not kept\r/log on\r");
    session.shows("log is on");
    session.send("kept\r");
    session.shows("ada      kept");
    session.quits();
    let folder = home.state("logs").join("127.0.0.1%3A9");
    let log = folder.join("#lobby.log");
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.ends_with("  ada: kept\n") && !text.contains("not kept"), "{text}");
    assert_eq!((mode(&log), mode(&folder)), (0o600, 0o700));
}
