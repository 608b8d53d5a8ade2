//! What a service manager hands over, and what it is told.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use hullo_testing::program::{Running, run};
use hullo_testing::wait::soon;
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpStream, UnixDatagram};
use tokio::process::Command;

use crate::daemon::command;

/// The daemon as systemd starts it, with these sockets from the third descriptor on.
fn with_sockets(count: usize, first: OwnedFd) -> Command {
    let script = format!(
        "export LISTEN_PID=$$ LISTEN_FDS={count}; exec \"$0\" --listen 127.0.0.1:1 3<&0 4<&0 </dev/null"
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_hullo-server")]).kill_on_drop(true);
    command.stdin(Stdio::from(first)).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn a_service_manager_is_told_the_state() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("notify");
    std::fs::remove_file(&path).ok();
    let told = UnixDatagram::bind(&path).unwrap();
    let mut daemon = command(&["--listen", "127.0.0.1:0"]);
    let daemon = Running::start(daemon.env("NOTIFY_SOCKET", &path));
    let mut bytes = [0; 64];
    let length = soon("that it is ready", told.recv(&mut bytes)).await.unwrap();
    assert_eq!(&bytes[..length], b"READY=1\n");
    daemon.signal(Signal::TERM);
    let length = soon("that it stops", told.recv(&mut bytes)).await.unwrap();
    assert_eq!(&bytes[..length], b"STOPPING=1\n");
    assert_eq!(daemon.ended().await.code, Some(0));
}

#[tokio::test]
async fn a_socket_that_is_handed_over_is_the_one_it_listens_on() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    // Whoever came before the daemon was started is served, too.
    let early = TcpStream::connect(address).await.unwrap();
    let mut daemon = Running::start(&mut with_sockets(1, socket.into()));
    assert_eq!(daemon.address().await, address);
    early.writable().await.unwrap();
    early.try_write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    soon("an answer", BufReader::new(early).read_line(&mut answer)).await.unwrap();
    assert_eq!(answer, "HTTP/1.1 200 OK\r\n");
}

#[tokio::test]
async fn what_is_handed_over_and_cannot_be_used_is_told() {
    let two = TcpListener::bind("127.0.0.1:0").unwrap();
    let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).unwrap();
    for (count, first, why) in [(2, OwnedFd::from(two), "one ListenStream="), (1, file.into(), "")]
    {
        let output = run(with_sockets(count, first)).await;
        assert_eq!(output.code, Some(1));
        let told = output.stderr;
        let begin = "error: cannot use the socket that the service manager handed over: ";
        assert!(told.starts_with(begin) && told.contains(why), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}
