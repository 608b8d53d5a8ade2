//! The conformance suite: the official `phoenix` client and a raw peer, both under node, against
//! the real server. It was written from the protocol page, not from the server's code. Its cases
//! are in `server/tests/phoenix/*.test.mjs`.
//!
//! It stands here because `cargo test` goes through packages and their tests by name, and stops at
//! the first that fails: a failure under node must not keep a test in Rust from running.
//!
//! Where it cannot run, it says so in one sentence and passes, so that the tests in Rust need
//! nothing but Rust; where the variable `CI` is set, it fails.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hullo_testing::npm;
use hullo_testing::program::without_settings;

/// The first version whose test runner the suite can use.
const NODE: u32 = 20;

#[test]
fn the_server_speaks_phoenix_channels() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/tests/phoenix");
    if let Err(why) = prepare(&suite) {
        let told = format!("the conformance suite cannot run: {why}");
        assert!(std::env::var_os("CI").is_none_or(|ci| ci.is_empty()), "{told}");
        // Not by a macro, whose output a passing test keeps to itself.
        let mut aside = io::stderr();
        return writeln!(aside, "{told}").expect("somebody reads");
    }
    let mut command = without_settings("node");
    command.args(["--test", "--test-reporter=spec"]).args(cases(&suite)).current_dir(&suite);
    let output = command.env("HULLO_BINARY", env!("CARGO_BIN_EXE_hullo")).output().unwrap();
    assert!(output.status.success(), "{command:?} failed ({})\n{}", output.status, all(&output));
}

/// Looks for node, and brings the two packages, unless what is there came from this very lock file.
fn prepare(suite: &Path) -> Result<(), String> {
    let version = Command::new("node").arg("--version").output();
    let version = version.map_err(|_| "there is no node; it is at nodejs.org".to_owned())?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|it| it.parse().ok());
    if major.is_none_or(|major: u32| major < NODE) {
        return Err(format!("node is {version}, and {NODE} or later is needed"));
    }
    npm::install(suite)
}

/// Named one by one, for what `node --test` finds by itself differs from version to version.
fn cases(suite: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(suite).expect("the suite is part of the project");
    let mut cases: Vec<_> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    cases.sort();
    cases
}

fn all(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|part| String::from_utf8_lossy(part)).concat()
}
