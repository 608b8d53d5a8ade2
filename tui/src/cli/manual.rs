//! `hullo completions` and `hullo man`.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::output::print;
use crate::failure::Failure;

pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "hullo", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Prints the page of `hullo`, or writes those of all commands into a folder.
pub(super) fn pages(folder: Option<&Path>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::failed(format!("cannot write: {error}"));
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(failed)?;
        return print(&String::from_utf8_lossy(&page));
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let command = Cli::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, folder).map_err(failed)
}
