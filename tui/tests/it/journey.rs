//! Several screens and a server, end to end: what people see of one another.

use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

#[cfg(target_os = "linux")]
use hullo_testing::process::Process;
use hullo_testing::program::Running;
use hullo_testing::wait::{eventually, soon};
use rustix::process::Signal;

use crate::home::Home;
use crate::process::{Server, command};
use crate::pty::Session;

/// Go to what is new.
const ALT_A: &str = "\x1ba";

/// An address of this machine at which nobody listens yet.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Somebody on this machine: no server is named, so the first one to come starts it.
fn neighbour(home: &Home, address: &str, name: &str) -> Session {
    let environment = [
        ("HULLO_LISTEN", address),
        ("HULLO_EXIT_WHEN_EMPTY", "2s"),
        // Who is killed leaves soon.
        ("HULLO_RESUME_WINDOW", "1s"),
    ];
    Session::start(home, &["--name", name], &environment)
}

/// Somebody at the screen of a server that runs already.
fn guest(server: &Server, name: &str) -> Session {
    let address = format!("ws://{}", server.address);
    Session::start(&server.home, &["--server", &address, "--name", name], &[])
}

/// Waits for a direct message from somebody new and goes to the conversation that it opened.
fn opens(session: &mut Session, peer: &str, message: &str) {
    session.shows(&format!("Alt+A next: {peer}"));
    session.send(ALT_A);
    session.shows(message);
}

