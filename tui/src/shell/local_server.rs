//! The server of this machine: found, or started as a process of its own.
//!
//! As tmux does: the same executable, detached from this terminal, so that the server outlives the
//! client that started it. It exits a minute after the last person has left.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::shell::port::{self, Listener};
use crate::shell::state::State;

const EXIT_WHEN_EMPTY: &str = "60s";
/// How long a server may take to start listening.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// Delays in milliseconds between the checks for a server that another client is starting.
const LOOK_AGAIN: [u64; 6] = [20, 50, 100, 200, 400, 800];

/// The outcome of starting a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Listens,
    Ended,
    /// It ran without reporting anything, and was killed.
    Hung,
}

/// Makes sure that a server listens on `address`. Blocks until it does, or has failed to. Returns a
/// warning if somebody else runs it.
pub(crate) fn ensure(address: SocketAddr) -> Result<Option<String>, Failure> {
    let port = port::look(address);
    if let Some(obstacle) = port.obstacle() {
        return Err(Failure::no_server(obstacle.whole()));
    }
    if port.listener == Listener::Hullo {
        return Ok(port.warning().map(|warning| warning.whole()));
    }
    let log = State::open().and_then(|state| state.open_log("server.log")).ok();
    let path = log.as_ref().map(|(_, path)| path.clone());
    // The server writes and rotates its log itself. What it reports before that, such as why it
    // cannot start, goes to the same file through stderr.
    let stderr = log.map_or_else(Stdio::null, |(file, _)| Stdio::from(file));
    let child = server(address, path.as_deref())
        .and_then(|mut command| command.stderr(stderr).spawn())
        .map_err(|error| Failure::no_server(format!("cannot start a server: {error}")))?;
    let start = watch(child, READY_WITHIN);
    if start == Start::Listens || appears(address) {
        return Ok(None);
    }
    Err(Failure::no_server(why(start, address, path.as_deref())))
}

/// Where to connect to a server that listens on `address`.
pub(crate) fn reach(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The command that runs a server.
fn server(address: SocketAddr, log: Option<&Path>) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve", "--detach", "--listen", &address.to_string()]);
    if let Some(path) = log {
        command.arg("--log-file").arg(path);
        // Servers on several ports must not share one.
        command.arg("--data").arg(path.with_file_name(format!("rooms-{}", address.port())));
    }
    if std::env::var_os("HULLO_EXIT_WHEN_EMPTY").is_none_or(|span| span.is_empty()) {
        command.args(["--exit-when-empty", EXIT_WHEN_EMPTY]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0000_0208); // detached, a group of its own
    Ok(command)
}

/// Waits for the line in which the server says where it listens. A server that neither says so nor
/// exits is killed, or each attempt would leave a process behind.
fn watch(mut child: Child, within: Duration) -> Start {
    let (told, said) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        in_thread(move || {
            let mut line = String::new();
            let length = BufReader::new(stdout).read_line(&mut line).unwrap_or(0);
            // The receiver is gone if this comes too late.
            told.send(length > 0).ok();
        });
    }
    let start = match said.recv_timeout(within) {
        Ok(true) => Start::Listens,
        // Its log has the reason.
        Ok(false) => Start::Ended,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            child.kill().ok();
            Start::Hung
        }
    };
    // A child that nobody waits for would stay as a zombie.
    in_thread(move || drop(child.wait()));
    start
}

/// Runs blocking work in a thread that ends with the process at the latest: neither reading a pipe
/// nor waiting for a child can be cancelled. Without a thread the work is left out.
fn in_thread(work: impl FnOnce() + Send + 'static) {
    drop(thread::Builder::new().spawn(work));
}

/// Another client may have been faster: then its server is about to listen.
fn appears(address: SocketAddr) -> bool {
    LOOK_AGAIN.iter().any(|wait| {
        thread::sleep(Duration::from_millis(*wait));
        port::look(address).listener == Listener::Hullo
    })
}

fn why(start: Start, address: SocketAddr, log: Option<&Path>) -> String {
    let reason = match start {
        Start::Hung => {
            format!("it did not say within {} s that it listens", READY_WITHIN.as_secs())
        }
        Start::Listens | Start::Ended => {
            last_line(log).unwrap_or_else(|| "it ended at once".to_owned())
        }
    };
    let log = log.map_or_else(String::new, |path| format!(" (log: {})", path.display()));
    format!("cannot start a server on {address}: {reason}{log}")
}

fn last_line(log: Option<&Path>) -> Option<String> {
    let text = std::fs::read_to_string(log?).ok()?;
    text.lines().last().map(|line| hullo::text::clean_line(line).into_owned())
}

/// Detaches this process from its terminal: it gets a session of its own and holds no folder.
#[cfg(unix)]
pub(crate) fn detach() {
    // Fails only for the leader of a process group, which is detached already.
    rustix::process::setsid().ok();
    std::env::set_current_dir("/").ok();
}

/// Does nothing: the flags with which the process was created detach it.
#[cfg(not(unix))]
pub(crate) fn detach() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_reached_on_loopback() {
        let reach = |text: &str| super::reach(text.parse().unwrap()).to_string();
        assert_eq!(reach("0.0.0.0:4856"), "127.0.0.1:4856");
        assert_eq!(reach("[::]:4856"), "[::1]:4856");
        assert_eq!(reach("192.0.2.7:1"), "192.0.2.7:1");
    }

    /// Watches what this script does; waits until nothing is left of its process.
    #[cfg(unix)]
    fn watched(script: &str, within: Duration) -> Start {
        use rustix::process::{Pid, test_kill_process};
        let mut command = Command::new("sh");
        let child = command.args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let process = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let start = watch(child, within);
        let gone = (0..2000).any(|_| {
            thread::sleep(Duration::from_millis(5));
            test_kill_process(process).is_err()
        });
        assert!(gone, "{script} is still there, alive or not");
        start
    }

    #[cfg(unix)]
    #[test]
    fn a_server_that_says_nothing_is_ended_and_none_stays_as_a_zombie() {
        let patience = Duration::from_secs(30);
        assert_eq!(watched("echo listening; exec sleep 0.1", patience), Start::Listens);
        assert_eq!(watched("exit 1", patience), Start::Ended);
        assert_eq!(watched("exec sleep 600", Duration::from_millis(100)), Start::Hung);
    }

    #[test]
    fn a_server_writes_its_log_itself() {
        let address = "127.0.0.1:4856".parse().unwrap();
        let has_log = |log| {
            let command = server(address, log).unwrap();
            let told: Vec<_> = command.get_args().map(|told| told.to_string_lossy()).collect();
            told.windows(2).any(|pair| pair == ["--log-file", "folder/server.log"])
        };
        assert!(has_log(Some(Path::new("folder/server.log"))));
        assert!(!has_log(None));
    }

    #[test]
    fn why_it_did_not_start_names_the_log() {
        let address = "127.0.0.1:4856".parse().unwrap();
        let log = Path::new("no-folder/server.log");
        assert_eq!(
            why(Start::Hung, address, Some(log)),
            "cannot start a server on 127.0.0.1:4856: it did not say within 10 s that it listens \
             (log: no-folder/server.log)"
        );
        assert_eq!(
            why(Start::Ended, address, None),
            "cannot start a server on 127.0.0.1:4856: it ended at once"
        );
    }
}
