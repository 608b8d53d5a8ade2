//! `hullo config`.

use std::path::Path;

use super::args::ConfigCommand;
use super::output::print;
use crate::config::{Config, Mistake, line_of, read, template};
use crate::core::update::COMMANDS;
use crate::failure::Failure;
use crate::shell::{check_theme, files};

pub(super) fn run(command: &ConfigCommand, path: Option<&Path>) -> Result<(), Failure> {
    if matches!(command, ConfigCommand::Init { stdout: true }) {
        return print(&template());
    }
    let is_given = path.is_some();
    let path = files::config_path(path).ok_or_else(|| {
        Failure::failed("no home folder for the configuration; use --config PATH")
    })?;
    match command {
        ConfigCommand::Init { .. } => init(&path),
        ConfigCommand::Check => check(&path, is_given),
        ConfigCommand::Path => print(&format!("{}\n", path.display())),
    }
}

fn init(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    if path.exists() {
        return Err(Failure::failed(format!(
            "{shown} exists already and stays as it is; --stdout prints a new one"
        )));
    }
    files::write(path, &template())
        .map_err(|error| Failure::failed(format!("cannot write {shown}: {error}")))?;
    print(&format!("{shown}\n"))
}

/// Prints every mistake as `PATH:LINE: WHAT`.
fn check(path: &Path, is_given: bool) -> Result<(), Failure> {
    let shown = path.display();
    let Some(config) = read_checked(path)? else {
        let missing = format!("{shown} does not exist; `hullo config init` writes it");
        return if is_given { Err(Failure::usage(missing)) } else { print(&(missing + "\n")) };
    };
    if config.mistakes.is_empty() {
        return print(&format!("{shown} has no mistakes\n"));
    }
    let lines = config.mistakes.iter().map(|one| format!("{shown}:{}: {}\n", one.line, one.text));
    print(&lines.collect::<String>())?;
    Err(Failure::usage("the configuration has mistakes").silent())
}

/// Reads a configuration, and the theme that it names. `None` if there is no file.
pub(super) fn read_checked(path: &Path) -> Result<Option<Config>, Failure> {
    let text = files::text(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let Some(text) = text else { return Ok(None) };
    let mut config = read(&text, COMMANDS);
    if let (Some(line), Err(why)) = (line_of(&text, "theme"), check_theme(&config.settings.theme)) {
        let text = hullo::text::clean_line(&format!("theme: {why}")).into_owned();
        let at = config.mistakes.partition_point(|mistake| mistake.line <= line);
        config.mistakes.insert(at, Mistake { line, text });
        config.mistake_count += 1;
    }
    Ok(Some(config))
}
