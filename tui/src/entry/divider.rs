//! Rules across the log: a new day, the end of what was said before, or a break in the connection.

use jiff::civil::Date;

use super::Content;
use super::announce::{Announced, Announcement};
use super::row_context::RowContext;
use crate::text::row::{Role, Row, rule};

#[derive(Clone, Debug)]
pub(crate) enum Divider {
    /// A new day begins.
    Day(Date),
    /// What is above was read from the chat log on this machine.
    FromChatLog,
    /// What is above was said before we joined.
    Now,
    /// The connection was lost or is back, or goes to another server.
    Connection(String),
}

impl Content for Divider {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let total = context.columns.total;
        vec![match self {
            Self::Day(date) => rule(total, &date.strftime("%a %-d %b").to_string(), '─', Role::Dim),
            Self::FromChatLog => rule(total, "from the chat log of this machine", '─', Role::Dim),
            Self::Now => rule(total, "now", '─', Role::Dim),
            Self::Connection(text) => rule(total, text, '┄', Role::Dim),
        }]
    }

    /// The day is announced where it begins. Whoever joins a room hears where the past ends.
    fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        announced.is_final = true;
        match self {
            Self::Now => announcement.here("end of the earlier messages; now:"),
            Self::Day(_) | Self::FromChatLog | Self::Connection(_) => {}
        }
    }

    /// Every line of a file has its date: days need no line of their own there.
    fn text(&self) -> Option<String> {
        match self {
            Self::Day(_) | Self::FromChatLog | Self::Now => None,
            Self::Connection(text) => Some(text.replace(" · ", "; ")),
        }
    }
}
