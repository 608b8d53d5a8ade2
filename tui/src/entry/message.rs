//! A message of a person, or of ours.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::announce::{Announced, Announcement, one_line, who};
use super::markup::Markup;
use super::row_context::{RowContext, blank};
use super::{Content, Entry, Kind};
use hullo::protocol::SessionId;

use crate::ids::Ticket;
use crate::input::keymap::Action;
use crate::people::hue;
use crate::text::row::{Role, Row, row_width, segment};
use crate::text::{clip, width, wrap};
use crate::time::Now;

/// What a quoted line begins with.
pub(crate) const QUOTE: &str = "> ";

/// What an action begins with: `/me waves`.
const ACTION: &str = "/me ";

/// How long a message may be on its way before it is marked: a mark on every message would flicker.
pub(crate) const SENDING_UNSEEN: Duration = Duration::from_millis(250);

/// A message of others that takes more rows is folded,
const LONG: usize = 12;

/// to so many of its rows.
const FOLDED_TO: usize = 8;

/// After so long the missing confirmation is worth a word.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(3);

#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The session that sent it; `None` if it is ours.
    pub(crate) from: Option<SessionId>,
    pub(crate) name: String,
    /// Picks the colour of the name.
    pub(crate) hue: u8,
    pub(crate) text: String,
    /// Whether it mentions us.
    pub(crate) mention: bool,
    /// The delivery, if it is ours.
    pub(crate) own: Option<Delivery>,
    /// Whether all of a long one is shown.
    pub(crate) expanded: bool,
    /// Its number in the order of the room, if the server counts.
    pub(crate) seq: Option<u64>,
}

/// The delivery of a message of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It is kept until we are in the room again.
    Waiting,
    /// It was sent and is not confirmed yet.
    Sending(Ticket, Instant),
    /// It was sent, and the confirmation did not come: it may have arrived or not.
    Unconfirmed,
    /// The server has it.
    Sent,
    /// It did not arrive, for this reason.
    Failed(String),
}

impl Delivery {
    /// Whether the confirmation should have come by now.
    fn is_late(&self, now: Instant) -> bool {
        match self {
            Self::Sending(_, since) => now.saturating_duration_since(*since) >= CONFIRMED_WITHIN,
            Self::Unconfirmed => true,
            Self::Waiting | Self::Sent | Self::Failed(_) => false,
        }
    }
}

impl Message {
    /// A message of somebody else.
    pub(crate) fn from_other(from: SessionId, name: String, hue: u8, text: String) -> Self {
        let (own, seq, expanded) = (None, None, false);
        Self { from: Some(from), name, hue, text, mention: false, own, seq, expanded }
    }

    pub(crate) fn ours(name: String, text: String, delivery: Delivery) -> Self {
        Self {
            from: None,
            hue: hue(&name),
            name,
            text,
            mention: false,
            own: Some(delivery),
            seq: None,
            expanded: false,
        }
    }

    /// Whether it is ours and not settled yet.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.own, Some(Delivery::Waiting | Delivery::Sending(..)))
    }

    pub(crate) fn is_failed(&self) -> bool {
        matches!(self.own, Some(Delivery::Failed(_)))
    }

    /// Whether it is ours, and nothing more is done for it although it did not arrive, or may not
    /// have. One under way is not: the client repeats it by itself after a reconnect.
    pub(crate) fn can_be_sent_again(&self) -> bool {
        self.is_failed() || self.is_unconfirmed()
    }

    /// Whether it is pending, and the user has seen so.
    pub(crate) fn is_marked_unsent(&self, now: Instant) -> bool {
        match self.own {
            Some(Delivery::Waiting) => true,
            Some(Delivery::Sending(_, since)) => {
                now.saturating_duration_since(since) >= SENDING_UNSEEN
            }
            Some(Delivery::Unconfirmed | Delivery::Sent | Delivery::Failed(_)) | None => false,
        }
    }

    /// Whether it is ours, and it may have arrived or not.
    pub(crate) fn is_unconfirmed(&self) -> bool {
        self.own == Some(Delivery::Unconfirmed)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.own == Some(Delivery::Waiting)
    }

    /// Whether it follows a message of the same person, whose name need not be repeated.
    fn continues(&self, before: &Entry) -> bool {
        matches!(&before.kind, Kind::Message(before)
            if before.from == self.from && before.name == self.name
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
                let waited = context.now.at.saturating_duration_since(*since);
                match () {
                    () if context.is_offline || waited >= CONFIRMED_WITHIN => {
                        Some(("◌ not confirmed yet".to_owned(), Role::Warning))
                    }
                    () if waited >= SENDING_UNSEEN => Some(("◌ sending".to_owned(), Role::Dim)),
                    () => None,
                }
            }
            Delivery::Unconfirmed => Some(("◌ not confirmed".to_owned(), Role::Warning)),
            Delivery::Failed(reason) => Some((format!("✗ not sent: {reason}"), Role::Bad)),
        }
    }

    fn announce_words(&self, announcement: &mut Announcement<'_>) {
        let (by, to) = match (&self.own, announcement.partner) {
            (None, partner) => (who(&self.name), partner.map(|_| "you".to_owned())),
            (Some(_), partner) => ("you".to_owned(), partner.map(who)),
        };
        let text = one_line(&self.text);
        match to {
            None => announcement.here(sentence(&by, &text)),
            Some(to) => announcement.anywhere(sentence(&format!("{by} to {to}"), &text)),
        }
    }
}

