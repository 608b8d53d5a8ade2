//! The program as a process, a server, and people in the test itself. Whatever is waited for is
//! waited for with a limit.

use std::process::{Output, Stdio};
use std::time::Duration;

use hullo::protocol::RoomName;
use hullo::{Client, Notice, Notices, Person};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::home::Home;

/// Longer than anything that is expected takes, on a busy machine, too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Where nobody listens: the port of a service that no machine offers any more.
pub(crate) const NOWHERE: &str = "127.0.0.1:9";

/// Awaits something that must come.
#[track_caller]
pub(crate) fn soon<F: Future>(what: &str, future: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        let outcome = timeout(PATIENCE, future).await;
        outcome.unwrap_or_else(|_| panic!("{caller}: {what} did not come"))
    }
}

/// Waits for what tells nobody that it has come about.
#[track_caller]
#[cfg(unix)]
pub(crate) fn eventually(what: &str, came: impl Fn() -> bool) {
    let step = Duration::from_millis(5);
    let came = (0..PATIENCE.as_millis() / step.as_millis()).any(|_| {
        let came = came();
        if !came {
            std::thread::sleep(step);
        }
        came
    });
    assert!(came, "{what} did not come");
}

/// The program, its output kept; killed with the test.
pub(crate) fn command(home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hullo"));
    command.env_clear().envs(home.environment()).args(arguments).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// `hullo serve` on a port of its own, stopped with the test.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) process: Running,
    pub(crate) home: Home,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(flags: &[&str]) -> Self {
        Self::on("127.0.0.1:0", flags).await
    }

    pub(crate) async fn on(listen: &str, flags: &[&str]) -> Self {
        let home = Home::new();
        let mut process =
            Running::start(command(&home, &["serve", "--listen", listen]).args(flags));
        let line = process.line().await;
        let address = line.strip_prefix("listening on ws://").expect("the address").to_owned();
        Self { address, process, home }
    }

    /// `hullo` with these arguments, for this server.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.home, arguments);
        command.env("HULLO_SERVER", format!("ws://{}", self.address));
        command
    }

    /// `hullo` with these arguments, to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments)).await
    }

    /// `hullo` with these arguments, to its end, with this on standard input.
    pub(crate) async fn feed(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        Ended::from(soon("the end", child.wait_with_output()).await.unwrap())
    }

    /// `hullo watch --json` under this name, once it is in the room.
    pub(crate) async fn watcher(&self, name: &str) -> Running {
        let mut watcher = Running::start(&mut self.command(&["watch", "--json", "--name", name]));
        assert_eq!(watcher.event().await["event"], "entered");
        watcher
    }

    /// Somebody in the lobby who is no program of ours but this test.
    pub(crate) async fn member(&self, name: &str) -> Member {
        let (client, mut notices) = soon("a line", Client::connect(&self.address)).await.unwrap();
        let room = RoomName::try_from("lobby").unwrap();
        let me = soon("the room", client.room(&room).join(name)).await.unwrap();
        while !matches!(soon("the room", notices.recv()).await, Some(Notice::Entered { .. })) {}
        Member { client, notices, room, me }
    }
}

/// Somebody in the lobby.
pub(crate) struct Member {
    pub(crate) client: Client,
    notices: Notices,
    pub(crate) room: RoomName,
    pub(crate) me: Person,
}

impl Member {
    /// Says something to the room.
    pub(crate) async fn says(&self, text: &str) {
        soon("the reply", self.client.room(&self.room).say(text)).await.unwrap();
    }

    /// Answers newcomers from now on, for as long as what is returned lives.
    pub(crate) fn greets(mut self, words: &'static str) -> JoinSet<()> {
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some(notice) = self.notices.recv().await {
                if let Notice::Arrived { room, id, .. } = notice {
                    self.client.room(&room).auto_respond(id, words).await.unwrap();
                }
            }
        });
        task
    }
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Ended {
    /// It ended well and said nothing but this.
    #[track_caller]
    pub(crate) fn printed(&self, stdout: &str) {
        let all = (self.code, &*self.stdout, &*self.stderr);
        assert_eq!(all, (Some(0), stdout, ""));
    }

    /// It ended well, without data, and told this aside.
    #[track_caller]
    pub(crate) fn told(&self, stderr: &str) {
        let all = (self.code, &*self.stdout, &*self.stderr);
        assert_eq!(all, (Some(0), "", stderr));
    }

    /// It ended with this code and without talk; its data is returned.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> String {
        assert_eq!((self.code, &*self.stderr), (Some(code), ""), "{self:?}");
        self.stdout
    }

    /// It ended with this code, no data, and talk that holds `why`.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, why: &str) {
        assert_eq!((self.code, &*self.stdout), (Some(code), ""), "{self:?}");
        assert!(self.stderr.contains(why), "{self:?} does not say {why:?}");
    }

    /// It ended with this code, no data, and one line of talk that holds `why`.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, why: &str) {
        self.fails(code, why);
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
    }
}

pub(crate) async fn run(mut command: Command) -> Ended {
    Ended::from(soon("the end", command.output()).await.unwrap())
}

/// A program that goes on.
pub(crate) struct Running {
    child: Child,
    lines: Option<Lines<BufReader<ChildStdout>>>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        Self { child, lines }
    }

    /// The next line on stdout.
    pub(crate) async fn line(&mut self) -> String {
        let lines = self.lines.as_mut().expect("stdout is read");
        soon("a line", lines.next_line()).await.unwrap().expect("one more line")
    }

    /// The next line as an event.
    pub(crate) async fn event(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// Reads until an event of this kind.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["event"] == kind {
                return event;
            }
        }
    }

    /// Reads no more, and closes the pipe.
    pub(crate) fn unread(&mut self) {
        self.lines = None;
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).unwrap();
        let process = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(process, signal).unwrap();
    }

    /// Where it reads, if the command says that it reads from us.
    pub(crate) fn input(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("stdin is ours")
    }

    /// Ends it without asking.
    pub(crate) async fn killed(mut self) {
        soon("the end", self.child.kill()).await.unwrap();
    }

    /// Waits for the end.
    pub(crate) async fn ended(self) -> Ended {
        let mut stdout = String::new();
        if let Some(mut lines) = self.lines {
            while let Some(line) = soon("the end", lines.next_line()).await.unwrap() {
                stdout += &line;
                stdout.push('\n');
            }
        }
        let output = soon("the end", self.child.wait_with_output()).await.unwrap();
        Ended { stdout, ..Ended::from(output) }
    }
}
