//! From one server to another, on the screen and in lines; and the last word before one goes.

use std::fs;

use hullo_testing::program::Running;

use crate::home::Home;
use crate::process::Server;
use crate::pty::Session;

fn here(address: &str) -> [String; 4] {
    ["--server".into(), address.into(), "--name".into(), "ada".into()]
}

#[tokio::test]
async fn the_screen_leaves_one_server_in_good_order_and_is_kept_for_the_other() {
    let (old, new) = (Server::start().await, Server::start().await);
    let (mut left, mut entered) = (old.watcher("mira").await, new.watcher("zoe").await);
    let home = Home::new();
    let place = here(&old.address);
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    let mut session = Session::start(&home, &place, &[]);
    session.lists(&["ada"]);
    session.shows("● mira");
    assert_eq!(left.until("joined").await["person"]["name"], "ada");

    session.send("/log on\r");
    session.send("/connect ws://nowhere:99999\r");
    session.shows("has no valid port");
    session.lists(&["ada"]);
    session.shows("● mira");
    session.send(&format!("/connect {}\r", new.address));
    assert_eq!(left.until("gone").await["person"]["name"], "ada");
    assert_eq!(entered.until("joined").await["person"]["name"], "ada");
    session.lists(&["ada"]);
    session.shows("● zoe");
    session.shows(&format!("from here on: ws://{}", new.address));
    session.send("hello there\r");
    assert_eq!(entered.until("said").await["message"], "hello there");

    session.send("/quit\r");
    assert_eq!(session.ends_well(), 0);
    let folder = new.address.replace(':', "%3A");
    let log = fs::read_to_string(home.state(&format!("logs/{folder}/#lobby.log"))).unwrap();
    assert!(log.contains("ada: hello there"), "{log}");
}

#[tokio::test]
async fn drafts_are_kept_for_the_server_where_one_is() {
    let (old, new) = (Server::start().await, Server::start().await);
    let home = Home::new();
    let place = here(&old.address);
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    let mut session = Session::start(&home, &place, &[]);
    session.lists(&["ada"]);
    session.send(&format!("/connect {}\r", new.address));
    session.shows("from here on");
    session.lists(&["ada"]);
    session.send("half a thought");
    session.shows("ada › half a thought");
    session.signal(rustix::process::Signal::TERM);
    assert_eq!(session.ends_well(), 0);
    let drafts = fs::read_to_string(home.state("drafts.json")).unwrap();
    assert!(drafts.contains(&format!("ada at ws://{}", new.address)), "{drafts}");
    assert!(!drafts.contains(&old.address), "{drafts}");
}

#[tokio::test]
async fn lines_go_there_too_and_what_is_piped_is_said_where_it_was_meant() {
    let (old, new) = (Server::start().await, Server::start().await);
    let (mut first, mut second) = (old.watcher("mira").await, new.watcher("zoe").await);
    let script = format!("one\n/connect {}\ntwo\n", new.address);
    let said = old.feed(&["--plain", "--name", "ada"], &script).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains(&format!("going to another server: ws://{}", new.address)));
    let hears = async |watcher: &mut Running| watcher.until("said").await["message"].clone();
    assert_eq!((hears(&mut first).await, hears(&mut second).await), ("one".into(), "two".into()));
    assert_eq!(first.until("gone").await["person"]["name"], "ada");
}

#[tokio::test]
async fn a_last_word_arrives_before_the_leave() {
    let (server, home) = (Server::start().await, Home::new());
    let mut mira = server.watcher("mira").await;
    let place = here(&server.address);
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    let mut session = Session::start(&home, &place, &[]);
    session.lists(&["ada"]);
    session.shows("● mira");
    session.send("/helo here I am\r");
    assert_eq!(mira.until("said").await["message"], "here I am");
    session.send("/quit see you\r");
    assert_eq!(session.ends_well(), 0);
    assert_eq!(mira.until("said").await["message"], "see you");
    assert_eq!(mira.until("gone").await["person"]["name"], "ada");
}

#[tokio::test]
async fn to_all_is_what_is_done_without_a_name() {
    let server = Server::start().await;
    let mut mira = server.watcher("mira").await;
    server.run(&["send", "--all", "lunch?"]).await.printed("");
    assert_eq!(mira.until("said").await["message"], "lunch?");
}
