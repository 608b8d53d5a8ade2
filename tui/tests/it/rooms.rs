//! Rooms that are joined at every start.

use hullo_testing::wait::soon;

use crate::process::Server;
use crate::pty::Session;

#[tokio::test]
async fn they_come_behind_the_one_that_was_asked_for() {
    let server = Server::start().await;
    server.home.write_config("rooms = [\"ops\", \"#build\"]\n");
    let place = ["--server", &server.address, "--name", "ada", "late"];
    let mut session = Session::start(&server.home, &place, &[]);
    session.shows("2 #ops  3 #build");
    for room in ["late", "ops", "build"] {
        let entered =
            async { while server.run(&["who", "--room", room]).await.stdout != "ada  here\n" {} };
        soon(room, entered).await;
    }
    session.send("/quit\r");
    assert_eq!(session.ends_well(), 0);
}

#[tokio::test]
async fn one_that_is_refused_keeps_nobody_out_of_the_others() {
    let server = Server::with(&["--max-channels", "1"]).await;
    server.home.write_config("rooms = [\"ops\"]\n");
    let said = server.feed(&["--plain", "--name", "ada"], "hi\n").await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains("#lobby you: hi"), "{said:?}");
    assert!(said.stdout.contains("you are in too many rooms; leave one first"), "{said:?}");
}
