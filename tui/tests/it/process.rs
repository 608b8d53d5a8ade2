//! The program as a process, and a server that is one.

use std::process::Stdio;

use hullo_testing::guest::Guest;
use hullo_testing::program::{Ended, Running, run};
use hullo_testing::wait::soon;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::home::Home;

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
        let address = process.address().await.to_string();
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
    pub(crate) async fn member(&self, name: &str) -> Guest {
        Guest::at(self.address.parse().unwrap(), name).await
    }
}
