//! Rows of the screen before they are painted: segments of text, each with its role.

use std::rc::Rc;

use super::{clip, width};

/// The role of a segment of text on the screen, for which a theme has a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Text,
    /// Less important text.
    Dim,
    Strong,
    /// Somebody's name; the number chooses its colour.
    Name(u8),
    /// Our own name.
    Own,
    /// A mention of us, or a message for us alone.
    Mention,
    /// The line above the first unread message.
    Unread,
    Good,
    Warning,
    Bad,
    Link,
    /// Between backticks: code, a command, a path.
    Code,
    /// Between underscores: emphasis.
    Stressed,
    /// A key that can be pressed.
    Key,
    /// The selected item of a list.
    Chosen,
}

/// A text in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) text: String,
    pub(crate) role: Role,
    /// The address that a click opens.
    pub(crate) link: Option<Rc<str>>,
}

/// One row of the screen, from left to right.
pub(crate) type Row = Vec<Segment>;

pub(crate) fn segment(text: impl Into<String>, role: Role) -> Segment {
    Segment { text: text.into(), role, link: None }
}

/// Columns that a row takes.
pub(crate) fn row_width(row: &[Segment]) -> usize {
    row.iter().map(|segment| width(&segment.text)).sum()
}

/// Cuts a row to at most `room` columns, with `…` where something is missing.
pub(crate) fn fit(row: &mut Row, room: usize) {
    let mut used = 0;
    for at in 0..row.len() {
        let wide = width(&row[at].text);
        if used + wide > room {
            row[at].text = clip(&row[at].text, room - used).into_owned();
            row.truncate(at + 1);
            return;
        }
        used += wide;
    }
}

/// A text in the middle of a rule that leaves a column free on both sides. Of a text in several
/// parts, `a · b`, the last ones are left out where there is no room for all.
pub(crate) fn rule(total: usize, text: &str, dash: char, role: Role) -> Row {
    let room = total.saturating_sub(4);
    let mut text = text;
    while width(text) > room
        && let Some((fewer, _)) = text.rsplit_once(" · ")
    {
        text = fewer;
    }
    let text = clip(text, room);
    let free = room - width(&text);
    if free < 2 {
        return vec![segment(text, role)];
    }
    let dashes = |count: usize| dash.to_string().repeat(count);
    let left = free / 2;
    vec![
        segment(" ", role),
        segment(format!("{} {text} {}", dashes(left), dashes(free - left)), role),
    ]
}
