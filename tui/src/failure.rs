//! Why the program fails: a sentence for stderr, and the exit code.

use std::fmt;
use std::process::ExitCode;

use hullo::client::Error;

/// Every exit code, as `--help` lists them.
pub(crate) const EXIT_CODES: &str = "\
Exit status: 0 success, 1 failure, 2 wrong usage, 3 no server, 4 refused, 5 timed out, \
130 interrupted (128 and the number of any signal)";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Nobody reads the output any more, which is how `hullo who | head` ends.
    Success,
    Failed,
    Usage,
    NoServer,
    Refused,
    TimedOut,
    /// As shells say that a signal ended a program.
    Signalled(u8),
}

/// What to print on stderr, and how to exit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The program was called with wrong arguments, or the configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn no_server(message: impl Into<String>) -> Self {
        Self::new(Exit::NoServer, message)
    }

    /// The server or hullo itself refuses to do it.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    pub(crate) fn timed_out(message: impl Into<String>) -> Self {
        Self::new(Exit::TimedOut, message)
    }

    /// A signal ended the program before it was done.
    pub(crate) fn signalled(signal: i32) -> Self {
        Self::new(Exit::Signalled(u8::try_from(signal).unwrap_or_default()), "")
    }

    /// Standard output was closed: there is nothing left to do, and nothing wrong.
    pub(crate) fn output_closed() -> Self {
        Self::new(Exit::Success, "")
    }

    /// The same exit code, without a message: everything has been said.
    pub(crate) fn silent(self) -> Self {
        Self::new(self.exit, "")
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.message.is_empty()
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        let code = match self.exit {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NoServer => 3,
            Exit::Refused => 4,
            Exit::TimedOut => 5,
            Exit::Signalled(signal) => 128_u8.saturating_add(signal),
        };
        code.into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error {
            Error::Address(_) => Exit::Usage,
            Error::Unreachable { .. } | Error::Offline | Error::Lost => Exit::NoServer,
            Error::Refused(_) | Error::RefusedOther(_) => Exit::Refused,
            Error::TimedOut => Exit::TimedOut,
            // Not joined, too much at once, closed, or an answer that cannot be read.
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_by_the_server_exits_4() {
        let full = Error::Refused(hullo::protocol::Refusal::Full);
        assert_eq!(Failure::from(full), Failure::refused("refused: full"));
        let other = Error::RefusedOther("no".into());
        assert_eq!(Failure::from(other), Failure::refused("refused: no"));
    }
}