/// Asks a program to quit, which must hand its terminal back.
fn quits(mut session: Session) {
    session.send("/quit\r");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn three_people_find_each_other_with_nothing_set_up() {
    let (home, address) = (Home::new(), free_address());
    let mut ada = neighbour(&home, &address, "ada");
    ada.lists(&["ada"]);
    let mut bo = neighbour(&home, &address, "bo");
    bo.shows("you said helo · 1/1 answered");
    let mut cyd = neighbour(&home, &address, "cyd");
    cyd.shows("you said helo · 2/2 answered");
    ada.shows("bo arrived and says helo · you answered (auto)");
    for session in [&mut ada, &mut bo] {
        session.shows("cyd arrived and says helo · you answered (auto)");
    }
    for session in [&mut ada, &mut bo, &mut cyd] {
        session.lists(&["ada", "bo", "cyd"]);
    }

    bo.signal(Signal::KILL);
    for session in [&mut ada, &mut cyd] {
        session.lists(&["ada", "cyd"]);
    }

    // Who came first goes first; the server it started is nobody's.
    quits(ada);
    cyd.lists(&["cyd"]);
    let mut dan = neighbour(&home, &address, "dan");
    dan.shows("you said helo · 1/1 answered");
    assert!(!cyd.screen().contents().contains("connection lost"));
    quits(cyd);
    quits(dan);
    eventually("the end of the server", || home.server_log().contains("nobody is connected"));
    eventually("a free port", || TcpStream::connect(&address).is_err());
}

#[test]
fn who_comes_at_the_same_moment_finds_one_server() {
    let (home, address) = (Home::new(), free_address());
    let mut everybody = ["ada", "bo", "cyd", "dan"].map(|name| neighbour(&home, &address, name));
    for session in &mut everybody {
        session.lists(&["ada", "bo", "cyd", "dan"]);
    }
    everybody.into_iter().for_each(quits);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_talk_in_private() {
    let server = Server::start().await;
    let mut cyd = guest(&server, "cyd");
    cyd.lists(&["cyd"]);
    let mut ada = guest(&server, "ada");
    let mut bo = guest(&server, "bo");
    for session in [&mut ada, &mut bo, &mut cyd] {
        session.lists(&["ada", "bo", "cyd"]);
    }
    ada.send("/msg bo got a minute?\r");
    opens(&mut bo, "ada", "got a minute?");
    bo.send("sure\r");
    ada.shows("sure");
    ada.send("/msg cyd secret\r");
    opens(&mut cyd, "ada", "secret");
    // It came last, on the one line from ada: what was for bo alone would stand there by now.
    let screen = cyd.screen().contents();
    assert!(!screen.contains("minute") && !screen.contains("sure"), "{screen}");
    [ada, bo, cyd].into_iter().for_each(quits);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_the_server_is_away_is_kept_and_delivered() {
    let server = Server::start().await;
    let address = server.address.clone();
    let mut bo = guest(&server, "bo");
    bo.lists(&["bo"]);
    let mut ada = guest(&server, "ada");
    ada.lists(&["ada", "bo"]);
    ada.send("/msg bo hi\r");
    opens(&mut bo, "ada", "hi");
    ada.send("half a thou");
    ada.shows("half a thou");

    server.process.signal(Signal::TERM);
    let Server { process, home, .. } = server;
    assert_eq!(soon("the end", process.ended()).await.code, Some(0));
    for session in [&mut ada, &mut bo] {
        session.shows("offline");
    }
    ada.shows("ada → bo › half a thou");
    ada.send("ght\r");
    ada.shows("waiting to send");
    ada.send("/buffer 1\rone for the room\r");
    ada.shows("one for the room");
    ada.send("and more");
    ada.shows("ada › and more");

    let _server = Server::on(&address, &[]).await;
    // They come back by themselves: /reconnect would drop a connection that is up by now.
    bo.send("/buffer 1\r");
    bo.shows("one for the room");
    for session in [&mut ada, &mut bo] {
        session.wait("the line", |screen| !screen.contents().contains("offline"));
    }
    ada.wait("the delivery", |screen| !screen.contents().contains("waiting to send"));
    ada.send("\x15/buffer 2\r");
    // A server without a store gives everybody a new session: this bo might be anybody.
    ada.shows("not sent: they have left");
    [ada, bo].into_iter().for_each(quits);
    drop(home);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_this_machine_that_is_killed_is_started_again() {
    let server = Server::start().await;
    let address = server.address.clone();
    let home = Home::new();
    let mut ada = neighbour(&home, &address, "ada");
    let mut bo = neighbour(&home, &address, "bo");
    for session in [&mut ada, &mut bo] {
        session.lists(&["ada", "bo"]);
    }
    server.process.signal(Signal::KILL);
    for session in [&mut ada, &mut bo] {
        session.shows("you said helo again");
        session.lists(&["ada", "bo"]);
    }
    [ada, bo].into_iter().for_each(quits);
    eventually("the end of the server", || home.server_log().contains("nobody is connected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_this_machine_that_cannot_be_started_again_is_told() {
    let server = Server::start().await;
    let home = Home::new();
    // The one that runs was told something better.
    let environment = [("HULLO_LISTEN", &*server.address), ("HULLO_EXIT_WHEN_EMPTY", "nonsense")];
    let mut ada = Session::start(&home, &["--name", "ada"], &environment);
    ada.lists(&["ada"]);
    let mut bo = command(&home, &["--plain", "--name", "bo"]);
    let mut bo = Running::start(bo.envs(environment).stdin(Stdio::piped()));
    ada.lists(&["ada", "bo"]);
    server.process.signal(Signal::KILL);
    let why = format!("cannot start a server on {}", server.address);
    ada.shows(&why);
    while !bo.line().await.contains(&why) {}
    bo.signal(Signal::TERM);
    assert_eq!(bo.ended().await.code, Some(0));
    quits(ada);
}

/// The processes that this one started and has not waited for.
#[cfg(target_os = "linux")]
fn children(of: Process) -> Vec<Process> {
    let of = of.0;
    let listed = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap();
    listed.split_whitespace().map(|id| Process(id.parse().unwrap())).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_ends_is_no_zombie_to_who_started_it() {
    let (home, address) = (Home::new(), free_address());
    let mut ada = neighbour(&home, &address, "ada");
    ada.lists(&["ada"]);
    let server = children(ada.process())[0];
    server.signal(Signal::KILL);
    eventually("the end", || !children(ada.process()).contains(&server));
    quits(ada);
}
