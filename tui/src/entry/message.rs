//! A message: something that a person said, or that we did.

use std::time::{Duration, Instant};

use super::announce::{Announced, Announcement, one_line, who};
use super::markup::Markup;
use super::row_context::{RowContext, blank};
use super::{Entry, Kind};
use crate::ids::Ticket;
use crate::text::row::{Role, Row, piece, row_width};
use crate::text::{clip, width, wrap};

/// What a quoted line begins with.
pub(crate) const QUOTE: &str = "> ";

/// What a message begins with that says what somebody does: `/me waves`.
const ACTION: &str = "/me ";

/// How long a message may be on its way before it says so: a mark that comes and goes with every
/// message would only flicker.
pub(crate) const SENDING_UNSEEN: Duration = Duration::from_millis(250);

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    /// Picks the colour of the name.
    pub(crate) hue: u8,
    pub(crate) text: String,
    /// Names us: worth ringing for.
    pub(crate) mention: bool,
    /// What became of it, if it is ours.
    pub(crate) own: Option<Delivery>,
}

/// What became of a message of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Kept until the room is joined again.
    Waiting,
    /// Sent and not confirmed yet.
    Sending(Ticket, Instant),
    /// The server took it.
    Sent,
    /// It will not arrive, and why.
    Failed(String),
}

impl Message {
    /// Whether it is ours, and it is not known yet what becomes of it.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.own, Some(Delivery::Waiting | Delivery::Sending(..)))
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.own == Some(Delivery::Waiting)
    }

    /// When it looks different although nothing happens.
    pub(super) fn next_change(&self) -> Option<Instant> {
        match self.own {
            Some(Delivery::Sending(_, since)) => Some(since + SENDING_UNSEEN),
            Some(Delivery::Waiting | Delivery::Sent | Delivery::Failed(_)) | None => None,
        }
    }

    pub(super) fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let columns = context.columns;
        let name_role = if self.own.is_some() { Role::Own } else { Role::Name(self.hue) };
        let mut first = context.margin(self.mention);
        if let Some(action) = self.text.strip_prefix(ACTION) {
            first.push(piece(format!("* {} ", self.name), name_role));
            return self.flow(context, first, columns.margin() + 2, action);
        }
        let mut indent = columns.text_at();
        if columns.name > 0 {
            let name = clip(&self.name, columns.name - 1);
            let gap = columns.name - width(&name);
            first.extend([piece(name, name_role), blank(gap)]);
        } else if !(context.time.is_empty() && context.before.is_some_and(|it| self.continues(it)))
        {
            let name = clip(&self.name, columns.room_from(indent).saturating_sub(2).max(1));
            first.extend([piece(name, name_role), piece(": ", Role::Text)]);
        }
        if columns.name == 0 && columns.time == 0 {
            indent = 2;
        }
        self.flow(context, first, indent, &self.text)
    }

    /// Whether it follows a message of the same person, whose name need not be repeated.
    fn continues(&self, before: &Entry) -> bool {
        matches!(&before.kind, Kind::Message(before)
            if before.name == self.name && before.own.is_some() == self.own.is_some()
                && !before.text.starts_with(ACTION))
    }

    /// `text` behind what stands in the first row, and below it from `indent` on.
    pub(super) fn flow(
        &self,
        context: &RowContext<'_>,
        first: Row,
        indent: usize,
        text: &str,
    ) -> Vec<Row> {
        let columns = context.columns;
        let cuts = wrap(text, columns.room_from(row_width(&first)), columns.room_from(indent));
        let role = if self.mention { Role::Strong } else { Role::Text };
        let markup = Markup::new(text, role, context.settings.emphasis);
        let mut further = vec![blank(indent)];
        if self.mention {
            further = RowContext { time: "", ..*context }.margin(true);
            further.push(blank(indent.saturating_sub(columns.margin())));
        }
        let starts = std::iter::once(first).chain(std::iter::repeat(further));
        let rows = starts.zip(cuts).map(|(mut row, cut)| {
            row.extend(markup.row(cut));
            row
        });
        let mut rows: Vec<Row> = rows.collect();
        if let Some((mark, role)) = self.delivery_mark(context) {
            add_mark(context, &mut rows, indent, &mark, role);
        }
        rows
    }

    fn delivery_mark(&self, context: &RowContext<'_>) -> Option<(String, Role)> {
        match self.own.as_ref()? {
            Delivery::Sent => None,
            Delivery::Waiting => {
                let place = context.queued.map(|place| format!(" ({place})"));
                Some((format!("◌ waiting to send{}", place.unwrap_or_default()), Role::Dim))
            }
            Delivery::Sending(_, since) => {
                let is_late = context.now.at.saturating_duration_since(*since) >= SENDING_UNSEEN;
                is_late.then(|| ("◌ sending".to_owned(), Role::Dim))
            }
            Delivery::Failed(reason) => Some((format!("✗ not sent: {reason}"), Role::Bad)),
        }
    }

    pub(super) fn text(&self) -> String {
        format!("{}: {}", who(&self.name), self.spoken())
    }

    /// What was said, with a word for what the screen marks by a sign.
    fn spoken(&self) -> String {
        match self.text.strip_prefix(ACTION) {
            Some(action) => format!("(action) {action}"),
            None => self.text.clone(),
        }
    }

    /// A message of ours is announced only where nobody saw it typed, or if it has to wait; then it
    /// is announced what became of it.
    pub(super) fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        let is_new = !std::mem::replace(&mut announced.is_begun, true);
        announced.is_final = !self.is_pending();
        if is_new && !self.is_waiting() && (self.own.is_none() || announcement.echo) {
            self.announce_words(announcement);
        }
        let text = one_line(&self.spoken());
        match &self.own {
            Some(Delivery::Waiting) if is_new => {
                announced.count = 1;
                announcement.here(format!("not sent yet: {text}"));
            }
            Some(Delivery::Sent) if announced.count > 0 => {
                announcement.here(format!("sent: {text}"));
            }
            Some(Delivery::Failed(why)) => {
                announcement.here(format!("not sent: {why}: {text}"));
            }
            Some(Delivery::Waiting | Delivery::Sending(..) | Delivery::Sent) | None => {}
        }
    }

    fn announce_words(&self, announcement: &mut Announcement<'_>) {
        let is_own = self.own.is_some();
        let by = if is_own { "you".to_owned() } else { who(&self.name) };
        let text = one_line(&self.spoken());
        match announcement.partner {
            None => announcement.here(format!("{by}: {text}")),
            Some(partner) => {
                let to = if is_own { who(partner) } else { "you".to_owned() };
                announcement.anywhere(format!("{by} to {to}: {text}"));
            }
        }
    }
}

/// Puts a mark behind the text if there is room, else below it.
fn add_mark(context: &RowContext<'_>, rows: &mut Vec<Row>, indent: usize, mark: &str, role: Role) {
    let Some(last) = rows.last_mut() else { return };
    if row_width(last) + 2 + width(mark) < context.columns.total {
        last.push(piece(format!("  {mark}"), role));
        return;
    }
    let room = context.columns.room_from(indent);
    let cuts = wrap(mark, room, room).into_iter();
    rows.extend(cuts.map(|cut| vec![blank(indent), piece(&mark[cut], role)]));
}
