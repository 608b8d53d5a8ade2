//! What one does once: the configuration, completions for the shell, pages for `man`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use crate::cli::args::{Cli, ConfigCommand, ManArgs};
use crate::cli::headless::page;
use crate::core::update::COMMANDS;
use crate::failure::Failure;
use crate::menu::man::sections;
use crate::settings::config::{Complaint, Config, line_of, read, template};
use crate::shell::check_theme;
use crate::shell::files;

/// `hullo config`.
pub(crate) fn config(command: &ConfigCommand, given: Option<&Path>) -> Result<(), Failure> {
    match command {
        ConfigCommand::Init { stdout: true } => page(&template()),
        ConfigCommand::Init { stdout: false } => init(&path(given)?),
        ConfigCommand::Check => check(&path(given)?, given.is_some()),
        ConfigCommand::Path => page(&format!("{}\n", path(given)?.display())),
    }
}

fn path(given: Option<&Path>) -> Result<PathBuf, Failure> {
    files::config_path(given).ok_or_else(|| {
        Failure::failed("this user has no folder for a configuration; say --config PATH")
    })
}

fn init(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Err(Failure::failed(format!(
            "{} is there already, and stays as it is; --stdout prints a new one",
            path.display()
        )));
    }
    files::write(path, &template())
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))?;
    page(&format!("{}\n", path.display()))
}

/// Tells everything that is wrong, as `PATH:LINE: WHAT`.
fn check(path: &Path, is_given: bool) -> Result<(), Failure> {
    let text = files::text(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let Some(text) = text else {
        let told = format!("there is no {}; `hullo config init` writes one", path.display());
        return if is_given { Err(Failure::usage(told)) } else { page(&(told + "\n")) };
    };
    let complaints = complaints(&text);
    if complaints.is_empty() {
        return page(&format!("{} is fine\n", path.display()));
    }
    let lines =
        complaints.iter().map(|one| format!("{}:{}: {}\n", path.display(), one.line, one.text));
    page(&lines.collect::<String>())?;
    Err(Failure::usage("the configuration is wrong").told())
}

/// All that is wrong in a configuration, by itself or for want of a file.
fn complaints(text: &str) -> Vec<Complaint> {
    let Config { settings, mut complaints, .. } = read(text, COMMANDS);
    if let (Some(line), Err(why)) = (line_of(text, "theme"), check_theme(&settings.theme)) {
        let text = hullo::text::clean_line(&format!("theme: {why}")).into_owned();
        let at = complaints.partition_point(|one| one.line <= line);
        complaints.insert(at, Complaint::new(line, text));
    }
    complaints
}

/// `hullo completions`.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "hullo", &mut script);
    page(&String::from_utf8_lossy(&script))
}

/// `hullo man`.
pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::failed(format!("cannot write: {error}"));
    let sections = sections(COMMANDS);
    let Some(folder) = &args.dir else {
        let mut text = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut text).map_err(failed)?;
        return page(&format!("{}{sections}", String::from_utf8_lossy(&text)));
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let command = Cli::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, folder).map_err(failed)?;
    let main = std::fs::OpenOptions::new().append(true).open(folder.join("hullo.1"));
    main.and_then(|mut page| page.write_all(sections.as_bytes())).map_err(failed)
}
