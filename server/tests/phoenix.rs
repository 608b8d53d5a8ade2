//! The conformance suite: the official `phoenix` client and a raw peer, both under node, against
//! the real binary. It was written from the protocol page, not from the server's code. Its cases
//! are in `phoenix/*.test.mjs`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

const MISSING: &str = "The conformance tests need node (20 or later) and npm: install Node.js \
                       from your system's packages or from nodejs.org.";

#[test]
fn the_server_speaks_phoenix_channels() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/phoenix");
    install(&suite);
    run(Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .args(cases(&suite))
        .env("HULLO_SERVER", env!("CARGO_BIN_EXE_hullo-server"))
        .current_dir(&suite));
}

/// Brings the two packages, unless what is there came from this very lock file.
fn install(suite: &Path) {
    let locked = fs::read(suite.join("package-lock.json")).expect("the lock file is committed");
    let stamp = suite.join("node_modules/.installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == locked) {
        return;
    }
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(suite));
    fs::write(stamp, locked).expect("node_modules was just made");
}

/// Named one by one, for what `node --test` finds by itself differs from version to version.
fn cases(suite: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(suite).expect("the suite is beside this file");
    let mut cases: Vec<_> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    cases.sort();
    cases
}

fn run(command: &mut Command) {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => panic!("{MISSING}"),
        Err(error) => panic!("{command:?} did not start: {error}"),
    };
    assert!(
        output.status.success(),
        "{command:?} failed ({})\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
