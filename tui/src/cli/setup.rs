//! What one does once: the configuration, completions for the shell, pages for `man`.

use std::path::{Path, PathBuf};

use clap::CommandFactory;
use hullo_server::manual::{self, Page, Shell};

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
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    page(&manual::completions(&Cli::command(), shell))
}

/// What the page of `hullo` says beside its options.
const PAGE: Page<'static> = Page {
    section: "1",
    environment: &[
        ("NO_COLOR", "Where it is set, nothing is drawn in colour"),
        ("COLORTERM, TERM", "How many colours the terminal has, and whether it draws a screen"),
        ("LC_ALL, LC_CTYPE, LANG", "Where none of them says UTF-8, only ASCII is drawn"),
        ("TZ", "The time zone in which times are shown"),
        ("VISUAL, EDITOR", "The editor of /edit"),
        ("BROWSER", "The program with which /open opens an address"),
        ("XDG_CONFIG_HOME", "Where the configuration is, instead of ~/.config"),
        ("XDG_STATE_HOME", "Where the state is, instead of ~/.local/state"),
    ],
    files: &[
        ("~/.config/hullo/config.toml", "The configuration; hullo config init writes one"),
        ("~/.config/hullo/themes/NAME.toml", "A theme of your own"),
        (
            "~/.local/state/hullo",
            "What you sent, drafts, the logs of hullo and of the server it started, and, after \
             /log on, what was said",
        ),
    ],
    see_also: &["hullo-who(1)", "hullo-send(1)", "hullo-config(1)", "hullo-server(8)"],
};

/// What the page of each command says beside its options.
const COMMAND_PAGE: Page<'static> =
    Page { section: "1", environment: &[], files: &[], see_also: &["hullo(1)", "hullo-server(8)"] };

/// `hullo man`.
pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::failed(format!("cannot write: {error}"));
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let text = manual::man_page(&command, PAGE).map_err(failed)? + &sections(COMMANDS);
    let Some(folder) = &args.dir else { return page(&text) };
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(folder.join("hullo.1"), text).map_err(failed)?;
    write_pages(&command, folder).map_err(failed)
}

/// A page for each command below this one.
fn write_pages(command: &clap::Command, folder: &Path) -> std::io::Result<()> {
    command.get_subcommands().try_for_each(|command| {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let text = manual::man_page(command, COMMAND_PAGE)?;
        std::fs::write(folder.join(format!("{name}.1")), text)?;
        write_pages(command, folder)
    })
}
