//! The line mode: programs on pipes, and a server between them.

use std::process::Stdio;

use hullo_testing::NOWHERE;
use hullo_testing::program::{Ended, Running, run};
use hullo_testing::wait::soon;
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;

use crate::home::Home;
use crate::process::{Server, command};
use crate::pty::Session;

/// A client in line mode.
struct Client {
    running: Running,
    input: ChildStdin,
    /// All that was read of what it says.
    seen: String,
}

impl Client {
    fn start(server: &Server, name: &str) -> Self {
        Self::at(&server.home, &server.address, name)
    }

    fn at(home: &Home, address: &str, name: &str) -> Self {
        let address = format!("ws://{address}");
        let mut command = command(home, &["--plain", "--server", &address, "--name", name]);
        let mut running = Running::start(command.stdin(Stdio::piped()));
        let input = running.input();
        Self { running, input, seen: String::new() }
    }

    async fn say(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Waits for a line that is this, behind the time.
    async fn hears(&mut self, text: &str) {
        self.reads(|said| said == text).await;
    }

    /// Waits for a line that is wanted.
    async fn reads(&mut self, wanted: impl Fn(&str) -> bool) {
        loop {
            let line = self.running.line().await;
            let found = line.get(6..).is_some_and(&wanted);
            self.seen += &line;
            self.seen.push('\n');
            if found {
                return;
            }
        }
    }

    /// The input ends; waits for the program. All that it said is told, from the beginning.
    async fn end(self) -> Ended {
        drop(self.input);
        let ended = self.running.ended().await;
        Ended { stdout: self.seen + &ended.stdout, ..ended }
    }
}

/// What was said, without the clock.
fn told(ended: &Ended) -> Vec<&str> {
    ended.stdout.lines().map(|line| line.get(6..).unwrap_or(line)).collect()
}

#[tokio::test]
async fn two_talk_to_each_other() {
    let server = Server::start().await;
    let mut ada = Client::start(&server, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet").await;
    let mut mira = Client::start(&server, "mira");
    mira.hears("you are in #lobby as mira; 1 other here: ada").await;
    mira.hears("#lobby ada answered: hello there mira").await;
    ada.hears("#lobby mira arrived and says helo; your greeting was sent").await;
    mira.say("morning all").await;
    ada.hears("#lobby mira: morning all").await;
    ada.say("/msg mira psst").await;
    mira.hears("ada to you: psst").await;
    mira.say("/r what?").await;
    ada.hears("mira to you: what?").await;
    mira.say("/nick grace").await;
    mira.hears("#lobby you are now grace").await;
    mira.say("/who").await;
    mira.hears("with ada: here 2: ada, grace (you)").await;
    assert_eq!(mira.end().await.code, Some(0));
    ada.hears("#lobby mira is now grace").await;
    ada.hears("#lobby grace left").await;
    ada.say("/quit").await;
    let ended = ada.end().await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
}

#[tokio::test]
async fn the_end_of_input_delivers_first() {
    let server = Server::start().await;
    let mut ada = Client::start(&server, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet").await;
    let mut mira = Client::start(&server, "mira");
    for n in 0..300 {
        mira.say(&format!("line {n}")).await;
    }
    let ended = mira.end().await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    assert!(told(&ended).contains(&"#lobby you: line 299"));
    for n in 0..300 {
        ada.hears(&format!("#lobby mira: line {n}")).await;
    }
}

#[tokio::test]
async fn quit_in_a_script_delivers_first() {
    let server = Server::start().await;
    let mut ada = Client::start(&server, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet").await;
    let mut mira = Client::start(&server, "mira");
    mira.say("hi\n/quit\nnever said").await;
    let ended = mira.end().await;
    assert_eq!(ended.code, Some(0));
    assert_eq!(
        told(&ended)[..2],
        ["now writing to #lobby", "you are in #lobby as mira; 1 other here: ada"]
    );
    assert!(!told(&ended).iter().any(|line| line.contains("never said")));
    ada.hears("#lobby mira: hi").await;
}

#[tokio::test]
async fn a_script_waits_for_a_server_that_restarts() {
    let server = Server::start().await;
    let mut ada = Client::start(&server, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet").await;
    let Server { address, process, home: _home } = server;
    process.killed().await;
    ada.reads(|said| said.contains("connection lost")).await;
    ada.say("after").await;
    let _server = Server::on(&address, &[]).await;
    ada.hears("you are in #lobby again as ada; nobody else is here yet").await;
    ada.hears("#lobby you: after").await;
    let ended = ada.end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_without_a_server_is_kept_and_ctrl_d_ends() {
    let Server { address, process, home } = Server::start().await;
    process.killed().await;
    let arguments = ["--server", &format!("ws://{address}"), "--name", "ada"];
    let mut ada = Session::start(&home, &arguments, &[("TERM", "dumb")]);
    ada.shows("hullo keeps trying");
    ada.send("hello?\r");
    ada.shows("#lobby not sent yet: hello?");
    let _server = Server::on(&address, &[]).await;
    ada.shows("you are in #lobby as ada");
    ada.shows("#lobby sent: hello?");
    ada.send("\x04");
    assert_eq!(ada.ends_well(), 0);
}

#[tokio::test]
async fn nobody_reading_is_a_quiet_end() {
    let server = Server::start().await;
    let mut ada = Client::start(&server, "ada");
    ada.running.unread();
    ada.say("hello").await;
    // The input goes on.
    let Client { running, input: _input, seen: _ } = ada;
    let ended = running.ended().await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
}

#[tokio::test]
async fn a_script_without_a_server_is_told_so() {
    let home = Home::new();
    let mut ada = Client::at(&home, NOWHERE, "ada");
    ada.say("hello").await;
    let ended = ada.end().await;
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.starts_with("hullo: no server at ws://127.0.0.1:9: "), "{ended:?}");
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_the_rest_goes_on() {
    let server = Server::start().await;
    let mut ada = Client::start(&server, "ada");
    ada.say(&"x".repeat(20_000)).await;
    ada.say("short").await;
    ada.hears("error: not sent: this line is too long: at most 16000 bytes can be sent").await;
    ada.hears("#lobby you: short").await;
    let ended = ada.end().await;
    assert_eq!((ended.code, &*ended.stderr), (Some(1), "hullo: one line was not sent\n"));
}

#[tokio::test]
async fn where_there_is_no_terminal_or_a_dumb_one_there_are_lines() {
    let server = Server::start().await;
    let place = ["--name", "ada"];
    let mut dumb = server.command(&place);
    dumb.env("TERM", "dumb");
    let dumb = run(dumb).await;
    let why = "hullo: using line mode (--plain): TERM is dumb\n";
    assert_eq!(dumb.stderr, why);
    assert!(dumb.stdout.contains("you are in #lobby as ada"));
    let mut watcher = server.watcher("mira").await;
    let none = server.feed(&place, "through a pipe\n").await;
    let why = "hullo: using line mode (--plain): this is not a terminal\n";
    assert_eq!((none.code, &*none.stderr), (Some(0), why));
    assert_eq!(watcher.until("said").await["message"], "through a pipe");
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_is_a_polite_end() {
    let server = Server::start().await;
    let mut ada = Client::start(&server, "ada");
    ada.hears("you are in #lobby as ada; nobody else is here yet").await;
    let mut mira = Client::start(&server, "mira");
    mira.hears("you are in #lobby as mira; 1 other here: ada").await;
    mira.running.signal(rustix::process::Signal::TERM);
    assert_eq!(mira.running.ended().await.code, Some(0));
    ada.hears("#lobby mira left").await;
}

/// Only a build with debug assertions breaks down to order.
#[cfg(debug_assertions)]
#[tokio::test]
async fn a_panic_says_where_things_are_as_the_screen_does() {
    let server = Server::start().await;
    for (place, code) in [("loop", 101), ("task", 1)] {
        let mut command = server.command(&["--plain", "--name", "ada"]);
        command.env("HULLO_PANIC_ON", format!("{place}:break down"));
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"break down\n").await.unwrap();
        let ended = Ended::from(soon("the end", child.wait_with_output()).await.unwrap());
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        let log = server.home.state("hullo.log");
        let told = format!("hullo broke down; the log is {}", log.display());
        let at = ended.stderr.find("as HULLO_PANIC_ON ordered").unwrap();
        assert!(ended.stderr[at..].contains(&told), "{}", ended.stderr);
        assert!(std::fs::read_to_string(log).unwrap().contains("panicked"));
    }
}
