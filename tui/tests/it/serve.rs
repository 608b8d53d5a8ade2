//! `hullo serve`: the server as a part of the one program.

use hullo_testing::program::run;

use crate::home::Home;
use crate::process::{Server, command};

#[tokio::test]
async fn a_taken_port_exits_1_and_says_so_in_one_line() {
    let server = Server::start().await;
    let again = run(command(&Home::new(), &["serve", "--listen", &server.address])).await;
    again.failed(1, &format!("{} is taken", server.address));
}

#[tokio::test]
async fn a_listening_address_that_is_none_exits_2() {
    let ended = run(command(&Home::new(), &["serve", "--listen", "nowhere"])).await;
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{ended:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_tells_everybody_and_exits_0() {
    let server = Server::start().await;
    let mut people = [server.watcher("ada").await, server.watcher("bo").await];
    server.process.signal(rustix::process::Signal::TERM);
    for watch in &mut people {
        let offline = watch.until("offline").await;
        assert_eq!(offline["reason"], "the server is restarting (1012)");
    }
    assert_eq!(server.process.ended().await.code, Some(0));
}

#[tokio::test]
async fn an_empty_one_leaves_by_itself_if_told_so() {
    let server = Server::with(&["--exit-when-empty", "100ms"]).await;
    assert_eq!(server.process.ended().await.code, Some(0));
}
