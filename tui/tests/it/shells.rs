//! Completions as somebody types them, in the real shells, where they are installed.

use std::fs;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::home::Home;
use crate::pty::Session;

/// What is typed up to the Tab, and what then stands there.
const TYPED: [(&str, &str); 9] = [
    ("hullo wh", "hullo who"),
    ("hullo --no", "hullo --no-start"),
    ("hullo --color ne", "hullo --color never"),
    ("hullo --name ada wa", "hullo --name ada watch"),
    ("hullo send --a", "hullo send --all"),
    ("hullo config ch", "hullo config check"),
    ("hullo completions f", "hullo completions fish"),
    ("hullo serve --log-format j", "hullo serve --log-format json"),
    ("hullo serve --de", "hullo serve --de"),
];

/// What two Tabs behind this list.
const LISTED: [(&str, &[&str]); 3] = [
    ("hullo ", &["doctor", "completions"]),
    ("hullo --color ", &["auto", "always", "never"]),
    ("hullo send --", &["--room", "--to"]),
];

/// Starts the shell with a script, to which the program is `$0`, and types.
#[track_caller]
fn completes(shell: &str, start: &str) {
    let found = Command::new(shell).arg("--version").stdout(Stdio::null()).status();
    if found.is_err() {
        // Not by a macro, whose output a passing test keeps to itself.
        let mut aside = io::stderr();
        return writeln!(aside, "no {shell} here: its completions are not tried").unwrap();
    }
    let home = Home::new();
    for file in ["whatever", "nevermore", "autofile", "jsonfile"] {
        fs::write(home.file(file), "").unwrap();
    }
    let setup = r#"mkdir bin && ln -s "$0" bin/hullo && PATH=$PWD/bin:$PATH && "#;
    let mut session = Session::in_shell(&home, &format!("{setup}{start}"), &[]);
    session.shows("ready>");
    for (typed, completed) in TYPED {
        session.send(&format!("{typed}\t"));
        session.shows(&format!("ready> {completed}"));
        // Whatever else came with it would stand before this.
        session.send("!");
        session.wait(completed, |screen| {
            let line = screen.contents();
            let line = line.lines().rfind(|line| line.starts_with("ready>")).unwrap_or_default();
            line.replace(' ', "") == format!("ready>{completed}!").replace(' ', "")
        });
        begin_anew(&mut session);
    }
    for (typed, listed) in LISTED {
        session.send(&format!("{typed}\t\t"));
        session.wait(typed, |screen| {
            let shown = screen.contents();
            listed.iter().all(|one| shown.contains(one)) && !shown.contains("autofile")
        });
        begin_anew(&mut session);
    }
}

/// An empty line on an empty screen.
#[track_caller]
fn begin_anew(session: &mut Session) {
    session.send("\x15clear\r");
    session.wait("an empty screen", |screen| screen.contents().trim() == "ready>");
}

#[test]
fn bash_completes() {
    completes(
        "bash",
        r#""$0" completions bash > rc && echo "PS1='ready> '; bind 'set enable-bracketed-paste off'" >> rc &&
        exec bash --noprofile --rcfile rc -i"#,
    );
}

#[test]
fn zsh_completes() {
    completes(
        "zsh",
        r#"mkdir functions && "$0" completions zsh > functions/_hullo &&
        echo "PS1='ready> '; unsetopt prompt_sp; fpath=($PWD/functions \$fpath)
        autoload -U compinit && compinit -u -D" > .zshrc && ZDOTDIR=$PWD exec zsh -d -i"#,
    );
}

#[test]
fn fish_completes() {
    completes(
        "fish",
        r#"mkdir -p config/fish/completions && "$0" completions fish > config/fish/completions/hullo.fish &&
        echo "function fish_prompt; echo 'ready> '; end; set -g fish_greeting
        set -g fish_autosuggestion_enabled 0" > config/fish/config.fish && exec fish -i"#,
    );
}
