//! The command line from outside: the configuration, the doctor, completions and man pages.

use std::fs;
use std::io::{self, Write};

use hullo_testing::NOWHERE;
use hullo_testing::program::{Ended, run};

use crate::home::Home;
use crate::process::{Server, command};

/// The program as ada runs it, where no server is.
async fn hullo(home: &Home, arguments: &[&str]) -> Ended {
    hullo_with(home, &[], arguments).await
}

/// As the other, with these variables.
async fn hullo_with(home: &Home, variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let mut command = command(home, arguments);
    command.env("HULLO_LISTEN", NOWHERE).env("USER", "ada").envs(variables.iter().copied());
    run(command).await
}

#[tokio::test]
async fn config_init_writes_a_file_once_and_it_has_no_mistakes() {
    let home = Home::new();
    let path = home.config().display().to_string();
    assert_eq!(hullo(&home, &["config", "path"]).await.ends(0), format!("{path}\n"));
    let none = hullo(&home, &["config", "check"]).await.ends(0);
    assert_eq!(none, format!("{path} does not exist; `hullo config init` writes it\n"));
    let printed = hullo(&home, &["config", "init", "--stdout"]).await.ends(0);
    assert!(!home.config().exists());
    assert_eq!(hullo(&home, &["config", "init"]).await.ends(0), format!("{path}\n"));
    assert_eq!(fs::read_to_string(home.config()).unwrap(), printed);
    assert_eq!(
        hullo(&home, &["config", "check"]).await.ends(0),
        format!("{path} has no mistakes\n")
    );
    home.write_config("bell = false\n");
    hullo(&home, &["config", "init"]).await.fails(1, "exists already and stays as it is");
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "bell = false\n");
}

#[tokio::test]
async fn every_mistake_is_reported_with_its_line() {
    let home = Home::new();
    let path = home.config().display().to_string();
    home.write_config("theem = 1\nbell = true\n[keys]\nf5 = \"plaette\"\n");
    assert_eq!(
        hullo(&home, &["config", "check"]).await.ends(2),
        format!(
            "{path}:1: there is no setting \"theem\"; did you mean theme?\n\
             {path}:4: \"plaette\" is not an action; did you mean palette?\n"
        )
    );
    hullo(&home, &["who"]).await.fails(3, "2 mistakes in the configuration: `hullo config check`");
    home.write_config("bell\n");
    let told = hullo(&home, &["config", "check"]).await.ends(2);
    assert!(told.starts_with(&format!("{path}:1: not valid TOML at column 5: ")), "{told}");
    hullo(&home, &["--config", "nowhere.toml"]).await.fails(2, "no configuration nowhere.toml");
    hullo(&home, &["who", "--config", "nowhere.toml"])
        .await
        .fails(2, "no configuration nowhere.toml");
    hullo(&home, &["config", "check", "--config", "nowhere.toml"])
        .await
        .fails(2, "nowhere.toml does not exist");
}

#[tokio::test]
async fn a_missing_or_broken_theme_is_a_mistake() {
    let home = Home::new();
    let path = home.config().display().to_string();
    home.write_config("# mine\ntheme = \"nope\"\n");
    let told = hullo(&home, &["config", "check"]).await.ends(2);
    assert!(told.starts_with(&format!("{path}:2: theme: there is no theme \"nope\"; ")), "{told}");
    let themes = home.config().with_file_name("themes");
    fs::create_dir(&themes).unwrap();
    fs::write(themes.join("nope.toml"), "[roles]\nbad = \"rde\"\n").unwrap();
    let told = hullo(&home, &["config", "check"]).await.ends(2);
    assert!(told.contains("nope.toml:2: there is no colour \"rde\""), "{told}");
    let told = hullo(&home, &["doctor"]).await.ends(1);
    assert!(told.contains("✗ config    1 mistake in "), "{told}");
    fs::write(themes.join("nope.toml"), "").unwrap();
    assert_eq!(
        hullo(&home, &["config", "check"]).await.ends(0),
        format!("{path} has no mistakes\n")
    );
}

