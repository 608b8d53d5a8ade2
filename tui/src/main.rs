//! The program people run. Everything it does is in the library; here is only the way out.

use std::process::ExitCode;

fn main() -> ExitCode {
    hullo_tui::run(hullo_tui::command_line())
}
