//! The program `hullo`. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    hullo_tui::main()
}
