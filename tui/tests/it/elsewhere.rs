//! The terminal in other hands for a while: a shell's, an editor's. And what is put into files.

use std::fs;

use hullo_testing::NOWHERE;

use crate::home::Home;
use crate::pty::Session;

const ALT_E: &str = "\x1be";
const CTRL_Z: &str = "\x1a";

fn arguments() -> [String; 4] {
    ["--server".into(), format!("ws://{NOWHERE}"), "--name".into(), "ada".into()]
}

/// The screen of somebody who finds no server.
fn start(home: &Home, environment: &[(&str, &str)]) -> Session {
    let arguments = arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut session = Session::start(home, &arguments, environment);
    session.shows("There is no server");
    session
}

#[test]
fn ctrl_z_stops_the_program_and_the_shell_brings_it_back() {
    let home = Home::new();
    let script = r#"
        set -m
        "$0" "$@"
        echo "the shell has it"
        read -r line
        echo "$line" > typed
        fg
    "#;
    let arguments = arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut session = Session::in_shell(&home, script, &arguments);
    session.shows("There is no server");
    session.send("half a thought");
    session.shows("ada › half a thought");

    session.send(CTRL_Z);
    session.shows("the shell has it");
    let screen = session.screen();
    assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
    session.send("for the shell\r");
    session.wait("the screen", |screen| {
        screen.alternate_screen() && screen.contents().contains("ada › half a thought")
    });
    assert!(session.screen().bracketed_paste());
    assert_eq!(fs::read_to_string(home.file("typed")).unwrap(), "for the shell\n");
    session.send(" and the rest");
    session.shows("ada › half a thought and the rest");
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

/// An editor that shows itself, keeps the draft, and does this to the file.
fn editor(home: &Home, does: &str) -> String {
    let script = format!("cp \"$1\" draft\necho 'an editor at work'\n{does}\n");
    fs::write(home.file("editor"), script).unwrap();
    "sh editor".to_owned()
}

#[test]
fn a_draft_goes_to_the_editor_and_what_is_written_there_comes_back() {
    let home = Home::new();
    let editor = editor(&home, "read -r line\nprintf '%s\\nand a second\\n\\n' \"$line\" > \"$1\"");
    let mut session = start(&home, &[("EDITOR", &editor)]);
    session.send("a draft");
    session.send(ALT_E);
    session.wait("the editor", |screen| {
        !screen.alternate_screen() && screen.contents().contains("an editor at work")
    });
    session.send("typed there\r");
    session.wait("the draft", |screen| {
        let text = screen.contents();
        screen.alternate_screen()
            && text.contains("ada › typed there")
            && text.contains("and a second")
    });
    assert_eq!(fs::read_to_string(home.file("draft")).unwrap(), "a draft");
    // The keys are the screen's again.
    session.send("!");
    session.shows("and a second!");
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn an_editor_is_split_into_words_as_a_shell_would() {
    let home = Home::new();
    fs::write(home.file("my editor"), "printf '%s' \"$1\" > \"$2\"\n").unwrap();
    let mut session = start(&home, &[("EDITOR", "sh 'my editor' \"two words\"")]);
    session.send(ALT_E);
    session.shows("ada › two words");
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn an_editor_that_fails_leaves_the_draft_as_it_was() {
    let home = Home::new();
    let editor = editor(&home, "echo nonsense > \"$1\"\nexit 3");
    for editor in [&*editor, "no-such-editor"] {
        let mut session = start(&home, &[("EDITOR", editor)]);
        session.send("a draft");
        session.send(ALT_E);
        let why = if editor.starts_with("sh") { "the draft is as it was" } else { "set EDITOR" };
        session.shows(why);
        session.shows("ada › a draft");
        session.send("\x03\x03\x03");
        assert_eq!(session.ends_well(), 0);
    }
}

/// The files of drafts that are still there.
fn draft_files(home: &Home) -> Vec<String> {
    let names = fs::read_dir(home.file("")).unwrap().map(|file| file.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| name.starts_with("hullo-")).collect()
}

#[test]
fn a_signal_ends_the_editor_too_and_what_it_had_saved_is_the_draft() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP] {
        let home = Home::new();
        let does = "trap 'touch told; exit' HUP\necho 'saved there' > \"$1\"\necho done\n\
                    while :; do sleep 0.05; done";
        let editor = editor(&home, does);
        let mut session = start(&home, &[("EDITOR", &editor)]);
        session.send("a draft");
        session.send(ALT_E);
        session.shows("done");
        session.signal(signal);
        assert_eq!(session.ends_well(), 0);
        assert!(home.file("told").exists() && draft_files(&home).is_empty());
        let drafts = fs::read_to_string(home.state("drafts.json")).unwrap();
        assert!(drafts.contains("\"saved there\""), "{drafts}");
    }
}

#[test]
fn an_editor_that_will_not_end_is_ended_and_the_terminal_is_as_before() {
    let home = Home::new();
    let does = "trap '' HUP\nprintf '\\033[?1049h\\033[?25l\\033[?2004h'\nstty raw -echo\n: > \"$1\"\n\
                kill -TERM $PPID\nwhile :; do sleep 0.05; done";
    let editor = editor(&home, does);
    let script = format!("EDITOR='{editor}' \"$0\" \"$@\"; echo $? > code; stty -a > modes");
    let arguments = arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut session = Session::in_shell(&home, &script, &arguments);
    session.shows("There is no server");
    session.send("a draft");
    session.send(ALT_E);
    assert_eq!(session.ends_well(), 0);
    assert_eq!(fs::read_to_string(home.file("code")).unwrap(), "0\n");
    let modes = fs::read_to_string(home.file("modes")).unwrap();
    let has = |mode: &str| modes.split_whitespace().any(|word| word == mode);
    assert!(["icanon", "echo", "isig"].into_iter().all(has), "{modes}");
    // What it left of the file was empty: then it is what was written before.
    let drafts = fs::read_to_string(home.state("drafts.json")).unwrap();
    assert!(drafts.contains("\"a draft\""), "{drafts}");
}

#[test]
fn ctrl_c_in_the_editor_is_the_editors() {
    let home = Home::new();
    let does = "trap 'echo interrupted' INT\necho ready\nuntil read -r line; do :; done\necho \"$line\" > \"$1\"";
    let editor = editor(&home, does);
    let mut session = start(&home, &[("EDITOR", &editor)]);
    session.send("a draft");
    session.send(ALT_E);
    session.shows("ready");
    session.send("\x03");
    session.shows("interrupted");
    session.send("typed there\r");
    session.shows("ada › typed there");
    session.send("!");
    session.shows("ada › typed there!");
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn a_file_that_cannot_be_written_does_not_stay() {
    let home = Home::new();
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    let arguments = arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut session = Session::in_shell(&home, script, &arguments);
    session.shows("There is no server");
    session.send("a draft");
    session.send(ALT_E);
    session.shows("no file for the draft");
    assert_eq!(draft_files(&home), [""; 0]);
    session.send("\x03\x03\x03");
    assert_eq!(session.ends_well(), 0);
}

#[test]
fn a_log_is_written_to_a_file_and_never_over_another() {
    let home = Home::new();
    let mut session = start(&home, &[]);
    session.send("hello nobody\r");
    session.shows("hello nobody");
    session.send("/export log.txt\r");
    session.shows("the log was written to log.txt");
    let written = fs::read_to_string(home.file("log.txt")).unwrap();
    assert!(written.contains("ada: hello nobody"), "{written}");
    session.send("/export log.txt\r");
    session.shows("log.txt already exists");
    assert_eq!(fs::read_to_string(home.file("log.txt")).unwrap(), written);
    session.send("/quit\r/quit\r");
    assert_eq!(session.ends_well(), 0);
}
