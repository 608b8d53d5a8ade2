//! The command line from outside: the configuration, the doctor, completions and man pages.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A home of its own, empty at first, and the program in it.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
        fs::remove_dir_all(&home).ok();
        fs::create_dir_all(&home).unwrap();
        Self(home)
    }

    fn config(&self) -> PathBuf {
        self.0.join("config").join("hullo").join("config.toml")
    }

    fn write_config(&self, text: &str) {
        fs::create_dir_all(self.config().parent().unwrap()).unwrap();
        fs::write(self.config(), text).unwrap();
    }

    fn hullo(&self, arguments: &[&str]) -> Told {
        self.hullo_with(&[], arguments)
    }

    /// As the other, with these variables.
    fn hullo_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Told {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hullo"));
        command.args(arguments).stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", self.0.join("config"));
        command.env("XDG_STATE_HOME", self.0.join("state"));
        // Where no server is.
        command.env("HULLO_LISTEN", "127.0.0.1:9").env("LC_ALL", "C.UTF-8").env("USER", "ada");
        for name in ["HULLO_CONFIG", "HULLO_NAME", "HULLO_ROOM", "HULLO_SERVER", "TMUX"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        Told::from(command.output().unwrap())
    }
}

/// What it said, and how it ended.
#[derive(Debug)]
struct Told {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Told {
    /// Ends with this code, with nothing on stderr; returns what is on stdout.
    #[track_caller]
    fn ends(self, code: i32) -> String {
        assert_eq!((self.code, &*self.err), (code, ""), "{self:?}");
        self.out
    }

    /// Ends with this code and this on stderr, with nothing on stdout.
    #[track_caller]
    fn fails(self, code: i32, why: &str) {
        assert_eq!((self.code, &*self.out), (code, ""), "{self:?}");
        assert!(self.err.contains(why), "{self:?}");
    }
}

/// A server at a free port, until the end of the test.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hullo"));
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_configuration_is_written_once_and_is_fine() {
    let home = Home::new("init");
    let path = home.config().display().to_string();
    assert_eq!(home.hullo(&["config", "path"]).ends(0), format!("{path}\n"));
    let none = home.hullo(&["config", "check"]).ends(0);
    assert_eq!(none, format!("there is no {path}; `hullo config init` writes one\n"));
    let printed = home.hullo(&["config", "init", "--stdout"]).ends(0);
    assert!(!home.config().exists());
    assert_eq!(home.hullo(&["config", "init"]).ends(0), format!("{path}\n"));
    assert_eq!(fs::read_to_string(home.config()).unwrap(), printed);
    assert_eq!(home.hullo(&["config", "check"]).ends(0), format!("{path} is fine\n"));
    home.write_config("bell = false\n");
    home.hullo(&["config", "init"]).fails(1, "is there already, and stays as it is");
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "bell = false\n");
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let home = Home::new("check");
    let path = home.config().display().to_string();
    home.write_config("theem = 1\nbell = true\n[keys]\nf5 = \"plaette\"\n");
    assert_eq!(
        home.hullo(&["config", "check"]).ends(2),
        format!(
            "{path}:1: there is no setting \"theem\"; did you mean theme?\n\
             {path}:4: \"plaette\" is no action; did you mean palette?\n"
        )
    );
    home.hullo(&["who"]).fails(3, "2 mistakes in the configuration: `hullo config check`");
    home.write_config("bell\n");
    let told = home.hullo(&["config", "check"]).ends(2);
    assert!(told.starts_with(&format!("{path}:1: this is no TOML, column 5: ")), "{told}");
    home.hullo(&["--config", "nowhere.toml"]).fails(2, "no configuration nowhere.toml");
    home.hullo(&["who", "--config", "nowhere.toml"]).fails(2, "no configuration nowhere.toml");
    home.hullo(&["config", "check", "--config", "nowhere.toml"]).fails(2, "there is no nowhere");
}

#[test]
fn a_theme_that_cannot_be_had_is_a_mistake() {
    let home = Home::new("theme");
    let path = home.config().display().to_string();
    home.write_config("# mine\ntheme = \"nope\"\n");
    let told = home.hullo(&["config", "check"]).ends(2);
    assert!(told.starts_with(&format!("{path}:2: theme: there is no theme \"nope\"; ")), "{told}");
    let themes = home.config().with_file_name("themes");
    fs::create_dir(&themes).unwrap();
    fs::write(themes.join("nope.toml"), "[roles]\nbad = \"rde\"\n").unwrap();
    let told = home.hullo(&["config", "check"]).ends(2);
    assert!(told.contains("nope.toml:2: there is no colour \"rde\""), "{told}");
    let told = home.hullo(&["doctor"]).ends(0);
    assert!(told.contains("⚠ config    1 wrong in "), "{told}");
    fs::write(themes.join("nope.toml"), "").unwrap();
    assert_eq!(home.hullo(&["config", "check"]).ends(0), format!("{path} is fine\n"));
}

