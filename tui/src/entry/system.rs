//! A system message: hullo reports what it did or could not do.

use super::Content;
use super::announce::{Announced, Announcement};
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

impl Content for System {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let (sign, role) = match self.severity {
            Severity::Info => ("", Role::Dim),
            Severity::Warning => ("⚠ ", Role::Warning),
            Severity::Error => ("✗ ", Role::Bad),
        };
        context.block(context.headed(sign, role), width(sign), &self.text, role)
    }

    fn text(&self) -> Option<String> {
        let label = match self.severity {
            Severity::Info => "",
            Severity::Warning => "warning: ",
            Severity::Error => "error: ",
        };
        Some(format!("{label}{}", spoken(&self.text)))
    }

    fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        announced.is_final = true;
        announcement.here(self.text().unwrap_or_default());
    }

    fn bytes(&self) -> usize {
        self.text.len()
    }

    fn copied(&self) -> Option<&str> {
        Some(&self.text)
    }
}

/// A text of hullo's own without the signs that are for the screen.
pub(crate) fn spoken(text: &str) -> String {
    text.strip_prefix("− ").unwrap_or(text).replace(" · ", "; ")
}
