//! What takes its time holds up nobody: a terminal that stalls, a disk that hangs, an editor that
//! stays open. To the others we are there all the same.

use std::fs;
use std::process::Command;
use std::time::Duration;

use hullo_testing::NOWHERE;

use crate::home::Home;
use crate::process::Server;
use crate::pty::Session;

/// Somebody comes, and is answered.
async fn zoe_is_greeted(server: &Server) {
    let zoe = server.run(&["helo", "--name", "zoe", "--wait", "5s"]).await;
    assert!(zoe.stdout.contains("hello there zoe"), "{zoe:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_stalls_does_not_keep_us_from_the_server() {
    let server = Server::with(&["--max-pushes-per-second", "1000"]).await;
    let mira = server.member("mira").await;
    let arguments = ["--server", &server.address, "--name", "ada"];
    let mut ada = Session::sized((200, 60), &server.home, &arguments, &[]);
    ada.shows("you said helo");
    let stall = ada.stall();
    let stalled = stall.lock().await;
    // More than the system keeps for a terminal.
    for n in 0..150 {
        let letter = char::from(b'a' + u8::try_from(n % 26).unwrap());
        mira.says(&letter.to_string().repeat(2_000)).await;
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    zoe_is_greeted(&server).await;
    drop(stalled);
    mira.says("the end").await;
    ada.shows("the end");
    ada.send("/quit\r");
    assert_eq!(ada.ends_well(), 0);
}

#[test]
fn a_disk_that_hangs_does_not_stop_the_screen() {
    let home = Home::new();
    let server = format!("ws://{NOWHERE}");
    let mut session = Session::start(&home, &["--server", &server, "--name", "ada"], &[]);
    session.shows("There is no server");
    // A pipe that nobody reads takes as long to be opened as a disk that hangs.
    let history = home.state("history");
    assert!(Command::new("mkfifo").arg(&history).status().unwrap().success());
    session.send("one\rtwo");
    session.shows("ada › two");
    assert_eq!(fs::read_to_string(&history).unwrap(), "one\n");
    session.send("\x03\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn newcomers_are_answered_while_the_editor_is_open() {
    let server = Server::start().await;
    let script = "echo 'an editor at work'\nread -r line\necho \"$line\" > \"$1\"\n";
    fs::write(server.home.file("editor"), script).unwrap();
    let arguments = ["--server", &server.address, "--name", "ada"];
    let mut ada = Session::start(&server.home, &arguments, &[("EDITOR", "sh editor")]);
    ada.lists(&["ada"]);
    ada.send("\x1be");
    ada.shows("an editor at work");
    zoe_is_greeted(&server).await;
    assert!(ada.screen().contents().contains("an editor at work"));
    ada.send("typed there\r");
    ada.shows("ada › typed there");
    ada.send("\x03\x03\x03");
    assert_eq!(ada.ends_well(), 0);
}
