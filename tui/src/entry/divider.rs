//! Rules across the log: a new day, or a break in the connection.

use jiff::civil::Date;

use super::Content;
use super::row_context::RowContext;
use crate::text::row::{Role, Row, rule};

#[derive(Clone, Debug)]
pub(crate) enum Divider {
    /// A new day begins.
    Day(Date),
    /// The connection was lost or is back, or goes to another server.
    Connection(String),
}

impl Content for Divider {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let total = context.columns.total;
        vec![match self {
            Self::Day(date) => rule(total, &date.strftime("%a %-d %b").to_string(), '─', Role::Dim),
            Self::Connection(text) => rule(total, text, '┄', Role::Dim),
        }]
    }

    /// Every line of a file has its date: days need no line of their own there.
    fn text(&self) -> Option<String> {
        match self {
            Self::Day(_) => None,
            Self::Connection(text) => Some(text.replace(" · ", "; ")),
        }
    }
}
