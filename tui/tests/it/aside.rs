//! What the terminal is told beside its screen: the window's title, the bell, the desktop, the
//! clipboard, and where links lead. Never anything that somebody wrote as a sequence of its own.

use hullo_testing::NOWHERE;
use hullo_testing::guest::Guest;

use crate::home::Home;
use crate::process::Server;
use crate::pty::{Link, Session};

const FOCUS_GAINED: &str = "\x1b[I";
const FOCUS_LOST: &str = "\x1b[O";
const ALT_UP: &str = "\x1b[1;3A";

/// ada at the screen, and mira who says things.
async fn ada_and_mira(server: &Server) -> (Session, Guest) {
    let mira = server.member("mira").await;
    let address = format!("ws://{}", server.address);
    let arguments = ["--server", &address, "--name", "ada"];
    let mut ada = Session::start(&server.home, &arguments, &[]);
    ada.lists(&["ada", "mira"]);
    (ada, mira)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_tells_the_room_and_what_is_for_us_and_the_bell_rings_for_that_alone() {
    let server = Server::start().await;
    let (mut ada, mira) = ada_and_mira(&server).await;
    ada.is_called("hullo · #lobby");
    mira.says("ada: can you see this?").await;
    ada.shows("can you see this?");
    ada.send(FOCUS_LOST);
    mira.says("just talk").await;
    ada.shows("just talk");
    assert_eq!(ada.told().bells, 0);

    mira.says("ada: look here").await;
    ada.is_called("(1) hullo · #lobby");
    ada.hears("the bell", |told| told.bells == 1);

    ada.send(FOCUS_GAINED);
    ada.is_called("hullo · #lobby");
    mira.says("ada: do you see it?").await;
    ada.shows("do you see it?");
    mira.says("the last one").await;
    ada.shows("the last one");
    ada.send("/quit\r");
    assert_eq!((ada.ends_well(), ada.told().bells), (0, 1));
    assert_eq!(ada.told().titles.last().unwrap(), "hullo · #lobby");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desktop_is_told_in_the_way_that_is_set_and_nothing_breaks_out_of_it() {
    let server = Server::start().await;
    let (mut ada, mira) = ada_and_mira(&server).await;
    let text = "mira: ada: a]0;evil[2J;bc d";
    for (means, expected) in [
        ("osc9", format!("9;\u{2068}hullo · #lobby\u{2069}: \u{2068}{text}\u{2069}")),
        (
            "osc777",
            format!(
                "777;notify;\u{2068}hullo · #lobby\u{2069};\u{2068}{}\u{2069}",
                text.replace(';', ",")
            ),
        ),
    ] {
        ada.send(&format!("/set notification {means}\r"));
        ada.shows(&format!("notification is {means}"));
        ada.send(FOCUS_LOST);
        mira.says(&format!("talk before {means}")).await;
        ada.shows(&format!("talk before {means}"));
        mira.says("ada: a\u{1b}]0;evil\u{7}\u{9b}\u{1b}[2J;b\u{202e}c\nd").await;
        ada.hears(means, |told| told.desktop.last() == Some(&expected));
    }
    ada.send("/quit\r");
    assert_eq!((ada.ends_well(), ada.told().desktop.len()), (0, 2));
    assert!(ada.told().titles.iter().all(|title| !title.contains("evil")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selected_message_is_copied_as_it_was_said() {
    let server = Server::start().await;
    let (mut ada, mira) = ada_and_mira(&server).await;
    mira.says("grüße an alle,\nauch an 日本").await;
    ada.shows("日本");
    ada.send(ALT_UP);
    ada.shows("y copy");
    ada.send("y");
    ada.shows("copied");
    assert_eq!(ada.told().copied, ["Z3LDvMOfZSBhbiBhbGxlLAphdWNoIGFuIOaXpeacrA=="]);
    ada.send("/quit\r");
    assert_eq!(ada.ends_well(), 0);
}

#[test]
fn an_address_is_a_link_to_the_whole_of_itself_in_every_row_it_takes() {
    let long = format!("https://wiki.example/{}/end", "a-long-way".repeat(8));
    let server = format!("ws://{NOWHERE}");
    let home = Home::new();
    let mut session = Session::start(&home, &["--server", &server, "--name", "ada"], &[]);
    session.shows("There is no server");
    session.send(&format!("see https://wiki.example/a, or {long} now\r"));
    session.hears("the last row of the link", |told| {
        told.links.last().is_some_and(|link| link.letters.ends_with("/end"))
    });
    let links: Vec<Link> = session.told().links.clone();
    let rows = |address: &str| {
        let mut rows: Vec<&Link> = links.iter().filter(|link| link.address == address).collect();
        rows.dedup();
        rows
    };
    let short = rows("https://wiki.example/a");
    assert_eq!(short.len(), 1, "{links:#?}");
    assert_eq!(short[0].letters, "https://wiki.example/a");
    let long_rows = rows(&long);
    let letters: String = long_rows.iter().map(|row| &*row.letters).collect();
    assert_eq!(letters, long);
    // What they have in common is how a terminal knows that they are one.
    assert!(long_rows.len() > 1 && long_rows.iter().all(|row| row.about == long_rows[0].about));
    assert!(long_rows[0].about.starts_with("id=") && long_rows[0].about != short[0].about);
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_cannot_tell_the_desktop_is_told_once() {
    let server = Server::start().await;
    let (mut ada, mira) = ada_and_mira(&server).await;
    ada.send("/set notification command\r/set command no-such-program\r");
    ada.shows("command is no-such-program");
    ada.send(FOCUS_LOST);
    let told = "no desktop notification: no-such-program";
    mira.says("ada: one").await;
    ada.shows(told);
    mira.says("ada: two").await;
    mira.says("ada: three").await;
    ada.shows("ada: three");
    mira.says("the end").await;
    ada.shows("the end");
    assert_eq!(ada.screen().contents().matches(told).count(), 1);
    // With the setting changed, it is worth a word again.
    ada.send("/set command ls no-such-file\r");
    ada.shows("command is ls no-such-file");
    ada.send(FOCUS_LOST);
    mira.says("ada: four").await;
    ada.shows("no desktop notification: ls ended");
    ada.send("/quit\r");
    assert_eq!(ada.ends_well(), 0);
}

#[test]
fn a_browser_that_does_not_open_is_told() {
    let server = format!("ws://{NOWHERE}");
    let arguments = ["--server", &server, "--name", "ada"];
    let home = Home::new();
    let mut session = Session::start(&home, &arguments, &[("BROWSER", "no-such-browser")]);
    session.shows("There is no server");
    session.send("see https://wiki.example/a\r");
    session.shows("see https://wiki.example/a");
    session.send(&format!("{ALT_UP}o"));
    session.shows("the link cannot be opened: no-such-browser");
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}
