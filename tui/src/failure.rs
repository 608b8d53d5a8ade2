//! Why the program ends other than well: a sentence, and the exit code that scripts read.

use std::fmt;
use std::process::ExitCode;

use hullo::client::Error;

/// What to tell on stderr, and how to exit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// Something failed that is nobody's wish: exit 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into() }
    }

    /// As the other, but everything about it has been told.
    #[must_use]
    pub fn told(self) -> Self {
        Self { message: String::new(), ..self }
    }

    /// The program was called wrongly: exit 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    /// There is no server: exit 3.
    pub fn no_server(message: impl Into<String>) -> Self {
        Self { code: 3, message: message.into() }
    }

    /// It must not be done: exit 4.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { code: 4, message: message.into() }
    }

    /// Nobody answered in time: exit 5.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self { code: 5, message: message.into() }
    }

    /// Whether there is nothing left to tell.
    pub fn is_told(&self) -> bool {
        self.message.is_empty()
    }

    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        self.code.into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Address(_) => 2,
            Error::Unreachable { .. } | Error::Offline | Error::Lost => 3,
            Error::Refused(_) | Error::RefusedOther(_) => 4,
            Error::TimedOut => 5,
            // Not joined, too much at once, closed, or an answer that cannot be read.
            _ => 1,
        };
        Self { code, message: error.to_string() }
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
    fn a_no_of_the_server_exits_4() {
        let full = Error::Refused(hullo::protocol::Refusal::Full);
        assert_eq!(Failure::from(full), Failure::refused("refused: full"));
        let other = Error::RefusedOther("no".into());
        assert_eq!(Failure::from(other), Failure::refused("refused: no"));
    }
}
