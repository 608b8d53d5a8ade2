//! A line that nobody said: hullo tells what it did, or could not do.

use super::row_context::RowContext;
use crate::text::row::{Role, Row};
use crate::text::width;

/// How serious it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Info,
    Warning,
    Error,
}

#[derive(Clone, Debug)]
pub(crate) struct System {
    pub(crate) severity: Severity,
    pub(crate) text: String,
}

impl System {
    pub(super) fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let (sign, role) = match self.severity {
            Severity::Info => ("", Role::Dim),
            Severity::Warning => ("⚠ ", Role::Warning),
            Severity::Error => ("✗ ", Role::Bad),
        };
        context.block(context.headed(sign, role), width(sign), &self.text, role)
    }

    pub(super) fn text(&self) -> String {
        let label = match self.severity {
            Severity::Info => "",
            Severity::Warning => "warning: ",
            Severity::Error => "error: ",
        };
        format!("{label}{}", spoken(&self.text))
    }
}

/// A text of hullo's own without the signs that only the screen needs.
pub(crate) fn spoken(text: &str) -> String {
    text.strip_prefix("− ").unwrap_or(text).replace(" · ", "; ")
}
