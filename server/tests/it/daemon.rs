//! The real binary: options, signals, exit codes.

use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
#[cfg(unix)]
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::harness::soon;

/// The daemon, which sees no variables of the developer.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hullo-server"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HULLO_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).kill_on_drop(true).stdin(Stdio::null());
    command
}

pub(crate) async fn run(arguments: &[&str]) -> Output {
    soon("the end of the daemon", command(arguments).output()).await.unwrap()
}

/// A daemon that listens, and the address it printed.
pub(crate) async fn start(arguments: &[&str]) -> (Child, String) {
    start_with(arguments, Stdio::piped()).await
}

/// The same; its stderr goes there.
pub(crate) async fn start_with(arguments: &[&str], log: Stdio) -> (Child, String) {
    let mut command = command(&["--listen", "127.0.0.1:0"]);
    let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    soon("the address", stdout.read_line(&mut line)).await.unwrap();
    let address = line.strip_prefix("listening on ws://").unwrap().trim_end().to_owned();
    (child, address)
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[cfg(unix)]
pub(crate) async fn signal(child: &Child, name: &str) {
    let pid = child.id().unwrap().to_string();
    let sent = Command::new("kill").args([name, &pid]).status().await.unwrap();
    assert!(sent.success());
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
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).starts_with("error: "), "{}", stderr(&output));
        assert_eq!(output.stdout, b"");
    }
}

#[tokio::test]
async fn its_page_and_its_completions_are_printed() {
    let page = run(&["--man"]).await;
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains(".TH HULLO\\-SERVER 8 2") || page.contains(".TH HULLO-SERVER 8 2"));
    for section in ["OPTIONS", "ENVIRONMENT\n.TP\n\\fBHULLO_LISTEN", "EXIT STATUS", "SEE ALSO"] {
        assert!(page.contains(&format!(".SH {section}")), "{page}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = String::from_utf8(run(&["--completions", shell]).await.stdout).unwrap();
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
    let output = soon("the end of the daemon", command.output()).await.unwrap();
    let stderr = stderr(&output);
    assert!(stderr.starts_with("error: invalid value 'nowhere' for '--listen"), "{stderr}");
}

#[tokio::test]
async fn help_and_version_are_told() {
    let help = run(&["--help"]).await;
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(text.contains("--exit-when-empty <DURATION>") && text.contains("HULLO_LISTEN"));
    let version = run(&["--version"]).await;
    assert!(String::from_utf8(version.stdout).unwrap().starts_with("hullo-server "));
}

#[tokio::test]
async fn a_taken_port_is_one_line_and_exit_1() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--listen", &address]).await;
    assert_eq!(output.status.code(), Some(1));
    let stderr = stderr(&output);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&address) && stderr.contains("--listen"), "{stderr}");
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_and_sigint_drain_and_exit_0_and_a_hangup_is_nothing() {
    for name in ["-TERM", "-INT"] {
        let (child, address) = start(&[]).await;
        signal(&child, "-HUP").await;
        let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let url = format!("ws://{address}/socket/websocket?vsn=2.0.0");
        let (mut ws, _) = soon("the handshake", client_async(url, stream)).await.unwrap();
        signal(&child, name).await;
        let close = soon("the close", futures_util::StreamExt::next(&mut ws)).await;
        let Some(Ok(Message::Close(Some(close)))) = close else { panic!("{close:?}") };
        assert_eq!(u16::from(close.code), 1012);
        let output = soon("the end", child.wait_with_output()).await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
}

#[tokio::test]
async fn an_empty_daemon_exits_0_if_told_so() {
    let (child, _) = start(&["--exit-when-empty", "200ms", "--log-format", "json"]).await;
    let output = soon("the end", child.wait_with_output()).await.unwrap();
    assert_eq!(output.status.code(), Some(0));
    let log = stderr(&output);
    let line: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(line["fields"]["message"], "stopping: nobody is connected");
}

#[tokio::test]
async fn a_closed_stdout_does_not_kill_it() {
    let mut command = command(&["--listen", "127.0.0.1:0", "--exit-when-empty", "300ms"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    let status = soon("the end", child.wait()).await.unwrap();
    assert_eq!(status.code(), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_never_reaches_the_log() {
    let (child, address) = start(&["--log-level", "trace"]).await;
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    for request in ["/socket/websocket?vsn=2.0.0&token=hunter2", "/hunter2?hunter2"] {
        let url = format!("ws://{address}{request}");
        if let Ok((mut ws, _)) = client_async(url, stream).await {
            let helo = r#"["1","1","room:hunter2","phx_join",{"name":"hunter2"}]"#;
            futures_util::SinkExt::send(&mut ws, Message::text(helo)).await.unwrap();
            futures_util::StreamExt::next(&mut ws).await.unwrap().unwrap();
            futures_util::SinkExt::send(&mut ws, Message::text("hunter2")).await.unwrap();
            while let Some(Ok(_)) = futures_util::StreamExt::next(&mut ws).await {}
        }
        stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    }
    // In good order: what it has to log of those who are gone may come after they know.
    signal(&child, "-TERM").await;
    let output = soon("the end", child.wait_with_output()).await.unwrap();
    let log = stderr(&output);
    assert!(log.contains("undecodable frame"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}
