//! The screen takes the terminal over, and hands it back on every way out. No server is needed:
//! without one the screen is up all the same.

use crate::process::{Home, NOWHERE};
use crate::pty::Session;

/// The screen of somebody who finds no server.
fn start(environment: &[(&str, &str)]) -> Session {
    let server = format!("ws://{NOWHERE}");
    let arguments = ["--server", &server, "--name", "ada"];
    let mut session = Session::start(&Home::new(), &arguments, environment);
    session.wait("the screen", |screen| {
        screen.alternate_screen() && screen.contents().contains("There is no server")
    });
    assert!(session.screen().bracketed_paste());
    session
}

#[test]
fn ctrl_c_twice_quits_and_the_terminal_is_as_before() {
    let mut session = start(&[]);
    session.send("\x03");
    session.shows("Ctrl+C once more");
    session.send("\x03");
    assert_eq!(session.ends_well(), 0);
}

#[cfg(unix)]
#[test]
fn sigterm_and_sighup_hand_the_terminal_back() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP] {
        let session = start(&[]);
        session.signal(signal);
        assert_eq!(session.ends_well(), 0);
    }
}

#[test]
fn a_paste_is_never_sent_by_itself() {
    let mut session = start(&[]);
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
    let mut session = start(&[("NO_COLOR", "1"), ("LC_ALL", "C")]);
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
