//! The server is killed and started again on its store: the same conversation goes on, nothing is
//! missing and nothing doubled.

use std::time::Duration;

use hullo_testing::program::Running;
use hullo_testing::wait::eventually;
use rustix::process::Signal;
use serde_json::Value;

use crate::home::Home;
use crate::process::{Server, command};
use crate::pty::Session;

/// A server with a store.
async fn start(home: &Home, address: &str) -> (Running, String) {
    let data = home.file("rooms").display().to_string();
    let arguments = ["serve", "--listen", address, "--data", &data];
    let mut process = Running::start(&mut command(home, &arguments));
    let address = process.address().await.to_string();
    (process, address)
}

async fn stored() -> Server {
    let home = Home::new();
    let (process, address) = start(&home, "127.0.0.1:0").await;
    Server { address, process, home }
}

async fn kill(server: &mut Server) {
    server.process.signal(Signal::KILL);
    // Long enough that clients see the loss, and that some of them try in vain.
    tokio::time::sleep(Duration::from_millis(700)).await;
}

async fn start_again(server: &mut Server) {
    let (process, address) = start(&server.home, &server.address).await;
    assert_eq!(address, server.address);
    server.process = process;
}

/// The events up to the message with this text.
async fn until_said(watcher: &mut Running, text: &str) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let event = watcher.event().await;
        let is_last = event["event"] == "said" && event["message"] == text;
        events.push(event);
        if is_last {
            return events;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing_and_doubles_nothing() {
    let mut server = stored().await;
    let mut watcher = server.watcher("mira").await;
    let address = format!("ws://{}", server.address);
    let home = Home::new();
    let mut ada = Session::start(&home, &["--server", &address, "--name", "ada"], &[]);
    ada.lists(&["ada"]);
    ada.shows("● mira");
    ada.send("before\r");
    until_said(&mut watcher, "before").await;

    let mut events = Vec::new();
    for round in 1..=2 {
        ada.send(&format!("right before kill {round}\r"));
        kill(&mut server).await;
        ada.send(&format!("while it is gone {round}\r"));
        ada.shows(&format!("while it is gone {round}"));
        start_again(&mut server).await;
        events.extend(until_said(&mut watcher, &format!("while it is gone {round}")).await);
    }
    ada.send("the last line\r");
    events.extend(until_said(&mut watcher, "the last line").await);

    let field = |kind: &str, field: &str| -> Vec<Value> {
        let of_kind = events.iter().filter(|event| event["event"] == kind);
        of_kind.map(|event| event[field].clone()).collect()
    };
    let said = [
        "right before kill 1",
        "while it is gone 1",
        "right before kill 2",
        "while it is gone 2",
        "the last line",
    ];
    assert_eq!(field("said", "message"), said, "{events:?}");
    let numbers: Vec<u64> = field("said", "seq").iter().map(|seq| seq.as_u64().unwrap()).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    assert_eq!(field("resumed", "room").len(), 2, "{events:?}");
    for kind in ["entered", "arrived", "joined", "gone", "gap"] {
        assert_eq!(field(kind, "room"), [] as [Value; 0], "{kind}: {events:?}");
    }

    ada.wait("every line, and that they are confirmed", |screen| {
        let shown = screen.contents();
        said.iter().all(|text| shown.contains(text)) && !shown.contains('◌')
    });
    let screen = ada.screen().contents();
    for text in said {
        assert_eq!(screen.matches(text).count(), 1, "{screen}");
    }
    assert_eq!(screen.matches("back after").count(), 2, "{screen}");
    assert!(!screen.contains("said helo again") && !screen.contains("may be missing"), "{screen}");
    ada.send("/quit\r");
    assert_eq!(ada.ends_well(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_later_reads_what_was_said_before() {
    let mut server = stored().await;
    let zoe = server.member("zoe").await;
    for n in 1..=150 {
        zoe.says(&format!("line {n} of 150")).await;
    }
    kill(&mut server).await;
    start_again(&mut server).await;
    let arguments = ["watch", "--json", "--name", "mira", "--history", "2"];
    let mut watcher = Running::start(&mut server.command(&arguments));
    assert_eq!(watcher.event().await["event"], "entered");
    for text in ["line 149 of 150", "line 150 of 150"] {
        let event = watcher.event().await;
        let told = (event["event"].as_str(), event["message"].as_str(), &event["from"]["name"]);
        assert_eq!(told, (Some("past"), Some(text), &Value::from("zoe")), "{event}");
    }

    let address = format!("ws://{}", server.address);
    let home = Home::new();
    let mut ada = Session::start(&home, &["--server", &address, "--name", "ada"], &[]);
    ada.shows("── now ──");
    ada.shows("zoe      line 150 of 150");
    for _ in 0..5 {
        ada.send("\x1b[5~");
    }
    ada.shows("zoe      line 51 of 150");
    // That was the first line, so more is asked for; what is said later comes later.
    ada.send("a late line\r");
    until_said(&mut watcher, "a late line").await;
    zoe.says("a later line").await;
    ada.shows("a later line");
    ada.send("\x1b[H");
    ada.shows("zoe      line 1 of 150");
    ada.send("/quit\r");
    assert_eq!(ada.ends_well(), 0);
}

/// Stops the server without ending it, for so long.
async fn stall(server: &Server, ada: &mut Session, seconds: u64) {
    server.process.signal(Signal::STOP);
    ada.send("do you hear me?\r");
    ada.shows("do you hear me?  ◌ not confirmed");
    ada.shows("◌ no answer for 5 s");
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    ada.shows("do you hear me?  ◌ not confirmed");
    server.process.signal(Signal::CONT);
    ada.wait("the confirmation", |screen| {
        let shown = screen.contents();
        shown.contains("do you hear me?") && !shown.contains('◌') && shown.contains(" ms · ada")
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_told_and_what_it_answers_late_counts() {
    let server = Server::start().await;
    let mut watcher = server.watcher("mira").await;
    let address = format!("ws://{}", server.address);
    let home = Home::new();
    let mut ada = Session::start(&home, &["--server", &address, "--name", "ada"], &[]);
    ada.lists(&["ada"]);
    ada.shows("● mira");
    stall(&server, &mut ada, 0).await;
    until_said(&mut watcher, "do you hear me?").await;
    ada.send("/quit\r");
    assert_eq!(ada.ends_well(), 0);
}

/// Longer than the client waits for a sign of life, and so the connection is given up meanwhile.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes 45 s"]
async fn a_server_that_hangs_until_it_is_given_up_still_gets_every_line_once() {
    let server = Server::start().await;
    let address = format!("ws://{}", server.address);
    let homes = [Home::new(), Home::new()];
    let [mut ada, mut mira] = [(&homes[0], "ada"), (&homes[1], "mira")]
        .map(|(home, name)| Session::start(home, &["--server", &address, "--name", name], &[]));
    ada.lists(&["ada", "mira"]);
    stall(&server, &mut ada, 40).await;
    ada.shows("back after");
    mira.shows("do you hear me?");
    assert_eq!(mira.screen().contents().matches("do you hear me?").count(), 1);
    mira.lists(&["ada", "mira"]);
    for session in [&ada, &mira] {
        let shown = session.screen().contents();
        assert!(!shown.contains("left") && !shown.contains("helo again"), "{shown}");
    }
    ada.send("/quit\r");
    assert_eq!(ada.ends_well(), 0);
    mira.send("/quit\r");
    assert_eq!(mira.ends_well(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_of_this_machine_keeps_what_was_said_for_tomorrow() {
    let home = Home::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = free.to_string();
    let environment = [("HULLO_LISTEN", &*address), ("HULLO_EXIT_WHEN_EMPTY", "100ms")];
    for (name, line) in [("ada", "first things first"), ("bo", "second thoughts")] {
        let mut session = Session::start(&home, &["--name", name], &environment);
        session.lists(&[name]);
        session.send(&format!("{line}\r"));
        session.shows(line);
        session.send("/quit\r");
        assert_eq!(session.ends_well(), 0);
        eventually("the end of the server", || std::net::TcpStream::connect(&address).is_err());
    }
    let mut session = Session::start(&home, &["--name", "zoe"], &environment);
    session.shows("── now ──");
    session.shows("ada      first things first");
    session.shows("bo       second thoughts");
    session.send("/quit\r");
    assert_eq!(session.ends_well(), 0);
}
