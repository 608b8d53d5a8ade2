//! Where nothing can be kept, that is told instead of lost. No server is needed.

use std::fs;

use hullo_testing::NOWHERE;

use crate::home::Home;
use crate::pty::Session;

/// The screen of somebody whose state folder cannot be: a file stands in its place.
fn nowhere_to_keep(home: &Home) -> Session {
    let (server, file) = (format!("ws://{NOWHERE}"), home.file("state"));
    fs::write(&file, "in the way").unwrap();
    let environment = [("XDG_STATE_HOME", file.to_str().unwrap())];
    let mut session = Session::start(home, &["--server", &server, "--name", "ada"], &environment);
    session.shows("There is no server");
    session
}

#[test]
fn what_is_not_kept_is_told_once() {
    let home = Home::new();
    let mut session = nowhere_to_keep(&home);
    session.send("/log on\r");
    session.shows("what you send is not kept: no folder");
    session.shows("what is said is not kept: no folder");
    session.send("one\r");
    session.send("two\r");
    session.shows("ada      two");
    let shown = session.screen().contents();
    assert_eq!(shown.matches("is not kept: no folder").count(), 2, "{shown}");
    session.send("\x03\x03");
    session.shows("2 lines are not sent yet");
    session.send("\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn a_draft_that_is_not_kept_is_told_after_the_screen() {
    let home = Home::new();
    let mut session = nowhere_to_keep(&home);
    session.send("/join ops\r");
    session.shows("#ops");
    session.send("half a thought");
    session.shows("› half a thought");
    session.send("\x1b1/quit\r");
    session.wait("the draft", |screen| {
        let shown = screen.contents();
        let told = shown.contains("hullo: your draft is not kept: no folder for it can be written");
        !screen.alternate_screen() && told && shown.contains("#ops: half a thought")
    });
    assert_eq!(session.ends_well(), 0);
}
