//! The line mode between other programs: what they learn of a line that comes to nothing, and what
//! becomes of it all while a reader stalls.

use std::process::Stdio;

use hullo_testing::guest::Guest;
use hullo_testing::process::Process;
use hullo_testing::program::Running;
use hullo_testing::wait::soon;
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::process::Server;

/// More than a pipe holds if it is said a few times, and more than may wait if a hundred times.
fn long(n: usize) -> String {
    format!("{n} {}", "x".repeat(15_000))
}

async fn busy() -> (Server, Guest) {
    let unlimited = ["--max-pushes-per-second", "1000", "--max-push-bytes-per-second", "0"];
    let server = Server::with(&unlimited).await;
    let mira = server.member("mira").await;
    (server, mira)
}

#[tokio::test]
async fn who_is_not_read_stays_in_the_room_and_loses_nothing() {
    let (server, mira) = busy().await;
    let mut ada = server.command(&["--plain", "--name", "ada"]);
    let mut ada = Running::start(ada.stdin(Stdio::piped()));
    while !ada.line().await.contains("you are in #lobby as ada") {}
    for n in 0..20 {
        mira.says(&long(n)).await;
    }
    let zoe = server.run(&["helo", "--name", "zoe", "--wait", "3s"]).await;
    assert!(zoe.stdout.contains("hello there zoe"), "ada lives: {zoe:?}");
    for n in 20..120 {
        mira.says(&long(n)).await;
    }
    for n in 0..120 {
        let said = format!("#lobby mira: {}", long(n));
        while !ada.line().await.ends_with(&said) {}
    }
    ada.signal(Signal::TERM);
    assert_eq!(ada.ended().await.code, Some(0));
}

#[tokio::test]
async fn a_signal_does_not_wait_for_a_reader_that_stalls() {
    let (server, mira) = busy().await;
    let mut ada = server.command(&["--plain", "--name", "ada"]);
    let mut ada = ada.stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(ada.stdout.take().unwrap()).lines();
    let next = async |lines: &mut tokio::io::Lines<_>| {
        soon("a line", lines.next_line()).await.unwrap().unwrap()
    };
    while !next(&mut lines).await.contains("you are in #lobby as ada") {}
    for n in 0..20 {
        mira.says(&long(n)).await;
    }
    while !next(&mut lines).await.contains("#lobby mira: 0") {}
    Process(ada.id().unwrap()).signal(Signal::TERM);
    let status = soon("the end", ada.wait()).await.unwrap();
    let mut errors = BufReader::new(ada.stderr.take().unwrap()).lines();
    let told = soon("the reason", errors.next_line()).await.unwrap().unwrap();
    assert_eq!((status.code(), &*told), (Some(1), "hullo: nobody took the last lines"));
}

#[tokio::test]
async fn a_line_that_cannot_be_carried_out_is_told_and_ends_in_a_failure() {
    let server = Server::start().await;
    for (input, told) in [
        ("/msg nobody hi\n", "not done: /msg nobody hi"),
        ("/r hi\n", "not done: /r hi"),
        ("/nope\n", "not done: /nope"),
        ("/msg\n", "not done: /msg"),
        ("/set idle soon\n", "not done: /set idle soon"),
    ] {
        let ended = server.feed(&["--plain", "--name", "ada"], input).await;
        assert_eq!((ended.code, &*ended.stderr), (Some(1), "hullo: one line was not done\n"));
        assert!(ended.stdout.contains(&format!(" error: {told}\n")), "{}", ended.stdout);
    }
    let mixed = "/nope\n/who\nhello\n/leave\n/status busy\nlost\n/nope\n";
    let ended = server.feed(&["--plain", "--name", "ada"], mixed).await;
    let told = "hullo: one line was not sent, 2 lines were not done\n";
    assert_eq!((ended.code, &*ended.stderr), (Some(1), told), "{}", ended.stdout);
    std::fs::write(server.home.file("there.txt"), "mine").unwrap();
    let path = server.home.file("there.txt").display().to_string();
    let ended = server.feed(&["--plain", "--name", "ada"], &format!("/export {path}\n")).await;
    assert_eq!((ended.code, &*ended.stderr), (Some(1), "hullo: one line was not done\n"));
    let told = format!(" error: not done: /export {path}\n");
    assert!(ended.stdout.contains(&told), "{}", ended.stdout);
    let fine = "/who\n/whois ada\n/set idle\n/buffer\n/help\nhello\n/quit\n";
    let ended = server.feed(&["--plain", "--name", "ada"], fine).await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{}", ended.stdout);
}

#[tokio::test]
async fn what_would_be_copied_is_printed() {
    let server = Server::start().await;
    let ended = server.feed(&["--plain", "--name", "ada"], "one · two\n/copy\n").await;
    let told = "there is no clipboard here; this is the text:\n  one · two\n";
    assert!(ended.code == Some(0) && ended.stdout.contains(told), "{ended:?}");
}
