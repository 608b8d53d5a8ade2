//! `hullo completions` and `hullo man`.

use std::path::Path;

use clap::CommandFactory;
use hullo_server::manual::{Page, Shell, completions as script, man_page};

use super::args::Cli;
use super::output::print;
use crate::core::update::COMMANDS;
use crate::failure::Failure;
use crate::menu::man::sections;

/// What the page of `hullo` says besides its options.
const PAGE: Page<'static> = Page {
    section: "1",
    environment: &[
        ("NO_COLOR", "If set, no colours are used"),
        ("COLORTERM, TERM", "How many colours the terminal has, and whether it can show a screen"),
        ("LC_ALL, LC_CTYPE, LANG", "If none of them is a UTF-8 locale, only ASCII is drawn"),
        ("TZ", "The time zone of the times shown"),
        ("VISUAL, EDITOR", "The editor for /edit"),
        ("BROWSER", "The program with which /open opens an address"),
        ("XDG_CONFIG_HOME", "The folder for the configuration, instead of ~/.config"),
        ("XDG_STATE_HOME", "The folder for the state, instead of ~/.local/state"),
    ],
    files: &[
        ("~/.config/hullo/config.toml", "The configuration; hullo config init writes one"),
        ("~/.config/hullo/themes/NAME.toml", "A theme of your own"),
        (
            "~/.local/state/hullo",
            "History, drafts, what was on screen, the logs of hullo and of the server that it starts, and, after \
             /log on, what is said",
        ),
    ],
    see_also: &["hullo-who(1)", "hullo-send(1)", "hullo-config(1)", "hullo-server(8)"],
};

/// What the page of every other command says besides its options.
const COMMAND_PAGE: Page<'static> =
    Page { section: "1", environment: &[], files: &[], see_also: &["hullo(1)", "hullo-server(8)"] };

pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    print(&script(&Cli::command(), shell))
}

/// Prints the page of `hullo`, or writes those of all commands into a folder.
pub(super) fn pages(folder: Option<&Path>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::failed(format!("cannot write: {error}"));
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let page = man_page(&command, PAGE).map_err(failed)? + &sections(COMMANDS);
    let Some(folder) = folder else { return print(&page) };
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(folder.join("hullo.1"), page).map_err(failed)?;
    write_subcommand_pages(&command, folder).map_err(failed)
}

fn write_subcommand_pages(command: &clap::Command, folder: &Path) -> std::io::Result<()> {
    command.get_subcommands().try_for_each(|command| {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let page = man_page(command, COMMAND_PAGE)?;
        std::fs::write(folder.join(format!("{name}.1")), page)?;
        write_subcommand_pages(command, folder)
    })
}
