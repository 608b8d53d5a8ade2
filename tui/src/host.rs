//! One server on this machine, without asking: find it, or start it as a process of its own.
//!
//! As tmux does: the same executable, cut loose from this terminal, so that whoever quits first
//! takes nobody else down. It leaves by itself a minute after the last person.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::failure::Failure;
use crate::state::State;

const EXIT_WHEN_EMPTY: &str = "60s";
/// A server on this machine that takes longer than this to accept is none.
const CONNECT_WITHIN: Duration = Duration::from_millis(500);
/// How often to look for a server that somebody else is starting at this moment.
const LOOK_AGAIN: [u64; 6] = [20, 50, 100, 200, 400, 800];

/// Makes sure that a server listens on `address`. Blocks for as long as a server takes to start.
pub(crate) fn ensure(address: SocketAddr) -> Result<(), Failure> {
    if listens(address) {
        return Ok(());
    }
    let log = State::open().and_then(|state| state.open_log("server.log")).ok();
    let path = log.as_ref().map(|(_, path)| path.clone());
    let stderr = log.map_or_else(Stdio::null, |(file, _)| Stdio::from(file));
    let mut child = spawn(address, stderr)
        .map_err(|error| Failure::no_server(format!("cannot start a server: {error}")))?;
    if is_ready(&mut child) || appears(address) {
        return Ok(());
    }
    Err(Failure::no_server(why(address, path.as_deref())))
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

fn listens(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&reach(address), CONNECT_WITHIN).is_ok()
}

fn spawn(address: SocketAddr, stderr: Stdio) -> std::io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve", "--detach", "--listen", &address.to_string()]);
    if std::env::var_os("HULLO_EXIT_WHEN_EMPTY").is_none_or(|span| span.is_empty()) {
        command.args(["--exit-when-empty", EXIT_WHEN_EMPTY]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0000_0208); // detached, a group of its own
    command.spawn()
}

/// Waits for the line in which the server says where it listens. If it ends without one, that is
/// a no; the process is waited for, so that it does not stay as a zombie.
fn is_ready(child: &mut Child) -> bool {
    let mut line = String::new();
    let said = child.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut line));
    if matches!(said, Some(Ok(length)) if length > 0) {
        return true;
    }
    // Whatever its exit code is: its log has the reason.
    drop(child.wait());
    false
}

/// Somebody else may have been faster: then their server is about to listen.
fn appears(address: SocketAddr) -> bool {
    LOOK_AGAIN.iter().any(|wait| {
        std::thread::sleep(Duration::from_millis(*wait));
        listens(address)
    })
}

fn why(address: SocketAddr, log: Option<&Path>) -> String {
    let reason = log
        .and_then(|path| std::fs::read_to_string(path).ok())
        .and_then(|text| text.lines().last().map(|line| hullo::text::clean_line(line).into_owned()))
        .unwrap_or_else(|| "it ended at once".to_owned());
    let log = log.map_or_else(String::new, |path| format!(" (log: {})", path.display()));
    format!("cannot start a server on {address}: {reason}{log}")
}

/// Lets go of the terminal that started this process: a session of its own, no folder held.
#[cfg(unix)]
pub(crate) fn detach() {
    // Fails only for a process that leads a group already, which has no terminal to lose.
    rustix::process::setsid().ok();
    std::env::set_current_dir("/").ok();
}

/// Lets go of the terminal that started this process: done by the flags it was started with.
#[cfg(not(unix))]
pub(crate) fn detach() {}

#[cfg(test)]
mod tests {
    #[test]
    fn a_server_on_all_addresses_is_reached_on_loopback() {
        let reach = |text: &str| super::reach(text.parse().unwrap()).to_string();
        assert_eq!(reach("0.0.0.0:4856"), "127.0.0.1:4856");
        assert_eq!(reach("[::]:4856"), "[::1]:4856");
        assert_eq!(reach("192.0.2.7:1"), "192.0.2.7:1");
    }
}