#[tokio::test]
async fn an_unreadable_server_or_room_is_never_replaced_by_another() {
    let home = Home::new();
    let server = Server::start().await;
    let here = [("HULLO_LISTEN", &*server.address)];
    home.write_config("server = \"ws://127.0.0.1:9\"\nx = [\n");
    let arguments = [&["send", "for the team"][..], &["who"], &["helo"], &["--plain"], &["watch"]];
    for arguments in arguments {
        let ended = hullo_with(&home, &here, arguments).await;
        ended.fails(2, "the server in the configuration cannot be read (line 2");
    }
    let address = format!("ws://{}", server.address);
    hullo(&home, &["who", "--server", &address]).await.fails(0, "nobody is in #lobby");
    home.write_config("room = 5\n");
    hullo_with(&home, &here, &["send", "hi"])
        .await
        .fails(2, "the room in the configuration cannot be read");
    home.write_config("x = [\n");
    hullo_with(&home, &here, &["who"]).await.fails(0, "nobody is in #lobby");
}

#[tokio::test]
async fn name_and_server_may_stand_before_the_command() {
    let home = Home::new();
    let server = Server::start().await;
    let address = format!("ws://{}", server.address);
    let config = home.file("other.toml");
    fs::write(&config, format!("server = \"{address}\"\n")).unwrap();
    let config = config.to_str().unwrap();
    hullo(&home, &["--config", config, "who"]).await.fails(0, "nobody is in #lobby");
    let fine = hullo(&home, &["--config", config, "config", "check"]).await.ends(0);
    assert_eq!(fine, format!("{config} has no mistakes\n"));
    hullo(&home, &["--server", &address, "who"]).await.fails(0, "nobody is in #lobby");
    hullo(&home, &["--plain", "who"]).await.fails(2, "To join a room called who, write '#who'");
}

#[tokio::test]
async fn an_empty_variable_counts_as_unset_and_a_room_in_one_is_never_a_misspelt_command() {
    let home = Home::new();
    let names = ["CONFIG", "EXIT_WHEN_EMPTY", "LISTEN", "LOG", "NAME", "ROOM", "SERVER"];
    let names = names.map(|name| format!("HULLO_{name}"));
    let none: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "")).collect();
    let told = hullo_with(&home, &none, &["config", "path"]).await.ends(0);
    assert_eq!(told, format!("{}\n", home.config().display()));
    let doctor = ["doctor", "--server", "ws://127.0.0.1:9"];
    let told = hullo_with(&home, &none, &doctor).await.ends(1);
    assert!(told.contains("✓ name      ada\n"), "{told}");
    let serve = ["serve", "--listen", "nowhere"];
    hullo_with(&home, &none, &serve).await.fails(2, "an address");
    let room = [("HULLO_ROOM", "sent"), ("HULLO_EXIT_WHEN_EMPTY", "nonsense")];
    hullo_with(&home, &room, &["who"]).await.fails(3, "no server at");
    hullo_with(&home, &room, &[]).await.fails(3, "this is not a terminal");
    // An invalid variable that only the screen reads does not matter to a command.
    let wrong = [("HULLO_LOG", "=="), ("HULLO_ROOM", "#")];
    hullo_with(&home, &wrong, &["config", "check"]).await.ends(0);
    hullo_with(&home, &wrong[1..], &["who"]).await.fails(2, "a room needs a name");
}

#[tokio::test]
async fn the_command_line_takes_precedence_over_the_configuration() {
    let home = Home::new();
    let server = Server::start().await;
    home.write_config(&format!("server = \"ws://{}\"\nroom = \"ops\"\n", server.address));
    hullo(&home, &["who"]).await.fails(0, "nobody is in #ops");
    hullo(&home, &["who", "--room", "build"]).await.fails(0, "nobody is in #build");
    hullo(&home, &["who", "--server", "ws://127.0.0.1:9"]).await.fails(3, "127.0.0.1:9");
}

