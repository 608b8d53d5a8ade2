//! The real binary: options, signals, exit codes.

use std::net::SocketAddr;
use std::process::Stdio;

use hullo_testing::program::{self, Ended, Running, without_settings};
use hullo_testing::wait::soon;
#[cfg(unix)]
use rustix::process::Signal;
use tokio::net::TcpListener;
use tokio::process::Command;
#[cfg(unix)]
use tokio_tungstenite::{client_async, tungstenite::Message};

/// The daemon, which sees no variables of the developer.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::from(without_settings(env!("CARGO_BIN_EXE_hullo-server")));
    command.args(arguments).kill_on_drop(true).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The daemon, to its end.
pub(crate) async fn run(arguments: &[&str]) -> Ended {
    program::run(command(arguments)).await
}

/// A daemon that listens, and its address.
pub(crate) async fn start(arguments: &[&str]) -> (Running, SocketAddr) {
    start_with(arguments, Stdio::piped()).await
}

/// The same; its stderr goes there.
pub(crate) async fn start_with(arguments: &[&str], log: Stdio) -> (Running, SocketAddr) {
    let mut command = command(&["--listen", "127.0.0.1:0"]);
    let mut daemon = Running::start(command.args(arguments).stderr(log));
    let address = daemon.address().await;
    (daemon, address)
}

#[tokio::test]
async fn nonsense_on_the_command_line_exits_2_with_a_sentence() {
    for arguments in [
        &["--listen", "nowhere"][..],
        &["--listen", "127.0.0.1:x"],
        &["--listen", "no such host:1"],
        &["--greeters", "some"],
        &["--max-channels", "0"],
        &["--allow-origin", "example.org"],
        &["--log-level", "hullo=loud"],
        &["--bogus"],
    ] {
        let output = run(arguments).await;
        assert_eq!(output.code, Some(2), "{arguments:?}");
        assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
        assert_eq!(output.stdout, "");
    }
}

#[tokio::test]
async fn its_page_and_its_completions_are_printed() {
    let page = run(&["--man"]).await;
    let page = page.stdout;
    assert!(page.contains(".TH HULLO\\-SERVER 8 2") || page.contains(".TH HULLO-SERVER 8 2"));
    for section in ["OPTIONS", "ENVIRONMENT\n.TP\n\\fBHULLO_LISTEN", "EXIT STATUS", "SEE ALSO"] {
        assert!(page.contains(&format!(".SH {section}")), "{page}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["--completions", shell]).await.stdout;
        assert!(script.contains("max-rooms"), "{shell}: {script}");
    }
}

#[tokio::test]
async fn an_empty_variable_is_as_none() {
    let mut command = command(&["--listen", "nowhere"]);
    for name in [
        "LISTEN",
        "GREETERS",
        "MAX_STALL",
        "EXIT_WHEN_EMPTY",
        "LOG",
        "LOG_FORMAT",
        "LOG_FILE",
        "ALLOW_ORIGIN",
        "MAX_PER_IP",
    ] {
        command.env(format!("HULLO_{name}"), "");
    }
    let stderr = program::run(command).await.stderr;
    assert!(stderr.starts_with("error: invalid value 'nowhere' for '--listen"), "{stderr}");
}

#[tokio::test]
async fn help_and_version_are_told() {
    let help = run(&["--help"]).await;
    let text = help.stdout;
    assert!(text.contains("--exit-when-empty <DURATION>") && text.contains("HULLO_LISTEN"));
    let version = run(&["--version"]).await;
    assert!(version.stdout.starts_with("hullo-server "));
}

#[tokio::test]
async fn a_taken_port_is_one_line_and_exit_1() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--listen", &address]).await;
    assert_eq!(output.code, Some(1));
    let stderr = output.stderr;
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&address) && stderr.contains("--listen"), "{stderr}");
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_and_sigint_drain_and_exit_0_and_a_hangup_is_nothing() {
    for signal in [Signal::TERM, Signal::INT] {
        let (child, address) = start(&[]).await;
        child.signal(Signal::HUP);
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/socket/websocket?vsn=2.0.0");
        let (mut ws, _) = soon("the handshake", client_async(url, stream)).await.unwrap();
        child.signal(signal);
        let close = soon("the close", futures_util::StreamExt::next(&mut ws)).await;
        let Some(Ok(Message::Close(Some(close)))) = close else { panic!("{close:?}") };
        assert_eq!(u16::from(close.code), 1012);
        let output = child.ended().await;
        assert_eq!(output.code, Some(0), "{}", output.stderr);
    }
}

#[tokio::test]
async fn an_empty_daemon_exits_0_if_told_so() {
    let (child, _) = start(&["--exit-when-empty", "200ms", "--log-format", "json"]).await;
    let output = child.ended().await;
    assert_eq!(output.code, Some(0));
    let log = output.stderr;
    let line: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(line["fields"]["message"], "stopping: nobody is connected");
}

#[tokio::test]
async fn a_closed_stdout_does_not_kill_it() {
    let mut command = command(&["--listen", "127.0.0.1:0", "--exit-when-empty", "300ms"]);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    let status = soon("the end", child.wait()).await.unwrap();
    assert_eq!(status.code(), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_never_reaches_the_log() {
    let (child, address) = start(&["--log-level", "trace"]).await;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    for request in ["/socket/websocket?vsn=2.0.0&token=hunter2", "/hunter2?hunter2"] {
        let url = format!("ws://{address}{request}");
        if let Ok((mut ws, _)) = client_async(url, stream).await {
            let helo = r#"["1","1","room:hunter2","phx_join",{"name":"hunter2"}]"#;
            futures_util::SinkExt::send(&mut ws, Message::text(helo)).await.unwrap();
            futures_util::StreamExt::next(&mut ws).await.unwrap().unwrap();
            futures_util::SinkExt::send(&mut ws, Message::text("hunter2")).await.unwrap();
            while let Some(Ok(_)) = futures_util::StreamExt::next(&mut ws).await {}
        }
        stream = tokio::net::TcpStream::connect(address).await.unwrap();
    }
    // In good order: what it has to log of those who are gone may come after they know.
    child.signal(Signal::TERM);
    let output = child.ended().await;
    let log = output.stderr;
    assert!(log.contains("undecodable frame"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}
