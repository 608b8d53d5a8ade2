//! Programs that run, and how they ended. Whatever is waited for is waited for with a limit.

use std::io::{BufRead, BufReader as StdBufReader};
use std::net::SocketAddr;
use std::process::{self, Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::process::Process;
use crate::wait::soon;

/// The program, which sees none of the variables by which the developer set up a hullo.
pub fn without_settings(program: &str) -> process::Command {
    let mut command = process::Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HULLO_") {
            command.env_remove(name);
        }
    }
    command
}

/// The address in the line by which a server says where it listens.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.trim_end().strip_prefix("listening on ws://")?.parse().ok()
}

/// A server that is measured: a process that ends with this.
#[derive(Debug)]
pub struct ServerProcess {
    child: process::Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl ServerProcess {
    /// Starts it, and waits until it listens.
    pub fn start(mut command: process::Command) -> Result<Self, String> {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| format!("{command:?} does not start: {error}"))?;
        let mut line = String::new();
        let read = child.stdout.as_mut().map(|out| StdBufReader::new(out).read_line(&mut line));
        if let (Some(Ok(_)), Some(address)) = (read, address_in(&line)) {
            return Ok(Self { child, address });
        }
        drop(child.kill().and_then(|()| child.wait()));
        Err(format!("{command:?} does not say where it listens: {line:?}"))
    }

    /// What the kernel knows of it.
    pub fn process(&self) -> Process {
        Process(self.child.id())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code, if no signal ended it.
    pub code: Option<i32>,
    /// What it wrote there and nobody had read.
    pub stdout: String,
    /// What it wrote there.
    pub stderr: String,
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
    pub fn printed(&self, stdout: &str) {
        let all = (self.code, &*self.stdout, &*self.stderr);
        assert_eq!(all, (Some(0), stdout, ""));
    }

    /// It ended well, without data, and told this aside.
    #[track_caller]
    pub fn told(&self, stderr: &str) {
        let all = (self.code, &*self.stdout, &*self.stderr);
        assert_eq!(all, (Some(0), "", stderr));
    }

    /// It ended with this code and without talk; its data is returned.
    #[track_caller]
    pub fn ends(self, code: i32) -> String {
        assert_eq!((self.code, &*self.stderr), (Some(code), ""), "{self:?}");
        self.stdout
    }

    /// It ended with this code, no data, and talk that holds `why`.
    #[track_caller]
    pub fn fails(&self, code: i32, why: &str) {
        assert_eq!((self.code, &*self.stdout), (Some(code), ""), "{self:?}");
        assert!(self.stderr.contains(why), "{self:?} does not say {why:?}");
    }

    /// It ended with this code, no data, and one line of talk that holds `why`.
    #[track_caller]
    pub fn failed(&self, code: i32, why: &str) {
        self.fails(code, why);
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
    }
}

/// Runs a program to its end.
pub async fn run(mut command: Command) -> Ended {
    Ended::from(soon("the end", command.output()).await.unwrap())
}

/// A program that goes on.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Option<Lines<BufReader<ChildStdout>>>,
}

impl Running {
    /// Starts it. What it writes is read if the command says that we get it.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
        Self { child, lines }
    }

    /// The next line on stdout.
    pub async fn line(&mut self) -> String {
        let lines = self.lines.as_mut().expect("stdout is read");
        soon("a line", lines.next_line()).await.unwrap().expect("one more line")
    }

    /// The address that a server writes first.
    pub async fn address(&mut self) -> SocketAddr {
        let line = self.line().await;
        address_in(&line).unwrap_or_else(|| panic!("no address: {line}"))
    }

    /// The next line as an event.
    pub async fn event(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// Reads until an event of this kind.
    pub async fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["event"] == kind {
                return event;
            }
        }
    }

    /// Reads no more, and closes the pipe.
    pub fn unread(&mut self) {
        self.lines = None;
    }

    /// What the kernel knows of it.
    pub fn process(&self) -> Process {
        Process(self.child.id().expect("it runs"))
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub fn signal(&self, signal: rustix::process::Signal) {
        self.process().signal(signal);
    }

    /// Where it reads, if the command says that it reads from us.
    pub fn input(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("stdin is ours")
    }

    /// Ends it without asking.
    pub async fn killed(mut self) {
        soon("the end", self.child.kill()).await.unwrap();
    }

    /// Waits for the end.
    pub async fn ended(mut self) -> Ended {
        let mut stdout = String::new();
        let reading = async {
            let Some(lines) = &mut self.lines else { return };
            while let Some(line) = lines.next_line().await.unwrap() {
                stdout += &line;
                stdout.push('\n');
            }
        };
        let both = async { tokio::join!(reading, self.child.wait_with_output()) };
        let ((), output) = soon("the end", both).await;
        Ended { stdout, ..Ended::from(output.unwrap()) }
    }
}