#[test]
fn who_and_where_come_from_the_configuration_unless_the_command_line_says() {
    let home = Home::new("defaults");
    let server = Server::start();
    home.write_config(&format!("server = \"{}\"\nroom = \"ops\"\n", server.address));
    home.hullo(&["who"]).fails(0, "nobody is in #ops");
    home.hullo(&["who", "--room", "build"]).fails(0, "nobody is in #build");
    home.hullo(&["who", "--server", "ws://127.0.0.1:9"]).fails(3, "127.0.0.1:9");
}

#[test]
fn who_and_where_may_stand_before_the_command() {
    let home = Home::new("before");
    let server = Server::start();
    let config = home.0.join("other.toml");
    fs::write(&config, format!("server = \"{}\"\n", server.address)).unwrap();
    let config = config.to_str().unwrap();
    home.hullo(&["--config", config, "who"]).fails(0, "nobody is in #lobby");
    let fine = home.hullo(&["--config", config, "config", "check"]).ends(0);
    assert_eq!(fine, format!("{config} is fine\n"));
    home.hullo(&["--server", &server.address, "who"]).fails(0, "nobody is in #lobby");
    home.hullo(&["--plain", "who"]).fails(2, "A room of this name is '#who'");
}

#[test]
fn an_empty_variable_is_as_none_and_a_variable_has_no_slips() {
    let home = Home::new("variables");
    let names = ["CONFIG", "EXIT_WHEN_EMPTY", "LISTEN", "LOG", "NAME", "ROOM", "SERVER"];
    let names = names.map(|name| format!("HULLO_{name}"));
    let variables: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "")).collect();
    let told = home.hullo_with(&variables, &["config", "path"]).ends(0);
    assert_eq!(told, format!("{}\n", home.config().display()));
    let told = home.hullo_with(&variables, &["doctor", "--server", "ws://127.0.0.1:9"]).ends(1);
    assert!(told.contains("✓ name      ada\n"), "{told}");
    home.hullo_with(&variables, &["serve", "--listen", "nowhere"]).fails(2, "an address");
    home.hullo_with(&[("HULLO_ROOM", "sent")], &["who"]).fails(3, "no server at");
    home.hullo_with(&[("HULLO_ROOM", "sent")], &[]).fails(2, "the screen needs a terminal");
    // What is for the screen alone is nothing that a command fails by.
    home.hullo_with(&[("HULLO_LOG", "=="), ("HULLO_ROOM", "#")], &["config", "check"]).ends(0);
    home.hullo_with(&[("HULLO_ROOM", "#")], &["who"]).fails(2, "a room needs a name");
}

#[test]
fn the_doctor_finds_a_server() {
    let home = Home::new("doctor");
    let server = Server::start();
    let told = home.hullo(&["doctor", "--server", &server.address]).ends(0);
    let has = |line: &str| assert!(told.lines().any(|told| told.starts_with(line)), "{told}");
    has("⚠ terminal  none here → run it in a terminal");
    has("✓ locale    UTF-8");
    has("✓ config    none, so all is at its default");
    has("✓ name      ada");
    has(&format!("✓ server    {}, connected in ", server.address));
    has("✓ clock     as the server's");
    let told = home.hullo(&["doctor", "--json", "--server", &server.address]).ends(0);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let clock = serde_json::json!({"check": "clock", "verdict": "good", "text": "as the server's"});
    assert!(told.as_array().unwrap().contains(&clock), "{told}");
}

#[test]
fn the_doctor_tells_what_does_not_work() {
    let home = Home::new("ill");
    // That hullo would start one by itself is no trouble.
    let told = home.hullo(&["doctor"]).ends(0);
    assert!(told.contains("⚠ server    none at ws://127.0.0.1:9 → `hullo` starts one"), "{told}");
    home.write_config("theem = 1\n");
    let told = home.hullo(&["doctor", "--server", "ws://127.0.0.1:9"]).ends(1);
    assert!(told.contains("✗ server    cannot reach ws://127.0.0.1:9"), "{told}");
    assert!(told.contains("⚠ config    1 wrong in "), "{told}");
    fs::remove_dir_all(home.0.join("state")).unwrap();
    fs::write(home.0.join("state"), "no folder").unwrap();
    let told = home.hullo(&["doctor"]).ends(1);
    assert!(told.contains("✗ state     what you send and the log cannot be kept: "), "{told}");
}

#[test]
fn shells_complete_every_command() {
    let home = Home::new("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.hullo(&["completions", shell]).ends(0);
        for word in ["doctor", "completions", "color"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    home.hullo(&["completions", "cmd"]).fails(2, "bash");
}

#[test]
fn every_command_has_its_page() {
    let home = Home::new("man");
    let page = home.hullo(&["man"]).ends(0);
    assert!(page.contains(".TH hullo 1") && page.contains("\\-\\-color"), "{page}");
    let folder = home.0.join("pages");
    assert_eq!(home.hullo(&["man", "--dir", folder.to_str().unwrap()]).ends(0), "");
    let names = fs::read_dir(&folder).unwrap().map(|page| page.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "hullo-completions.1",
            "hullo-config-check.1",
            "hullo-config-init.1",
            "hullo-config-path.1",
            "hullo-config.1",
            "hullo-doctor.1",
            "hullo-helo.1",
            "hullo-man.1",
            "hullo-send.1",
            "hullo-serve.1",
            "hullo-watch.1",
            "hullo-who.1",
            "hullo.1",
        ]
    );
}