#[tokio::test]
async fn the_doctor_finds_a_server() {
    let home = Home::new();
    let server = Server::start().await;
    let address = format!("ws://{}", server.address);
    let told = hullo(&home, &["doctor", "--server", &address]).await.ends(0);
    let has = |line: &str| assert!(told.lines().any(|told| told.starts_with(line)), "{told}");
    has("⚠ terminal  not a terminal → run it in a terminal");
    has("✓ locale    UTF-8");
    has("✓ zone      UTC");
    has("✓ config    no file, all settings at default");
    has("✓ name      ada");
    has(&format!("✓ server    {address}, connected in "));
    has("✓ clock     same as the server's");
    let told = hullo(&home, &["doctor", "--json", "--server", &address]).await.ends(0);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let clock =
        serde_json::json!({"check": "clock", "verdict": "good", "text": "same as the server's"});
    assert!(told.as_array().unwrap().contains(&clock), "{told}");
}

#[tokio::test]
async fn the_doctor_reports_what_does_not_work() {
    let home = Home::new();
    // hullo starts a local server by itself, so that none runs is only a warning.
    let told = hullo(&home, &["doctor"]).await.ends(0);
    assert!(told.contains("⚠ server    none at ws://127.0.0.1:9 → `hullo` starts one"), "{told}");
    home.write_config("theem = 1\n");
    let told = hullo(&home, &["doctor", "--server", "ws://127.0.0.1:9"]).await.ends(1);
    assert!(told.contains("✗ server    cannot reach ws://127.0.0.1:9"), "{told}");
    assert!(told.contains("✗ config    1 mistake in "), "{told}");
    fs::remove_dir_all(home.file("state")).unwrap();
    fs::write(home.file("state"), "no folder").unwrap();
    let told = hullo(&home, &["doctor"]).await.ends(1);
    assert!(told.contains("✗ state     drafts, history and logs cannot be kept: "), "{told}");
}

#[tokio::test]
async fn shells_complete_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = hullo(&home, &["completions", shell]).await.ends(0);
        for word in ["doctor", "completions", "color"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    hullo(&home, &["completions", "cmd"]).await.fails(2, "bash");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_failing_write_to_stdout_is_a_failure() {
    let home = Home::new();
    for arguments in [&["--help"][..], &["who", "--help"], &["--version"], &["man"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = command(&home, arguments);
        command.stdout(full);
        hullo_testing::program::Running::start(&mut command)
            .ended()
            .await
            .failed(1, "cannot write: No space left on device");
    }
}

/// Whether this system's checker of pages finds nothing; without one there is no test.
fn check_pages(folder: &std::path::Path) {
    let pages = fs::read_dir(folder).unwrap().map(|page| page.unwrap().path());
    let mut mandoc = std::process::Command::new("mandoc");
    match mandoc.args(["-T", "lint"]).args(pages).output() {
        Err(_) => {
            let mut aside = io::stderr();
            writeln!(aside, "no mandoc here: the pages are not checked").unwrap();
        }
        Ok(told) => assert_eq!(String::from_utf8_lossy(&told.stdout), ""),
    }
}

#[tokio::test]
async fn every_command_has_its_page() {
    let home = Home::new();
    let page = hullo(&home, &["man"]).await.ends(0);
    assert!(page.contains(".TH HULLO 1 2") && page.contains("\\-\\-color"), "{page}");
    for section in ["ENVIRONMENT\n.TP\n\\fBHULLO_CONFIG", "FILES", "EXIT STATUS", "SEE ALSO"] {
        assert!(page.contains(&format!(".SH {section}")), "{page}");
    }
    let folder = home.file("pages");
    assert_eq!(hullo(&home, &["man", "--dir", folder.to_str().unwrap()]).await.ends(0), "");
    check_pages(&folder);
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
            "hullo-rooms.1",
            "hullo-send.1",
            "hullo-serve.1",
            "hullo-watch.1",
            "hullo-who.1",
            "hullo.1",
        ]
    );
}
