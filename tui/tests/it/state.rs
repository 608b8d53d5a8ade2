//! What the real program keeps between two runs, in a real terminal: settings, what was sent, and
//! the draft, whatever ends it. No server is needed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hullo_testing::NOWHERE;
use rustix::process::Signal;

use crate::home::Home;
use crate::pty::Session;

const ROWS: u16 = 30;
const COLUMNS: u16 = 100;

fn start(home: &Home) -> Session {
    start_with(home, &[], &[])
}

/// The screen of somebody who finds no server.
fn start_with(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> Session {
    let server = format!("ws://{NOWHERE}");
    let arguments = [&["--server", &server, "--name", "ada"], arguments].concat();
    let mut session = Session::sized((COLUMNS, ROWS), home, &arguments, environment);
    session.shows("There is no server");
    session
}

fn quits(mut session: Session) {
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn a_setting_is_written_back_and_counts_the_next_time() {
    let home = Home::new();
    home.write_config("# mine\n#time = \"24h\"\n\n[keys] # odd ones\nf5 = \"bare\"\n");
    let mut session = start(&home);
    session.send("/set time 12h\r");
    session.shows("time is 12h");
    session.send("/bind f6 mute\r");
    session.shows("F6 is mute now");
    quits(session);
    let written = fs::read_to_string(home.config()).unwrap();
    let expected = "# mine\ntime = \"12h\"\n\n[keys] # odd ones\nf5 = \"bare\"\nf6 = \"mute\"\n";
    assert_eq!(written, expected);
    let mut session = start(&home);
    session.send("/set time\r");
    session.shows("time is \"12h\"");
    quits(session);
}

#[test]
fn the_first_setting_makes_a_file_for_its_owner_alone() {
    let home = Home::new();
    let mut session = start(&home);
    assert!(!home.config().exists());
    session.send("/bell off\r");
    session.shows("bell is off");
    quits(session);
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "bell = false\n");
    assert_eq!(mode(&home.config()), 0o600);
    assert_eq!(mode(&home.state("")), 0o700);
    assert_eq!(mode(&home.state("hullo.log")), 0o600);
}

#[test]
fn mistakes_are_told_on_screen_and_a_file_that_is_changed_is_read_again() {
    let home = Home::new();
    home.write_config("theem = \"dark\"\nbell = \"loud\"\nidle = 20\n");
    let mut session = start(&home);
    session.shows("line 1: there is no setting");
    session.shows("did you mean theme?");
    session.shows("line 2: bell: write true or");
    session.send("/set idle\r");
    session.shows("idle is \"20\"");
    home.write_config("idle = 30\n");
    session.send("/reload\r");
    session.shows("the configuration is read again");
    session.send("/set idle\r");
    session.shows("idle is \"30\"");
    home.write_config("idle =\n");
    session.send("/set time 12h\r");
    session.shows("time counts until you quit");
    quits(session);
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "idle =\n");
}

#[test]
fn what_was_sent_is_recalled_the_next_time() {
    let home = Home::new();
    let mut session = start(&home);
    session.send("one\\\x1b\rtwo\r");
    session.wait("the message", |screen| {
        let shown = screen.contents();
        shown.contains("two") && shown.contains("ada › ")
    });
    session.send("/log\r");
    session.shows("own log is ");
    quits(session);
    assert_eq!(fs::read_to_string(home.state("history")).unwrap(), "one\\\\\\ntwo\n/log\n");
    assert_eq!(mode(&home.state("history")), 0o600);
    home.write_config("history = false\n");
    // What was not sent is a draft.
    let mut session = start(&home);
    session.shows("› one\\");
    session.shows("two");
    session.send("\x03secret\r");
    session.shows("secret");
    quits(session);
    home.write_config("");
    let mut session = start(&home);
    session.shows("› secret");
    session.send("\x03\x1b[A");
    session.shows("› /log");
    session.send("\x1b[A");
    session.shows("› one\\");
    quits(session);
}

#[test]
fn a_draft_outlives_the_signals() {
    for signal in [Signal::HUP, Signal::TERM] {
        let home = Home::new();
        let mut session = start(&home);
        session.send("half a thought");
        session.shows("› half a thought");
        session.signal(signal);
        session.ends_well();
        let drafts = home.state("drafts.json");
        assert_eq!(mode(&drafts), 0o600);
        assert!(fs::read_to_string(&drafts).unwrap().contains("half a thought"));
        let mut session = start(&home);
        session.shows("› half a thought");
        // It stays in the file until it is sent or thrown away, so that a kill takes nothing.
        session.signal(Signal::KILL);
        let mut session = start(&home);
        session.shows("› half a thought");
        quits(session);
        assert!(!drafts.exists());
    }
}

