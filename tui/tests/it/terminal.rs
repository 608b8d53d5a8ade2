//! The screen takes the terminal over, and hands it back on every way out. No server is needed:
//! without one the screen is up all the same.

use hullo_testing::NOWHERE;

use crate::home::Home;
use crate::pty::Session;

/// The screen of somebody who finds no server.
fn start(environment: &[(&str, &str)]) -> (Home, Session) {
    let server = format!("ws://{NOWHERE}");
    let arguments = ["--server", &server, "--name", "ada"];
    let home = Home::new();
    let mut session = Session::start(&home, &arguments, environment);
    session.wait("the screen", |screen| {
        screen.alternate_screen() && screen.contents().contains("There is no server")
    });
    assert!(session.screen().bracketed_paste());
    (home, session)
}

#[test]
fn ctrl_c_twice_quits_and_the_terminal_is_as_before() {
    let (_home, mut session) = start(&[]);
    session.send("\x03");
    session.shows("Ctrl+C once more");
    session.send("\x03");
    assert_eq!(session.ends_well(), 0);
}

#[cfg(unix)]
#[test]
fn sigterm_and_sighup_hand_the_terminal_back() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP] {
        let (_home, mut session) = start(&[]);
        session.signal(signal);
        assert_eq!(session.ends_well(), 0);
    }
}

#[cfg(unix)]
#[test]
fn a_signal_while_the_terminal_is_taken_hands_it_back() {
    let home = Home::new();
    let server = format!("ws://{NOWHERE}");
    let arguments = ["--server", &server, "--name", "ada"];
    let mut session = Session::start(&home, &arguments, &[]);
    // It asks the terminal for its background, and waits for the answer.
    session.begins_to_write();
    session.signal(rustix::process::Signal::TERM);
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn a_paste_is_never_sent_by_itself() {
    let (_home, mut session) = start(&[]);
    session.send("\x1b[200~one\r\ntwo\r\n\x1b[201~");
    session.wait("the draft", |screen| {
        screen.contents().contains("ada › one") && screen.contents().contains("two")
    });
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn a_mouse_where_no_screen_is_does_nothing() {
    let home = Home::new();
    std::fs::write(home.file("config.toml"), "mouse = true\n").unwrap();
    let server = format!("ws://{NOWHERE}");
    let arguments = ["--server", &server, "--name", "ada", "--config", "config.toml"];
    let mut session = Session::start(&home, &arguments, &[]);
    session.shows("There is no server");
    // As terminals report it in their three ways, pressed, released, moved and turned.
    for report in
        ["<0;0;5M", "<0;5;0m", "<35;0;0M", "<64;0;0M", "<0;65535;65535M", "32;0;0M", "M   "]
    {
        session.send(&format!("\x1b[{report}"));
    }
    session.send("still here");
    session.shows("ada › still here");
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn no_color_means_none_and_an_old_locale_means_ascii() {
    let (_home, mut session) = start(&[("NO_COLOR", "1"), ("LC_ALL", "C")]);
    session.shows("x offline");
    let screen = session.screen();
    let cells = (0..24).flat_map(|row| (0..80).filter_map(move |column| screen.cell(row, column)));
    for cell in cells {
        assert_eq!(
            (cell.fgcolor(), cell.bgcolor()),
            (vt100::Color::Default, vt100::Color::Default)
        );
        assert!(cell.contents().is_ascii(), "{:?}", cell.contents());
    }
    session.send("\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn auto_has_the_colours_for_the_background_that_the_terminal_tells() {
    // The letters of what is strong and of what is bad, as the files of these themes say.
    let themes = [
        ("ffff/ffff/ffff", [(0, 0, 0), (0xb1, 0x04, 0x12)]),
        ("1a1a/1b1b/1c1c", [(0xff, 0xff, 0xff), (0xfd, 0x73, 0x6d)]),
    ];
    for (background, colours) in themes {
        let server = format!("ws://{NOWHERE}");
        let arguments = ["--server", &server, "--name", "ada"];
        let environment = [("COLORTERM", "truecolor")];
        let home = Home::new();
        let mut session = Session::on_background(background, &home, &arguments, &environment);
        session.shows("There is no server");
        session.send("/theme auto\r");
        session.shows("theme is auto");
        let cells = (0..80).filter_map(|column| session.screen().cell(0, column));
        let shown = ["h", "✗"].map(|letter| {
            let mut cells = cells.clone();
            cells
                .find(|cell| cell.contents() == letter)
                .map(|cell| (cell.fgcolor(), cell.bgcolor()))
        });
        let expected = colours.map(|(red, green, blue)| {
            Some((vt100::Color::Rgb(red, green, blue), vt100::Color::Default))
        });
        assert_eq!(shown, expected, "on {background}");
        session.send("\x03\x03");
        assert_eq!(session.ends_well(), 0);
    }
}
