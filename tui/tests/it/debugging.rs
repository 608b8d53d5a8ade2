//! The program's own log, as it is shown.

use crate::home::Home;
use crate::process::Server;
use crate::pty::Session;

fn start(home: &Home, server: &Server) -> Session {
    let mut session = Session::start(home, &["--server", &server.address, "--name", "ada"], &[]);
    session.lists(&["ada", "mira"]);
    session
}

/// How many lines of the log the screen shows.
fn lines(session: &Session) -> usize {
    session.screen().contents().lines().filter(|line| line.contains(" DEBUG ")).count()
}

#[tokio::test]
async fn what_happens_is_logged_as_it_happens_and_showing_it_is_not() {
    let (server, home) = (Server::start().await, Home::new());
    let mira = server.member("mira").await;
    let mut session = start(&home, &server);
    session.send("/debug\r");
    session.shows("hullo's own log from now on");
    mira.says("a secret").await;
    session.shows("hullo::connection: heard");
    assert!(!session.screen().contents().contains("a secret"));
    // Whatever was under way has come by now; a line that made another would never end.
    for _ in 0..3 {
        session.send("x");
        session.shows("ada › x");
        session.send("\x7f");
        session.wait("an empty line", |screen| !screen.contents().contains("ada › x"));
    }
    let shown = lines(&session);
    assert!(shown < 12, "{}", session.screen().contents());
    session.send("/debug off\r");
    session.wait("the room", |screen| screen.contents().contains("a secret"));
    mira.says("another").await;
    session.shows("another");
    session.send("/debug\r");
    session.shows("hullo's own log from now on");
    assert_eq!(lines(&session), 0, "what was not asked for is not there");
    session.send("/quit\r");
    assert_eq!(session.ends_well(), 0);
}

#[tokio::test]
async fn lines_tell_it_too() {
    let server = Server::start().await;
    let said = server.feed(&["--plain", "--name", "ada"], "/debug\n/buffer 1\nhi\n").await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains("debug hullo's own log from now on"), "{said:?}");
    assert!(said.stdout.contains("DEBUG hullo::connection: says something to a room"), "{said:?}");
    let log = std::fs::read_to_string(server.home.state("hullo.log")).unwrap();
    assert!(!log.contains("DEBUG"), "the file is told what HULLO_LOG says");
}