/// A message as a sentence.
pub(crate) fn sentence(by: &str, text: &str) -> String {
    format!("{by}: {}", spoken(text))
}

fn spoken(text: &str) -> Cow<'_, str> {
    match text.strip_prefix(ACTION) {
        Some(action) => format!("(action) {action}").into(),
        None => text.into(),
    }
}

impl Message {
    fn all_rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let columns = context.columns;
        let name_role = if self.own.is_some() { Role::Own } else { Role::Name(self.hue) };
        let mut first = context.margin(self.mention);
        if let Some(action) = self.text.strip_prefix(ACTION) {
            first.push(segment(format!("* {} ", self.name), name_role));
            return self.flow(context, first, columns.margin() + 2, action);
        }
        let mut indent = columns.text_at();
        if columns.name > 0 {
            let name = clip(&self.name, columns.name - 1);
            let gap = columns.name - width(&name);
            first.extend([segment(name, name_role), blank(gap)]);
        } else if !(context.time.is_empty() && context.before.is_some_and(|it| self.continues(it)))
        {
            let name = clip(&self.name, columns.room_from(indent).saturating_sub(2).max(1));
            first.extend([segment(name, name_role), segment(": ", Role::Text)]);
        }
        if columns.name == 0 && columns.time == 0 {
            indent = 2;
        }
        self.flow(context, first, indent, &self.text)
    }
}

impl Content for Message {
    fn rows(&self, context: &RowContext<'_>) -> Vec<Row> {
        let mut rows = self.all_rows(context);
        if self.own.is_some() || self.expanded || rows.len() <= LONG {
            return rows;
        }
        let more = rows.len() - FOLDED_TO;
        rows.truncate(FOLDED_TO);
        let select = context.keymap.key(Action::SelectUp);
        let note = format!("… {more} more rows · {select} selects, e expands");
        let at = context.columns.margin();
        let room = context.columns.room_from(at);
        rows.push(vec![blank(at), segment(clip(&note, room), Role::Dim)]);
        rows
    }

    /// Our own are never folded: we know what we wrote, and want to see how it went.
    fn is_foldable(&self, context: &RowContext<'_>) -> bool {
        self.own.is_none() && self.all_rows(context).len() > LONG
    }

    fn text(&self) -> Option<String> {
        Some(sentence(&who(&self.name), &self.text))
    }

    /// Announces messages of others. One of ours is announced where nobody saw it typed or if it has
    /// to wait, and later how its delivery ended.
    fn announce(&self, announced: &mut Announced, announcement: &mut Announcement<'_>) {
        let is_new = announced.begin();
        announced.is_final = !self.is_pending() && self.own != Some(Delivery::Unconfirmed);
        if is_new && !self.is_waiting() && (self.own.is_none() || announcement.echo) {
            self.announce_words(announcement);
        }
        let text = one_line(&spoken(&self.text));
        match &self.own {
            Some(Delivery::Waiting) if is_new => {
                announced.count = 1;
                announcement.here(format!("not sent yet: {text}"));
            }
            Some(own) if own.is_late(announcement.now.at) && announced.count < 2 => {
                announced.count = 2;
                announcement.here(format!("not confirmed yet: {text}"));
            }
            Some(Delivery::Sent) if announced.count > 0 => {
                announcement.here(format!("sent: {text}"));
            }
            Some(Delivery::Failed(why)) => {
                announcement.here(format!("not sent: {why}: {text}"));
            }
            Some(
                Delivery::Waiting | Delivery::Sending(..) | Delivery::Unconfirmed | Delivery::Sent,
            )
            | None => {}
        }
    }

    fn next_announcement(&self, announced: &Announced) -> Option<Instant> {
        match self.own {
            Some(Delivery::Sending(_, since)) if announced.count < 2 => {
                Some(since + CONFIRMED_WITHIN)
            }
            _ => None,
        }
    }

    fn next_change(&self, now: Now) -> Option<Instant> {
        let Some(Delivery::Sending(_, since)) = self.own else { return None };
        let changes = [SENDING_UNSEEN, CONFIRMED_WITHIN].map(|after| since + after);
        changes.into_iter().find(|at| *at > now.at)
    }

    fn message(&self) -> Option<&Message> {
        Some(self)
    }
}

/// Puts a mark behind the text if there is room, else below it.
fn add_mark(context: &RowContext<'_>, rows: &mut Vec<Row>, indent: usize, mark: &str, role: Role) {
    let Some(last) = rows.last_mut() else { return };
    if row_width(last) + 2 + width(mark) < context.columns.total {
        last.push(segment(format!("  {mark}"), role));
        return;
    }
    let room = context.columns.room_from(indent);
    let cuts = wrap(mark, room, room).into_iter();
    rows.extend(cuts.map(|cut| vec![blank(indent), segment(&mark[cut], role)]));
}
