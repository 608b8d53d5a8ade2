//! A home of its own for every test, and the environment that programs see there: the same for
//! everybody, whatever terminal and settings whoever runs the tests has.

use std::path::PathBuf;

use tempfile::TempDir;

/// What a program needs of the system, or of a measurement of what the tests reach. Nothing else
/// that is set outside is seen inside.
const INHERITED: [&str; 5] = ["PATH", "SystemRoot", "TEMP", "TMP", "LLVM_PROFILE_FILE"];

/// A folder for what the program keeps between two runs; gone with the test.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    /// All that a program of a test is told. One in a terminal is told what terminal, too.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let inherited =
            INHERITED.iter().filter_map(|name| Some((*name, std::env::var(name).ok()?)));
        let folder = |name| self.file(name).display().to_string();
        let ours = [
            ("HOME", folder("")),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("RUST_BACKTRACE", "0".to_owned()),
            // One in a terminal is told a shell in any case.
            ("SHELL", "/bin/sh".to_owned()),
            ("TMPDIR", folder("")),
            ("TZ", "UTC".to_owned()),
            ("USER", "tester".to_owned()),
            ("XDG_CONFIG_HOME", folder("config")),
            ("XDG_STATE_HOME", folder("state")),
        ];
        inherited.chain(ours).collect()
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file that the program keeps.
    pub(crate) fn state(&self, name: &str) -> PathBuf {
        self.file("state/hullo").join(name)
    }

    /// Where the program looks for its configuration.
    pub(crate) fn config(&self) -> PathBuf {
        self.file("config/hullo/config.toml")
    }

    pub(crate) fn write_config(&self, text: &str) {
        std::fs::create_dir_all(self.config().parent().unwrap()).unwrap();
        std::fs::write(self.config(), text).unwrap();
    }

    /// The log of the server that the program started by itself.
    #[cfg(unix)]
    pub(crate) fn server_log(&self) -> String {
        std::fs::read_to_string(self.state("server.log")).unwrap_or_default()
    }
}

#[cfg(unix)]
#[test]
fn a_program_in_a_terminal_sees_nothing_of_who_runs_the_tests() {
    let home = Home::new();
    let mut session = crate::pty::Session::in_shell(&home, "env > told", &[]);
    assert_eq!(session.ends_well(), 0);
    let told = std::fs::read_to_string(home.file("told")).unwrap();
    let mut told: Vec<&str> =
        told.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    // What a shell sets by itself.
    told.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name));
    told.sort_unstable();
    let environment = home.environment();
    let mut expected: Vec<&str> = environment.iter().map(|(name, _)| *name).collect();
    expected.push("TERM");
    expected.sort_unstable();
    assert_eq!(told, expected);
}
