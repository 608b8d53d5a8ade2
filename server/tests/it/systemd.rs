//! What a service manager hands over, and what it is told.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpStream, UnixDatagram};
use tokio::process::Command;

use crate::daemon::{command, signal, stderr};
use crate::harness::soon;

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
    let mut daemon = daemon.env("NOTIFY_SOCKET", &path).stdout(Stdio::null()).spawn().unwrap();
    let mut bytes = [0; 64];
    let length = soon("that it is ready", told.recv(&mut bytes)).await.unwrap();
    assert_eq!(&bytes[..length], b"READY=1\n");
    signal(&daemon, "-TERM").await;
    let length = soon("that it stops", told.recv(&mut bytes)).await.unwrap();
    assert_eq!(&bytes[..length], b"STOPPING=1\n");
    assert!(soon("the end", daemon.wait()).await.unwrap().success());
}

#[tokio::test]
async fn a_socket_that_is_handed_over_is_the_one_it_listens_on() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    // Whoever came before the daemon was started is served, too.
    let early = TcpStream::connect(address).await.unwrap();
    let mut daemon = with_sockets(1, socket.into()).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(daemon.stdout.take().unwrap());
    soon("the address", stdout.read_line(&mut line)).await.unwrap();
    assert_eq!(line, format!("listening on ws://{address}\n"));
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
        let output = soon("the end", with_sockets(count, first).output()).await.unwrap();
        assert_eq!(output.status.code(), Some(1));
        let told = stderr(&output);
        let begin = "error: cannot use the socket that the service manager handed over: ";
        assert!(told.starts_with(begin) && told.contains(why), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}
