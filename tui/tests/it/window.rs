//! Keys, pastes and sizes through the whole program. No server is needed.

use hullo_testing::NOWHERE;

use crate::home::Home;
use crate::pty::Session;

const ALT_LEFT: &str = "\x1b[1;3D";
const ALT_RIGHT: &str = "\x1b[1;3C";
const PAGE_UP: &str = "\x1b[5~";
/// As terminals report it that know the keyboard flags.
const SHIFT_ENTER: &str = "\x1b[13;2u";

fn begin(start: impl FnOnce(&Home, &[&str]) -> Session) -> (Home, Session) {
    let home = Home::new();
    let server = format!("ws://{NOWHERE}");
    let mut session = start(&home, &["--server", &server, "--name", "ada"]);
    session.shows("There is no server");
    (home, session)
}

fn start() -> (Home, Session) {
    begin(|home, arguments| Session::start(home, arguments, &[]))
}

/// The lines that are on screen, in order.
fn lines(screen: &vt100::Screen) -> Vec<String> {
    let text = screen.contents();
    let words = text.split_whitespace().filter(|word| word.starts_with("line-"));
    words.map(str::to_owned).collect()
}

#[test]
fn ctrl_d_on_an_empty_line_quits_and_else_deletes() {
    let (_home, mut session) = start();
    session.send("ab\x01\x04");
    session.shows("ada › b");
    session.send("\x04\x04");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn shift_enter_begins_a_line_where_the_terminal_tells_it_and_flags_are_taken_back() {
    let (_home, mut session) = begin(Session::with_flags);
    assert_eq!(session.told().keyboard, Some((1, 0)));
    session.send(&format!("one{SHIFT_ENTER}two"));
    session.wait("two lines", |screen| {
        let text = screen.contents();
        text.contains("ada › one") && text.lines().any(|line| line.trim() == "two")
    });
    session.send("\x03\x03\x03");
    assert_eq!((session.ends_well(), session.told().keyboard), (0, Some((1, 1))));
}

#[test]
fn every_buffer_keeps_its_draft() {
    let (_home, mut session) = start();
    session.send("/join build\r");
    session.shows("#build");
    session.is_called("hullo · #build");
    session.send(&format!("in build{ALT_LEFT}in the lobby"));
    session.shows("ada › in the lobby");
    session.is_called("hullo · #lobby");
    session.send(&format!("{ALT_RIGHT}, still"));
    session.shows("ada › in build, still");
    session.send(&format!("{ALT_LEFT}\x1b[200~\rpasted\n\x1b[201~"));
    session.wait("the paste", |screen| {
        let text = screen.contents();
        text.contains("ada › in the lobby") && text.lines().any(|line| line.trim() == "pasted")
    });
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn what_is_read_stays_on_screen_whatever_the_size_becomes() {
    let (_home, mut session) = start();
    for n in 10..60 {
        session.send(&format!("line-{n}\r"));
    }
    session.shows("line-59");
    session.send(PAGE_UP);
    session.shows("End for the newest");
    let last = lines(session.screen()).pop().unwrap();
    for (columns, rows) in [(120, 40), (40, 12), (100, 24), (60, 20)] {
        session.resize(columns, rows);
        // At the new size the prompt stands in its last rows.
        session.wait("the same place", |screen| {
            let mut below = screen.rows(0, columns).skip(usize::from(rows) - 3);
            below.any(|row| row.contains('›')) && lines(screen).last() == Some(&last)
        });
        session.shows("for the newest");
    }
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn a_storm_of_sizes_passes() {
    let (_home, mut session) = start();
    session.send("a draft");
    for n in 0..200_u16 {
        session.resize(1 + n * 7 % 150, 1 + n * 5 % 50);
    }
    session.resize(80, 24);
    session.shows("ada › a draft");
    session.wait("the hint", |screen| {
        screen.rows(0, 80).last().is_some_and(|row| row.contains("F1 help"))
    });
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}
