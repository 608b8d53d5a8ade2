//! The line mode from outside: real programs on pipes, and a real server between them.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(20);

/// What points to a user's own files: tests leave those alone.
const FOLDERS: [&str; 2] = ["XDG_CONFIG_HOME", "XDG_STATE_HOME"];

fn hullo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hullo"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HULLO_") {
            command.env_remove(name);
        }
    }
    for folder in FOLDERS {
        command.env(folder, env!("CARGO_TARGET_TMPDIR"));
    }
    command.env_remove("TERM").env("TZ", "UTC");
    command
}

/// What a process prints, line by line.
fn lines(from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (told, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if told.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// A server that ends with the test.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(listen: &str) -> Self {
        let mut child = hullo()
            .args(["serve", "--listen", listen])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = lines(child.stdout.take().unwrap()).recv_timeout(PATIENCE).unwrap();
        let address = said.split_whitespace().last().unwrap().to_owned();
        Self { child, address }
    }

    fn stop(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.address.trim_start_matches("ws://").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A client in line mode.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: mpsc::Receiver<String>,
    errors: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Client {
    fn start(address: &str, name: &str) -> Self {
        let mut child = hullo()
            .args(["--plain", "--server", address, "--name", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = lines(child.stdout.take().unwrap());
        let errors = lines(child.stderr.take().unwrap());
        Self { child, input, output, errors, seen: Vec::new() }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for a line that ends like this, behind the time and what comes before it.
    #[track_caller]
    fn hears(&mut self, text: &str) {
        loop {
            let Ok(line) = self.output.recv_timeout(PATIENCE) else {
                panic!("{text:?} never came, but {:#?}", self.seen)
            };
            let found = line.get(6..).is_some_and(|said| said == text);
            self.seen.push(line);
            if found {
                return;
            }
        }
    }

    /// The input ends; waits for the program, and for all that it still says.
    fn end(mut self) -> (ExitStatus, Vec<String>, Vec<String>) {
        drop(self.input.take());
        let status = self.child.wait().unwrap();
        self.seen.extend(self.output.iter());
        (status, self.seen, self.errors.iter().collect())
    }
}

/// What was said, without the clock.
fn told(lines: &[String]) -> Vec<&str> {
    lines.iter().map(|line| line.get(6..).unwrap_or(line)).collect()
}

#[test]
fn two_talk_to_each_other() {
    let server = Server::start("127.0.0.1:0");
    let mut ada = Client::start(&server.address, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet");
    let mut mira = Client::start(&server.address, "mira");
    mira.hears("you are in #lobby as mira; 1 other here: ada");
    mira.hears("#lobby ada answered: hello there mira");
    ada.hears("#lobby mira arrived; your greeting was sent");
    mira.say("morning all");
    ada.hears("#lobby mira: morning all");
    ada.say("/msg mira psst");
    mira.hears("ada to you: psst");
    mira.say("/r what?");
    ada.hears("mira to you: what?");
    mira.say("/nick grace");
    mira.hears("#lobby you are now grace");
    mira.say("/who");
    mira.hears("with ada: here 2: ada, grace (you)");
    let (status, ..) = mira.end();
    assert_eq!(status.code(), Some(0));
    ada.hears("#lobby mira is now grace");
    ada.hears("#lobby grace left");
    ada.say("/quit");
    let (status, _, errors) = ada.end();
    assert_eq!((status.code(), errors), (Some(0), Vec::new()));
}

#[test]
fn the_end_of_input_delivers_first() {
    let server = Server::start("127.0.0.1:0");
    let mut ada = Client::start(&server.address, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet");
    let mut mira = Client::start(&server.address, "mira");
    for n in 0..300 {
        mira.say(&format!("line {n}"));
    }
    let (status, seen, errors) = mira.end();
    assert_eq!((status.code(), errors), (Some(0), Vec::new()));
    assert!(told(&seen).contains(&"#lobby you: line 299"));
    for n in 0..300 {
        ada.hears(&format!("#lobby mira: line {n}"));
    }
}

#[test]
fn quit_in_a_script_delivers_first() {
    let server = Server::start("127.0.0.1:0");
    let mut ada = Client::start(&server.address, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet");
    let mut mira = Client::start(&server.address, "mira");
    mira.say("hi\n/quit\nnever said");
    let (status, seen, _) = mira.end();
    assert_eq!(status.code(), Some(0));
    assert_eq!(
        told(&seen)[..2],
        ["now writing to #lobby", "you are in #lobby as mira; 1 other here: ada"]
    );
    assert!(!told(&seen).iter().any(|line| line.contains("never said")));
    ada.hears("#lobby mira: hi");
}

#[test]
fn a_script_waits_for_a_server_that_restarts() {
    let server = Server::start("127.0.0.1:0");
    let mut ada = Client::start(&server.address, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet");
    let address = server.stop();
    while !ada.seen.last().is_some_and(|line| line.contains("connection lost")) {
        ada.seen.push(ada.output.recv_timeout(PATIENCE).unwrap());
    }
    ada.say("after");
    let _server = Server::start(&address);
    ada.hears("you are in #lobby again as ada; nobody else is here yet");
    ada.hears("#lobby you: after");
    let (status, seen, _) = ada.end();
    assert_eq!(status.code(), Some(0), "{seen:#?}");
}

#[test]
fn what_is_typed_without_a_server_is_kept_and_ctrl_d_ends() {
    let address = Server::start("127.0.0.1:0").stop();
    let pty = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hullo"));
    command.args(["--server", &format!("ws://{address}"), "--name", "ada"]);
    command.env("TERM", "dumb");
    for folder in FOLDERS {
        command.env(folder, env!("CARGO_TARGET_TMPDIR"));
    }
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let output = lines(pty.master.try_clone_reader().unwrap());
    let mut keys = pty.master.take_writer().unwrap();
    let hears = |text: &str| {
        let found = || output.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {text:?}"));
        while !found().contains(text) {}
    };
    hears("hullo goes on trying");
    keys.write_all(b"hello?\r").unwrap();
    hears("#lobby not sent yet: hello?");
    let _server = Server::start(&address);
    hears("you are in #lobby as ada");
    hears("#lobby sent: hello?");
    keys.write_all(b"\x04").unwrap();
    assert_eq!(child.wait().unwrap().exit_code(), 0);
}

#[test]
fn nobody_reading_is_a_quiet_end() {
    let server = Server::start("127.0.0.1:0");
    let mut child = hullo()
        .args(["--plain", "--server", &server.address, "--name", "ada"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    drop(child.stdout.take());
    writeln!(input, "hello").unwrap();
    let ended = child.wait_with_output().unwrap();
    drop(input);
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), &b""[..]));
}

#[test]
fn a_script_without_a_server_is_told_so() {
    let mut ada = Client::start("ws://127.0.0.1:9", "ada");
    ada.say("hello");
    let (status, _, errors) = ada.end();
    assert_eq!(status.code(), Some(3));
    assert!(errors[0].starts_with("hullo: no server at ws://127.0.0.1:9: "), "{errors:?}");
}

#[test]
fn what_is_too_long_is_refused_and_the_rest_goes_on() {
    let server = Server::start("127.0.0.1:0");
    let mut ada = Client::start(&server.address, "ada");
    ada.say(&"x".repeat(20_000));
    ada.say("short");
    ada.hears("error: not sent: that line is too long: 16000 bytes are the most");
    ada.hears("#lobby you: short");
    let (status, _, errors) = ada.end();
    assert_eq!((status.code(), &*errors), (Some(1), &["hullo: one line was not sent".into()][..]));
}

#[test]
fn a_dumb_terminal_gets_lines_and_no_terminal_is_told_about_them() {
    let server = Server::start("127.0.0.1:0");
    let place = ["--server", &server.address, "--name", "ada"];
    let dumb = hullo().args(place).env("TERM", "dumb").stdin(Stdio::null()).output().unwrap();
    let errors = String::from_utf8(dumb.stderr).unwrap();
    assert_eq!(errors, "hullo: this terminal is dumb (TERM), so here are lines, as with --plain\n");
    assert!(String::from_utf8(dumb.stdout).unwrap().contains("you are in #lobby as ada"));
    let none = hullo().args(place).stdin(Stdio::null()).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8(none.stderr).unwrap().contains("--plain"));
}

#[cfg(unix)]
#[test]
fn a_signal_is_a_polite_end() {
    let server = Server::start("127.0.0.1:0");
    let mut ada = Client::start(&server.address, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet");
    let mut mira = Client::start(&server.address, "mira");
    mira.hears("you are in #lobby as mira; 1 other here: ada");
    let process = i32::try_from(mira.child.id()).unwrap();
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    assert_eq!(mira.child.wait().unwrap().code(), Some(0));
    ada.hears("#lobby mira left");
}
