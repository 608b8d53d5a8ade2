//! Logs that nobody reads, floods of equal lines, and logs in files.

#[cfg(unix)]
use std::net::SocketAddr;
use std::path::PathBuf;

use hullo_testing::program::Ended;
#[cfg(unix)]
use hullo_testing::websocket::{frame, open, read_to_end};
#[cfg(unix)]
use rustix::process::Signal;
#[cfg(unix)]
use tokio::io::AsyncWriteExt;
#[cfg(unix)]
use tokio::net::TcpStream;

use crate::daemon::run;
#[cfg(unix)]
use crate::daemon::{start, start_with};

/// A pipe that is full, and its end from which nobody reads.
#[cfg(unix)]
fn full_pipe() -> (std::io::PipeWriter, std::io::PipeReader) {
    use std::io::Write;
    let (reader, writer) = std::io::pipe().unwrap();
    let mut filler = writer.try_clone().unwrap();
    // It waits in its last write until the reader is gone.
    std::thread::spawn(move || while filler.write_all(&[b'x'; 4096]).is_ok() {});
    std::thread::sleep(std::time::Duration::from_millis(200));
    (writer, reader)
}

/// Sends a frame that is none, and reads why that ends the connection.
#[cfg(unix)]
async fn misbehave(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    open(&mut stream).await;
    stream.write_all(&frame(0x81, b"nonsense")).await.unwrap();
    read_to_end(&mut stream).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_log_that_nobody_reads_holds_nothing_up() {
    let (log, reader) = full_pipe();
    let (child, address) = start_with(&["--log-level", "trace"], log.into()).await;
    for _ in 0..30 {
        misbehave(address).await;
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(read_to_end(&mut stream).await.starts_with(b"HTTP/1.1 200 OK\r\n"));
    child.signal(Signal::TERM);
    assert_eq!(child.ended().await.code, Some(0));
    drop(reader);
}

#[cfg(unix)]
#[tokio::test]
async fn a_flood_of_equal_lines_is_cut_and_every_one_of_them_counted() {
    const FLOOD: u64 = 200;
    let (child, address) = start(&[]).await;
    let begin = tokio::time::Instant::now();
    for _ in 0..FLOOD {
        misbehave(address).await;
    }
    let seconds = begin.elapsed().as_secs();
    child.signal(Signal::TERM);
    let output = child.ended().await;
    let log = output.stderr;
    let lines = log.lines().filter(|line| line.contains("closed: undecodable frame"));
    let (cut, told): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.contains("... and "));
    let more = |line: &&str| -> u64 {
        let (_, rest) = line.split_once("... and ").unwrap();
        rest.split_once(" more like it").unwrap().0.parse().unwrap()
    };
    let held_back: u64 = cut.iter().map(more).sum();
    assert_eq!(told.len() as u64 + held_back, FLOOD, "{log}");
    assert!(told.len() as u64 <= 10 * (seconds + 2), "{log}");
}

/// A file in a folder for tests, without what an earlier run left there.
fn log_file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for old in [path.clone(), path.with_extension("log.1")] {
        std::fs::remove_file(old).ok();
    }
    path
}

async fn run_with_log(path: &std::path::Path) -> Ended {
    let path = path.to_str().unwrap();
    run(&["--listen", "127.0.0.1:0", "--exit-when-empty", "100ms", "--log-file", path]).await
}

#[tokio::test]
async fn a_log_in_a_file_goes_on_where_it_was_and_is_put_aside_when_it_is_full() {
    let path = log_file("server.log");
    for _ in 0..2 {
        let output = run_with_log(&path).await;
        assert_eq!((output.code, output.stderr), (Some(0), String::new()));
    }
    let log = std::fs::read_to_string(&path).unwrap();
    assert_eq!(log.matches("stopping: nobody is connected").count(), 2, "{log}");
    assert!(!log.contains('\u{1b}'), "no colours: {log}");
    let full = "x".repeat(1024 * 1024);
    std::fs::write(&path, &full).unwrap();
    run_with_log(&path).await;
    assert_eq!(std::fs::read_to_string(path.with_extension("log.1")).unwrap(), full);
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .ends_with("stopping: nobody is connected connections=0\n")
    );
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_one_line_and_exit_1() {
    let output = run_with_log(&log_file("no-such-folder/server.log")).await;
    assert_eq!(output.code, Some(1));
    let stderr = output.stderr;
    assert!(stderr.starts_with("error: cannot write the log ") && stderr.contains("--log-file"));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}