#[test]
fn drafts_that_cannot_be_read_are_told_and_kept_aside() {
    let home = Home::new();
    fs::create_dir_all(home.state("")).unwrap();
    fs::write(home.state("drafts.json"), "{\"bo at home\": ").unwrap();
    let mut session = start(&home);
    session.shows("your drafts cannot be read");
    session.send("half a thought");
    session.shows("› half a thought");
    session.signal(Signal::TERM);
    session.ends_well();
    let aside = home.state("drafts.json.unreadable");
    assert_eq!(fs::read_to_string(aside).unwrap(), "{\"bo at home\": ");
    assert_eq!(mode(&home.state("drafts.json")), 0o600);
    let log = fs::read_to_string(home.state("hullo.log")).unwrap();
    assert!(log.contains("were put aside") && log.contains("drafts.json.unreadable"), "{log}");
    let mut session = start(&home);
    session.shows("› half a thought");
    quits(session);
}

/// Only a build with debug assertions breaks down to order.
#[cfg(debug_assertions)]
#[test]
fn a_panic_restores_the_terminal_keeps_the_draft_and_says_where_things_are() {
    for (place, code) in [("loop", 101), ("task", 1)] {
        let home = Home::new();
        let order = format!("{place}:break down");
        let mut session = start_with(&home, &[], &[("HULLO_PANIC_ON", &order)]);
        session.send("break down");
        let exit = session.ends_well();
        let shown = session.screen().contents().replace('\n', "");
        assert_eq!(exit, code, "{shown}");
        let log = home.state("hullo.log");
        let told = format!(
            "hullo broke down; the log is {}; your draft is kept in {}",
            log.display(),
            home.state("drafts.json").display()
        );
        let at = shown.find("as HULLO_PANIC_ON ordered").unwrap_or_else(|| panic!("{shown}"));
        assert!(shown[at..].contains(&told), "{shown}");
        assert_eq!(shown.matches("hullo broke down").count(), 1, "{shown}");
        assert!(fs::read_to_string(log).unwrap().contains("panicked"));
        let mut session = start(&home);
        session.shows("› break down");
        quits(session);
    }
}

#[test]
fn colours_and_glyphs_are_as_the_command_line_says() {
    let home = Home::new();
    let has_colours = |session: &Session| {
        let screen = session.screen();
        let mut cells =
            (0..ROWS).flat_map(|row| (0..COLUMNS).filter_map(move |at| screen.cell(row, at)));
        cells.any(|cell| cell.fgcolor() != vt100::Color::Default)
    };
    let mut session = start_with(&home, &["--color=always", "--ascii"], &[("NO_COLOR", "1")]);
    session.shows("x offline");
    assert!(has_colours(&session) && session.screen().contents().is_ascii());
    quits(session);
    let mut session = start_with(&home, &["--color=never"], &[]);
    session.shows("✗ offline");
    assert!(!has_colours(&session));
    quits(session);
}

#[test]
fn what_is_said_is_kept_for_those_who_want_it_and_for_nobody_else() {
    let home = Home::new();
    let mut session = start(&home);
    session.send("not kept\r/log on\r");
    session.shows("log is on");
    session.send("kept\r");
    session.shows("ada      kept");
    quits(session);
    let folder = home.state("logs").join("127.0.0.1%3A9");
    let log = folder.join("#lobby.log");
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.ends_with("  ada: kept\n") && !text.contains("not kept"), "{text}");
    let mut session = start(&home);
    session.shows("from the chat log of this machine");
    session.shows("ada: kept");
    quits(session);
    assert_eq!((mode(&log), mode(&folder)), (0o600, 0o700));
}

#[test]
fn a_log_is_written_to_where_the_user_says_and_never_over_another() {
    let home = Home::new();
    let mut session = start_with(&home, &[], &[]);
    session.shows("ada › ");
    session.send("/export ~/log.txt\r");
    session.shows("the log was written to ~/log.txt");
    session.send("/export ~/log.txt\r");
    session.shows("already exists");
    quits(session);
    assert!(home.file("log.txt").exists());
}

#[test]
fn what_was_on_screen_comes_back_to_the_first_program_unless_a_room_is_asked_for() {
    let home = Home::new();
    let mut session = start(&home);
    session.send("/join ops\r");
    session.shows("2 #ops");
    session.send("/away lunch\r");
    session.shows("you are away: lunch");
    session.send("\x03\x03");
    assert_eq!(session.ends_well(), 0);
    let mut session = start(&home);
    session.shows("▸ 2 #ops");
    // One beside it starts afresh, and so does one that is told a room.
    let mut beside = start(&home);
    assert!(!beside.screen().contents().contains("#ops"));
    beside.send("later");
    beside.shows("› later");
    beside.signal(Signal::TERM);
    beside.ends_well();
    quits(session);
    let mut named = start_with(&home, &["build"], &[]);
    named.shows("1 #build");
    assert!(!named.screen().contents().contains("#ops"));
    quits(named);
    let mut session = start(&home);
    session.shows("▸ 2 #ops");
    session.send("\x1b1");
    session.shows("› later");
    quits(session);
}
