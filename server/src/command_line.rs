//! What the command lines of both programs do alike.

use std::io::{self, Write};

use clap::Arg;
use clap::builder::Resettable;

/// The command, to whose options an empty variable is as none: `HULLO_LISTEN= hullo-server` takes
/// back for once what a profile says.
pub fn without_empty_variables(command: clap::Command) -> clap::Command {
    let heed = |arg: Arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        if value.is_some_and(|value| value.is_empty()) { arg.env(Resettable::Reset) } else { arg }
    };
    command.mut_args(heed).mut_subcommands(without_empty_variables)
}

/// Prints help, the version or a mistake in a command line, and ends the program. That it could
/// not be printed is a failure, unless the reader had enough.
pub fn exit(told: &clap::Error) -> ! {
    let printed = told.print().and_then(|()| io::stdout().flush());
    let code = match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // Where this cannot be said either, the exit code says it.
            writeln!(io::stderr(), "error: cannot write: {error}").ok();
            1
        }
        Ok(()) | Err(_) => told.exit_code(),
    };
    std::process::exit(code)
}
