//! The servers under load: each is a process of its own, which ends with its owner.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hullo_testing::npm;
use hullo_testing::program::ServerProcess;
use tempfile::TempDir;

use crate::bare::fault::Fault;
use crate::wire::Outcome;

/// What is measured or compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The real server.
    Hullo(PathBuf, Keeps),
    /// The floor; perhaps one that does something wrong.
    Bare(Option<Fault>),
    /// What an afternoon with Node and its usual library gives.
    Ws,
}

/// What the real server keeps of what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// Only what somebody has yet to be sent.
    Nothing,
    /// What members need that come back.
    Sessions,
    /// The same in a folder in this one.
    Relaxed(PathBuf),
    /// The same, on the disk before anybody is told.
    Strict(PathBuf),
}

/// A server that runs, and ends with this.
pub(crate) struct Started {
    pub(crate) process: ServerProcess,
    _folder: Option<TempDir>,
}

impl Peer {
    /// Its name in the table.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Hullo(_, Keeps::Nothing) => "hullo",
            Self::Hullo(_, Keeps::Sessions) => "resumable",
            Self::Hullo(_, Keeps::Relaxed(_)) => "relaxed",
            Self::Hullo(_, Keeps::Strict(_)) => "strict",
            Self::Bare(_) => "bare",
            Self::Ws => "ws",
        }
    }

    /// Whether it tells who is here.
    pub(crate) fn has_presence(&self) -> bool {
        match self {
            Self::Hullo(..) => true,
            Self::Bare(_) | Self::Ws => false,
        }
    }

    /// Whether its members join so that they may come back.
    pub(crate) fn is_resumable(&self) -> bool {
        match self {
            Self::Hullo(_, keeps) => *keeps != Keeps::Nothing,
            Self::Bare(_) | Self::Ws => false,
        }
    }

    /// Starts it, and waits until it listens.
    pub(crate) fn start(&self) -> Outcome<Started> {
        let folder = match self {
            Self::Hullo(_, Keeps::Relaxed(dir) | Keeps::Strict(dir)) => {
                let made = tempfile::tempdir_in(dir);
                Some(made.map_err(|error| format!("no folder in {}: {error}", dir.display()))?)
            }
            Self::Hullo(_, Keeps::Nothing | Keeps::Sessions) | Self::Bare(_) | Self::Ws => None,
        };
        let mut command = self.command()?;
        if let Some(folder) = &folder {
            command.arg("--data").arg(folder.path()).args(["--durability", self.name()]);
        }
        Ok(Started { process: ServerProcess::start(command)?, _folder: folder })
    }

    fn command(&self) -> Outcome<Command> {
        match self {
            Self::Hullo(program, _) => {
                let mut command = Command::new(program);
                command.args(["--listen", "127.0.0.1:0", "--log-level", "error"]);
                command.args(["--greeters", "all", "--max-pushes-per-second", "0"]);
                // Should this program be killed, its servers do not stay behind.
                command.args(["--exit-when-empty", "60s"]);
                command.args(limits_of_addresses(program)?);
                Ok(command)
            }
            Self::Bare(fault) => {
                let mut command = Command::new(this_program()?);
                command.arg("serve-bare");
                command.args(fault.map(|fault| format!("--fault={fault}")));
                Ok(command)
            }
            Self::Ws => {
                let mut command = Command::new("node");
                command.arg(ws_folder().join("server.mjs"));
                Ok(command)
            }
        }
    }
}

/// Many clients come from one address; not every version of the server limits that.
fn limits_of_addresses(program: &Path) -> Outcome<Vec<&'static str>> {
    let help = Command::new(program).arg("--help").output();
    let help = help.map_err(|error| format!("{} does not start: {error}", program.display()))?;
    let known = String::from_utf8_lossy(&help.stdout).contains("--max-per-ip");
    Ok(if known { vec!["--max-per-ip", "100000"] } else { vec![] })
}

fn ws_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/ws")
}

/// Whether the peer that needs Node can run. Brings its package, unless what is there came from
/// this very lock file.
pub(crate) fn has_node() -> Outcome<bool> {
    match Command::new("node").arg("--version").stdout(Stdio::null()).status() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("Without the peer ws: there is no node here (20 or later, from nodejs.org).");
            return Ok(false);
        }
        status => status.map_err(|error| format!("node does not start: {error}"))?,
    };
    npm::install(&ws_folder()).map(|()| true)
}

/// The program that runs.
pub(crate) fn this_program() -> Outcome<PathBuf> {
    std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))
}
