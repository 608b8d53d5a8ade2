//! What others send is data: nothing of it drives the terminal, whoever lets it through.

use hullo_testing::listener::Listener;
use hullo_testing::program::Running;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::TcpStream;

use crate::process::Server;

/// What the careless server puts in the place of [`HIDDEN`]: as long, and an escape in JSON.
const ESCAPE: &[u8] = br"\u001b";
/// What the real server takes for a part of a name.
const HIDDEN: &[u8] = b"ESCAPE";

/// Nothing but what may stand in a line of text.
#[track_caller]
fn harmless(text: &str) {
    for line in text.lines() {
        assert_eq!(hullo::text::clean_line(line), line);
    }
}

#[tokio::test]
async fn nothing_that_drives_a_terminal_gets_through_and_json_loses_nothing() {
    let hostile = "a\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}\u{200b}b\r\nc";
    let server = Server::start().await;
    let mut json = server.watcher("mira").await;
    let mut text = Running::start(&mut server.command(&["watch", "--name", "bo"]));
    text.line().await;
    let ada = server.member("ada\u{1b}[31m").await;
    ada.says(hostile).await;
    harmless(&text.line().await);
    harmless(&text.line().await);
    loop {
        let line = json.line().await;
        harmless(&line);
        let event: Value = serde_json::from_str(&line).unwrap();
        if event["event"] == "said" {
            assert_eq!(event["message"], hostile);
            break;
        }
    }
}

/// A server that lets escapes through in names: the real one, behind a door that puts them in.
async fn careless(server: &Server) -> Listener {
    let behind = server.address.clone();
    Listener::start(move |visitor| serve(visitor, behind.clone())).await
}

/// Passes everything on, and whole names otherwise than they came.
async fn serve(visitor: TcpStream, server: String) {
    let server = TcpStream::connect(server).await.unwrap();
    let (mut from_visitor, mut to_visitor) = visitor.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = async {
        copy(&mut from_visitor, &mut to_server).await.ok();
        to_server.shutdown().await.ok();
    };
    let answering = async {
        let mut waiting = Vec::new();
        while let Ok(1..) = from_server.read_buf(&mut waiting).await {
            while let Some(at) = waiting.windows(HIDDEN.len()).position(|bytes| bytes == HIDDEN) {
                waiting[at..at + HIDDEN.len()].copy_from_slice(ESCAPE);
            }
            // The beginning of another one may be at the end.
            let cut = (1..HIDDEN.len()).rev().find(|length| waiting.ends_with(&HIDDEN[..*length]));
            let ready = waiting.len() - cut.unwrap_or(0);
            if to_visitor.write_all(&waiting[..ready]).await.is_err() {
                return;
            }
            waiting.drain(..ready);
        }
        to_visitor.shutdown().await.ok();
    };
    tokio::join!(asking, answering);
}

#[tokio::test]
async fn names_that_a_careless_server_lets_through_are_harmless_too() {
    let server = Server::start().await;
    let door = careless(&server).await;
    let address = format!("ws://{}", door.address);
    let mira = server.member("miraESCAPE[2J").await;
    let _greeting = mira.greets("hello");

    let who = server.run(&["who", "--server", &address]).await;
    who.printed("mira[2J  here\n");
    let helo = server.run(&["helo", "--server", &address]).await;
    helo.printed("mira[2J: hello\n");
    let send = server.run(&["send", "--server", &address, "--to", "zoe", "hi"]).await;
    send.failed(1, "here: mira[2J");
    harmless(&send.stderr);

    let mut watch = Running::start(&mut server.command(&["watch", "--server", &address]));
    assert!(watch.line().await.ends_with("#lobby: 1 here"));
    let mut lines = vec![String::new()];
    server.member("boESCAPE]0;title").await.says("hi").await;
    while !lines.last().unwrap().ends_with("left") {
        lines.push(watch.line().await);
    }
    let words: Vec<&str> =
        lines.iter().skip(1).map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!(
        words,
        ["\"bo]0;title\" arrived and says helo", "\"bo]0;title\": hi", "\"bo]0;title\" left"]
    );
}
